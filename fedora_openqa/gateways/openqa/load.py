"""What openQA has to do: its workers, and the jobs that wait or run; reads without a key."""

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from urllib.parse import urlencode

import msgspec
from typing_extensions import override

from fedora_openqa import ports
from fedora_openqa.errors import ServiceUnavailableError
from fedora_openqa.gateways.http.client import Reader, require_json
from fedora_openqa.gateways.openqa.shapes import JobId, JobsShape, as_job
from fedora_openqa.model.jobs import RUNNING_STATES, Job, JobState
from fedora_openqa.model.openqa_load import DEFAULT_CLASS, JobCounts, Worker
from fedora_openqa.texts import first_line

#: jobs of a list: the most that current openQA sends at once
MOST_JOBS = 10_000

#: a line of InfluxDB's format: ``openqa_jobs_by_arch,url=…,arch=x86_64 running=3i,scheduled=5i``
LINE = re.compile(
    r"(?P<key>\w+),(?P<tags>(?:\\.|[^\\ ])*) (?P<values>\w+=[0-9]+i(?:,\w+=[0-9]+i)*)"
)

#: what openQA writes of jobs without an arch
NO_ARCH = ""


class _Properties(msgspec.Struct, frozen=True):
    WORKER_CLASS: str | None = None


class _Worker(msgspec.Struct, frozen=True):
    id: JobId
    status: str
    host: str = ""
    instance: int = 0
    error: str | None = None
    jobid: JobId | None = None
    properties: _Properties = _Properties()


class _Workers(msgspec.Struct, frozen=True):
    workers: list[_Worker]


@dataclass(frozen=True, slots=True)
class LoadReader(ports.Load):
    """Reads the load of an openQA server, by one request each."""

    reader: Reader
    url: str

    @override
    def waiting(self) -> tuple[Job, ...]:
        return self._jobs({JobState.SCHEDULED, JobState.ASSIGNED})

    @override
    def running(self) -> tuple[Job, ...]:
        return self._jobs(RUNNING_STATES - {JobState.ASSIGNED})

    @override
    def workers(self) -> tuple[Worker, ...]:
        listed = require_json(self.reader, f"{self.url}/api/v1/workers", _Workers).workers
        return tuple(map(_worker, listed))

    @override
    def counts(self) -> JobCounts:
        url = f"{self.url}/admin/influxdb/jobs"
        text = (self.reader.fetch(url) or b"").decode(errors="replace")
        lines = dict(_lines(text))
        if ("openqa_jobs", NO_ARCH) not in lines:
            raise ServiceUnavailableError(f"GET {url}: not the answer of this service")
        total = lines.pop(("openqa_jobs", NO_ARCH))
        return JobCounts(
            scheduled=total.get("scheduled", 0),
            blocked=total.get("blocked", 0),
            running=total.get("running", 0),
            by_arch={arch: values for (key, arch), values in lines.items() if "by_arch" in key},
        )

    def _jobs(self, states: Collection[str]) -> tuple[Job, ...]:
        """Return jobs of some states, in the order of their ids."""
        query = urlencode({"state": ",".join(sorted(states)), "limit": MOST_JOBS})
        listed = require_json(self.reader, f"{self.url}/api/v1/jobs?{query}", JobsShape).jobs
        return tuple(map(as_job, sorted(listed, key=lambda job: job.id)))


def _worker(listed: _Worker) -> Worker:
    classes = (listed.properties.WORKER_CLASS or DEFAULT_CLASS).split(",")
    return Worker(
        id=listed.id,
        name=first_line(f"{listed.host}:{listed.instance}"),
        status=first_line(listed.status),
        classes=tuple(sorted({first_line(name) for name in classes if name.strip()})),
        error=first_line(listed.error or ""),
        job_id=listed.jobid,
    )


def _lines(text: str) -> Iterator[tuple[tuple[str, str], Mapping[str, int]]]:
    """Yield measurement, arch and numbers of each line; other lines are left out."""
    for line in text.splitlines():
        if found := LINE.fullmatch(line.strip()):
            tags = dict(tag.partition("=")[::2] for tag in found["tags"].split(","))
            pairs = (pair.partition("=") for pair in found["values"].split(","))
            numbers = {name: int(number.removesuffix("i")) for name, _, number in pairs}
            yield (found["key"], first_line(tags.get("arch", NO_ARCH))), numbers
