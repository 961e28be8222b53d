"""What is remembered of a job that was read, and what the runs of a scenario say."""

import math
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

from fedora_openqa.model.history import Scenario, ScenarioHistory, StoredJob
from fedora_openqa.model.jobs import FAILED_RESULTS, OK_RESULTS, Job, JobResult

#: results that say something about the test
TELLING_RESULTS = OK_RESULTS | FAILED_RESULTS

#: letters of the results in a strip of runs
SIGNS: Mapping[str, str] = {
    JobResult.PASSED: "P",
    JobResult.SOFTFAILED: "S",
    JobResult.FAILED: "F",
    JobResult.INCOMPLETE: "I",
    JobResult.TIMEOUT_EXCEEDED: "T",
}

#: the share of passed runs that were not longer than `ScenarioHistory.long`
LONG = 0.9


#: the flag of a module whose failure ends its job
FATAL = "fatal"


def stored_job(job: Job) -> StoredJob:
    """Return what is remembered of a job of openQA."""
    failed = [module for module in job.modules if module.result == JobResult.FAILED]
    return StoredJob(
        id=job.id,
        build=job.build,
        version=job.settings.get("VERSION", ""),
        scenario=Scenario(job.test, job.flavor, job.arch, job.machine),
        state=job.state,
        result=job.result,
        reason=job.reason,
        failed_modules=tuple(module.name for module in failed),
        fatal_module=next((module.name for module in failed if FATAL in module.flags), ""),
        origin_id=job.origin_id or job.id,
        clone_id=job.clone_id,
        worker_class=job.settings.get("WORKER_CLASS", ""),
        started=seconds_of(job.started),
        finished=seconds_of(job.finished),
    )


def seconds_of(time: datetime | None) -> float | None:
    """Return the seconds since 1970 of a time in UTC without its zone; None: no time."""
    return time.replace(tzinfo=UTC).timestamp() if time else None


def sign(run: StoredJob) -> str:
    """Return the letter of a run in a strip."""
    return SIGNS.get(run.result, "-") if run.is_ended else "."


def history_of(scenario: Scenario, runs: Sequence[StoredJob]) -> ScenarioHistory:
    """Return what the runs of a scenario say.

    Runs that were cancelled, skipped or ended by another job say nothing about the test.

    :param runs: the newest first
    """
    telling = [run for run in runs if run.is_ended and run.result in TELLING_RESULTS]
    passed = [run for run in telling if run.is_ok]
    durations = sorted(run.seconds for run in passed if run.seconds is not None)
    return ScenarioHistory(
        scenario=scenario,
        runs=tuple(runs),
        telling=len(telling),
        passed=len(passed),
        last_passed=passed[0] if passed else None,
        usual=quantile(durations, 0.5),
        long=quantile(durations, LONG),
    )


def quantile(values: Sequence[float], share: float) -> float | None:
    """Return the smallest of sorted values that a share of them does not exceed; None: no value."""
    return values[math.ceil(share * len(values)) - 1] if values else None
