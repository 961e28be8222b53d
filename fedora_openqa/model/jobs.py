"""Jobs of openQA, and openQA's words for their states and results.

Must not decide anything. A newer openQA may have other words: states and results of a
`Job` are plain texts, which compare equal to the members here.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

#: openQA variables, name to value; never anything but strings
Settings = Mapping[str, str]


class JobState(StrEnum):
    """openQA's job states (lib/OpenQA/Jobs/Constants.pm)."""

    SCHEDULED = "scheduled"
    ASSIGNED = "assigned"
    SETUP = "setup"
    RUNNING = "running"
    UPLOADING = "uploading"
    DONE = "done"
    CANCELLED = "cancelled"


class JobResult(StrEnum):
    """openQA's job results (lib/OpenQA/Jobs/Constants.pm)."""

    #: the job has not ended
    NONE = "none"
    PASSED = "passed"
    SOFTFAILED = "softfailed"
    FAILED = "failed"
    INCOMPLETE = "incomplete"
    TIMEOUT_EXCEEDED = "timeout_exceeded"
    #: a parent failed, so the job never ran
    SKIPPED = "skipped"
    #: a newer job of its scenario was scheduled
    OBSOLETED = "obsoleted"
    #: a job that ran beside it failed
    PARALLEL_FAILED = "parallel_failed"
    PARALLEL_RESTARTED = "parallel_restarted"
    USER_CANCELLED = "user_cancelled"
    USER_RESTARTED = "user_restarted"


#: states of jobs that a worker of openQA has
RUNNING_STATES = frozenset(
    {JobState.ASSIGNED, JobState.SETUP, JobState.RUNNING, JobState.UPLOADING}
)

#: states of jobs that wait or run
PENDING_STATES = RUNNING_STATES | {JobState.SCHEDULED}

#: states that a job does not leave by itself
FINAL_STATES = frozenset({JobState.DONE, JobState.CANCELLED})

#: results of jobs and of modules that let a job's children run
OK_RESULTS = frozenset({JobResult.PASSED, JobResult.SOFTFAILED})

#: results of jobs that did not run to their end
NOT_COMPLETE_RESULTS = frozenset({JobResult.INCOMPLETE, JobResult.TIMEOUT_EXCEEDED})

#: results of jobs that say that something is wrong with the test or what it tests
FAILED_RESULTS = NOT_COMPLETE_RESULTS | {JobResult.FAILED}

#: results of jobs that a person or a newer job put an end to
STOPPED_RESULTS = frozenset({JobResult.USER_CANCELLED, JobResult.OBSOLETED})

#: ends of the BUILDs whose jobs are not reported: of jobs with a person's own settings, and of
#: packages that are in no update
EXTRA, NOREPORT = "EXTRA", "NOREPORT"


@dataclass(frozen=True, slots=True)
class Module:
    """A part of a job that has a result of its own."""

    #: ``"_boot_to_anaconda"``
    name: str
    #: a `JobResult`, of which modules have five: none, passed, softfailed, failed, skipped
    result: str
    #: ``("fatal",)``, ``("important",)``
    flags: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Job:
    """A job of openQA."""

    id: int
    flavor: str
    arch: str
    #: a `JobState`, or a word of a newer openQA
    state: str
    #: a `JobResult`, or a word of a newer openQA
    result: str
    #: openQA's reason of the result: ``"backend died: …"``; empty: most jobs have none
    reason: str = ""
    #: ``"install_default_upload"``
    test: str = ""
    #: ``"64bit"``
    machine: str = ""
    #: its scenario and its build: ``"fedora-43-universal-x86_64-BuildX-upgrade@64bit"``
    name: str = ""
    #: id of the copy that a restart made of it; None: there is none
    clone_id: int | None = None
    #: ids of the jobs that it waits for or runs beside, as their child
    parents: tuple[int, ...] = ()
    #: those of its parents that it is directly chained to: it runs next, on the same worker
    direct_parents: tuple[int, ...] = ()
    #: UTC without a time zone; None: it has not started
    started: datetime | None = None
    finished: datetime | None = None
    #: its settings, FLAVOR, ARCH and MACHINE included
    settings: Settings = field(default_factory=dict, hash=False)
    #: in the order they run
    modules: tuple[Module, ...] = ()
    #: ids of the jobs that are chained after it, without those that run beside it
    children: tuple[int, ...] = ()
    #: ids of the jobs that run beside it, as its parents or its children
    parallel: tuple[int, ...] = ()
    #: id of the job that it is a copy of; None: it is no copy
    origin_id: int | None = None
    #: openQA begins with the lowest number
    priority: int = 0
    #: id of the job that it waits for; None: it waits for no job
    blocked_by: int | None = None
    #: id of the worker that has it; None: none has
    worker_id: int | None = None

    @property
    def build(self) -> str:
        """The BUILD setting; empty: the job has none."""
        return self.settings.get("BUILD", "")

    @property
    def is_pending(self) -> bool:
        """Whether the job waits or runs."""
        return self.state in PENDING_STATES

    @property
    def is_ended(self) -> bool:
        """Whether the job is in a final state."""
        return self.state in FINAL_STATES

    @property
    def is_ok(self) -> bool:
        """Whether the job passed, or soft failed."""
        return self.result in OK_RESULTS

    @property
    def is_unreported(self) -> bool:
        """Whether its BUILD says that its result is not to be reported."""
        return self.build.endswith((EXTRA, NOREPORT))
