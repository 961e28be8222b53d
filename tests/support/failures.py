"""Failed jobs with the passed ones around them, as the store finds them."""

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable

from fedora_openqa.model.failures import FailedRun, PassedRun
from fedora_openqa.model.history import Scenario, StoredJob
from fedora_openqa.policy.signatures import CAUSED_RESULTS


def failed_runs(jobs: Iterable[StoredJob]) -> tuple[FailedRun, ...]:
    """Return the jobs that failed, with the passed runs of their scenarios around each."""
    jobs = sorted(jobs, key=lambda job: job.id)
    passed: dict[tuple[Scenario, str], list[PassedRun]] = defaultdict(list)
    for job in jobs:
        if job.is_ok:
            run = PassedRun(job.id, job.origin_id or job.id, job.build, job.finished)
            passed[job.scenario, job.version].append(run)

    def around(job: StoredJob) -> FailedRun:
        runs = passed[job.scenario, job.version]
        at = bisect_left(runs, (job.id,))
        return FailedRun(job, runs[at - 1] if at else None, runs[at] if at < len(runs) else None)

    return tuple(around(job) for job in jobs if job.result in CAUSED_RESULTS)
