"""The last runs of a scenario."""

import msgspec

from fedora_openqa.model.history import ScenarioHistory, StoredJob
from fedora_openqa.views.times import when


class RunView(msgspec.Struct, frozen=True):
    """A run of a scenario."""

    #: openQA's id of the job
    id: int
    #: openQA's BUILD
    build: str
    version: str | None
    state: str
    result: str
    #: openQA's reason of the result
    reason: str | None
    #: in the order they ran
    failed_modules: tuple[str, ...]
    #: the first job of its chain of restarts
    origin_id: int
    #: the next job of that chain
    clone_id: int | None
    started: str | None
    finished: str | None


class ScenarioView(msgspec.Struct, frozen=True):
    """A scenario with its last runs."""

    test: str
    flavor: str
    arch: str
    machine: str
    #: number of runs that passed or failed
    telling: int
    #: number of those that passed
    passed: int
    #: id of the newest job that passed
    last_passed: int | None
    #: the median of the passed runs
    usual_seconds: float | None
    #: nine of ten passed runs were not longer
    long_seconds: float | None
    #: the newest first
    runs: tuple[RunView, ...]


def scenario_view(one: ScenarioHistory) -> ScenarioView:
    """Return the view of a scenario's runs."""
    return ScenarioView(
        *one.scenario,
        telling=one.telling,
        passed=one.passed,
        last_passed=one.last_passed.id if one.last_passed else None,
        usual_seconds=one.usual,
        long_seconds=one.long,
        runs=tuple(map(run_view, one.runs)),
    )


def run_view(run: StoredJob) -> RunView:
    """Return the view of a run."""
    return RunView(
        id=run.id,
        build=run.build,
        version=run.version or None,
        state=run.state,
        result=run.result,
        reason=run.reason or None,
        failed_modules=run.failed_modules,
        origin_id=run.origin_id,
        clone_id=run.clone_id,
        started=when(run.started),
        finished=when(run.finished),
    )
