"""The workers of openQA and what waits for them."""

from dataclasses import asdict

import msgspec

from fedora_openqa.model.now import Capacity, ClassCapacity
from fedora_openqa.views.times import when


class DrainView(msgspec.Struct, frozen=True):
    """When the last of the jobs begins that wait at present."""

    #: if all tests take their usual time; null: `never` says why
    soonest: str | None
    #: if they take long
    latest: str | None
    #: why some of them never run as things are: ``"no worker has class tap"``
    never: tuple[str, ...]


class ClassView(msgspec.Struct, frozen=True):
    """The workers that take jobs of some classes, and the jobs that need exactly these."""

    #: ``"qemu_x86_64,tap"``
    name: str
    #: workers
    online: int
    busy: int
    broken: int
    dead: int
    #: jobs
    running: int
    #: wait for a worker
    waiting: int
    #: wait for another job
    blocked: int
    #: since when the oldest waits for a worker
    oldest: str | None
    #: seconds that jobs waited for a worker which began within a day: the median
    usual_wait: float | None
    #: null: none waits, or it is not known
    drain: DrainView | None


class LostWorkerView(msgspec.Struct, frozen=True):
    """A worker that gets no jobs."""

    name: str
    #: broken, dead
    status: str
    classes: tuple[str, ...]
    error: str | None


class MomentView(msgspec.Struct, frozen=True):
    """What openQA had to do at a time."""

    at: str | None
    waiting: int
    running: int
    online: int


class CapacityView(msgspec.Struct, frozen=True):
    """The workers of openQA and what waits for them."""

    now: str | None
    #: when openQA was last read
    as_of: str | None
    #: what was read says nothing about the present
    stale: bool
    errors: tuple[str, ...]
    classes: tuple[ClassView, ...]
    lost: tuple[LostWorkerView, ...]
    #: as openQA counts its jobs; None: that was never read
    scheduled: int | None
    blocked: int | None
    running: int | None
    #: waiting jobs that were read: fewer than openQA counts, if the list was cut
    listed: int
    #: the last day, the oldest first
    series: tuple[MomentView, ...]


def capacity_view(found: Capacity) -> CapacityView:
    """Return the view of workers and what waits for them."""
    counts = found.counts
    return CapacityView(
        now=when(found.now),
        as_of=when(found.seen),
        stale=found.is_stale,
        errors=found.errors,
        classes=tuple(map(_class_view, found.classes)),
        lost=tuple(
            LostWorkerView(one.name, one.status, one.classes, one.error or None)
            for one in found.lost
        ),
        scheduled=counts.scheduled if counts else None,
        blocked=counts.blocked if counts else None,
        running=counts.running if counts else None,
        listed=found.listed,
        series=tuple(
            MomentView(when(one.at), one.waiting, one.running, one.online) for one in found.series
        ),
    )


def _class_view(one: ClassCapacity) -> ClassView:
    drain = one.drain and DrainView(
        when(one.drain.soonest), when(one.drain.latest), one.drain.never
    )
    return ClassView(**{**asdict(one), "oldest": when(one.oldest), "drain": drain})
