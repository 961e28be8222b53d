"""What is remembered of the failed tests of a report: their last runs, and what failed with them.

Only what the store has of other builds is said; a report without it is as if there were no store.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from check_compose.counting import Scenario
from check_compose.report import CheckedTest, Past, Report
from fedora_openqa import ports
from fedora_openqa.model.buckets import Bucket
from fedora_openqa.model.failures import FailureCluster, ReasonRule
from fedora_openqa.model.history import Scenario as StoredScenario
from fedora_openqa.policy.causes import containing, find_clusters
from fedora_openqa.policy.flakes import failures_on_unchanged
from fedora_openqa.policy.history import sign

DAY = 86_400.0

#: days in which other tests may have failed for the same cause
DAYS = 14

#: runs that are looked at
RUNS = 20


@dataclass(frozen=True, slots=True)
class PastJobs:
    """The remembered jobs that a report tells of."""

    history: ports.JobHistory
    failures: ports.Failures
    #: what reasons of failures say about their cause
    rules: Sequence[ReasonRule]

    def add_to(self, report: Report) -> Report:
        """Return a report whose failed tests have their past.

        Raises:
            ServiceUnavailableError: the database is away.
        """
        if not report.having(Bucket.FAILED):
            return report
        since = self.failures.now() - DAYS * DAY
        clusters = find_clusters(
            self.failures.failed(since=since), self.rules, self.failures.notes()
        )
        tests = tuple(
            replace(test, past=self._past(test, report.compose, clusters))
            if test.outcome is Bucket.FAILED
            else test
            for test in report.tests
        )
        return replace(report, tests=tests)

    def _past(
        self, test: CheckedTest, compose: str, clusters: Sequence[FailureCluster]
    ) -> Past | None:
        runs = self.history.runs(_stored(test.scenario), most=RUNS)
        if all(run.build == compose for run in runs):
            return None
        failed, number = failures_on_unchanged(runs, self.rules)
        cluster = containing(clusters, test.id)
        alike = {run.job.scenario for run in cluster.runs} if cluster else set()
        return Past(
            strip="".join(map(sign, runs)),
            unchanged_failed=failed,
            unchanged_of=number,
            same_cause=len(alike - {_stored(test.scenario)}),
        )


def _stored(scenario: Scenario) -> StoredScenario:
    return StoredScenario(scenario.suite, scenario.flavor, scenario.arch, scenario.machine)
