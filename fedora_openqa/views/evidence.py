"""Jobs whose results openQA keeps."""

import msgspec

from fedora_openqa.model.evidence import KeptBuild, Tended
from fedora_openqa.views.times import when


class KeptBuildView(msgspec.Struct, frozen=True):
    """A build with kept jobs."""

    #: openQA's BUILD
    build: str
    #: number of jobs
    jobs: int
    #: of these, jobs that openQA is still to be told of, or to be told of that they are released
    open: int
    #: of the job that is kept longest
    until: str | None
    #: a person. None: a rule asked for it
    by: str | None
    reason: str


class TendedView(msgspec.Struct, frozen=True):
    """What was done about the jobs of a build."""

    #: openQA's BUILD
    build: str
    dry_run: bool
    #: ids of jobs
    kept: tuple[int, ...]
    released: tuple[int, ...]
    #: those that openQA no longer has
    gone: tuple[int, ...]
    #: id to the reason; it is tried again
    failed: dict[str, str]


def kept_build_view(one: KeptBuild) -> KeptBuildView:
    """Return the view of a build."""
    return KeptBuildView(
        build=one.build,
        jobs=one.jobs,
        open=one.open,
        until=when(one.until),
        by=one.by or None,
        reason=one.reason,
    )


def tended_view(build: str, tended: Tended, *, dry_run: bool) -> TendedView:
    """Return the view of what was done."""
    return TendedView(
        build=build,
        dry_run=dry_run,
        kept=tended.kept,
        released=tended.released,
        gone=tended.gone,
        failed={str(job_id): reason for job_id, reason in tended.failed},
    )
