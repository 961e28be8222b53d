"""The numbers of days."""

from collections import Counter

import msgspec

from fedora_openqa.model.audit import Action
from fedora_openqa.model.jobs import NOT_COMPLETE_RESULTS, OK_RESULTS, JobResult
from fedora_openqa.model.statistics import Day, Delays
from fedora_openqa.model.work import SubjectState


class DelayView(msgspec.Struct, frozen=True):
    """How long something took, in seconds that are the bounds of a histogram."""

    number: int
    #: half of them were not longer
    p50: int
    #: nine of ten were not longer
    p90: int


class DayView(msgspec.Struct, frozen=True):
    """The numbers of one day."""

    day: str
    #: subjects that were scheduled, skipped and parked on that day, and are so still
    scheduled: int
    skipped: int
    parked: int
    #: jobs that ended
    jobs: int
    #: of these, passed or soft failed
    passed: int
    failed: int
    #: incomplete, or taking too long
    incomplete: int
    #: cancelled, skipped, or ended by another job
    others: int
    #: of all these, restarted by a person or by openQA
    restarted: int
    #: from the request of a subject until its tests were scheduled; None: there were none
    plan: DelayView | None
    #: from the request of a result until its sink had it
    report: DelayView | None
    #: subjects and results that sweeps found, and no message had named
    swept: int
    #: reruns, waivers and all acts of people
    reruns: int
    waivers: int
    acts: int


class StatisticsView(msgspec.Struct, frozen=True):
    """The numbers of some days."""

    #: the newest first
    days: tuple[DayView, ...]


def statistics_view(days: tuple[Day, ...]) -> StatisticsView:
    """Return the view of days."""
    return StatisticsView(tuple(map(_day, reversed(days))))


def _day(one: Day) -> DayView:
    jobs = Counter(one.jobs)
    passed = sum(jobs[result] for result in OK_RESULTS)
    incomplete = sum(jobs[result] for result in NOT_COMPLETE_RESULTS)
    failed = jobs[JobResult.FAILED]
    total = jobs.total()
    subjects = Counter(one.subjects)
    return DayView(
        day=one.day,
        scheduled=subjects[SubjectState.SCHEDULED] + subjects[SubjectState.REPORTED],
        skipped=subjects[SubjectState.SKIPPED],
        parked=subjects[SubjectState.PARKED],
        jobs=total,
        passed=passed,
        failed=failed,
        incomplete=incomplete,
        others=total - passed - failed - incomplete,
        restarted=one.restarted,
        plan=_delay(one.plan),
        report=_delay(one.report),
        swept=sum(one.swept.values()),
        reruns=one.acts.get(Action.RERUN, 0),
        waivers=one.acts.get(Action.WAIVE, 0),
        acts=sum(one.acts.values()),
    )


def _delay(delays: Delays) -> DelayView | None:
    number = sum(delays.values())
    if not number:
        return None
    return DelayView(number, _quantile(delays, 0.5 * number), _quantile(delays, 0.9 * number))


def _quantile(delays: Delays, rank: float) -> int:
    """Return the smallest bound that so many delays do not exceed."""
    seen = 0
    for bound in sorted(delays):
        seen += delays[bound]
        if seen >= rank:
            break
    return bound
