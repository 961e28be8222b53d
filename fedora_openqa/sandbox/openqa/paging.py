"""Pages of lists, and the `Link` header with the next page.

It must not know the rows.
"""

from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from aiohttp import web
from yarl import URL

from fedora_openqa.sandbox.openqa import replies
from fedora_openqa.sandbox.openqa.options import OpenQAOptions, Paging

T = TypeVar("T")


def links(url: URL, *, limit: int, offset: int, has_more: bool) -> str:
    """Return the `Link` header of a page."""
    offsets = {"first": 0}
    if has_more:
        offsets["next"] = offset + limit
    if offset:
        offsets["prev"] = max(offset - limit, 0)
    base = url.without_query_params("limit", "offset")
    return ", ".join(
        f'<{base.extend_query(limit=limit, offset=start)}>; rel="{name}"'
        for name, start in offsets.items()
    )


def answer_list(
    request: web.Request,
    rows: list[T],
    options: OpenQAOptions,
    *,
    wrap: Callable[[list[T]], Mapping[str, Any] | list[Any]] = list,
) -> web.Response:
    """Return a list: whole as openQA 4.6, or in pages as newer openQA."""
    if options.paging is not Paging.ALL:
        return replies.answer(wrap(rows))
    limit = min(options.max_limit, _number(request, "limit") or options.default_limit)
    offset = _number(request, "offset")
    reply = replies.answer(wrap(rows[offset : offset + limit]))
    more = offset + limit < len(rows)
    reply.headers["Link"] = links(request.url, limit=limit, offset=offset, has_more=more)
    return reply


def _number(request: web.Request, name: str) -> int:
    text = request.query.get(name, "")
    return int(text) if text.isdecimal() else 0
