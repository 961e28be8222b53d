"""The sections of a report, the same in text and HTML; pure.

Readers and their mail filters rely on the headings: do not change them.
"""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from enum import StrEnum
from itertools import islice

from check_compose.facts import ImageKind
from check_compose.report import (
    CheckedTest,
    GatingReport,
    GatingState,
    Report,
    SystemReport,
    UnmappedRequirement,
)
from fedora_openqa.model.buckets import Bucket
from fedora_openqa.model.jobs import JobResult

GATING_BELOW = "openQA tests matching unsatisfied gating requirements shown with **GATING** below"


class Tone(StrEnum):
    """Severity of a section; the HTML report colours by it."""

    BAD = "bad"
    WARNING = "warning"
    GOOD = "good"
    PLAIN = "plain"


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """A heading with the text below it, in the order of the fields."""

    heading: str
    tone: Tone = Tone.PLAIN
    #: it is a subsection of the section before
    is_part: bool = False
    remarks: tuple[str, ...] = ()
    #: pairs of label and URL
    links: tuple[tuple[str, str], ...] = ()
    lines: tuple[str, ...] = ()
    tests: tuple[CheckedTest, ...] = ()


def sections(report: Report) -> tuple[Section, ...]:
    """Return all sections of a report."""
    return (*before_failures(report), *failures(report), *after_failures(report))


def before_failures(report: Report) -> tuple[Section, ...]:
    """Return the sections above the failures."""
    return (
        *_images(report),
        *(gating_sections(report.gating) if report.gating else ()),
        *_none(report),
        *_running(report),
    )


def after_failures(report: Report) -> tuple[Section, ...]:
    """Return the sections below the failures."""
    return (
        *_soft_failed(report),
        *_cancelled(report),
        *_passed(report),
        *_skipped(report),
        *_earlier_runs(report),
        *map(_system, report.systems),
    )


def at_a_glance(report: Report) -> tuple[Section, ...]:
    """Return the summary at the top of the HTML report, one line a section."""
    gating = gating_sections(report.gating) if report.gating else iter(())
    return (*islice(_images(report), 1), *islice(gating, 1), *totals_of(report))


def gating_sections(gating: GatingReport) -> Iterator[Section]:
    """Yield the result of the gating check, and the requirements that match no openQA test."""
    remarks = (gating.summary,) if gating.summary else ()
    check = f"proposed {gating.name} gating check!"
    match gating.state:
        case GatingState.PASSES:
            yield Section(heading=f"Compose PASSES {check}", tone=Tone.GOOD, remarks=remarks)
        case GatingState.UNKNOWN:
            yield Section(
                heading="Gating status could not be determined", tone=Tone.WARNING, remarks=remarks
            )
        case GatingState.FAILS:
            yield Section(
                heading=f"Compose FAILS {check}",
                tone=Tone.BAD,
                remarks=(*remarks, GATING_BELOW),
            )
    if gating.unmapped:
        yield Section(
            heading="Unsatisfied gating requirements that could not be mapped to openQA tests:",
            tone=Tone.BAD,
            is_part=True,
            remarks=tuple(_requirements(gating.unmapped)),
        )


def totals_of(report: Report) -> Iterator[Section]:
    """Yield a line for each outcome with the number of its tests."""
    for outcome, heading, tone in (
        (Bucket.RUNNING, "openQA tests still running", Tone.WARNING),
        (Bucket.FAILED, "Failed openQA tests", Tone.BAD),
        (Bucket.SOFT_FAILED, "Soft failed openQA tests", Tone.WARNING),
        (Bucket.CANCELLED, "Cancelled openQA tests", Tone.WARNING),
        (Bucket.PASSED, "Passed openQA tests", Tone.GOOD),
        (Bucket.SKIPPED, "Skipped openQA tests", Tone.PLAIN),
    ):
        tests = report.having(outcome)
        if tests:
            yield Section(heading=f"{heading}: {_share(report, tests)}", tone=tone)


def _images(report: Report) -> Iterator[Section]:
    match report.missing_images:
        case None:
            yield Section(
                heading="Missing expected images could not be determined.", tone=Tone.WARNING
            )
        case ():
            yield Section(heading="No missing expected images.", tone=Tone.GOOD)
        case images:
            yield Section(
                heading="Missing expected images:", tone=Tone.BAD, lines=tuple(map(_image, images))
            )
    if report.added_images:
        yield Section(
            heading=f"Images in this compose but not {report.previous}:",
            lines=tuple(map(_image, report.added_images)),
        )
    if report.removed_images:
        yield Section(
            heading=f"Images in {report.previous} but not this:",
            lines=tuple(map(_image, report.removed_images)),
        )
    if report.previous and report.added_images is None:
        yield Section(heading=f"Images could not be compared with {report.previous}.")


def _image(image: ImageKind) -> str:
    return f"{image.subvariant} {image.type} {image.arch}"


def _requirements(unmapped: tuple[UnmappedRequirement, ...]) -> Iterator[str]:
    lines = [": ".join(filter(None, (one.type, one.testcase))) for one in unmapped]
    for line, one in zip(lines, unmapped, strict=True):
        # the scenario distinguishes two equal lines
        yield f"{line} ({one.scenario})" if lines.count(line) > 1 and one.scenario else line


def _none(report: Report) -> Iterator[Section]:
    if not report.tests:
        yield Section(heading="openQA has no tests of this compose.", tone=Tone.WARNING)


def _running(report: Report) -> Iterator[Section]:
    running = report.having(Bucket.RUNNING)
    if running:
        yield Section(
            heading=f"openQA tests still running: {_share(report, running)}",
            tone=Tone.WARNING,
            remarks=("(This report could not wait for them any longer)",),
            tests=running,
        )


