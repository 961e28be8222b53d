"""The state of all lanes and processes."""

from collections.abc import Mapping
from typing import Any

import msgspec

from fedora_openqa.model.deliveries import Absence
from fedora_openqa.model.health import Problem, Process
from fedora_openqa.model.stories import LaneStatus, Pause, Status
from fedora_openqa.views.times import when


class LaneView(msgspec.Struct, frozen=True):
    """The numbers of a lane."""

    #: the lane: ``"update"``, ``"wiki"``
    kind: str
    due: int
    waiting: int
    leased: int
    scheduled: int
    reported: int
    skipped: int
    parked: int
    #: when the oldest wanted subject was asked for
    oldest: str | None


class PauseView(msgspec.Struct, frozen=True):
    """A paused lane."""

    lane: str
    reason: str
    #: None: the configuration
    by: str | None
    since: str | None
    until: str | None


class AbsenceView(msgspec.Struct, frozen=True):
    """A lane that waits because its service does not answer or refuses us."""

    lane: str
    error: str
    since: str | None
    #: when it is tried again
    again: str | None


class ProcessView(msgspec.Struct, frozen=True):
    """A process that has reported itself lately."""

    role: str
    host: str
    pid: int
    version: str
    started: str | None
    seen: str | None
    #: lane to the time of the last progress
    lanes: Mapping[str, str | None]
    #: topic to the time of the last message
    topics: Mapping[str, str | None]


class ProblemView(msgspec.Struct, frozen=True):
    """Something that a person should look at."""

    level: str
    #: a short name that does not change: ``"no process: wiki"``
    name: str
    text: str


class StatusView(msgspec.Struct, frozen=True):
    """The state of all lanes and processes."""

    now: str | None
    lanes: tuple[LaneView, ...]
    paused: tuple[PauseView, ...]
    away: tuple[AbsenceView, ...]
    processes: tuple[ProcessView, ...]
    problems: tuple[ProblemView, ...]
    last_message: str | None
    last_sweep: str | None
    #: name, time and what was found, of each part of the last sweeps
    sweeps: tuple[Mapping[str, Any], ...]


def status_view(status: Status) -> StatusView:
    """Return the view of the state of the store."""
    return StatusView(
        now=when(status.now),
        lanes=tuple(map(_lane_view, status.lanes)),
        paused=(
            *(
                PauseView(lane, reason, by=None, since=None, until=None)
                for lane, reason in status.configured.items()
            ),
            *map(pause_view, status.pauses),
        ),
        away=tuple(map(absence_view, status.absences)),
        processes=tuple(map(_process_view, status.processes)),
        problems=tuple(map(_problem_view, status.problems)),
        last_message=when(status.last_message),
        last_sweep=when(status.last_sweep),
        sweeps=tuple({"name": it.name, "at": when(it.at), **it.counts} for it in status.sweeps),
    )


def pause_view(pause: Pause) -> PauseView:
    """Return the view of a lane that a person has paused."""
    return PauseView(pause.lane, pause.reason, pause.by, when(pause.since), when(pause.until))


def absence_view(absence: Absence) -> AbsenceView:
    """Return the view of a lane that waits."""
    return AbsenceView(absence.lane, absence.error, when(absence.since), when(absence.until))


def _lane_view(lane: LaneStatus) -> LaneView:
    numbers = (lane.scheduled, lane.reported, lane.skipped, lane.parked)
    return LaneView(lane.lane, lane.due, lane.waiting, lane.leased, *numbers, when(lane.oldest))


def _process_view(one: Process) -> ProcessView:
    return ProcessView(
        role=one.role,
        host=one.host,
        pid=one.pid,
        version=one.version,
        started=when(one.started),
        seen=when(one.seen),
        lanes={lane: when(at) for lane, at in one.lanes.items()},
        topics={topic: when(heard.last) for topic, heard in one.topics.items()},
    )


def _problem_view(one: Problem) -> ProblemView:
    return ProblemView(one.level.name, one.name, one.text)
