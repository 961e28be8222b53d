"""An openQA server, over its REST API and with openqa_client's authentication.

openqa_client repeats POSTs and has no time limit: it is built here without repeats
and on a limited transport. The only file that imports openqa_client.
"""

import configparser
import logging
import os
import shlex
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, Literal, TypeAlias, TypeVar
from urllib.parse import urlsplit

import msgspec
import requests
from openqa_client.client import OpenQA_Client
from openqa_client.exceptions import ConnectionError as ClientConnectionError
from openqa_client.exceptions import RequestError

from fedora_openqa.config import Http
from fedora_openqa.errors import (
    AmbiguousWriteError,
    ConfigError,
    RequestRefusedError,
    ServiceUnavailableError,
)
from fedora_openqa.gateways.http import limit_session, refused, repeated, unanswered
from fedora_openqa.model.products import Job, JobFailure, Module, PostedProduct, Product
from fedora_openqa.model.reruns import RestartAnswer
from fedora_openqa.texts import first_line

log = logging.getLogger(__name__)

T = TypeVar("T")

LOCAL_HOSTS = ("localhost", "127.0.0.1", "::1")

#: jobs asked for at a time: the most that current openQA grants (older: 100,000)
PAGE_SIZE = 10_000

#: passed jobs of a flavor that tell how long its tests usually take: some builds of the largest
HISTORY_SIZE = 300

#: jobs asked for by their ids at a time: a URL of some 1,000 characters
IDS_AT_ONCE = 100

#: the dependency in which one job runs right after the other, on the same worker
DIRECTLY_CHAINED = "Directly chained"

#: dependencies in which one job waits for the other to end
CHAINED = ("Chained", DIRECTLY_CHAINED)

#: dependencies in which both run at once
PARALLEL = "Parallel"

#: form data in which a name may come several times
Fields: TypeAlias = Sequence[tuple[str, str]]


class _Module(msgspec.Struct, frozen=True):
    name: str
    result: str
    flags: list[str] = []


class _Job(msgspec.Struct, frozen=True):
    id: int
    state: str
    result: str
    settings: dict[str, str | int | float | None]
    test: str = ""
    name: str = ""
    clone_id: int | None = None
    origin_id: int | None = None
    #: kind of dependency to ids
    parents: dict[str, list[int]] = {}
    children: dict[str, list[int]] = {}
    #: only in lists
    modules: list[_Module] = []
    #: UTC without a time zone
    t_started: datetime | None = None
    t_finished: datetime | None = None


class _Jobs(msgspec.Struct, frozen=True):
    jobs: list[_Job]


class _Run(msgspec.Struct, frozen=True):
    id: int


class _Failure(msgspec.Struct, frozen=True):
    job_name: str | None = None
    job_id: int | list[int] | None = None
    error_messages: list[str] = []
    # openQA 4.6 says error_message for a job that could not be created
    error_message: str | None = None


class _Posted(msgspec.Struct, frozen=True):
    ids: list[int]
    # a list of failures, but an empty object beside an error (seen in 4.6)
    failed: list[_Failure] | dict[str, Any] = []
    error: str | None = None


class _Restarted(msgspec.Struct, frozen=True):
    #: for each job asked for, old ids to new ones, those of jobs that came along too
    result: list[dict[str, int]]
    errors: list[str] = []
    warnings: list[str] = []
    enforceable: int = 0


class _Group(msgspec.Struct, frozen=True):
    id: int
    name: str


