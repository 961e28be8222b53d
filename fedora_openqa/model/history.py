"""What is remembered of jobs: one row a job, with the newest state that was heard of or read.

Must not decide anything.
"""

from dataclasses import dataclass
from typing import NamedTuple

from fedora_openqa.model.jobs import FINAL_STATES, OK_RESULTS


class Scenario(NamedTuple):
    """What openQA compares over builds: a test of a flavor on an arch and a machine."""

    #: ``"install_default_upload"``
    test: str
    #: ``"Server-dvd-iso"``
    flavor: str
    #: ``"x86_64"``
    arch: str
    #: ``"64bit"``
    machine: str


@dataclass(frozen=True, slots=True)
class StoredJob:
    """What the store has of a job of openQA."""

    id: int
    #: openQA's BUILD
    build: str
    #: openQA's VERSION: ``"43"``, ``"Rawhide"``; empty: not known, messages do not have it
    version: str
    scenario: Scenario
    #: a `fedora_openqa.model.jobs.JobState`, or a word of a newer openQA
    state: str
    #: a `fedora_openqa.model.jobs.JobResult`, or a word of a newer openQA
    result: str
    #: openQA's reason of the result; empty: it has none, or none is known
    reason: str = ""
    #: names of its failed modules, in the order they ran; empty: none, or none is known
    failed_modules: tuple[str, ...] = ()
    #: the first of them whose failure ends a job; empty: none, or none is known, messages do not
    #: have it
    fatal_module: str = ""
    #: id of the job that it is a copy of; its own: it is no copy
    origin_id: int = 0
    #: id of the copy that a restart made of it; None: none is known
    clone_id: int | None = None
    #: openQA's WORKER_CLASS setting: ``"qemu_x86_64"``; empty: not known
    worker_class: str = ""
    #: the host of the worker that ran it: ``"qa01"``; empty: not known, only running jobs show it
    worker_host: str = ""
    #: times in seconds since the epoch; None: not known, or not yet
    started: float | None = None
    finished: float | None = None

    @property
    def is_ended(self) -> bool:
        """Whether the job is in a final state."""
        return self.state in FINAL_STATES

    @property
    def is_ok(self) -> bool:
        """Whether the job passed, or soft failed."""
        return self.result in OK_RESULTS

    @property
    def seconds(self) -> float | None:
        """The seconds that it ran; None: not known, or not yet ended."""
        if self.started is None or self.finished is None:
            return None
        return max(self.finished - self.started, 0.0)


@dataclass(frozen=True, slots=True)
class ScenarioHistory:
    """What the newest runs of a scenario say."""

    scenario: Scenario
    #: the newest first
    runs: tuple[StoredJob, ...]
    #: number of runs that passed or failed
    telling: int
    #: number of those that passed
    passed: int
    #: the newest that passed; None: none did
    last_passed: StoredJob | None
    #: seconds: the median of the passed runs; None: no duration is known
    usual: float | None
    #: seconds that nine of ten passed runs did not exceed; None: no duration is known
    long: float | None
