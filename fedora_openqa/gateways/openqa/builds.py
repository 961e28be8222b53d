"""The builds that openQA tested before, found by the earlier jobs of a scenario.

openQA's API has no list of builds. The jobs of one scenario serve as one: each build has a job, and
openQA has an index for them, since its own pages list earlier runs that way. Its pages of builds
are available as JSON, too (``/group_overview/ID.json``, ``/dashboard_build_results.json``), but
they count all jobs of all builds of a group, and need the id of the group.
"""

from urllib.parse import urlencode

import msgspec
from typing_extensions import override

from fedora_openqa import ports
from fedora_openqa.gateways.http.client import Reader, require_json
from fedora_openqa.model.jobs import Job

#: jobs that are read: some weeks of a test; every openQA returns them in one page
MOST_RUNS = 50

#: settings that make a scenario; in lower case they are the filters of openQA's list
SCENARIO = ("DISTRI", "VERSION", "FLAVOR", "ARCH", "TEST", "MACHINE")


class _Settings(msgspec.Struct, frozen=True):
    #: openQA returns most numbers as texts
    BUILD: str | int | float | None = None


class _Job(msgspec.Struct, frozen=True):
    id: int
    settings: _Settings


class _Jobs(msgspec.Struct, frozen=True):
    jobs: list[_Job]


class OpenQABuilds(ports.Builds):
    """The earlier builds of an openQA server."""

    def __init__(self, reader: Reader, url: str) -> None:
        """Use the openQA at ``url``."""
        self._reader = reader
        self._url = f"{url.rstrip('/')}/api/v1/jobs"

    @override
    def before(self, job: Job) -> tuple[str, ...]:
        settings = {**job.settings, "FLAVOR": job.flavor, "ARCH": job.arch}
        settings |= {"TEST": job.test, "MACHINE": job.machine}
        # openQA ignores filters that are empty
        query = {name.lower(): settings.get(name, "") for name in SCENARIO}
        query |= {"state": "done", "before": str(job.id), "limit": str(MOST_RUNS)}
        found = require_json(self._reader, f"{self._url}?{urlencode(query)}", _Jobs).jobs
        newest_first = sorted(found, key=lambda one: one.id, reverse=True)
        builds = (one.settings.BUILD for one in newest_first)
        return tuple(dict.fromkeys(str(build) for build in builds if build is not None))
