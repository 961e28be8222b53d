"""An openQA server, over its REST API and with openqa_client's authentication.

openqa_client repeats POSTs and has no time limit. So it is used without repeats and on a limited
transport. The only module of the gateways that imports openqa_client.
"""

import configparser
import logging
import os
import shlex
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from itertools import islice
from typing import Any, Literal, Protocol, TypeAlias, TypeVar
from urllib.parse import urlsplit

import msgspec
import requests
from openqa_client.client import OpenQA_Client
from openqa_client.exceptions import ConnectionError as ClientConnectionError
from openqa_client.exceptions import RequestError
from typing_extensions import override

from fedora_openqa import ports
from fedora_openqa.errors import (
    ConfigError,
    NotAllowedError,
    RequestRefusedError,
    ServiceUnavailableError,
)
from fedora_openqa.gateways.http.answers import (
    UNREADABLE,
    decode_answer,
    refused,
    repeated,
    unanswered,
)
from fedora_openqa.gateways.http.client import limit_session
from fedora_openqa.gateways.http.transport import Limits
from fedora_openqa.gateways.openqa.credentials import KEY_VARIABLES, ClientConf, base_url
from fedora_openqa.gateways.openqa.shapes import (
    GroupShape,
    JobsShape,
    PostedShape,
    RestartedShape,
    RunShape,
    ScheduledShape,
    as_job,
    as_posted,
    as_restarted,
    require_sendable,
)
from fedora_openqa.model.jobs import RUNNING_STATES, Job
from fedora_openqa.model.products import PostedProduct, Product
from fedora_openqa.model.reruns import RestartAnswer
from fedora_openqa.texts import first_line

log = logging.getLogger(__name__)

T = TypeVar("T")

#: jobs of a page: the limit of current openQA (of older versions: 100,000)
PAGE_SIZE = 10_000

#: pages of one list
MOST_PAGES = 1_000

#: passed jobs that show the usual duration of a flavor's tests: some builds of the largest
HISTORY_SIZE = 300

#: openQA's answer to a request for a scheduled product that it does not have
NO_PRODUCT = "Scheduled product does not exist"

#: ids in one request for jobs: a URL of some 1,000 characters
IDS_AT_ONCE = 100

#: relations of links that show that openQA splits a list into pages; "first" is always there
PAGE_RELATIONS = frozenset({"first", "prev", "next", "last"})

Method: TypeAlias = Literal["GET", "POST", "PUT"]
#: form data in which a name may come several times
Fields: TypeAlias = Sequence[tuple[str, str]]


class _Listed(Protocol):
    """A row of a list."""

    @property
    def id(self) -> int:
        """Its unique id."""


Row = TypeVar("Row", bound=_Listed)


