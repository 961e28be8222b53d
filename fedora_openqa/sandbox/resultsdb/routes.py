"""Adds a ResultsDB to an aiohttp application.

It must not check queries and bodies; `queries` and `bodies` do.
"""

import re
from base64 import b64encode
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TypeAlias, TypeVar

from aiohttp import web

from fedora_openqa.sandbox.resultsdb import bodies, queries, replies
from fedora_openqa.sandbox.resultsdb.first_uses import FirstUses
from fedora_openqa.sandbox.resultsdb.options import ResultsDBOptions
from fedora_openqa.sandbox.resultsdb.refusals import RefusalError, internal_error, refused
from fedora_openqa.sandbox.resultsdb.results import (
    Condition,
    Field,
    Filed,
    Mention,
    Result,
    Results,
)

PREFIX = "/resultsdb/api/v2.0"
_PAGE = re.compile(r"(?<=[?&])page=[^&]*")
_JSON = re.compile(r"application/([\w.-]+\+)?json")

Json: TypeAlias = Mapping[str, object]
_Route: TypeAlias = Callable[["_Request"], Awaitable[web.Response]]
_Served: TypeAlias = Callable[[web.Request], Awaitable[web.Response]]
_Row = TypeVar("_Row")


def add_resultsdb(
    app: web.Application, options: ResultsDBOptions, results: Results, *, prefix: str = PREFIX
) -> None:
    """Serve results below a prefix; posted ones are added to `results`."""
    routes = _Routes(options, results)
    table: Mapping[str, Mapping[str, _Route]] = {
        "/results": {"GET": routes.list_results, "POST": routes.add_result},
        "/results/latest": {"GET": routes.list_latest},
        "/results/{id:[^/]+}": {"GET": routes.result},
        "/groups": {"GET": routes.list_groups, "POST": routes.add_group},
        "/groups/{name}": {"GET": routes.group},
        "/groups/{name}/results": {"GET": routes.list_group},
        "/testcases": {"GET": routes.list_testcases, "POST": routes.add_testcase},
        # names may contain slashes
        "/testcases/{name:.+}/results": {"GET": routes.list_testcase},
        "/testcases/{name:.+}": {"GET": routes.testcase},
    }
    for path, methods in table.items():
        resource = app.router.add_resource(f"{prefix}{path}")
        for method, route in methods.items():
            served = _served(route, prefix)
            resource.add_route(method, _guarded(served, options) if method == "POST" else served)
        resource.add_route("*", _without_method(", ".join(methods)))
    app.router.add_route("*", f"{prefix}{{path:.*}}", _served(routes.nothing, prefix))


def latest_results(
    results: Results, options: ResultsDBOptions, parameters: queries.Parameters, *, base: str
) -> list[Json]:
    """Return the answer of `results/latest`, for other services of the sandbox.

    :param base: the clients' URL of the API
    """
    rows = queries.search_latest(results, parameters, outcomes=options.outcomes)
    return [
        replies.result_json(
            row, results.filed(Field.TESTCASE, row.testcase) or Filed(row.testcase), base=base
        )
        for row in rows
    ]


@dataclass(frozen=True, slots=True)
class _Request:
    """A request to a route."""

    web: web.Request
    #: the client's URL of the API
    base: str

    @property
    def parameters(self) -> queries.Parameters:
        query = self.web.query
        return {name: query.getall(name) for name in query}

    @property
    def name(self) -> str:
        return self.web.match_info["name"]

    async def body(self) -> bodies.Body:
        return bodies.parse_json(await self.web.read())

    def page_url(self, number: int) -> str:
        url = f"{self.web.scheme}://{self.web.host}{self.web.raw_path}"
        replaced, count = _PAGE.subn(f"page={number}", url)
        return replaced if count else f"{url}{'&' if '?' in url else '?'}page={number}"


