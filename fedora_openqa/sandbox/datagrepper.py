"""The part of Datagrepper that a sweep reads: a search of recorded messages.

It must not know what messages mean.
"""

import math
from collections.abc import Mapping, Sequence
from typing import Any

from aiohttp import web

#: Datagrepper's JSON of a message: ``topic``, ``body``, ``id`` and more
Message = Mapping[str, Any]

ROWS_PER_PAGE = 25


def add_datagrepper(
    app: web.Application, messages: Sequence[Message] = (), *, prefix: str = "/datagrepper"
) -> None:
    """Serve messages, the newest first, below ``<prefix>/v2/search``.

    The limits of time in a query are ignored: every recorded message is found.
    """

    async def search(request: web.Request) -> web.Response:
        topics = request.query.getall("topic", [])
        found = [row for row in messages if not topics or row["topic"] in topics]
        try:
            page = int(request.query.get("page", "1"))
            rows = int(request.query.get("rows_per_page", str(ROWS_PER_PAGE)))
        except ValueError:
            return web.json_response({"error": "not a number"}, status=400)
        if page < 1 or rows < 1:
            return web.json_response({"error": "less than 1"}, status=400)
        start = (page - 1) * rows
        shown = [dict(row) for row in found[start : start + rows]]
        return web.json_response(
            {
                "raw_messages": shown,
                "total": len(found),
                "pages": math.ceil(len(found) / rows),
                "count": len(shown),
                "arguments": {"topics": topics, "page": page, "rows_per_page": rows},
            }
        )

    app.router.add_get(f"{prefix}/v2/search", search)
