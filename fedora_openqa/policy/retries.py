"""Steps after an attempt: finished, tried again later, or parked."""

import shlex
from collections.abc import Iterable, Mapping, Sequence

from fedora_openqa.errors import (
    FedoraOpenQAError,
    GoneError,
    NotFoundError,
    PermanentError,
    StaleAnswerError,
    TemporaryError,
)
from fedora_openqa.model.deliveries import Delivery, DeliveryState, Later, Parked, Skipped
from fedora_openqa.model.products import ScheduleResult
from fedora_openqa.model.work import Away, Finished, Postponed, SubjectState
from fedora_openqa.texts import first_line

#: seconds before the second attempt; doubled for each that follows
FIRST_DELAY = 30.0

#: seconds between two attempts at the most
LONGEST_DELAY = 3600.0

#: seconds until a service that lags behind its own message is asked again
LAG_DELAY = 10.0

#: attempts until a subject is parked: about a day and a half with these delays
MOST_ATTEMPTS = 40

#: characters of the reason of one product that are kept
REASON_SIZE = 500

#: attempts until a delivery is parked that a sink refuses while it takes others: half a day
MOST_DELIVERY_ATTEMPTS = 20

#: seconds until a lane whose service did not answer is tried again: at first, at most
SHORTEST_ABSENCE, LONGEST_ABSENCE = 1.0, 15.0

#: seconds until a lane is tried again that needs a person, at most
LONGEST_REFUSAL = 300.0

#: seconds until a subject of a paused lane is looked at again
PAUSED_DELAY = 300.0


def how_to_release(key: str) -> str:
    """Return what lets a parked subject go on, for a log or a person."""
    return f"`fedora-openqa parked release {shlex.quote(key)}` tries it again"


def after_schedule(
    scheduled: ScheduleResult, *, attempts: int, chance: float
) -> Finished | Postponed | Away:
    """Return the step after a workflow that ended.

    :param attempts: this one included
    :param chance: a random number from 0 to 1, which spreads the attempts at many subjects
    """
    if scheduled.paused:
        return Postponed(delay=PAUSED_DELAY, error=scheduled.reason or "", counts=False)
    if scheduled.reason:
        return Finished(SubjectState.SKIPPED, scheduled.reason)
    if scheduled.refusal and not scheduled.posted:
        return Away(scheduled.refusal, needs_person=True)
    retry_after = scheduled.retry_after
    if not scheduled.failed:
        if scheduled.uncommented:
            error = f"scheduled, but without a comment: {scheduled.uncommented}"
            return _again(error, attempts=attempts, chance=chance, retry_after=retry_after)
        return Finished(SubjectState.SCHEDULED)
    reasons = first_cause([result.reason or "" for result in scheduled.failed])
    error = f"{len(scheduled.failed)} of {len(scheduled.products)} products: {reasons}"
    return _again(error, attempts=attempts, chance=chance, retry_after=retry_after)


def first_cause(reasons: Sequence[str]) -> str:
    """Return the first reason as one line, and the number of others."""
    others = len(dict.fromkeys(reasons)) - 1
    first = first_line(reasons[0], size=REASON_SIZE)
    return f"{first} (and {others} other reasons)" if others else first


def after_error(error: FedoraOpenQAError, *, attempts: int, chance: float) -> Finished | Postponed:
    """Return the step after a workflow that raised; parameters as of `after_schedule`.

    A worker attempts only subjects that a message or a sweep announced: one that is not found
    is not there yet.
    """
    if isinstance(error, PermanentError) and not isinstance(error, NotFoundError):
        return Finished(SubjectState.PARKED, str(error))
    if isinstance(error, StaleAnswerError):
        return Postponed(delay=LAG_DELAY * (0.5 + chance), error=str(error))
    retry_after = error.retry_after if isinstance(error, TemporaryError) else None
    return _again(str(error), attempts=attempts, chance=chance, retry_after=retry_after)


def after_deliveries(deliveries: Sequence[Delivery]) -> Finished | None:
    """Decide after the deliveries of a build are recorded; None: some are still pending."""
    if any(one.state is DeliveryState.PENDING for one in deliveries):
        return None
    parked = [one for one in deliveries if one.state is DeliveryState.PARKED]
    if parked:
        reason = "; ".join(f"{one.item}: {one.reason}" for one in parked)
        return Finished(SubjectState.PARKED, reason)
    if any(one.state is DeliveryState.DELIVERED for one in deliveries):
        return Finished(SubjectState.REPORTED)
    reasons = dict.fromkeys(one.reason or "" for one in deliveries)
    return Finished(SubjectState.SKIPPED, "; ".join(reasons))


def absence_delay(seconds: float, away: Away) -> float:
    """Return the seconds until a lane is tried again that has waited for so many seconds."""
    longest = LONGEST_REFUSAL if away.needs_person else LONGEST_ABSENCE
    return _not_before(away.retry_after, min(max(seconds, SHORTEST_ABSENCE), longest))


def still_unsettled(
    sent: Iterable[tuple[str, float]], settles_after: float, *, now: float
) -> Mapping[str, float]:
    """Return the items that may still arrive, and the seconds until that is certain.

    :param sent: items, and when each was sent without an answer (seconds since 1970)
    :param settles_after: seconds that this may take
    """
    # a clock that was set back does not make the wait longer
    waits = ((item, min(at + settles_after - now, settles_after)) for item, at in sent)
    return {item: wait for item, wait in waits if wait > 0}


def delivery_refused(error: PermanentError) -> Skipped | Parked:
    """Return the step of a delivery that a sink refuses while it takes others."""
    return Skipped(str(error)) if isinstance(error, GoneError) else Parked(str(error))


def delivery_again(
    error: str,
    *,
    attempts: int,
    first_delay: float,
    unsure: bool,
    retry_after: float | None = None,
) -> Later | Parked:
    """Return the step of a delivery that a sink did not take for now while it took others.

    :param attempts: attempts before this one
    :param first_delay: seconds until the second attempt; doubled for each that follows
    :param unsure: the sink may have stored it
    :param retry_after: seconds from the sink's Retry-After; None: it sent none
    """
    if attempts + 1 >= MOST_DELIVERY_ATTEMPTS:
        return Parked(f"given up after {attempts + 1} attempts: {error}", unsure=unsure)
    delay = min(first_delay * 2 ** min(attempts, 20), LONGEST_DELAY)
    delay = _not_before(retry_after, delay)
    return Later(delay, error, unsure=unsure, retry_after=retry_after)


def _again(
    error: str, *, attempts: int, chance: float, retry_after: float | None = None
) -> Finished | Postponed:
    if attempts >= MOST_ATTEMPTS:
        return Finished(SubjectState.PARKED, f"given up after {attempts} attempts: {error}")
    delay = min(FIRST_DELAY * 2 ** min(attempts - 1, 20), LONGEST_DELAY)
    return Postponed(delay=_not_before(retry_after, delay * (0.5 + chance)), error=error)


def _not_before(retry_after: float | None, delay: float) -> float:
    """Return the delay, or the service's Retry-After where that is longer, within bounds."""
    return max(delay, min(retry_after or 0.0, LONGEST_DELAY))