def failures(report: Report) -> Iterator[Section]:
    """Yield the failed tests; those that made openQA skip most other tests come first."""
    failed = report.having(Bucket.FAILED)
    if failed:
        section = Section(
            heading=f"Failed openQA tests: {_share(report, failed)}",
            tone=Tone.BAD,
            remarks=tuple(_ends(failed)),
        )
        first = tuple(sorted(failed, key=lambda test: -len(test.waiting)))
        yield from _new_and_old(section, first, report, what="failures")


def _ends(tests: Iterable[CheckedTest]) -> Iterator[str]:
    """Yield the number of tests by their end, unless all ended as ``failed``."""
    ends = Counter(test.end for test in tests)
    if len(ends) > 1 or JobResult.FAILED not in ends:
        yield f"({', '.join(f'{count} {end}' for end, count in ends.most_common())})"


def _soft_failed(report: Report) -> Iterator[Section]:
    failed = report.having(Bucket.SOFT_FAILED)
    if failed:
        section = Section(
            heading=f"Soft failed openQA tests: {_share(report, failed)}",
            tone=Tone.WARNING,
            remarks=("(Tests completed, but using a workaround for a known bug)",),
        )
        yield from _new_and_old(section, failed, report, what="soft failures")


def _cancelled(report: Report) -> Iterator[Section]:
    cancelled = report.having(Bucket.CANCELLED)
    if cancelled:
        waits = "(Gating waits for new results of those that it asks for)"
        yield Section(
            heading=f"Cancelled openQA tests: {_share(report, cancelled)}",
            tone=Tone.WARNING,
            remarks=(waits,) if any(test.gating for test in cancelled) else (),
            tests=cancelled,
        )


def _earlier_runs(report: Report) -> Iterator[Section]:
    if report.earlier_runs:
        yield Section(
            heading=f"openQA jobs: {report.jobs} ({len(report.tests)} tests,"
            f" earlier runs of them: {report.earlier_runs})"
        )


def _passed(report: Report) -> Iterator[Section]:
    passed = report.having(Bucket.PASSED)
    if not passed:
        return
    yield Section(heading=f"Passed openQA tests: {_share(report, passed)}", tone=Tone.GOOD)
    new = tuple(test for test in passed if test.is_new and not test.is_of_new_image)
    if new:
        yield Section(
            heading=f"New passes (same test not passed in {report.previous}):",
            tone=Tone.GOOD,
            is_part=True,
            tests=new,
        )
    images = tuple(_new_images(report))
    if images:
        yield Section(
            heading=f"Tests of images that {report.previous} had no tests of:",
            tone=Tone.GOOD,
            is_part=True,
            lines=images,
        )
    # ResultsDB does not have their results, or Greenwave does not match them
    unmatched = tuple(test for test in passed if test.gating and not test.is_new)
    if unmatched:
        yield Section(
            heading="Passes that do not satisfy their gating requirement:",
            tone=Tone.WARNING,
            is_part=True,
            tests=unmatched,
        )


def _new_images(report: Report) -> Iterator[str]:
    tests: dict[str, list[CheckedTest]] = {}
    for test in report.tests:
        if test.is_of_new_image:
            image = f"{test.scenario.arch} {test.scenario.flavor}"
            tests.setdefault(image, []).append(test)
    for image, some in tests.items():
        passed = sum(test.outcome is Bucket.PASSED for test in some)
        yield f"{image}: {passed} of {len(some)} passed"


def _skipped(report: Report) -> Iterator[Section]:
    skipped = report.having(Bucket.SKIPPED)
    gating = tuple(test for test in skipped if test.required)
    if gating:
        heading = f"Skipped gating openQA tests: {_share(report, gating)}"
        yield from _new_and_old(
            Section(heading=heading, tone=Tone.BAD), gating, report, what="skipped gating tests"
        )
    others = tuple(test for test in skipped if not test.required)
    if others:
        # without Greenwave's answer it is unknown which tests gating requires
        unknown = report.gating and report.gating.state is GatingState.UNKNOWN
        kind = "Skipped openQA tests" if unknown else "Skipped non-gating openQA tests"
        below = sum(test.waits_for is not None for test in others)
        yield Section(
            heading=f"{kind}: {len(others)} of {len(report.tests)}",
            remarks=(f"({below} listed below the tests that they wait for)",) if below else (),
            tests=tuple(test for test in others if test.waits_for is None),
        )


def _new_and_old(
    section: Section, tests: tuple[CheckedTest, ...], report: Report, *, what: str
) -> Iterator[Section]:
    """Yield new and old ones apart, if there is a previous compose."""
    if report.previous is None:
        yield replace(section, tests=tests)
        return
    yield section
    outcome = tests[0].outcome
    for heading, listed in (
        (f"New {what} (same test not {outcome} in", tuple(t for t in tests if t.is_new)),
        (f"Old {what} (same test {outcome} in", tuple(t for t in tests if not t.is_new)),
    ):
        if listed:
            yield Section(
                heading=f"{heading} {report.previous}):",
                tone=section.tone,
                is_part=True,
                tests=listed,
            )


def _system(system: SystemReport) -> Section:
    return Section(
        heading=f"Installed system changes in test {system.scenario}:",
        remarks=tuple(change.text for change in system.changes),
        links=(
            ("Previous test data", system.previous_url),
            ("Current test data", system.current_url),
        ),
    )


def _share(report: Report, tests: Iterable[CheckedTest]) -> str:
    """Return the share of all tests, by arch: ``"4/118 (x86_64), 1/79 (aarch64)"``."""
    numbers: dict[str, int] = {}
    for test in tests:
        numbers[test.scenario.arch] = numbers.get(test.scenario.arch, 0) + 1
    return ", ".join(f"{n}/{report.totals[arch]} ({arch})" for arch, n in numbers.items())
