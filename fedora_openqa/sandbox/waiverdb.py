"""The part of WaiverDB that people and Greenwave use: waivers are added and listed.

It must not apply waivers; Greenwave does.
"""

import fnmatch
import json
import time
from collections.abc import Awaitable, Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeAlias

from aiohttp import web

from fedora_openqa.sandbox.waivers import Waivers, without_obsolete

Json = dict[str, Any]

VERSION = "1.4.0"
PREFIX = "/waiverdb/api/v1.0"

#: the token that permits to waive
TOKEN = "sandbox-token"  # noqa: S105 - it protects nothing
USER = "sandbox"

#: filters of a list; one with an empty value is ignored
_FILTERS = (
    "subject_type",
    "subject_identifier",
    "testcase",
    "scenario",
    "product_version",
    "username",
    "proxied_by",
)
_ROWS = 10

#: the texts of a waiver, and whether they may be empty
_TEXTS = {
    "subject_type": True,
    "subject_identifier": False,
    "testcase": True,
    "product_version": False,
    "comment": False,
}
#: characters of the columns of WaiverDB's database
_MOST = {"scenario": 255, "product_version": 200}
#: pydantic's booleans
_BOOLEANS = {
    **dict.fromkeys(("1", "true", "t", "yes", "y", "on"), True),
    **dict.fromkeys(("0", "false", "f", "no", "n", "off"), False),
}
_ERROR_PAGE = "<!doctype html>\n<html lang=en>\n<title>500 Internal Server Error</title>\n"


@dataclass(frozen=True, slots=True)
class WaiverDBOptions:
    """The user of the token, and what that user may waive."""

    #: patterns of test cases, with ``*``
    permitted: tuple[str, ...] = ("*",)


#: a body and a status
_Answer: TypeAlias = tuple[Any, int]


class _RefusedError(Exception):
    def __init__(self, status: int, body: Mapping[str, Any]) -> None:
        super().__init__(str(body))
        self.status = status
        self.body = body


class _BrokenError(Exception):
    """The database fails, and WaiverDB answers with an error page."""


def add_waiverdb(
    app: web.Application,
    waivers: Waivers,
    options: WaiverDBOptions | None = None,
    *,
    prefix: str = PREFIX,
    holder: Callable[[str], str | None] = lambda _token: None,
    clock: Callable[[], float] = time.time,
) -> None:
    """Serve waivers below ``<prefix>/waivers/``.

    :param holder: returns whose token it is, other than `TOKEN`; None: it is nobody's
    """
    served = _Served(waivers, options or WaiverDBOptions(), holder, clock)
    base = prefix

    async def redirect(_request: web.Request) -> web.Response:
        return web.Response(status=308, headers={"Location": f"{base}/waivers/"})

    for method, path, serve in (
        ("POST", "waivers/", served.post),
        ("GET", "waivers/", served.search),
        ("POST", "waivers/+filtered", served.filtered),
        ("GET", "waivers/{id:[0-9]+}", served.show),
        ("GET", "about", served.about),
    ):
        app.router.add_route(method, f"{base}/{path}", _guarded(serve))
    app.router.add_route("*", f"{base}/waivers", redirect)