class RestOpenQA:
    """`fedora_openqa.ports.OpenQA`, over HTTP."""

    def __init__(
        self,
        hostname: str,
        *,
        limits: Http,
        post_timeout: float,
        environ: Mapping[str, str] = os.environ,
    ) -> None:
        """Speak to a server.

        :param hostname: host, host:port or URL; empty: the first one in client.conf
        :param post_timeout: seconds that scheduling a product may take

        Raises:
            ConfigError: the clients' configuration cannot be read.
        """
        client_conf = _read_client_conf(environ)
        self.url = _base_url(hostname or next(iter(client_conf.sections()), "localhost"))
        self._limits = limits
        self._client = _open_client(self.url)
        self._client.session.max_redirects = 0
        limit_session(self._client.session, limits, url=self.url, post_timeout=post_timeout)
        key, secret = _key_for(self.url, client_conf)
        # openqa_client looks for host:port only, and not where OPENQA_CONFIG says
        if key:
            self._client.session.headers["X-API-Key"] = key
        self._client.apisecret = secret

    def require_key(self) -> None:
        """Make sure that writes have a chance.

        Raises:
            ConfigError: client.conf has no key for the server.
        """
        if not self._client.apisecret:
            raise ConfigError(
                f"no API key for {self.url}: it belongs into client.conf"
                f" in /etc/openqa or ~/.config/openqa, below [{urlsplit(self.url).netloc}]"
            )

    def jobs_for_build(self, build: str) -> tuple[Job, ...]:
        """List all jobs of a build (openQA's BUILD), cancelled and repeated ones too.

        Raises:
            RequestRefusedError, ServiceUnavailableError
        """
        return self._jobs({"build": build})

    def jobs_by_id(self, job_ids: Collection[int]) -> tuple[Job, ...]:
        """Read jobs by their ids, those that openQA still has.

        Raises:
            RequestRefusedError, ServiceUnavailableError
        """
        ids = sorted(set(job_ids))
        found: list[Job] = []
        for start in range(0, len(ids), IDS_AT_ONCE):
            some = ",".join(map(str, ids[start : start + IDS_AT_ONCE]))
            found += self._jobs({"ids": some})
        return tuple(found)

    def newest_runs(self, build: str) -> frozenset[int]:
        """List the ids of the newest job of each scenario of a build (openQA's BUILD).

        Raises:
            RequestRefusedError, ServiceUnavailableError
        """
        runs = self._read("jobs/overview", {"build": build}, list[_Run])
        return frozenset(run.id for run in runs)

    def jobs_for_product(self, product: Product) -> tuple[Job, ...]:
        """List the jobs of one flavor and arch of a build.

        Raises:
            RequestRefusedError, ServiceUnavailableError
        """
        return self._jobs(
            {
                "build": product.settings["BUILD"],
                "flavor": product.flavor,
                "arch": product.arch,
            }
        )

    def post_product(self, product: Product) -> PostedProduct:
        """Schedule a product; once: this never repeats what may have arrived.

        Raises:
            ConfigError: there is no usable API key.
            RequestRefusedError: openQA said no; nothing was scheduled.
            ServiceUnavailableError: openQA was not reached; nothing was scheduled.
            AmbiguousWriteError: the jobs may have been scheduled.
        """
        # in the body: the settings of a large update would be too long for a URL
        answer = self._write("isos", product.settings, _Posted)
        failed = answer.failed if isinstance(answer.failed, list) else []
        error = answer.error
        if not answer.ids and not failed and not error:
            error = "openQA scheduled no jobs"
        return PostedProduct(
            job_ids=tuple(answer.ids),
            failures=tuple(_failure(entry, created=answer.ids) for entry in failed),
            error=first_line(error) if error else None,
        )

    def passed_jobs(self, *, flavor: str, arch: str) -> tuple[Job, ...]:
        """List the newest passed jobs of a flavor and arch, of any build.

        Raises:
            RequestRefusedError, ServiceUnavailableError
        """
        filters = {"flavor": flavor, "arch": arch, "result": "passed", "limit": str(HISTORY_SIZE)}
        return tuple(_as_job(job) for job in self._read("jobs", filters, _Jobs).jobs)

    def restart_jobs(self, job_ids: Sequence[int], *, force: bool) -> RestartAnswer:
        """Restart jobs, and those that openQA restarts along; once, as `post_product`.

        :param force: restart also what misses assets or a parent it must run right after

        Raises: as `post_product`.
        """
        # openQA reads the body as it reads the query, but hundreds of ids fit there only
        asked = [("jobs", str(job_id)) for job_id in job_ids]
        answer = self._write("jobs/restart", asked + [("force", "1")] * force, _Restarted)
        return RestartAnswer(
            copies={int(old): new for copies in answer.result for old, new in copies.items()},
            errors=tuple(map(_without_advice, answer.errors)),
            warnings=tuple(map(_without_advice, answer.warnings)),
            enforceable=bool(answer.enforceable),
        )

    def group_id(self, name: str) -> int | None:
        """Find a job group by its name.

        Raises:
            RequestRefusedError, ServiceUnavailableError
        """
        groups = self._read("job_groups", {}, list[_Group])
        return next((group.id for group in groups if group.name == name), None)

    def post_comment(self, group_id: int, text: str) -> None:
        """Comment on a job group.

        Raises: as `post_product`.
        """
        self._write(f"groups/{group_id}/comments", {"text": text}, dict[str, Any])

    def _jobs(self, filters: Mapping[str, str]) -> tuple[Job, ...]:
        jobs: list[_Job] = []
        while True:
            page = {"limit": str(PAGE_SIZE), "offset": str(len(jobs))}
            found = self._read("jobs", {**filters, **page}, _Jobs).jobs
            jobs += found
            if len(found) < PAGE_SIZE:
                break
        return tuple(map(_as_job, jobs))

    def _read(self, path: str, params: Mapping[str, str], shape: type[T]) -> T:
        return repeated(
            lambda: self._request("GET", path, shape, params=params), limits=self._limits
        )

    def _write(self, path: str, data: Mapping[str, str] | Fields, shape: type[T]) -> T:
        self.require_key()
        fields = data.items() if isinstance(data, Mapping) else data
        log.info(
            "openqa-cli api --host %s -X POST %s %s",
            self.url,
            path,
            " ".join(shlex.quote(f"{name}={value}") for name, value in fields),
        )
        return repeated(lambda: self._request("POST", path, shape, data=data), limits=self._limits)

    def _request(
        self,
        method: Literal["GET", "POST"],
        path: str,
        shape: type[T],
        *,
        params: Mapping[str, str] | None = None,
        data: Mapping[str, str] | Fields | None = None,
    ) -> T:
        url = f"{self.url}/api/v1/{path}"
        try:
            answer = self._client.openqa_request(method, path, params=params, data=data)
        except RequestError as exc:
            if exc.status_code == 403:  # noqa: PLR2004 - HTTP: forbidden
                raise _forbidden(method, url, exc.text) from exc
            raise refused(method, url, status=exc.status_code, text=exc.text) from exc
        except ClientConnectionError as exc:
            raise unanswered(method, url, exc.args[0]) from exc
        except requests.TooManyRedirects as exc:
            raise ConfigError(f"{url}: redirected: is this the URL of openQA itself?") from exc
        except requests.JSONDecodeError as exc:
            raise _unreadable(method, url, "the answer is not JSON") from exc
        except requests.RequestException as exc:
            raise unanswered(method, url, exc) from exc
        try:
            return msgspec.convert(answer, shape)
        except msgspec.ValidationError as exc:
            raise _unreadable(method, url, str(exc)) from exc


