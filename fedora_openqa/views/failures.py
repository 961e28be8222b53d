"""Failures with one cause."""

from collections import Counter
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

import msgspec

from fedora_openqa.model.failures import (
    FailedRun,
    FailureCluster,
    FailuresSeen,
    FailureState,
    Hint,
)
from fedora_openqa.policy.cause_hints import hints_of
from fedora_openqa.views.history import RunView, run_view
from fedora_openqa.views.times import when

#: days of the trend
TREND_DAYS = 14


class HintView(msgspec.Struct, frozen=True):
    """A fact that failures have in common."""

    what: str
    value: str
    #: number of failures it is true for, of those for which it is known; of *fails since* and
    #: *passed before in*: of scenarios
    count: int
    of: int
    #: of other jobs of the release for which it is true, from an hour before to an hour after, the
    #: number that passed, and that passed or failed; not in lists
    others_passed: int | None = None
    others: int | None = None


class ClusterView(msgspec.Struct, frozen=True):
    """Failed jobs that seem to have one cause."""

    #: openQA's id of its oldest job
    id: int
    state: str
    #: a person's or a rule's; or where the first of its jobs failed
    title: str
    #: the failed module, or the result with openQA's reason
    signatures: tuple[str, ...]
    kind: str
    release: str | None
    bug: str | None
    #: the first that failed first
    builds: tuple[str, ...]
    tests: tuple[str, ...]
    arches: tuple[str, ...]
    #: number of jobs
    jobs: int
    first_seen: str | None
    last_seen: str | None
    hints: tuple[HintView, ...]
    #: until when a person has dealt with it
    closed: str | None
    #: who decided last
    by: str | None
    #: id of the rule that is about it; None: there is none
    rule: int | None


class MemberView(msgspec.Struct, frozen=True):
    """A failed job of a cluster."""

    test: str
    flavor: str
    arch: str
    machine: str
    run: RunView
    #: the build in which its scenario passed before
    passed_in: str | None


class ClusterStoryView(msgspec.Struct, frozen=True):
    """A cluster with its jobs."""

    cluster: ClusterView
    #: number of its jobs that ended on each of the last days, the oldest day first
    trend: tuple[int, ...]
    #: the newest first
    members: tuple[MemberView, ...]


class RuleView(msgspec.Struct, frozen=True):
    """What a person calls all failures whose modules or reason have a text."""

    id: int
    text: str
    #: only jobs of this test, and on this arch; None: of all
    test: str | None
    arch: str | None
    title: str | None
    bug: str | None
    by: str
    at: str | None
    #: number of clusters of the last 14 days that it names
    clusters: int


def rule_views(seen: FailuresSeen) -> tuple[RuleView, ...]:
    """Return the views of all rules, the oldest first."""
    names = Counter(one.rule.id for one, _ in seen.clusters if one.rule)
    return tuple(
        RuleView(
            id=rule.id,
            text=rule.text,
            test=rule.test or None,
            arch=rule.arch or None,
            title=rule.title or None,
            bug=rule.bug or None,
            by=rule.by,
            at=when(rule.at),
            clusters=names[rule.id],
        )
        for rule in seen.rules
    )


def cluster_view(
    cluster: FailureCluster, state: FailureState, hints: Iterable[Hint] | None = None
) -> ClusterView:
    """Return the view of a cluster.

    :param hints: what its jobs have in common; None: what they show themselves
    """
    note = cluster.note
    return ClusterView(
        id=cluster.id,
        state=state,
        title=cluster.title,
        signatures=tuple(map(str, cluster.signatures)),
        kind=(note.kind if note else None) or cluster.kind,
        release=cluster.series or None,
        bug=cluster.bug or None,
        builds=cluster.builds,
        tests=cluster.tests,
        arches=cluster.arches,
        jobs=len(cluster.runs),
        first_seen=when(cluster.first_seen),
        last_seen=when(cluster.last_seen),
        hints=tuple(
            HintView(one.what, one.value, one.count, one.of, one.others_passed, one.others)
            for one in (hints_of(cluster) if hints is None else hints)
        ),
        closed=when(note.closed) if note else None,
        by=(note.by if note else "") or None,
        rule=cluster.rule.id if cluster.rule else None,
    )


def cluster_story_view(
    cluster: FailureCluster, state: FailureState, *, hints: Iterable[Hint], now: float
) -> ClusterStoryView:
    """Return the view of a cluster with its jobs.

    :param hints: what its jobs have in common
    :param now: seconds since the epoch
    """
    return ClusterStoryView(
        cluster=cluster_view(cluster, state, hints),
        trend=trend_of(cluster, now=now),
        members=tuple(map(_member_view, reversed(cluster.runs))),
    )


def trend_of(cluster: FailureCluster, *, now: float) -> tuple[int, ...]:
    """Return how many of its jobs ended on each of the last days, the oldest day first."""
    days = Counter(_day(run.job.finished or 0.0) for run in cluster.runs)
    today = _day(now)
    return tuple(days[today - timedelta(days=ago)] for ago in reversed(range(TREND_DAYS)))


def _member_view(run: FailedRun) -> MemberView:
    return MemberView(
        *run.job.scenario,
        run=run_view(run.job),
        passed_in=run.before.build if run.before else None,
    )


def _day(time: float) -> datetime:
    moment = datetime.fromtimestamp(time, tz=UTC)
    return moment.replace(hour=0, minute=0, second=0, microsecond=0)
