"""Rules of people that name failures by a text: what they are about, and which are refused."""

from collections.abc import Iterable, Sequence
from dataclasses import replace

from fedora_openqa.model.failures import FailureCluster, FailureRule, RulePreview
from fedora_openqa.model.history import StoredJob
from fedora_openqa.policy.failure_names import reason_not_to_name
from fedora_openqa.texts import one_line

#: characters of a text
SHORTEST, LONGEST = 4, 200

#: characters of the name of a test, and of an arch
TEST_SIZE, ARCH_SIZE = 200, 40

#: share of the jobs of a rule that passed: with more, its text says nothing about failures
MOST_PASSED = 0.1

#: share of the jobs of a cluster that a rule must be about
SHARE = 0.5


def rule_named(
    text: str, *, title: str = "", bug: str = "", test: str = "", arch: str = ""
) -> FailureRule:
    """Return the rule that a person typed."""
    return FailureRule(
        " ".join(text.split()),
        test=test.strip(),
        arch=arch.strip(),
        title=" ".join(title.split()),
        bug=bug.strip(),
    )


def covers(rule: FailureRule, job: StoredJob) -> bool:
    """Return whether a rule is about a job, whatever became of the job."""
    if rule.test not in ("", job.scenario.test) or rule.arch not in ("", job.scenario.arch):
        return False
    wanted = rule.text.casefold()
    return any(wanted in text.casefold() for text in (*job.failed_modules, job.reason))


def named_by_rules(
    clusters: Iterable[FailureCluster], rules: Sequence[FailureRule]
) -> tuple[FailureCluster, ...]:
    """Return clusters, each with the oldest rule that is about at least half of its jobs."""
    return tuple(
        replace(one, rule=next((rule for rule in rules if _is_about(rule, one)), None))
        for one in clusters
    )


def preview(
    rule: FailureRule, jobs: Iterable[StoredJob], clusters: Iterable[FailureCluster]
) -> RulePreview:
    """Return what a rule is about.

    :param jobs: all that ended in the last days with a failed module or a reason
    :param clusters: those that are shown now
    """
    covered = [job for job in jobs if covers(rule, job)]
    failed = [job for job in covered if not job.is_ok]
    return RulePreview(
        failed=len(failed),
        passed=len(covered) - len(failed),
        tests=tuple(sorted({job.scenario.test for job in failed})),
        clusters=tuple(
            one.id
            for one in clusters
            if not (one.note and (one.note.title or one.note.bug)) and _is_about(rule, one)
        ),
    )


def problem_of(rule: FailureRule) -> str | None:
    """Return why a rule cannot be looked at; None: it can."""
    if not SHORTEST <= len(rule.text) <= LONGEST:
        return f"the text must have {SHORTEST} to {LONGEST} characters"
    if one_line(rule.text) != rule.text:
        return "the text has a character that is invisible or ends a line"
    if len(rule.test) > TEST_SIZE or len(rule.arch) > ARCH_SIZE:
        return "no test or no arch has such a long name"
    if not (rule.title or rule.bug):
        return "give it a title or a bug"
    return reason_not_to_name(rule.title, rule.bug)


def reason_not_to_keep(found: RulePreview) -> str | None:
    """Return why a rule is refused; None: it may be stored."""
    if not found.failed:
        return "no job failed with it in the last 30 days"
    if found.passed > MOST_PASSED * (found.passed + found.failed):
        return (
            f"{found.passed} of the {found.passed + found.failed} jobs with it passed:"
            f" more than {MOST_PASSED:.0%}"
        )
    return None


def said_of(rule: FailureRule, found: RulePreview) -> str:
    """Return what a rule would do, in words; of the broadest form also that it is that."""
    failed = f"{found.failed} jobs of {len(found.tests)} tests failed with it in the last 30 days"
    parts = [
        f"{failed}, and {found.passed} with it passed",
        f"{len(found.clusters)} failures with one cause would be called so now",
    ]
    if not (rule.test or rule.arch):
        parts.append("it is about all tests and arches: name a test or an arch if you can")
    return "; ".join(parts)


def _is_about(rule: FailureRule, cluster: FailureCluster) -> bool:
    about = sum(covers(rule, run.job) for run in cluster.runs)
    return about >= SHARE * len(cluster.runs)