def _open_client(url: str) -> OpenQA_Client:
    try:
        return OpenQA_Client(server=url, retries=0)
    except (configparser.Error, OSError, UnicodeDecodeError) as exc:
        raise ConfigError(f"client.conf of openQA: {first_line(str(exc))}") from exc


def _read_client_conf(environ: Mapping[str, str]) -> configparser.ConfigParser:
    """Read the openQA clients' own file, from where they look for it.

    Raises:
        ConfigError: a file is there but cannot be read.
    """
    # openQA's own client reads OPENQA_CONFIG in place of the home folder
    own = environ.get("OPENQA_CONFIG") or Path.home() / ".config/openqa"
    client_conf = configparser.ConfigParser(interpolation=None)
    try:
        client_conf.read([Path("/etc/openqa/client.conf"), Path(own) / "client.conf"])
    except (configparser.Error, OSError, UnicodeDecodeError) as exc:
        raise ConfigError(f"client.conf of openQA: {first_line(str(exc))}") from exc
    return client_conf


def _base_url(hostname: str) -> str:
    """Complete ``host``, ``host:port`` or a URL to a URL without path.

    Raises:
        ConfigError: it is none of these.
    """
    try:
        url = urlsplit(hostname if "://" in hostname else f"//{hostname}")
        valid = url.scheme in {"http", "https", ""} and url.hostname and url.port != 0
    except ValueError:
        valid = False
    if not valid or url.username:
        raise ConfigError(f"openQA's hostname {hostname!r} is not a host, host:port or URL")
    # a certificate for localhost is unlikely, and nobody is in between
    scheme = url.scheme or ("http" if url.hostname in LOCAL_HOSTS else "https")
    return f"{scheme}://{url.netloc}"


