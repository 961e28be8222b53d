"""Compares the tables of test suites and test cases with each other and with the wiki's pages."""

import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass

from fedora_openqa.model.findings import Finding, FindingKind, distinct
from fedora_openqa.model.templates import ProductName, Templates
from fedora_openqa.model.wiki import PLACEHOLDER, Placeholder, WikiCase, WikiRow, WikiTables
from fedora_openqa.policy.wiki_passes import INITIAL_SETUP, on_iot, values_for_suite

#: placeholder to a pattern of its values, spelled as by `_normal`; others may be anything
VALUES: Mapping[str, str] = {
    Placeholder.RUNARCH: "(x86_64|aarch64|ppc64le)",
    Placeholder.BOOTMETHOD: "(aarch64|x86_64_uefi|x86_64_bios)",
    Placeholder.FIRMWARE: "(uefi|bios)",
    Placeholder.CLOUD_OR_BASE: "(cloud|base)",
}


def check_tables(tables: WikiTables) -> tuple[Finding, ...]:
    """Find test cases and suites that one table names and the other does not have."""
    findings = []
    for suite, rows in tables.suites.items():
        for row in rows:
            if row.testcase not in tables.cases:
                about = f"{suite}: {row.testcase}"
                findings.append(Finding(FindingKind.UNKNOWN_TESTCASE, about))
            findings += [
                Finding(FindingKind.UNKNOWN_SUITE, f"{suite}: {required}")
                for required in row.requires_suites
                if required not in tables.suites
            ]
    used = {row.testcase for rows in tables.suites.values() for row in rows}
    used.add(INITIAL_SETUP.testcase)
    findings += [
        Finding(FindingKind.UNUSED_TESTCASE, testcase)
        for testcase in tables.cases
        if testcase not in used
    ]
    return distinct(findings)


def compare_suites(
    tables: WikiTables, templates: Templates, products: Collection[ProductName]
) -> tuple[Finding, ...]:
    """Find suites of openQA that the table of suites does not have.

    :param products: the products of composes; the wiki has no pages for others
    """
    tests = {template.test for template in templates.job_templates if template.product in products}
    known = tables.suites.keys() | tables.passes_nothing
    return tuple(Finding(FindingKind.UNTABLED_SUITE, test) for test in sorted(tests - known))


def pages_of(tables: WikiTables) -> tuple[str, ...]:
    """Return the test types of all result pages that the tables have places on."""
    return tuple(
        dict.fromkeys(
            place.filled({Placeholder.CLOUD_OR_BASE: value}).testtype
            for case in tables.cases.values()
            for place in (case, on_iot(case))
            for value in ("Cloud", "Base")
        )
    )


def compare_pages(tables: WikiTables, rows: Iterable[WikiRow]) -> tuple[Finding, ...]:
    """Find test cases that the pages have no place for, and rows that no suite passes.

    :param rows: all rows of the pages of one compose
    """
    rows = tuple(rows)
    targets = tuple(dict.fromkeys(_targets(tables)))
    # by test case: a page may have very many rows
    rows_about: dict[str, list[WikiRow]] = {}
    for row in rows:
        rows_about.setdefault(_normal(row.testcase), []).append(row)
    targets_about: dict[str, list[_Target]] = {}
    for target in targets:
        targets_about.setdefault(_normal(target.testcase), []).append(target)
    pages = tuple({row.testtype: row for row in rows}.values())
    return distinct(
        [
            *(
                finding
                for target in targets
                for finding in _without_place(
                    target, rows_about.get(_normal(target.testcase), ()), pages=pages
                )
            ),
            *(
                Finding(FindingKind.NEVER_PASSED, _name(row))
                for row in rows
                if not any(
                    target.fits(row) or target.on_iot.fits(row)
                    for target in targets_about.get(_normal(row.testcase), ())
                )
            ),
        ]
    )


@dataclass(frozen=True, slots=True)
class _Target:
    """A test case that a suite passes; placeholders that depend on the job are left in it."""

    testcase: str
    case: WikiCase

    @property
    def on_iot(self) -> "_Target":
        return _Target(self.testcase, on_iot(self.case))

    def is_on_page(self, row: WikiRow) -> bool:
        return _pattern(self.case.testtype).fullmatch(_normal(row.testtype)) is not None

    def is_about(self, row: WikiRow) -> bool:
        return _normal(self.testcase) == _normal(row.testcase)

    # wikitcms finds sections and names by a part of them, so an empty text fits any

    def is_in_section(self, row: WikiRow) -> bool:
        return _pattern(self.case.section).search(_normal(row.section)) is not None

    def is_named(self, row: WikiRow) -> bool:
        return _pattern(self.case.name).search(_normal(row.testname)) is not None

    def has_column(self, row: WikiRow) -> bool:
        return any(_pattern(self.case.env).fullmatch(_normal(env)) for env in row.envs)

    def fits(self, row: WikiRow) -> bool:
        return (
            self.is_about(row)
            and self.is_on_page(row)
            and self.is_in_section(row)
            and self.is_named(row)
            and self.has_column(row)
        )


def _targets(tables: WikiTables) -> Iterator[_Target]:
    for suite, rows in tables.suites.items():
        values = values_for_suite(suite, tables)
        for row in rows:
            if row.testcase in tables.cases:
                yield _Target(row.testcase, tables.cases[row.testcase].filled(values))


def _without_place(
    target: _Target, rows: Iterable[WikiRow], *, pages: Iterable[WikiRow]
) -> Iterator[Finding]:
    """Yield why a target has no place on the pages.

    :param rows: the rows about its test case
    :param pages: one row of each page
    """
    case = target.case
    if not any(target.is_on_page(row) for row in pages):
        # composes of Fedora have no page of IoT, for instance
        yield Finding(FindingKind.NO_PAGE, case.testtype)
        return
    about = f"{target.testcase} on page {case.testtype}"
    named = [row for row in rows if target.is_on_page(row)]
    in_section = [row for row in named if target.is_in_section(row)]
    found = [row for row in in_section if target.is_named(row)]
    if not named:
        yield Finding(FindingKind.NO_ROW, about)
    elif not in_section:
        yield Finding(FindingKind.NO_SECTION, f"{about}: {case.section}")
    elif not found:
        yield Finding(FindingKind.NO_ROW, f"{about}: {case.name}")
    elif not any(target.has_column(row) for row in found):
        yield Finding(FindingKind.NO_COLUMN, f"{about}: {case.env}")


def _pattern(text: str) -> re.Pattern[str]:
    parts = re.split(f"({PLACEHOLDER.pattern})", text)
    return re.compile(
        "".join(
            VALUES.get(part, ".*") if PLACEHOLDER.fullmatch(part) else re.escape(_normal(part))
            for part in parts
        )
    )


def _normal(text: str) -> str:
    """Return the text as wikitcms compares it: letter case and blanks do not matter."""
    return text.lower().replace(" ", "_")


def _name(row: WikiRow) -> str:
    name = f" ({row.testname})" if row.testname not in {"", row.testcase} else ""
    section = f": {row.section}" if row.section else ""
    return f"{row.testcase}{name} on page {row.testtype}{section}"