class _Routes:
    """The routes of a ResultsDB."""

    def __init__(self, options: ResultsDBOptions, results: Results) -> None:
        self._options = options
        self._results = results
        self._first_uses = FirstUses(options.first_use_seconds)

    async def list_results(self, request: _Request) -> web.Response:
        return self._found(request)

    async def list_group(self, request: _Request) -> web.Response:
        group = self._filed(Field.GROUP, request.name)
        return self._found(request, Condition(Field.GROUP, frozenset({group.name})))

    async def list_testcase(self, request: _Request) -> web.Response:
        testcase = self._filed(Field.TESTCASE, request.name)
        return self._found(request, Condition(Field.TESTCASE, frozenset({testcase.name})))

    async def list_latest(self, request: _Request) -> web.Response:
        rows = queries.search_latest(
            self._results, request.parameters, outcomes=self._options.outcomes
        )
        return replies.answer({"data": [self._result_json(row, request) for row in rows]})

    async def list_groups(self, request: _Request) -> web.Response:
        rows = queries.search_groups(self._results, request.parameters)
        return _page(request, rows, lambda row: self._group_json(row, request))

    async def list_testcases(self, request: _Request) -> web.Response:
        rows = queries.search_testcases(self._results, request.parameters)
        return _page(request, rows, lambda row: replies.testcase_json(row, base=request.base))

    async def result(self, request: _Request) -> web.Response:
        number = request.web.match_info["id"]
        if not number.isdecimal():
            # PostgreSQL cannot compare a number with a text
            raise internal_error()
        row = self._results.result(int(number))
        if row is None:
            raise refused("Result not found", status=404)
        return replies.answer(self._result_json(row, request))

    async def group(self, request: _Request) -> web.Response:
        return replies.answer(self._group_json(self._filed(Field.GROUP, request.name), request))

    async def testcase(self, request: _Request) -> web.Response:
        testcase = self._filed(Field.TESTCASE, request.name)
        return replies.answer(replies.testcase_json(testcase, base=request.base))

    async def add_result(self, request: _Request) -> web.Response:
        report = bodies.parse_report(await request.body(), outcomes=self._options.outcomes)
        async with self._adding(report.testcase, *report.groups):
            now = datetime.fromtimestamp(self._options.clock(), UTC).replace(tzinfo=None)
            row = self._results.add(report, now=now)
        return replies.answer(self._result_json(row, request), status=201)

    async def add_group(self, request: _Request) -> web.Response:
        mention = bodies.parse_group(await request.body())
        async with self._adding(mention):
            group = self._results.mention(mention)
        return replies.answer(self._group_json(group, request), status=201)

    async def add_testcase(self, request: _Request) -> web.Response:
        mention = bodies.parse_testcase(await request.body())
        async with self._adding(mention):
            testcase = self._results.mention(mention)
        return replies.answer(replies.testcase_json(testcase, base=request.base), status=201)

    async def nothing(self, _: _Request) -> web.Response:
        raise refused("Not found", status=404)

    def _adding(self, *mentions: Mention) -> AbstractAsyncContextManager[None]:
        return self._first_uses.adding(
            {mention.key for mention in mentions if self._results.filed(*mention.key) is None}
        )

    def _filed(self, field: Field, name: str) -> Filed:
        filed = self._results.filed(field, name)
        if filed is None:
            raise refused(f"{field.name.capitalize()} not found", status=404)
        return filed

    def _found(self, request: _Request, *always: Condition) -> web.Response:
        rows = queries.search(
            self._results, request.parameters, outcomes=self._options.outcomes, always=always
        )
        return _page(request, rows, lambda row: self._result_json(row, request))

    def _result_json(self, row: Result, request: _Request) -> Json:
        testcase = self._filed(Field.TESTCASE, row.testcase)
        return replies.result_json(row, testcase, base=request.base)

    def _group_json(self, group: Filed, request: _Request) -> Json:
        count = self._results.count(Field.GROUP, group.name)
        return replies.group_json(group, count, base=request.base)


def _page(request: _Request, rows: Sequence[_Row], shown: Callable[[_Row], Json]) -> web.Response:
    page = queries.parse_page(request.parameters)
    found = rows[page.rows]
    has_more = len(found) > page.limit
    return replies.answer(
        {
            "data": [shown(row) for row in found[: max(page.limit, 0)]],
            "next": request.page_url(page.number + 1) if has_more else None,
            "prev": request.page_url(page.number - 1) if page.number else None,
        }
    )


def _served(route: _Route, prefix: str) -> _Served:
    async def serve(request: web.Request) -> web.Response:
        base = f"{request.scheme}://{request.host}{prefix}"
        try:
            return await route(_Request(request, base))
        except RefusalError as refusal:
            return replies.answer(refusal.body, status=refusal.status)

    return serve


def _guarded(served: _Served, options: ResultsDBOptions) -> _Served:
    credentials = b64encode(f"{options.user}:{options.password}".encode()).decode()

    async def guard(request: web.Request) -> web.Response:
        # the web server before ResultsDB checks this first, and only this
        given = request.headers.get("Authorization")
        if options.user and given != f"Basic {credentials}":
            return replies.no_user()
        if not _JSON.fullmatch(request.content_type):
            return replies.no_json()
        return await served(request)

    return guard


def _without_method(allowed: str) -> _Served:
    async def refuse(_: web.Request) -> web.Response:
        return replies.no_method(allowed)

    return refuse