def _key_for(url: str, client_conf: configparser.ConfigParser) -> tuple[str, str]:
    """Find key and secret; both are empty where there are none."""
    parts = urlsplit(url)
    for section in (parts.netloc, url, f"{url}/", parts.hostname or ""):
        if client_conf.has_option(section, "key") and client_conf.has_option(section, "secret"):
            return client_conf.get(section, "key"), client_conf.get(section, "secret")
    return "", ""


def _as_job(job: _Job) -> Job:
    settings = {name: str(value) for name, value in job.settings.items() if value is not None}
    return Job(
        id=job.id,
        flavor=settings.get("FLAVOR", ""),
        arch=settings.get("ARCH", ""),
        state=job.state,
        result=job.result,
        test=job.test,
        machine=settings.get("MACHINE", ""),
        name=job.name,
        clone_id=job.clone_id,
        parents=tuple(parent for parents in job.parents.values() for parent in parents),
        direct_parents=tuple(job.parents.get(DIRECTLY_CHAINED, ())),
        started=job.t_started,
        finished=job.t_finished,
        settings=settings,
        modules=tuple(
            Module(name=module.name, result=module.result, flags=tuple(module.flags))
            for module in job.modules
        ),
        children=tuple(child for kind in CHAINED for child in job.children.get(kind, ())),
        parallel=(*job.parents.get(PARALLEL, ()), *job.children.get(PARALLEL, ())),
        origin_id=job.origin_id,
    )


def _failure(entry: _Failure, *, created: list[int]) -> JobFailure:
    ids = [entry.job_id] if isinstance(entry.job_id, int) else entry.job_id or []
    messages = [*entry.error_messages, *([entry.error_message] if entry.error_message else [])]
    return JobFailure(
        job=entry.job_name or "job " + ", ".join(map(str, ids)),
        message=first_line("; ".join(messages)),
        exists=bool(ids) and set(ids) <= set(created),
    )


def _without_advice(text: str) -> str:
    """Leave out the second line of what openQA says about missing assets."""
    return first_line(text.partition("\n")[0])


def _forbidden(method: str, url: str, text: str) -> RequestRefusedError:
    """Tell a key that openQA does not take (JSON) from a request it does not (text)."""
    try:
        reason = msgspec.json.decode(text, type=dict[str, Any]).get("error")
    except msgspec.DecodeError:
        return RequestRefusedError(f"{method} {url}: 403 {first_line(text)}")
    hint = "; is the clock of this machine right?" if reason == "timestamp mismatch" else ""
    return RequestRefusedError(f"{method} {url}: openQA refuses the API key: {reason}{hint}")


def _unreadable(
    method: str, url: str, reason: str
) -> ServiceUnavailableError | AmbiguousWriteError:
    """Translate a success that says nothing we understand: a proxy's page, a maintenance note."""
    message = f"{method} {url}: not an answer of openQA: {reason}"
    return ServiceUnavailableError(message) if method == "GET" else AmbiguousWriteError(message)
