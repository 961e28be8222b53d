"""Differences between a shadow and the system beside it, and the known defects among them."""

from dataclasses import replace

import pytest

from fedora_openqa.model.jobs import Job
from fedora_openqa.model.results import Outcome, Prepared, Result, StoredResult, UpdateItem
from fedora_openqa.model.shadow import (
    Comparison,
    Explanation,
    KeyDifference,
    OurProduct,
    OurResult,
    PassedCells,
    Verdict,
)
from fedora_openqa.model.templates import JobTemplate, ProductName, Templates
from fedora_openqa.policy.shadow_diff import (
    compare_cells,
    compare_products,
    compare_results,
    data_of,
    posts_of,
)
from tests.support.wiki_pages import EVENT_ROWS, wanted

BUILD = "Fedora-Rawhide-20261120.n.0"
DVD, UNIVERSAL = "Server-dvd-iso", "universal"
OURS = {
    "BUILD": BUILD,
    "FLAVOR": DVD,
    "ARCH": "x86_64",
    "LOCATION": "https://a/compose",
    "ISO_URL": "https://a/compose/a.iso",
    "START_AFTER_TEST": "",
    "UEFI_SECURE": "%INSECURE%",
    "_OBSOLETE": "1",
}
JOBS = {
    name: value for name, value in OURS.items() if name not in {"_OBSOLETE", "START_AFTER_TEST"}
}


def product(flavor: str = DVD, *, posts: int = 1, **settings: str) -> OurProduct:
    return OurProduct(
        flavor=flavor, arch="x86_64", settings={**OURS, "FLAVOR": flavor, **settings}, posts=posts
    )


def job(
    job_id: int = 1, flavor: str = DVD, *, test: str = "a", result: str = "passed", **settings: str
) -> Job:
    own = {**JOBS, "FLAVOR": flavor, "TEST": test, "UEFI_SECURE": "1", "QEMUCPU": "host"}
    return Job(
        id=job_id,
        flavor=flavor,
        arch="x86_64",
        state="done",
        result=result,
        test=test,
        machine="64bit",
        settings={
            **own,
            "DISTRI": "fedora",
            "VERSION": "Rawhide",
            "TEST_TARGET": "COMPOSE",
            **settings,
        },
    )


def brief(found: tuple[Comparison, ...]) -> list[tuple[object, ...]]:
    return [
        (
            one.about,
            one.verdict,
            *map(str, one.keys),
            *([one.explanation] if one.explanation else []),
        )
        for one in found
    ]


X = "x86_64"


@pytest.mark.parametrize(
    ("ours", "jobs", "expected"),
    [
        ([], [], []),
        ([product()], [job()], [(f"{DVD} {X}", Verdict.SAME)]),
        ([product()], [], [(f"{DVD} {X}", Verdict.OURS)]),
        ([], [job()], [(f"{DVD} {X}", Verdict.THEIRS)]),
        # a test suite may replace a setting in some jobs
        ([product()], [job(1, test="a", LOCATION="other"), job(2, test="b")], [(f"{DVD} {X}", Verdict.SAME)]),
        ([product()], [job(LOCATION="other")], [(f"{DVD} {X}", Verdict.DIFFERS, 'LOCATION: ours "https://a/compose", theirs "other"')]),
        ([product(LABEL="RC-1.1")], [job()], [(f"{DVD} {X}", Verdict.DIFFERS, 'LABEL: ours "RC-1.1", theirs none')]),
        ([product()], [job(LABEL="RC-1.1")], [(f"{DVD} {X}", Verdict.DIFFERS, 'LABEL: ours none, theirs "RC-1.1"')]),
        ([product()], [job(ADVISORY_NVRS_2="a-1-1")], [(f"{DVD} {X}", Verdict.DIFFERS, 'ADVISORY_NVRS_2: ours none, theirs "a-1-1"')]),
        # the newest run of a scenario has what was posted last
        ([product(posts=2)], [job(1, LOCATION="old"), job(2)], [(f"{DVD} {X}", Verdict.SAME)]),
    ],
)  # fmt: skip
def test_products(ours: list[OurProduct], jobs: list[Job], expected: list[object]) -> None:
    assert brief(compare_products(BUILD, ours, jobs)) == expected


@pytest.mark.parametrize(
    ("flavor", "jobs", "explanation"),
    [
        (UNIVERSAL, [job(1, UNIVERSAL), job(2, UNIVERSAL)], Explanation.POSTED_TWICE),
        (DVD, [job(1, result="obsoleted"), job(2)], Explanation.RESTARTED),
        (DVD, [job(1), job(2)], None),
    ],
)
def test_what_was_posted_again(
    flavor: str, jobs: list[Job], explanation: Explanation | None
) -> None:
    first, again = compare_products(BUILD, [product(flavor)], jobs, imageless=[UNIVERSAL])
    assert first.verdict is Verdict.SAME
    assert again.keys == (KeyDifference("posts", "1", "2"),)
    assert (again.verdict, again.explanation) == (Verdict.DIFFERS, explanation)
    assert again.is_difference == (explanation is None)


def test_copies_are_not_posted_again() -> None:
    assert posts_of([job(1), replace(job(2), origin_id=1), job(3, test="b")]) == 1


def test_a_coreos_build_without_an_image_is_a_known_defect() -> None:
    (found,) = compare_products(
        BUILD, [], [job(ISO_URL="https://a/builds/45/x86_64/None")], reason="it has no live ISO"
    )
    assert (found.verdict, found.explanation) == (Verdict.THEIRS, Explanation.NO_IMAGE)
    assert found.reason == "it has no live ISO"


