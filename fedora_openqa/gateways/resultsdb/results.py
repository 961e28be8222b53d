"""Results in ResultsDB, made by resultsdb_conventions and sent by resultsdb_api.

resultsdb_api repeats POSTs, has no time limit, and lets errors of other libraries through. So it
is used without repeats and on a limited transport, and each answer is checked before resultsdb_api
reads it. The only module that imports either library.
"""

import itertools
import json
import logging
from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar

import msgspec
import requests
from resultsdb_api import ResultsDBapi, ResultsDBAuth
from resultsdb_conventions.base import Result as ConventionalResult
from resultsdb_conventions.fedora import (
    FedoraBodhiResult,
    FedoraComposeResult,
    FedoraImageResult,
)
from resultsdb_conventions.fedoracoreos import FedoraCoreOSBuildResult, FedoraCoreOSImageResult
from resultsdb_conventions.helpers import uuid_namespace
from typing_extensions import override

from fedora_openqa import __version__, ports
from fedora_openqa.errors import (
    ConfigError,
    NotAllowedError,
    ServiceUnavailableError,
)
from fedora_openqa.gateways.composes.releases import ComposeRelease, ComposeReleases
from fedora_openqa.gateways.http.answers import refused, repeated, unanswered, understood
from fedora_openqa.gateways.http.client import limit_session
from fedora_openqa.gateways.http.transport import Limits
from fedora_openqa.gateways.resultsdb.values import storable, storable_key
from fedora_openqa.model.results import (
    ComposeItem,
    CoreOSBuildItem,
    CoreOSImageItem,
    ImageItem,
    Prepared,
    Result,
    ResultItem,
    StoredResult,
    UpdateItem,
)
from fedora_openqa.texts import one_line

log = logging.getLogger(__name__)

T = TypeVar("T")

#: results of a page; the server needs about a second for them
PAGE_SIZE = 1000


#: statuses that are not about a single result: the web server does not admit us, or the URL is
#: not that of ResultsDB
OF_NO_RESULT = (
    requests.codes.forbidden,
    requests.codes.not_found,
    requests.codes.method_not_allowed,
)


class _Testcase(msgspec.Struct, frozen=True):
    name: str


class _Row(msgspec.Struct, frozen=True):
    id: int
    outcome: str
    testcase: _Testcase = _Testcase("")
    ref_url: str | None = None
    note: str | None = None
    #: each value is a list
    data: dict[str, list[str]] = {}

    def facts(self) -> StoredResult:
        return StoredResult(
            id=self.id,
            outcome=self.outcome,
            ref_url=self.ref_url or "",
            testcase=self.testcase.name,
            scenario=next(iter(self.data.get("scenario", ())), ""),
            note=self.note or "",
            data={key: tuple(values) for key, values in self.data.items()},
        )


class _Page(msgspec.Struct, frozen=True):
    data: list[_Row]
    #: the URL of the next page, by the name that the server has for itself
    next: str | None


class _Posted(msgspec.Struct, frozen=True):
    id: int


class _Problem(msgspec.Struct, frozen=True):
    msg: str
    loc: list[str | int] = []
    input: Any = None


class _Refusal(msgspec.Struct, frozen=True):
    validation_error: list[_Problem]


class _ComposeResult(FedoraComposeResult):  # type: ignore[misc] # the library has no types
    """`FedoraComposeResult` with a compose that was read before."""

    def __init__(self, *, release: ComposeRelease, **facts: str) -> None:
        # replaces the property that would ask fedfind
        self.ffrel = release
        super().__init__(release.id, **facts)


class _ImageResult(FedoraImageResult):  # type: ignore[misc] # the library has no types
    """`FedoraImageResult` with a compose that was read before."""

    def __init__(self, filename: str, *, release: ComposeRelease, **facts: str) -> None:
        self.ffrel = release
        super().__init__(filename, release.id, release.image(filename), **facts)


class _Recorder:
    """Replaces `ResultsDBapi` in conventions and returns the body that it would send."""

    def create_result(
        self,
        *,
        outcome: str,
        testcase: Mapping[str, str],
        groups: Sequence[Mapping[str, str]],
        note: str,
        ref_url: str,
        **data: object,
    ) -> Mapping[str, object]:
        """Return the body of the request; raises as `storable`."""
        return {
            "outcome": outcome,
            "testcase": storable(testcase),
            "groups": storable(groups),
            "note": one_line(note),
            "ref_url": storable(ref_url),
            "data": {storable_key(name): storable(value) for name, value in data.items()},
            "_auth_token": None,
        }