class RestOpenQA(ports.Runs, ports.NewJobs):
    """An openQA server. It never repeats a POST that may have arrived."""

    def __init__(
        self,
        hostname: str,
        *,
        limits: Limits,
        post_timeout: float,
        read: Callable[[Sequence[Job]], None] = lambda _jobs: None,
        environ: Mapping[str, str] = os.environ,
    ) -> None:
        """Use a server.

        :param hostname: host, host:port or URL; empty: the first one in client.conf
        :param post_timeout: seconds that scheduling a product may take
        :param read: called with all jobs that are read, to remember them

        Raises:
            ConfigError: client.conf cannot be read, or the hostname is not valid.
        """
        client_conf = ClientConf(environ)
        self.url = base_url(hostname or client_conf.first_host or "localhost")
        self._limits = limits
        self._noted = read
        self._client = _open_client(self.url)
        self._client.session.max_redirects = 0
        limit_session(self._client.session, limits, url=self.url, post_timeout=post_timeout)
        key = client_conf.key_for(self.url)
        #: the source of the API key: ``"/etc/openqa/client.conf"``; None: there is no key
        self.key_source = key.source if key else None
        #: the files with the key; empty: it is in the environment
        self.key_files = key.files if key else ()
        # openqa_client only looks for host:port, and ignores client.conf.d and OPENQA_CONFIG
        self._client.session.headers.pop("X-API-Key", None)
        if key:
            self._client.session.headers["X-API-Key"] = key.key
        self._client.apisecret = key.secret if key else ""

    def require_key(self) -> None:
        """Check that there is an API key for writes.

        Raises:
            ConfigError: there is no key for the server.
        """
        if self.key_source is None:
            raise ConfigError(
                f"no API key for {self.url}: it belongs into client.conf in /etc/openqa or"
                f" ~/.config/openqa, below [{urlsplit(self.url).netloc}],"
                f" or into {' and '.join(KEY_VARIABLES)}"
            )

    def check_key(self) -> None:
        """Check that openQA accepts the API key, by a request that needs one and reads only.

        Raises:
            ConfigError: there is no key for the server.
            NotAllowedError: openQA refuses the key.
            RequestRefusedError, ServiceUnavailableError: it is no openQA, or does not answer.
        """
        self.require_key()
        try:
            self._read("isos/1", {}, ScheduledShape)
        except RequestRefusedError as exc:
            # openQA looks at the key first
            if NO_PRODUCT not in str(exc):
                raise

    @override
    def jobs_for_build(self, build: str) -> tuple[Job, ...]:
        return self._jobs({"build": build})

    @override
    def jobs_by_id(self, job_ids: Collection[int]) -> tuple[Job, ...]:
        ids = sorted(set(job_ids))
        found: list[Job] = []
        for start in range(0, len(ids), IDS_AT_ONCE):
            some = ",".join(map(str, ids[start : start + IDS_AT_ONCE]))
            found += self._jobs({"ids": some}, most=len(ids[start : start + IDS_AT_ONCE]))
        return tuple(found)

    @override
    def newest_runs(self, build: str) -> frozenset[int]:
        # versions of openQA without a Link header here have no limit either
        runs = self._pages(
            "jobs/overview",
            {"build": build},
            list[RunShape],
            lambda answer: answer,
            whole_without_link=True,
        )
        return frozenset(run.id for run in runs)

    @override
    def running_jobs(self) -> tuple[Job, ...]:
        return self._jobs({"state": ",".join(sorted(RUNNING_STATES))})

    @override
    def jobs_for_product(self, product: Product) -> tuple[Job, ...]:
        return self._jobs(
            {
                "build": product.settings["BUILD"],
                "flavor": product.flavor,
                "arch": product.arch,
            }
        )

    @override
    def post_product(self, product: Product) -> PostedProduct:
        # in the body: the settings of a large update are too long for a URL
        return as_posted(self._write("isos", product.settings, PostedShape))

    @override
    def passed_jobs(self, *, flavor: str, arch: str) -> tuple[Job, ...]:
        filters = {"flavor": flavor, "arch": arch, "result": "passed", "limit": str(HISTORY_SIZE)}
        return self._jobs(filters, most=HISTORY_SIZE)

    @override
    def jobs_after(self, job_id: int, *, most: int) -> tuple[Job, ...]:
        filters = {"limit": str(min(most, PAGE_SIZE))}
        # openQA ignores an id of 0
        return self._jobs({"after": str(job_id), **filters}, most=most)

    @override
    def restart_jobs(self, job_ids: Sequence[int], *, force: bool) -> RestartAnswer:
        # openQA reads body and query alike, but hundreds of ids only fit in the body
        asked = [("jobs", str(job_id)) for job_id in job_ids]
        answer = self._write("jobs/restart", asked + [("force", "1")] * force, RestartedShape)
        return as_restarted(answer)

    @override
    def group_id(self, name: str) -> int | None:
        groups = self._pages("job_groups", {}, list[GroupShape], lambda answer: answer)
        return next((group.id for group in groups if group.name == name), None)

    @override
    def post_comment(self, group_id: int, text: str) -> None:
        self._write(f"groups/{group_id}/comments", {"text": text}, dict[str, Any])

    def _jobs(self, filters: Mapping[str, str], *, most: int | None = None) -> tuple[Job, ...]:
        """Return jobs in the order of their ids.

        :param most: the most jobs that are read; None: all
        """
        asked = filters if "limit" in filters else {**filters, "limit": str(PAGE_SIZE)}
        pages = self._pages("jobs", asked, JobsShape, lambda answer: answer.jobs)
        jobs = tuple(map(as_job, sorted(islice(pages, most), key=lambda job: job.id)))
        self._noted(jobs)
        return jobs

    def _pages(
        self,
        path: str,
        params: Mapping[str, str],
        shape: type[T],
        rows_of: Callable[[T], Sequence[Row]],
        *,
        whole_without_link: bool = False,
    ) -> Iterator[Row]:
        """Yield the rows of a list, each once; the next page is requested when it is needed.

        openQA applies its own limit to every page, so that a short page need not be the last.
        Current openQA sends a ``Link`` header. Without it, pages are read until one has no new
        row, which takes one more request for every list that is not empty.

        Raises:
            RequestRefusedError, ServiceUnavailableError: also for a list without an end.
        """
        seen: set[int] = set()
        offset = 0
        for _ in range(MOST_PAGES):
            page = {**params, "offset": str(offset)} if offset else params
            answer, has_next = self._read(path, page, shape)
            rows = rows_of(answer)
            new = [row for row in rows if row.id not in seen]
            yield from new
            seen.update(row.id for row in new)
            offset += len(rows)
            if has_next is False or (has_next is None and (whole_without_link or not new)):
                return
            if not new:
                break
        raise ServiceUnavailableError(f"GET {self.url}/api/v1/{path}: the list has no end")

    def _read(self, path: str, params: Mapping[str, str], shape: type[T]) -> tuple[T, bool | None]:
        """Return an answer, and whether a next page exists; None: openQA does not say."""

        def ask() -> tuple[T, bool | None]:
            response = self._request("GET", path, params=params)
            return self._decode(response, "GET", path, shape), _has_next(response)

        return repeated(ask, limits=self._limits)

    def _write(
        self,
        path: str,
        data: Mapping[str, str] | Fields,
        shape: type[T],
        *,
        method: Literal["POST", "PUT"] = "POST",
    ) -> T:
        self.require_key()
        fields = list(data.items()) if isinstance(data, Mapping) else data
        require_sendable(method, path, fields)
        log.info(
            "openqa-cli api --host %s -X %s %s %s",
            self.url,
            method,
            path,
            " ".join(shlex.quote(f"{name}={value}") for name, value in fields),
        )

        def send() -> T:
            return self._decode(self._request(method, path, data=fields), method, path, shape)

        return repeated(send, limits=self._limits)

    def _request(
        self,
        method: Method,
        path: str,
        *,
        params: Mapping[str, str] | None = None,
        data: Fields | None = None,
    ) -> requests.Response:
        url = f"{self.url}/api/v1/{path}"
        request = requests.Request(method, url, params=params, data=data)
        try:
            return self._client.do_request(request, parse=False)
        except RequestError as exc:
            if exc.status_code == 403:  # noqa: PLR2004 - HTTP: forbidden
                raise _forbidden(method, url, exc.text) from exc
            raise refused(method, url, status=exc.status_code, text=exc.text) from exc
        except ClientConnectionError as exc:
            raise unanswered(method, url, exc.args[0]) from exc
        except requests.TooManyRedirects as exc:
            raise ConfigError(f"{url}: redirected: is this the URL of openQA itself?") from exc
        except (requests.RequestException, ValueError) as exc:
            # ValueError: the charset in the headers cannot decode the text
            raise unanswered(method, url, exc) from exc

    def _decode(self, response: requests.Response, method: Method, path: str, shape: type[T]) -> T:
        url = f"{self.url}/api/v1/{path}"
        return decode_answer(response.content, shape, method=method, url=url)


