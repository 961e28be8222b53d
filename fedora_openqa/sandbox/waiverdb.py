"""The part of WaiverDB that people use: waivers are added and looked for.

It must not know what waivers mean; that is Greenwave's.
"""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Annotated, Any

import msgspec
from aiohttp import web

Json = dict[str, Any]

#: who has this may waive
TOKEN = "sandbox-token"  # noqa: S105 - of a server that is nobody's
USER = "sandbox"

#: what a list can be filtered by
_FILTERS = ("subject_type", "subject_identifier", "testcase", "product_version", "username")

Word = Annotated[str, msgspec.Meta(min_length=1)]


class _Body(msgspec.Struct, frozen=True, kw_only=True):
    subject_type: Word
    subject_identifier: Word
    testcase: Word
    product_version: Word
    comment: Word
    waived: bool = True
    scenario: str | None = None


@dataclass
class Waivers:
    """The JSON of all waivers of one WaiverDB; from any thread."""

    _rows: list[Json] = field(default_factory=list)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def newest_first(self) -> tuple[Json, ...]:
        """Return all of them."""
        with self._lock:
            return tuple(reversed(self._rows))

    def add(self, fields: Json, *, now: float) -> Json:
        """Store one."""
        subject = {"item": fields["subject_identifier"], "type": fields["subject_type"]}
        moment = datetime.fromtimestamp(now, tz=UTC).replace(tzinfo=None)
        with self._lock:
            added = {
                "id": len(self._rows) + 1,
                **fields,
                "subject": subject,
                "username": USER,
                "proxied_by": None,
                "timestamp": moment.isoformat(),
            }
            self._rows.append(added)
        return added


def add_waiverdb(
    app: web.Application,
    waivers: Waivers,
    *,
    prefix: str = "/waiverdb",
    clock: Callable[[], float] = time.time,
) -> None:
    """Serve waivers below ``<prefix>/api/v1.0/waivers/``."""

    async def post(request: web.Request) -> web.Response:
        if request.headers.get("Authorization") != f"Bearer {TOKEN}":
            return _refused(401, "Token required or not accepted")
        try:
            given = msgspec.json.decode(await request.read(), type=_Body | list[_Body])
        except (msgspec.DecodeError, UnicodeDecodeError) as exc:
            return _refused(400, str(exc))
        bodies = given if isinstance(given, list) else [given]
        added = [waivers.add(msgspec.to_builtins(body), now=clock()) for body in bodies]
        return web.json_response(added if isinstance(given, list) else added[0], status=201)

    async def search(request: web.Request) -> web.Response:
        asked = {name: request.query[name] for name in _FILTERS if name in request.query}
        found = [row for row in waivers.newest_first() if asked.items() <= row.items()]
        # one page has them all
        links = dict.fromkeys(("prev", "next", "first", "last"))
        return web.json_response({"data": found, **links})

    app.router.add_post(f"{prefix}/api/v1.0/waivers/", post)
    app.router.add_get(f"{prefix}/api/v1.0/waivers/", search)


def _refused(status: int, message: str) -> web.Response:
    return web.json_response({"message": message}, status=status)