class RestResultsDB(ports.ResultsDB):
    """A ResultsDB server; threads may share it."""

    def __init__(
        self,
        url: str,
        *,
        limits: Limits,
        releases: ComposeReleases,
        post_timeout: float,
        username: str = "",
        password: str = "",
    ) -> None:
        """Use the API at ``url``.

        :param post_timeout: seconds that storing a result may take
        :param username: for the web server in front of ResultsDB; empty: no login
        """
        self._limits = limits
        self._releases = releases
        self._username = username
        # bytes: requests would encode a text in Latin-1
        login = username and ResultsDBAuth.basic_auth(username.encode(), password.encode())
        self._client = ResultsDBapi(url, max_retries=0, request_auth=login or None)
        self._url = f"{self._client.url}/results"
        self._client.session.headers["User-Agent"] = f"fedora-openqa/{__version__}"
        self._client.session.hooks["response"].append(self._check)
        limit_session(self._client.session, limits, url=url, post_timeout=post_timeout)

    @override
    def prepare(self, result: Result) -> Prepared:
        conventional = self._conventional(result)
        body = conventional.report(_Recorder())
        groups = (group["uuid"] for group in conventional.groups)
        return Prepared(result, body, frozenset({result.testcase, *groups}))

    @override
    def post(self, prepared: Prepared) -> int:
        body: Any = prepared.body
        fields = {name: body[name] for name in ("outcome", "testcase", "groups", "note", "ref_url")}
        return repeated(
            lambda: self._ask(
                "POST", _Posted, lambda: self._client.create_result(**fields, **body["data"])
            ),
            limits=self._limits,
        ).id

    @override
    def stored(self, item: ResultItem, *, source: str) -> tuple[StoredResult, ...]:
        group = str(uuid_namespace(one_line(self._group_name(item)), uuid_namespace(source)))
        # rows that are stored meanwhile move others to the next page
        rows: dict[int, _Row] = {}
        for number in itertools.count():
            page = self._page(group, number)
            known = len(rows)
            rows |= {row.id: row for row in page.data}
            # by number: the URL of the next page may name another host
            if page.next is None or not page.data:
                break
            if len(rows) == known:
                raise ServiceUnavailableError(
                    f"GET {self._url}: page {number} repeats those before, and has a next one"
                )
        return tuple(row.facts() for row in rows.values())

    def _page(self, group: str, number: int) -> _Page:
        return repeated(
            lambda: self._ask(
                "GET",
                _Page,
                lambda: self._client.get_results(groups=group, page=number, limit=PAGE_SIZE),
            ),
            limits=self._limits,
        )

    def _group_name(self, item: ResultItem) -> str:
        match item:
            case UpdateItem(advisory):
                return advisory
            case ImageItem(compose=ComposeItem() as compose) | (ComposeItem() as compose):
                is_url = "://" in compose.locator
                return self._releases.load(compose).id if is_url else compose.locator
            case CoreOSImageItem(build=CoreOSBuildItem(build)) | CoreOSBuildItem(build):
                return build

    def _conventional(self, result: Result) -> ConventionalResult:
        facts = {
            "outcome": result.outcome.value,
            "tc_name": result.testcase,
            "note": result.note,
            "ref_url": result.ref_url,
            "tc_url": result.tc_url,
            "source": result.source,
        }
        match result.item:
            case UpdateItem(advisory):
                made = FedoraBodhiResult(one_line(advisory), **facts)
            case ComposeItem() as compose:
                made = _ComposeResult(release=self._releases.load(compose), **facts)
            case ImageItem(filename, compose):
                made = _ImageResult(filename, release=self._releases.load(compose), **facts)
            case CoreOSBuildItem(build, stream):
                made = FedoraCoreOSBuildResult(one_line(build), stream, **facts)
            case CoreOSImageItem(filename, form, arch, CoreOSBuildItem(build, stream), platform):
                names = map(one_line, (platform, filename, form, arch, build, stream))
                made = FedoraCoreOSImageResult(*names, **facts)
        made.extradata.update(result.extradata)
        return made

    def _ask(self, method: str, shape: type[T], call: Callable[[], object]) -> T:
        try:
            with understood(method, self._url):
                return msgspec.convert(call(), shape)
        except requests.RequestException as exc:
            raise unanswered(method, self._url, exc) from exc

    def _check(self, response: requests.Response, **_options: object) -> None:
        """Raise for an answer that is not a success; requests calls this before redirects."""
        if response.ok and not response.is_redirect:
            return
        method = str(response.request.method)
        asked = f"{method} {self._url}"
        if response.is_redirect:
            raise ConfigError(f"{asked}: redirected: is this the URL of ResultsDB itself?")
        if response.status_code == requests.codes.unauthorized:
            what = (
                f"the password of {self._username}" if self._username else "requests without login"
            )
            raise ConfigError(
                f"{asked}: 401: ResultsDB refuses {what}"
                " (see username and password_file in [resultsdb])"
            )
        error = refused(
            method, self._url, status=response.status_code, text=_reason(response.content)
        )
        raise NotAllowedError(str(error)) if response.status_code in OF_NO_RESULT else error


class DryRunResultsDB(ports.ResultsDB):
    """A ResultsDB that is read through another gateway and never written."""

    def __init__(self, resultsdb: RestResultsDB) -> None:
        """Read through ``resultsdb``."""
        self._resultsdb = resultsdb

    @override
    def prepare(self, result: Result) -> Prepared:
        return self._resultsdb.prepare(result)

    @override
    def post(self, prepared: Prepared) -> int:
        log.info("would send to ResultsDB: %s", json.dumps(prepared.body))
        return 0

    @override
    def stored(self, item: ResultItem, *, source: str) -> tuple[StoredResult, ...]:
        return self._resultsdb.stored(item, source=source)


def _reason(body: bytes) -> str:
    """Return ResultsDB's reasons against a request, with a hint what to do."""
    try:
        problems = msgspec.json.decode(body, type=_Refusal).validation_error
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return body.decode(errors="replace")
    hints = [
        f"the server's configuration must allow outcome {problem.input}: "
        for problem in problems
        if problem.loc == ["outcome"] and "must be one of" in problem.msg
    ]
    return "".join(hints) + "; ".join(
        f"{'.'.join(map(str, problem.loc))}: {problem.msg}" for problem in problems
    )
