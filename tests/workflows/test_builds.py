"""What is shown of a build: when it will be done, as long as it is not."""

from dataclasses import dataclass
from typing import Any

import pytest

from fedora_openqa.model.builds import BuildJobs
from fedora_openqa.model.forecast import BuildForecast
from fedora_openqa.model.history import StoredJob
from fedora_openqa.workflows.builds import BuildDesk
from tests.support.jobs import BUILD
from tests.support.stored_jobs import build_of, product, stored, story

PASSED, RUNNING = stored(1, "a"), stored(2, "b", "running")
FORECAST = BuildForecast(BUILD, not_before=100.0, usually_by=200.0)


@dataclass
class Stored:
    """A store with one build and its subject."""

    build: BuildJobs

    def jobs(self, _builds: object) -> dict[str, BuildJobs]:
        return {BUILD: self.build}

    def find(self, *_name: object, **_more: object) -> tuple[object, ...]:
        return (story(product(*(job.id for job in self.build.jobs))),)


@pytest.mark.parametrize(
    ("jobs", "complete", "forecast"),
    [((PASSED, RUNNING), False, FORECAST), ((PASSED,), True, None)],
)
def test_when_a_build_will_be_done_is_said_until_it_is(
    jobs: tuple[StoredJob, ...], *, complete: bool, forecast: BuildForecast | None
) -> None:
    store: Any = Stored(build_of(*jobs))
    desk = BuildDesk(builds=store, stories=store, forecasts=lambda: {BUILD: FORECAST})
    summary = desk.look(BUILD).summary
    assert (summary.complete, summary.forecast) == (complete, forecast)
