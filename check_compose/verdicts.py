"""Verdicts of reports: stored when a report is sent, compared later for a follow-up; pure."""

import hashlib
import json
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import groupby

from check_compose.counting import Scenario
from check_compose.report import CheckedTest, GatingReport, GatingState, Report
from check_compose.sections import Section, Tone, gating_sections, totals_of
from fedora_openqa.model.buckets import Bucket

TONES = {
    Bucket.FAILED: Tone.BAD,
    Bucket.SOFT_FAILED: Tone.WARNING,
    Bucket.CANCELLED: Tone.WARNING,
    Bucket.RUNNING: Tone.WARNING,
    Bucket.SKIPPED: Tone.PLAIN,
    Bucket.PASSED: Tone.GOOD,
}


@dataclass(frozen=True, slots=True)
class Verdict:
    """The gating state and the outcomes that a report had."""

    #: None: no gating policy is configured for such composes
    gating: GatingState | None
    #: of all tests but those that passed
    outcomes: Mapping[Scenario, Bucket]

    def to_text(self) -> str:
        """Return the verdict as JSON; equal verdicts have equal texts."""
        outcomes = [
            [one.arch, one.flavor, one.suite, one.machine, self.outcomes[one]]
            for one in sorted(self.outcomes, key=lambda scenario: scenario.order)
        ]
        return json.dumps({"gating": self.gating, "outcomes": outcomes})

    @classmethod
    def from_text(cls, text: str) -> "Verdict":
        """Return the verdict that `to_text` wrote."""
        written = json.loads(text)
        gating = written["gating"]
        return cls(
            gating=None if gating is None else GatingState(gating),
            outcomes={Scenario(*one): Bucket(outcome) for *one, outcome in written["outcomes"]},
        )

    @property
    def summary(self) -> str:
        """The verdict for people: ``"gating fails, 2 failed, 1 skipped"``."""
        gating = f"gating {self.gating}, " if self.gating else ""
        counts = Counter(self.outcomes.values())
        ends = ", ".join(f"{counts[end]} {end}" for end in Bucket if counts[end])
        return f"{gating}{ends or 'all tests passed'}"

    @property
    def digest(self) -> str:
        """16 hexadecimal digits that identify the verdict in a message id."""
        return hashlib.sha256(self.to_text().encode()).hexdigest()[:16]


def verdict_of(report: Report, *, before: Verdict | None = None) -> Verdict:
    """Return the verdict of a report.

    :param before: the verdict that was sent last; its gating state stands while the new one is
        unknown
    """
    gating = report.gating.state if report.gating else None
    if gating in {None, GatingState.UNKNOWN} and before:
        gating = before.gating or gating
    outcomes = {
        test.scenario: test.outcome for test in report.tests if test.outcome is not Bucket.PASSED
    }
    return Verdict(gating, outcomes)


def follow_up_sections(before: Verdict, report: Report) -> tuple[Section, ...]:
    """Return what has changed since the last report; empty: nothing worth a mail."""
    now = verdict_of(report, before=before)
    if now == before:
        return ()
    return (
        *(_gating(before, report.gating) if report.gating and now.gating != before.gating else ()),
        *_changed(before, report),
        *_gone(before, report),
        *totals_of(report),
    )


def _gating(before: Verdict, gating: GatingReport) -> Iterator[Section]:
    first, *others = gating_sections(gating)
    if before.gating is None:
        was = "not checked"
    elif before.gating is GatingState.UNKNOWN:
        was = "unknown"
    else:
        was = before.gating.upper()
    yield replace(first, remarks=(*first.remarks, f"(reported before: {was})"))
    yield from others


def _changed(before: Verdict, report: Report) -> Iterator[Section]:
    def was(test: CheckedTest) -> Bucket:
        return before.outcomes.get(test.scenario, Bucket.PASSED)

    order = tuple(Bucket).index
    changed = [test for test in report.tests if test.outcome is not was(test)]
    changed.sort(key=lambda test: (order(test.outcome), order(was(test))))
    for (outcome, reported), tests in groupby(changed, key=lambda test: (test.outcome, was(test))):
        # a verdict does not list passed tests
        then = "passed, or not there," if reported is Bucket.PASSED else reported
        yield Section(
            heading=f"Reported {then} before, {outcome} now:",
            tone=TONES[outcome],
            tests=tuple(tests),
        )


def _gone(before: Verdict, report: Report) -> Iterator[Section]:
    gone = before.outcomes.keys() - {test.scenario for test in report.tests}
    if gone:
        yield Section(
            heading="Reported before, without a result now:",
            lines=tuple(map(str, sorted(gone, key=lambda scenario: scenario.order))),
        )
