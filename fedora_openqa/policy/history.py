"""What is remembered of a job that was read."""

from datetime import UTC, datetime

from fedora_openqa.model.history import Scenario, StoredJob
from fedora_openqa.model.jobs import Job, JobResult


def stored_job(job: Job) -> StoredJob:
    """Return what is remembered of a job of openQA."""
    return StoredJob(
        id=job.id,
        build=job.build,
        version=job.settings.get("VERSION", ""),
        scenario=Scenario(job.test, job.flavor, job.arch, job.machine),
        state=job.state,
        result=job.result,
        reason=job.reason,
        failed_modules=tuple(
            module.name for module in job.modules if module.result == JobResult.FAILED
        ),
        origin_id=job.origin_id or job.id,
        clone_id=job.clone_id,
        worker_class=job.settings.get("WORKER_CLASS", ""),
        started=_seconds(job.started),
        finished=_seconds(job.finished),
    )


def _seconds(time: datetime | None) -> float | None:
    return time.replace(tzinfo=UTC).timestamp() if time else None
