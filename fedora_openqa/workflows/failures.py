"""Shows failures with one cause, and stores what persons decide about them.

Knows ports, never gateways.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace

from fedora_openqa import ports
from fedora_openqa.errors import NotFoundError
from fedora_openqa.model.failures import (
    Decision,
    FailureCluster,
    FailureNote,
    FailureRule,
    FailuresSeen,
    FailureState,
    Hint,
    ReasonRule,
    RulePreview,
    Trait,
)
from fedora_openqa.policy.cause_hints import hints_of
from fedora_openqa.policy.causes import GAP, HOUR, containing, find_clusters, state_of
from fedora_openqa.policy.failure_rules import named_by_rules, preview

DAY = 86_400.0

#: days that are looked at, and how far back a cluster that began before them is followed
DAYS, MOST_DAYS = 14, 90

#: days whose jobs a rule is tried on
RULE_DAYS = 30

#: digits of the id of a job, at most
ID_SIZE = 18


@dataclass(frozen=True, slots=True)
class FailureDesk:
    """Shows the clusters of stored jobs that failed."""

    failures: ports.Failures
    #: what reasons say about the cause
    reason_rules: tuple[ReasonRule, ...]
    #: who decides
    by: str

    def look(self) -> FailuresSeen:
        """Return the clusters of the last days."""
        now = self.failures.now()

        def is_open(cluster: FailureCluster) -> bool:
            return state_of(cluster, now=now) is FailureState.OPEN

        rules = self.failures.rules()
        clusters = named_by_rules(self._clusters(now, since=now - DAYS * DAY, whole=is_open), rules)
        return FailuresSeen(now, tuple((one, state_of(one, now=now)) for one in clusters), rules)

    def find(self, job_id: int) -> FailureCluster:
        """Return the cluster with a job, by whose id it is known or was.

        Raises:
            NotFoundError: no such job is stored, or nothing failed with it.
        """
        now = self.failures.now()
        ended = self.failures.ended(job_id)

        def is_wanted(cluster: FailureCluster) -> bool:
            return containing([cluster], job_id) is not None

        if ended is not None:
            since = min(now - DAYS * DAY, ended - GAP)
            clusters = self._clusters(now, since=since, whole=is_wanted)
            if found := containing(clusters, job_id):
                return named_by_rules([found], self.failures.rules())[0]
        raise NotFoundError(f"no failures with one cause have job {job_id}")

    def hints(self, cluster: FailureCluster) -> tuple[Hint, ...]:
        """Return what most of its jobs have in common, and what became of others that have it."""
        hints = hints_of(cluster)
        beside = self.failures.beside(
            {Trait(one.what): one.value for one in hints if one.what in set(Trait)},
            version=cluster.series,
            since=cluster.first_seen - HOUR,
            until=cluster.last_seen + HOUR,
        )
        return tuple(
            replace(one, others_passed=found[0], others=found[1] - one.count)
            if (found := beside.get(one.what))
            else one
            for one in hints
        )

    def decide(self, cluster: FailureCluster, decision: Decision) -> None:
        """Store what a person decides about a cluster."""
        now = self.failures.now()
        if decision.apart:
            note = FailureNote(decision.apart[0], apart=decision.apart)
        else:
            note = cluster.note or FailureNote(cluster.id)
        self.failures.note(
            replace(
                note,
                title=note.title if decision.title is None else decision.title,
                bug=note.bug if decision.bug is None else decision.bug,
                kind=decision.kind or note.kind,
                closed=now if decision.close else note.closed,
                by=self.by,
                at=now,
            )
        )

    def preview(self, rule: FailureRule) -> RulePreview:
        """Return the jobs of the last 30 days that a rule is about."""
        jobs = self.failures.telling(since=self.failures.now() - RULE_DAYS * DAY)
        return preview(rule, jobs, (cluster for cluster, _ in self.look().clusters))

    def add_rule(self, rule: FailureRule) -> int:
        """Store a rule that names failures, and return its id."""
        return self.failures.add_rule(replace(rule, by=self.by, at=self.failures.now()))

    def rule(self, number: int) -> FailureRule:
        """Return a rule that names failures.

        Raises:
            NotFoundError: there is none with this id.
        """
        for rule in self.failures.rules():
            if rule.id == number:
                return rule
        raise NotFoundError(f"there is no rule {number}")

    def _clusters(
        self, now: float, *, since: float, whole: Callable[[FailureCluster], bool]
    ) -> tuple[FailureCluster, ...]:
        """Return the clusters since a time.

        :param whole: says of which clusters also what is older is needed
        """
        notes = self.failures.notes()
        runs = self.failures.failed(since=since)
        while True:
            clusters = find_clusters(runs, self.reason_rules, notes)
            begun = [one.first_seen for one in clusters if whole(one)]
            if since <= now - MOST_DAYS * DAY or min(begun, default=now) > since + GAP:
                return clusters
            earlier = since - DAYS * DAY
            runs += self.failures.failed(since=earlier, until=since)
            since = earlier


def id_named(text: str, of: str = "job") -> int:
    """Return the id of a job, or of something else, that a person sent.

    Raises:
        NotFoundError: it is no id.
    """
    if not (text.isascii() and text.isdecimal()) or len(text) > ID_SIZE:
        raise NotFoundError(f"{text!r} is not the id of a {of}")
    return int(text)
