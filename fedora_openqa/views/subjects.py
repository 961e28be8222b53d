"""Subjects in lists, and their jobs."""

from collections.abc import Mapping

import msgspec

from fedora_openqa.model.history import StoredJob
from fedora_openqa.model.jobs import FINAL_STATES, OK_RESULTS, RUNNING_STATES, JobState
from fedora_openqa.model.lists import ListedSubject
from fedora_openqa.policy.buckets import bucket_of
from fedora_openqa.views.builds import TestRunView, test_run_view
from fedora_openqa.views.times import when


class JobNumbersView(msgspec.Struct, frozen=True):
    """The number of jobs that were not restarted."""

    passed: int
    #: ended in another way
    failed: int
    running: int
    waiting: int


class SubjectView(msgspec.Struct, frozen=True):
    """A subject in a list."""

    key: str
    kind: str
    state: str
    #: why it is skipped or parked, or was last postponed
    reason: str | None
    #: openQA's BUILD
    build: str | None
    releases: tuple[str, ...]
    arches: tuple[str, ...]
    asked: str | None
    changed: str | None
    jobs: JobNumbersView
    #: sink to the state of the results on their way
    sinks: Mapping[str, str]


def subject_view(one: ListedSubject) -> SubjectView:
    """Return the view of a subject in a list."""
    numbers = dict.fromkeys(("passed", "failed", "running", "waiting"), 0)
    for (state, result), number in one.jobs.items():
        if result in OK_RESULTS:
            numbers["passed"] += number
        elif state in FINAL_STATES:
            numbers["failed"] += number
        elif state in RUNNING_STATES - {JobState.ASSIGNED}:
            numbers["running"] += number
        else:
            numbers["waiting"] += number
    subject = one.subject
    return SubjectView(
        key=subject.key,
        kind=subject.lane,
        state=str(subject.state),
        reason=subject.reason or subject.last_error,
        build=one.build or None,
        releases=one.releases,
        arches=one.arches,
        asked=when(one.asked),
        changed=when(subject.updated),
        jobs=JobNumbersView(**numbers),
        sinks={str(sink): str(state) for sink, state in one.sinks.items()},
    )


class JobView(msgspec.Struct, frozen=True):
    """The newest job of a test in a build, or one of its jobs."""

    test: str
    flavor: str
    arch: str
    machine: str
    #: ``"failed"``, ``"passed"``
    bucket: str
    run: TestRunView | None
    finished: str | None


def job_view(job: StoredJob) -> JobView:
    """Return the view of a job."""
    return JobView(
        *job.scenario,
        bucket=str(bucket_of(job)),
        run=test_run_view(job),
        finished=when(job.finished),
    )