@pytest.mark.parametrize(
    ("templates", "explanation"), [((), Explanation.NO_TEMPLATES), ((DVD,), None)]
)
def test_openqa_makes_no_jobs_without_templates(
    templates: tuple[str, ...], explanation: Explanation | None
) -> None:
    names = [ProductName(flavor, "x86_64") for flavor in templates]
    known = Templates(
        frozenset(names), frozenset(JobTemplate(name, "a", "64bit") for name in names)
    )
    (found,) = compare_products(BUILD, [product()], [], templates=known)
    assert (found.verdict, found.explanation) == (Verdict.OURS, explanation)


URL = "https://openqa.example/tests/7"
TEST = "compose.a"


def ours(outcome: str = "PASSED", **data: str) -> OurResult:
    return OurResult(ref_url=URL, testcase=TEST, outcome=outcome, data=data)


def row(outcome: str = "PASSED", *, note: str = "", number: int = 1, **data: str) -> StoredResult:
    values = {name: (value,) for name, value in data.items()}
    return StoredResult(number, outcome, URL, TEST, note=note, data=values)


RESTARTED = replace(job(7), clone_id=8)
ABOUT = f"{TEST} of job 7"


@pytest.mark.parametrize(
    ("our", "rows", "of", "expected"),
    [
        (ours(), [row()], job(7), [(ABOUT, Verdict.SAME)]),
        (ours(item="a", note=""), [row(item="a")], job(7), [(ABOUT, Verdict.SAME)]),
        (ours(item="a", note="x"), [row(item="a", note="x; https://p.example/j/7")], job(7), [(ABOUT, Verdict.SAME)]),
        (ours(item="a", note=""), [row(item="b", note="x")], job(7), [(ABOUT, Verdict.DIFFERS, 'item: ours "a", theirs "b"', 'note: ours "", theirs "x"')]),
        (ours(), [row("FAILED")], job(7), [(ABOUT, Verdict.DIFFERS, 'outcome: ours "PASSED", theirs "FAILED"')]),
        # the newest row counts
        (ours(), [row(number=2), row("RUNNING")], job(7), [(ABOUT, Verdict.SAME)]),
        (ours(), [], job(7), [(ABOUT, Verdict.OURS)]),
        (None, [row()], job(7), [(ABOUT, Verdict.THEIRS)]),
        (None, [row()], RESTARTED, [(ABOUT, Verdict.THEIRS, Explanation.OLD_RUN)]),
        (ours("QUEUED"), [row("FAILED")], RESTARTED, [(ABOUT, Verdict.DIFFERS, 'outcome: ours "QUEUED", theirs "FAILED"', Explanation.OLD_RUN)]),
        (ours("FAILED"), [], job(7, result="skipped"), [(ABOUT, Verdict.OURS, Explanation.SILENT)]),
        (ours("FAILED"), [], job(7, result="failed"), [(ABOUT, Verdict.OURS)]),
        (ours("NEEDS_INSPECTION"), [row("QUEUED")], job(7, result="user_cancelled"), [(ABOUT, Verdict.DIFFERS, 'outcome: ours "NEEDS_INSPECTION", theirs "QUEUED"', Explanation.ANNOUNCED)]),
        (None, [row(item="None")], job(7), [(ABOUT, Verdict.THEIRS, Explanation.NO_IMAGE)]),
    ],
)  # fmt: skip
def test_results(
    our: OurResult | None, rows: list[StoredResult], of: Job, expected: list[object]
) -> None:
    known = {of.id: of}
    found = compare_results(BUILD, [our] if our else [], rows, jobs=known, reasons={})
    assert brief(found) == expected


def test_a_result_that_we_would_not_report_has_our_reason() -> None:
    (found,) = compare_results(BUILD, [], [row()], jobs={7: job(7)}, reasons={7: "no TEST_TARGET"})
    assert found.reason == "no TEST_TARGET"


def test_a_result_of_another_url_differs_by_it() -> None:
    other = replace(row(), ref_url="http://localhost/tests/7")
    (found,) = compare_results(BUILD, [ours()], [other], jobs={}, reasons={})
    assert found.keys == (KeyDifference("ref_url", URL, "http://localhost/tests/7"),)


def test_values_are_compared_as_resultsdb_returns_them() -> None:
    body = {"note": "x", "data": {"productmd.compose.respin": 0}, "outcome": "PASSED"}
    result = Result(
        item=UpdateItem("FEDORA-2026-1bd5f4a0c2"),
        testcase=TEST,
        outcome=Outcome.PASSED,
        ref_url=URL,
    )
    prepared = Prepared(result, body, frozenset())
    assert data_of(prepared) == {"productmd.compose.respin": "0", "note": "x"}


def test_cells() -> None:
    same, mine, gone, old, both = (wanted(of) for of in EVENT_ROWS[:5])
    found = PassedCells(frozenset({same, old, both}), frozenset({gone}), ("a / b",))
    verdicts = compare_cells(BUILD, [same, mine, gone, both], found, old=[old, both])
    assert [(one.verdict, one.explanation) for one in verdicts] == [
        (Verdict.SAME, None),
        (Verdict.OURS, None),
        (Verdict.SAME, None),
        (Verdict.THEIRS, Explanation.OLD_RUN),
        (Verdict.THEIRS, None),
    ]
    assert verdicts[-1].about == "a / b"