@dataclass(frozen=True, slots=True)
class _Served:
    """The routes of one WaiverDB."""

    waivers: Waivers
    options: WaiverDBOptions
    holder: Callable[[str], str | None]
    clock: Callable[[], float]

    async def post(self, request: web.Request) -> _Answer:
        given = await _json(request)
        bodies = given if isinstance(given, list) else [given]
        problems = [problem for body in bodies for problem in _problems(body)]
        if problems:
            raise _RefusedError(400, {"validation_error": problems})
        user = self._user(request)
        if user is None:
            reason = (
                "Authentication failed:\n- Authentication method OIDC failed: 401 Unauthorized:"
                " OIDC authentication failed: invalid_token: The token is not active."
            )
            raise _RefusedError(401, {"message": reason})
        fields = [_fields(body) for body in bodies]
        for one, body in zip(fields, bodies, strict=True):
            self._check_rights(user, one["testcase"], body.get("username"))
        if any(_is_too_much(one) for one in fields):
            raise _BrokenError
        added = [self.waivers.add(one, username=user, now=self.clock()) for one in fields]
        if _is_broken(added):
            raise _BrokenError
        return (added if isinstance(given, list) else added[0]), 201

    async def search(self, request: web.Request) -> _Answer:
        asked = {name: request.query[name] for name in _FILTERS if request.query.get(name)}
        number, limit = (_number(request, name) for name in ("page", "limit"))
        rows = [row for row in self._in_time(request) if asked.items() <= row.items()]
        if not _is_true(request.query.get("include_obsolete", "")):
            kept = {row["id"] for row in self.waivers.in_force()}
            rows = [row for row in rows if row["id"] in kept]
        last = -(-len(rows) // limit) if limit > 0 else 0
        if not 1 <= number <= max(last, 1) or limit <= 0:
            return {"data": [], **dict.fromkeys(("prev", "next", "first", "last"))}, 200
        found = rows[(number - 1) * limit : number * limit]
        if _is_broken(found):
            raise _BrokenError
        return {
            "data": found,
            "prev": _page_url(request, number - 1) if number > 1 else None,
            "next": _page_url(request, number + 1) if number < last else None,
            "first": _page_url(request, 1),
            "last": _page_url(request, last),
        }, 200

    async def filtered(self, request: web.Request) -> _Answer:
        body = await _json(request)
        filters = body.get("filters") if isinstance(body, dict) else None
        if not (isinstance(filters, list) and filters):
            raise _RefusedError(400, {"validation_error": [_problem(["filters"], "list_type")]})
        rows = self.waivers.newest_first()
        if not body.get("include_obsolete"):
            rows = without_obsolete(rows)
        return {"data": [row for row in rows if any(_fits(row, one) for one in filters)]}, 200

    async def show(self, request: web.Request) -> _Answer:
        number = int(request.match_info["id"])
        found = next((row for row in self.waivers.newest_first() if row["id"] == number), None)
        if found is None:
            raise _RefusedError(404, {"message": "Waiver not found"})
        return found, 200

    async def about(self, _request: web.Request) -> _Answer:
        return {"version": VERSION, "auth_method": "OIDC"}, 200

    def _user(self, request: web.Request) -> str | None:
        scheme, _, token = request.headers.get("Authorization", "").partition(" ")
        if scheme != "Bearer":
            return None
        return USER if token == TOKEN else self.holder(token)

    def _check_rights(self, user: str, testcase: str, username: object) -> None:
        if username not in {None, user}:
            message = f"user {user} does not have the proxyuser ability"
            raise _RefusedError(403, {"message": message})
        if not any(fnmatch.fnmatchcase(testcase, one) for one in self.options.permitted):
            message = (
                f"User {user} is not authorized to submit results for the test case {testcase}"
            )
            raise _RefusedError(403, {"message": message})

    def _in_time(self, request: web.Request) -> Iterable[Json]:
        rows = self.waivers.newest_first()
        since = request.query.get("since")
        if not since:
            return rows
        try:
            start, *end = (datetime.fromisoformat(text) for text in since.split(","))
        except ValueError:
            problem = _problem(["since"], "value_error")
            raise _RefusedError(400, {"validation_error": [problem]}) from None
        return [
            row
            for row in rows
            if start <= (moment := datetime.fromisoformat(row["timestamp"]))
            and all(moment <= one for one in end)
        ]


def _guarded(
    serve: Callable[[web.Request], Awaitable[_Answer]],
) -> Callable[[web.Request], Awaitable[web.Response]]:
    async def guard(request: web.Request) -> web.Response:
        try:
            body, status = await serve(request)
        except _RefusedError as exc:
            body, status = exc.body, exc.status
        except _BrokenError:
            return web.Response(text=_ERROR_PAGE, status=500, content_type="text/html")
        return web.json_response(body, status=status)

    return guard


async def _json(request: web.Request) -> Any:  # noqa: ANN401 - JSON
    if request.content_type != "application/json":
        message = (
            "Did not attempt to load JSON data because the request Content-Type was not"
            " 'application/json'."
        )
        raise _RefusedError(415, {"message": message})
    try:
        return json.loads(await request.read())
    except (ValueError, RecursionError):
        message = "The browser (or proxy) sent a request that this server could not understand."
        raise _RefusedError(400, {"message": message}) from None


def _problems(body: object) -> Iterator[Json]:
    """Return the errors of a waiver, once as an object and once as a list of them."""
    if not isinstance(body, dict):
        yield _problem(["CreateWaiver"], "model_type")
        yield _problem(["CreateWaiverList"], "list_type")
        return
    for name, may_be_empty in _TEXTS.items():
        if name not in body:
            kind = "missing"
        elif not isinstance(body[name], str):
            kind = "string_type"
        elif not body[name] and not may_be_empty:
            kind = "value_error"
        else:
            continue
        yield _problem(["CreateWaiver", name], kind)
        yield _problem(["CreateWaiverList"], "list_type")
    if not isinstance(body.get("scenario"), str | None):
        yield _problem(["CreateWaiver", "scenario"], "string_type")
        yield _problem(["CreateWaiverList"], "list_type")
    if str(body.get("waived", True)).lower() not in _BOOLEANS:
        yield _problem(["CreateWaiver", "waived"], "bool_parsing")
        yield _problem(["CreateWaiverList"], "list_type")


def _problem(where: list[str], kind: str) -> Json:
    return {"loc": where, "type": kind, "msg": kind.replace("_", " ").capitalize()}


def _fields(body: Json) -> Json:
    fields = {name: body[name] for name in _TEXTS}
    if fields["subject_type"] == "brew-build":
        fields["subject_type"] = "koji_build"
    waived = _BOOLEANS[str(body.get("waived", True)).lower()]
    return {**fields, "scenario": body.get("scenario"), "waived": waived}


def _is_too_much(fields: Json) -> bool:
    """Return whether a waiver is too large for the database."""
    texts = [value for value in fields.values() if isinstance(value, str)]
    return any("\0" in text for text in texts) or any(
        len(fields[name] or "") > most for name, most in _MOST.items()
    )


def _is_broken(rows: Collection[Json]) -> bool:
    """Return whether WaiverDB cannot show one of the waivers."""
    return any(not row["subject_type"] for row in rows)


def _fits(row: Json, wanted: object) -> bool:
    return isinstance(wanted, dict) and all(
        row[name] == wanted[name] for name in _FILTERS if name in wanted
    )


def _number(request: web.Request, name: str) -> int:
    given = request.query.get(name) or str({"page": 1, "limit": _ROWS}[name])
    try:
        return int(given)
    except ValueError:
        raise _RefusedError(400, {"validation_error": [_problem([name], "int_parsing")]}) from None


def _is_true(text: str) -> bool:
    return _BOOLEANS.get(text.lower(), False)


def _page_url(request: web.Request, number: int) -> str:
    return str(request.url.update_query(page=number))
