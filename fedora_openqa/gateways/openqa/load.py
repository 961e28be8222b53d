"""What openQA has to do: the jobs that wait or run, and its workers; two reads without a key."""

import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from urllib.parse import urlencode

import msgspec

from fedora_openqa.gateways.http.client import Reader, read_json, require_json
from fedora_openqa.model.jobs import PENDING_STATES, JobState
from fedora_openqa.model.openqa_load import OpenQALoad

#: the class of jobs and workers that name none: openQA's own default
DEFAULT_CLASS = "qemu_x86_64"


class _Settings(msgspec.Struct, frozen=True):
    ARCH: str | None = None
    WORKER_CLASS: str | None = None


class _Job(msgspec.Struct, frozen=True):
    id: int
    state: str
    settings: _Settings


class _Jobs(msgspec.Struct, frozen=True):
    jobs: list[_Job]


class _Properties(msgspec.Struct, frozen=True):
    WORKER_CLASS: str | None = None


class _Worker(msgspec.Struct, frozen=True):
    status: str
    properties: _Properties = _Properties()


class _Workers(msgspec.Struct, frozen=True):
    workers: list[_Worker]


@dataclass
class LoadReader:
    """Reads the load of an openQA server.

    openQA's lists do not say when a job was created: it waits since it was first seen.
    """

    reader: Reader
    url: str
    clock: Callable[[], float] = time.monotonic
    #: id of a waiting job to the time it was first seen
    _seen: dict[int, float] = field(default_factory=dict, init=False)

    def load(self) -> OpenQALoad:
        """Return the present load; no workers, where openQA does not list them.

        Raises:
            RequestRefusedError, ServiceUnavailableError
        """
        query = urlencode({"state": ",".join(sorted(PENDING_STATES)), "limit": "10000"})
        jobs = require_json(self.reader, f"{self.url}/api/v1/jobs?{query}", _Jobs).jobs
        listed = read_json(self.reader, f"{self.url}/api/v1/workers", _Workers)
        now = self.clock()
        waiting = [job for job in jobs if job.state == JobState.SCHEDULED]
        self._seen = {job.id: self._seen.get(job.id, now) for job in waiting}
        oldest: dict[str, float] = {}
        for job in waiting:
            name = job.settings.WORKER_CLASS or DEFAULT_CLASS
            oldest[name] = max(oldest.get(name, 0.0), now - self._seen[job.id])
        return OpenQALoad(
            jobs=Counter((job.state, job.settings.ARCH or "none") for job in jobs),
            workers=Counter(
                (name, worker.status)
                for worker in (listed.workers if listed else ())
                for name in (worker.properties.WORKER_CLASS or DEFAULT_CLASS).split(",")
            ),
            oldest_scheduled=oldest,
        )
