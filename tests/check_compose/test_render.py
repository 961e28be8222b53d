import json
from dataclasses import replace
from html.parser import HTMLParser
from unicodedata import category

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from check_compose.compare import compare
from check_compose.facts import ImageKind
from check_compose.grids import grids
from check_compose.json_form import render_json
from check_compose.render import render_html, render_text
from check_compose.report import Report
from check_compose.sections import sections
from fedora_openqa.model.buckets import Bucket
from fedora_openqa.model.gating import RequirementState
from fedora_openqa.texts import UNPRINTABLE, one_line
from tests.check_compose.cases import (
    CASES,
    FAILED,
    PASSED,
    SOFT_FAILED,
    decided,
    facts,
    run,
    wants,
)
from tests.check_compose.goldens import follow_up
from tests.support.jobs import job

EMPTY_TAGS = {"br", "meta", "wbr"}

#: the elements of a page: none that loads, runs or submits anything
TAGS = {
    "html", "head", "meta", "title", "style", "body", "h1", "h2", "h3", "p", "ul", "li", "strong",
    "a", "br", "details", "div", "span", "small", "summary", "table", "thead", "tbody", "tr", "th",
    "td", "wbr",
}  # fmt: skip


class Page(HTMLParser):
    """Parses a page, and requires that each element is closed."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.open: list[str] = []
        self.attributes: list[tuple[str, str | None]] = []
        self.text = ""
        self.style = ""
        self.feed(html)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += attrs
        if tag not in EMPTY_TAGS:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if "style" in self.open:
            self.style += data
        else:
            self.text += data

    def links(self) -> list[str]:
        return [value for name, value in self.attributes if name == "href" and value]


PAGES = {case: render_html(compare(known)) for case, known in CASES.items() if case != "many"}
PAGES["follow_up"] = follow_up().html


@pytest.mark.parametrize("case", PAGES)
def test_a_page_needs_nothing_from_elsewhere(case: str) -> None:
    page = Page(PAGES[case])
    assert set(page.tags) <= TAGS
    names = {name for name, _ in page.attributes}
    assert names <= {"charset", "class", "content", "href", "lang", "name", "scope", "style"}
    inline = " ".join(value or "" for name, value in page.attributes if name == "style")
    for loads in ("url(", "@import", "expression", "javascript"):
        assert loads not in page.style + inline


@pytest.mark.parametrize("case", [case for case in PAGES if case != "follow_up"])
def test_html_and_text_have_the_same_contents(case: str) -> None:
    page = " ".join(Page(PAGES[case]).text.split())
    for section in sections(compare(CASES[case])):
        for words in (section.heading, *section.remarks, *section.lines):
            assert " ".join(words.split()) in page
        for test in section.tests:
            mark = " **GATING**" if test.gating else ""
            assert f"{test.scenario} ({test.id}){mark}" in page
            assert test.ending in page
            for waiting in test.waiting:
                assert str(waiting.scenario) in page


@pytest.mark.parametrize("case", [case for case in PAGES if case != "follow_up"])
def test_the_picture_links_to_every_test_and_reads_without_color(case: str) -> None:
    report = compare(CASES[case])
    page = Page(PAGES[case])
    assert {test.url for test in report.tests} <= set(page.links())
    found = grids(report.tests)
    shown = [test for grid in found for row in grid.rows for cell in row.cells for test in cell]
    shown += [test for grid in found for _suite, tests in grid.passed for test in tests]
    assert sorted(test.id for test in shown) == sorted(test.id for test in report.tests)


def test_outcomes_differ_by_their_words() -> None:
    report = compare(
        facts(
            *run(3001, "new", FAILED),
            *run(3002, "old", FAILED, before=FAILED),
            *run(3003, "soft", SOFT_FAILED),
            *run(3004, "good"),
        )
    )
    page = render_html(report)
    picture = page[page.index("<table") : page.index("</details>")]
    links = [picture.partition(f'/tests/{test.id}">')[2] for test in report.tests]
    words = [link.partition("<")[0] for link in links]
    assert dict(zip([test.scenario.suite for test in report.tests], words, strict=True)) == {
        "new": "✘ FAIL new",
        "old": "✘ fail",
        "soft": "! soft",
        "good": "Server-dvd-iso",
    }
    assert "passed everywhere: 1</summary>" in page


@pytest.mark.parametrize(
    ("outcome", "words"),
    [
        ("done/incomplete", "✘ FAIL new (incomplete)"),
        ("done/timeout_exceeded", "✘ FAIL new (timed out)"),
        ("done/parallel_failed", "✘ FAIL new (failed beside another job)"),
        ("done/user_cancelled", "∅ cancelled"),
        ("cancelled/obsoleted", "∅ cancelled"),
    ],
)
def test_each_kind_of_end_has_its_name(outcome: str, words: str) -> None:
    page = render_html(compare(facts(*run(3001, "podman", outcome))))
    assert f">{words}</a>" in page


def test_failures_are_above_the_grid_and_suites_that_passed_everywhere_below_it() -> None:
    page = render_html(compare(CASES["main_cause"]))
    places = [
        page.index(mark)
        for mark in (
            ">Compose FAILS proposed Rawhide gating check!</h2>",
            ">Failed openQA tests: 6/18 (x86_64)</h2>",
            "(3 failed, 1 incomplete, ",
            ">New failures ",
            "Skipped because of it: 5",
            "<table",
            "</table>",
            "<details",
            ">Cancelled openQA tests: 2/18 (x86_64)</h2>",
        )
    ]
    assert places == sorted(places)


def test_a_failure_that_others_wait_for_comes_before_all_other_failures() -> None:
    text = render_text(compare(CASES["main_cause"]))
    first = text.index("ID: 3002\t")
    assert first < text.index("ID: 3062\t") < text.index("ID: 3001\t")
    for number in range(4):
        line = f"  x86_64 Server-dvd-iso base_{number}"
        assert f"{line} **GATING** https://" in text or f"{line} https://" in text
    # a test that was skipped because of a skipped test
    assert "  x86_64 Server-dvd-iso base_after https://openqa.fedoraproject.org/tests/3020" in text


def test_a_new_image_is_said_once() -> None:
    text = render_text(compare(CASES["main_cause"]))
    assert text.count("x86_64 KDE-live-iso: 2 of 3 passed") == 1
    assert "KDE-live-iso install_default" not in text


def test_a_passed_job_costs_few_bytes_of_a_page() -> None:
    jobs = [
        job(3_000_000 + number, f"install_some_test_{number}", outcome=PASSED)
        for number in range(1000)
    ]
    few, all_ = (render_html(compare(facts(*some, previous=False))) for some in ([], jobs))
    assert (len(all_.encode()) - len(few.encode())) / len(jobs) < 190


def test_the_worst_comes_first_in_the_grid() -> None:
    report = compare(
        facts(
            *run(3001, "a"), *run(3002, "b", SOFT_FAILED), *run(3003, "c", FAILED), *run(3004, "d")
        )
    )
    (grid,) = grids(report.tests)
    assert [row.suite for row in grid.rows] == ["c", "b"]
    assert [suite for suite, _tests in grid.passed] == ["a", "d"]


def test_json_has_all_tests_and_their_totals() -> None:
    for known in CASES.values():
        report = compare(known)
        said = json.loads(render_json(report))
        assert [one["id"] for one in said["tests"]] == [test.id for test in report.tests]
        assert said["subject"] == f"{known.compose.id} compose check report"
        for arch, totals in said["totals"].items():
            assert totals.pop("all") == sum(totals.values()) == report.totals[arch]
            assert totals.keys() == set(Bucket)


HOSTILE = "</td><script>alert(1)</script>\nSubject: x\r\n-- \u2028ID: 1\tTest: \x1b[2J\u202e\ud800&amp;\"'"


#: places of foreign text in a report
PLACES = 15


def written(words: list[str]) -> Report:
    known = facts(*run(3001, "podman", FAILED))
    assert known.previous
    (one,) = known.compose.jobs
    build, location, arch, flavor, suite, machine, previous, *others = words
    kind, testcase, scenario, summary, reason, *image = others
    changed = replace(
        one, arch=arch, flavor=flavor, test=suite, machine=machine, reason=f"x{reason}"
    )
    missing = replace(
        wants("", RequirementState.MISSING), type=kind, testcase=testcase, scenario=scenario
    )
    return compare(
        replace(
            known,
            compose=replace(known.compose, id=build, location=location, jobs=(changed,)),
            previous=replace(known.previous, id=previous),
            missing_images=(ImageKind(*image),),
            gating=decided(missing, summary=summary),
        )
    )


@settings(deadline=None)
@given(
    words=st.lists(
        st.text(min_size=1, max_size=20) | st.just(HOSTILE), min_size=PLACES, max_size=PLACES
    )
)
def test_foreign_words_neither_begin_lines_nor_tags(words: list[str]) -> None:
    report, tame = written(words), written(["a"] * PLACES)
    text = render_text(report)
    assert {c for c in text if category(c) in UNPRINTABLE} == {"\n", "\t"}
    assert len(text.splitlines()) == len(render_text(tame).splitlines())
    page = render_html(report)
    # long names may break, and a machine named like its arch is left out
    optional = {"wbr", "small"}
    tags, tame_tags = Page(page).tags, Page(render_html(tame)).tags
    assert [t for t in tags if t not in optional] == [t for t in tame_tags if t not in optional]
    for form in (text, page, render_json(report)):
        form.encode()


def test_the_text_is_no_html() -> None:
    text = render_text(compare(facts(*run(3001, "a<b&c", FAILED))))
    assert "ID: 3001\tTest: x86_64 Server-dvd-iso a<b&c\nURL: " in text


@pytest.mark.parametrize(
    ("location", "linked"),
    [("https://example/compose", True), ("javascript:alert(1)", False), ("", False)],
)
def test_only_web_addresses_are_links(location: str, *, linked: bool) -> None:
    known = facts()
    page = render_html(compare(replace(known, compose=replace(known.compose, location=location))))
    assert (location in Page(page).links()) is linked


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("install_default", "install_default"),
        ("a\nb", "a\ufffdb"),
        ("a\r\n\tb", "a\ufffd\ufffd\ufffdb"),
        ("a\x1b[2J", "a\ufffd[2J"),
        ("a\u2028b\x85c\u202ed\ud800", "a\ufffdb\ufffdc\ufffdd\ufffd"),
        ("Désolé ✘", "Désolé ✘"),
    ],
)
def test_a_line_is_a_line(text: str, line: str) -> None:
    assert one_line(text) == line


def test_a_report_ends_with_the_url_of_the_project_if_there_is_one() -> None:
    report = compare(facts(*run(3001, "a", FAILED)))
    with_url = (render_text(report), render_html(report))
    assert all(report.project_url in text for text in with_url)
    without = replace(report, project_url="")
    for text in (render_text(without), render_html(without)):
        assert "generated by" not in text


def test_a_report_leads_to_the_page_about_the_compose_where_there_is_one() -> None:
    plain = facts(*run(3001, "podman", FAILED))
    without, linked = compare(plain), compare(replace(plain, pages_url="https://pages.example.org"))
    url = f"https://pages.example.org/b/{plain.compose.id}"
    runs = "https://pages.example.org/j/3001"
    assert f"All tests, and what has changed since: {url}\n" in render_text(linked)
    assert f'<a href="{url}">' in render_html(linked)
    assert f"\nRuns: {runs}\n" in render_text(linked)
    assert f'<a href="{runs}">' in render_html(linked)
    found = json.loads(render_json(linked))
    assert (found["page_url"], found["tests"][0]["page_url"]) == (url, runs)
    assert "page_url" not in render_json(without)
    (test,) = linked.tests
    passed = replace(linked, tests=(replace(test, outcome=Bucket.PASSED, is_new=True),))
    assert runs not in render_text(passed) + render_html(passed)
    assert "pages.example.org" not in render_text(without) + render_html(without)
