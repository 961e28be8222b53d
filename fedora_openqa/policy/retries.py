"""What happens to a subject after an attempt: done, again later, or set aside."""

from fedora_openqa.errors import FedoraOpenQAError, NotFoundError, PermanentError
from fedora_openqa.model.products import Scheduled
from fedora_openqa.model.reports import Later, Parked
from fedora_openqa.model.work import Finished, Postponed, SubjectState

#: seconds before the second attempt; doubled for each that follows
FIRST_DELAY = 30.0

#: seconds between two attempts at the most
LONGEST_DELAY = 3600.0

#: attempts until a subject is set aside: about a day and a half with these delays
MOST_ATTEMPTS = 40

#: attempts until what a sink does not take is set aside, while it takes others: half a day
MOST_DELIVERY_ATTEMPTS = 20

#: seconds until somebody asks again whether a sink that was away is back: at first, at the most
SHORTEST_ABSENCE, LONGEST_ABSENCE = 1.0, 30.0

#: seconds until a subject of a paused lane is looked at again
PAUSED_DELAY = 300.0


def after_schedule(scheduled: Scheduled, *, attempts: int, chance: float) -> Finished | Postponed:
    """Decide after a workflow that came to an end.

    :param attempts: this one included
    :param chance: any number from 0 to 1, so that many subjects do not come back at once
    """
    if scheduled.paused:
        return Postponed(delay=PAUSED_DELAY, error=scheduled.reason or "", counts=False)
    if scheduled.reason:
        return Finished(SubjectState.SKIPPED, scheduled.reason)
    if not scheduled.failed:
        return Finished(SubjectState.SCHEDULED)
    reasons = dict.fromkeys(result.reason or "" for result in scheduled.failed)
    error = f"{len(scheduled.failed)} of {len(scheduled.products)} products: {'; '.join(reasons)}"
    return _again(error, attempts=attempts, chance=chance)


def after_error(error: FedoraOpenQAError, *, attempts: int, chance: float) -> Finished | Postponed:
    """Decide after a workflow that raised; see `after_schedule`.

    A worker attempts only what a message or a sweep has announced: a subject that is not there
    is not there yet.
    """
    if isinstance(error, PermanentError) and not isinstance(error, NotFoundError):
        return Finished(SubjectState.PARKED, str(error))
    return _again(str(error), attempts=attempts, chance=chance)


def absence_delay(seconds: float) -> float:
    """Say in how many seconds to ask again for a sink that has been away for so many."""
    return min(max(seconds, SHORTEST_ABSENCE), LONGEST_ABSENCE)


def delivery_again(
    error: str, *, attempts: int, first_delay: float, unsure: bool
) -> Later | Parked:
    """Decide after a sink that takes others has not taken, or not answered, one thing.

    :param attempts: those before this one
    :param first_delay: seconds until the second attempt; doubled for each that follows
    :param unsure: the sink may have taken it
    """
    if attempts + 1 >= MOST_DELIVERY_ATTEMPTS:
        return Parked(f"given up after {attempts + 1} attempts: {error}", unsure=unsure)
    delay = min(first_delay * 2 ** min(attempts, 20), LONGEST_DELAY)
    return Later(delay, error, unsure=unsure)


def _again(error: str, *, attempts: int, chance: float) -> Finished | Postponed:
    if attempts >= MOST_ATTEMPTS:
        return Finished(SubjectState.PARKED, f"given up after {attempts} attempts: {error}")
    delay = min(FIRST_DELAY * 2 ** min(attempts - 1, 20), LONGEST_DELAY)
    return Postponed(delay=delay * (0.5 + chance), error=error)
