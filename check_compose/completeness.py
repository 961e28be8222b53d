"""Decides whether it is time to report on a compose; pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TypeAlias

from fedora_openqa.model.jobs import Job

#: seconds until the next look, unless something is due earlier
LOOK_AGAIN = 60.0


@dataclass(frozen=True, slots=True)
class Complete:
    """All tests have ended, and none ended recently."""


@dataclass(frozen=True, slots=True)
class NotYet:
    """Tests still run, or may still be scheduled."""

    #: seconds until the state can be another one; always more than 0
    look_again_in: float
    #: ``"3 of 118 jobs have not ended"``
    reason: str


@dataclass(frozen=True, slots=True)
class Overdue:
    """Tests still run, but the report has waited long enough."""

    #: like `NotYet.reason`
    reason: str


Completeness: TypeAlias = Complete | NotYet | Overdue


def is_complete(
    jobs: Sequence[Job],
    *,
    now: float,
    quiet: float,
    wait: float,
    scheduled: float | None,
    is_owed: bool,
) -> Completeness:
    """Return whether all tests of a compose have ended; times are seconds since 1970.

    :param jobs: all of its BUILD, restarted ones included
    :param quiet: seconds without the end of a job until the compose is complete
    :param wait: seconds after scheduling until it is overdue
    :param scheduled: when the compose was scheduled; None: when its first job started
    :param is_owed: our store still has products of it to post
    """
    started = [_seconds(job.started) for job in jobs if job.started]
    finished = [_seconds(job.finished) for job in jobs if job.finished]
    begun = min(started, default=None) if scheduled is None else scheduled
    # jobs that were cancelled before they ran have no times
    ended = max(finished, default=begun)
    reason = _reason_to_wait(jobs, is_owed=is_owed)
    # even if the last job ends now, `quiet` seconds must pass
    left = quiet or LOOK_AGAIN
    if not reason:
        if ended is None or now >= ended + quiet:
            return Complete()
        left = ended + quiet - now
        reason = f"nothing has ended for {now - ended:.0f} s only, and more may follow"
    if begun is None:
        return NotYet(left, reason)
    if now >= begun + wait:
        return Overdue(reason)
    return NotYet(min(left, begun + wait - now), reason)


def _reason_to_wait(jobs: Sequence[Job], *, is_owed: bool) -> str:
    """Return what is unfinished; empty: nothing."""
    running = sum(not job.is_ended for job in jobs)
    if running:
        return f"{running} of {len(jobs)} jobs have not ended"
    if is_owed:
        return "not everything of it is scheduled"
    return "" if jobs else "openQA has no jobs of it"


def _seconds(utc: datetime) -> float:
    return utc.replace(tzinfo=UTC).timestamp()
