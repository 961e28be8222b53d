"""What is tested or waits at present."""

import msgspec

from fedora_openqa.model.forecast import BuildForecast
from fedora_openqa.model.now import Now, Present
from fedora_openqa.views.times import when


class EtaView(msgspec.Struct, frozen=True):
    """When a subject will be done, as far as openQA's queue says."""

    not_before: str | None
    #: None: only the lower bound is known
    usually_by: str | None
    #: why it is never done as things are: ``"no worker has class tap"``
    never: tuple[str, ...]
    #: why nothing is said
    unknown: str | None
    #: tests whose duration is not known: that of their flavor is taken. Before the tests are
    #: scheduled: which builds it is compared with
    assumptions: tuple[str, ...]


class PresentView(msgspec.Struct, frozen=True):
    """A subject that is tested or waits."""

    #: of the store; None: the store has no subject of the build
    key: str | None
    #: openQA's BUILD; None: its tests are not scheduled yet
    build: str | None
    #: running, waiting, unposted
    state: str
    asked_by: str
    since: str | None
    #: jobs
    done: int
    running: int
    waiting: int
    #: when the oldest job that runs began; None: none runs, or that is not known
    oldest: str | None
    #: of openQA, the lowest of the jobs that wait
    priority: int | None
    #: worker classes that its open jobs need
    classes: tuple[str, ...]
    #: why it waits, the most frequent reason first
    waits: tuple[str, ...]
    #: None: its tests are not scheduled yet, and nothing is known of earlier builds of its kind
    eta: EtaView | None
    #: when it is tried next; None: its tests are scheduled
    due: str | None
    attempts: int
    last_error: str | None


class NowView(msgspec.Struct, frozen=True):
    """All subjects that are tested or wait."""

    now: str | None
    #: when openQA was last read
    as_of: str | None
    #: what was read says nothing about the present
    stale: bool
    errors: tuple[str, ...]
    subjects: tuple[PresentView, ...]


def now_view(now: Now) -> NowView:
    """Return the view of what is tested or waits."""
    return NowView(
        now=when(now.now),
        as_of=when(now.seen),
        stale=now.is_stale,
        errors=now.errors,
        subjects=tuple(map(_present_view, now.subjects)),
    )


def _present_view(one: Present) -> PresentView:
    forecast = one.forecast
    return PresentView(
        key=one.key or None,
        build=one.build or None,
        state=one.stage,
        asked_by=one.asked_by,
        since=when(one.since),
        done=one.done,
        running=forecast.running if forecast else 0,
        waiting=forecast.waiting if forecast else 0,
        oldest=when(forecast.oldest) if forecast else None,
        priority=forecast.priority if forecast else None,
        classes=forecast.classes if forecast else (),
        waits=one.waits,
        eta=eta_view(forecast) if forecast else None,
        due=when(one.due),
        attempts=one.attempts,
        last_error=one.last_error,
    )


def eta_view(forecast: BuildForecast) -> EtaView:
    """Return the view of when a build will be done."""
    return EtaView(
        not_before=when(forecast.not_before),
        usually_by=when(forecast.usually_by),
        never=forecast.never,
        unknown=forecast.unknown or None,
        assumptions=forecast.assumed,
    )