def _open_client(url: str) -> OpenQA_Client:
    try:
        return OpenQA_Client(server=url, retries=0)
    except (configparser.Error, OSError, UnicodeDecodeError) as exc:
        # not quoted: the line may be a secret
        raise ConfigError(
            f"client.conf of openQA: not configuration ({type(exc).__name__})"
        ) from None


def _has_next(response: requests.Response) -> bool | None:
    """Return whether a list has a next page; None: the server does not say."""
    links = requests.utils.parse_header_links(response.headers.get("Link", ""))
    # the case of names and relation types does not matter (RFC 8288)
    relations = {
        relation
        for link in links
        for name, value in link.items()
        if name.lower() == "rel"
        for relation in value.lower().split()
    }
    if "next" in relations:
        return True
    # proxies may add links that are not about pages
    return None if relations.isdisjoint(PAGE_RELATIONS) else False


def _forbidden(method: str, url: str, text: str) -> RequestRefusedError:
    """Return the error for status 403: JSON refuses the API key, other text the request."""
    try:
        reason = str(msgspec.json.decode(text, type=dict[str, Any]).get("error"))
    except UNREADABLE:
        return RequestRefusedError(f"{method} {url}: 403 {first_line(text)}")
    hint = "; is the clock of this machine right?" if reason == "timestamp mismatch" else ""
    return NotAllowedError(
        f"{method} {url}: openQA refuses the API key: {first_line(reason)}{hint}"
    )
