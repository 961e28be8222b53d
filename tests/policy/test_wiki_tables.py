from dataclasses import replace

import pytest

from fedora_openqa.data.wiki_tables import load_wiki_tables
from fedora_openqa.model.findings import Finding, FindingKind
from fedora_openqa.model.templates import JobTemplate, ProductName, Templates
from fedora_openqa.model.wiki import SuiteRow, WikiCase, WikiRow, WikiTables
from fedora_openqa.policy.wiki_tables import (
    check_tables,
    compare_pages,
    compare_suites,
    pages_of,
)
from tests.support.wiki_pages import rows_for

OURS = load_wiki_tables()
BOOT = WikiCase(
    testtype="Installation",
    section="Default boot and install ($RUNARCH$)",
    env="VM $FIRMWARE$",
    name="$SUBVARIANT$_$IMAGETYPE$",
)
SELINUX = WikiCase(testtype="$CLOUD_OR_BASE$", section="$RUNARCH$", env="$SUBVARIANT_OR_LOCAL$")
TABLES = WikiTables(
    suites={
        "install": (SuiteRow("QA:boot"),),
        "selinux": (SuiteRow("QA:selinux"),),
        "nautilus": (SuiteRow("QA:app"),),
        "shrink_ntfs": (SuiteRow("QA:shrink"),),
        "join_ad": (SuiteRow("QA:join"),),
    },
    cases={
        "QA:boot": BOOT,
        "QA:selinux": SELINUX,
        "QA:app": WikiCase(testtype="Desktop", env="$SUBVARIANT$", name="$APP$"),
        "QA:shrink": WikiCase(testtype="Installation", env="$FS$"),
        "QA:join": WikiCase(testtype="Server", section="$FREEIPA_OR_AD$", env="Result"),
    },
    apps={"nautilus": "file manager"},
)
SECTION = "Default boot and install (x86_64)"
PAGES = (
    WikiRow("Installation", SECTION, "QA:boot", "Server_dvd", ("VM BIOS", "VM UEFI")),
    WikiRow("Base", "Release-blocking: x86_64", "QA:selinux", "QA:selinux", ("KDE", "Local")),
    WikiRow("Desktop", "x86_64", "QA:app", "file manager", ("KDE",)),
    WikiRow("Installation", "Shrinking", "QA:shrink", "QA:shrink", ("ext4", "NTFS")),
    WikiRow("Server", "Active Directory", "QA:join", "QA:join", ("Result",)),
)


def said(findings: tuple[Finding, ...]) -> list[tuple[FindingKind, str]]:
    return [(finding.kind, finding.about) for finding in findings]


def instead(index: int, row: WikiRow) -> tuple[WikiRow, ...]:
    return (*PAGES[:index], row, *PAGES[index + 1 :])


def test_our_tables_fit_each_other() -> None:
    assert check_tables(OURS) == ()


def test_suites_of_openqa_that_the_table_does_not_have_are_noticed() -> None:
    dvd, update = ProductName("Server-dvd-iso", "x86_64"), ProductName("updates-kde", "x86_64")
    templates = Templates(
        products=frozenset({dvd, update}),
        job_templates=frozenset(
            JobTemplate(product, test, "64bit")
            for product, test in (
                (dvd, "install"),
                (dvd, "support_server"),
                (dvd, "new_one"),
                (dvd, "another"),
                (update, "advisory_boot"),
            )
        ),
    )
    tables = replace(TABLES, passes_nothing=frozenset({"support_server"}))
    findings = compare_suites(tables, templates, {dvd})
    assert said(findings) == [
        (FindingKind.UNTABLED_SUITE, "another"),
        (FindingKind.UNTABLED_SUITE, "new_one"),
    ]
    assert not any(finding.is_problem for finding in findings)


def test_a_test_case_that_is_nowhere_is_a_problem() -> None:
    suites = {**TABLES.suites, "new": (SuiteRow("QA:new"), SuiteRow("QA:new", ("module",)))}
    (finding,) = check_tables(replace(TABLES, suites=suites))
    assert said((finding,)) == [(FindingKind.UNKNOWN_TESTCASE, "new: QA:new")]
    assert finding.is_problem


def test_so_is_a_required_suite_that_is_nowhere() -> None:
    suites = {**TABLES.suites, "new": (SuiteRow("QA:boot", (), ("selinux", "nonesuch")),)}
    (finding,) = check_tables(replace(TABLES, suites=suites))
    assert said((finding,)) == [(FindingKind.UNKNOWN_SUITE, "new: nonesuch")]
    assert finding.is_problem


def test_a_test_case_that_no_suite_passes_is_a_notice() -> None:
    cases = {**TABLES.cases, "QA:new": BOOT, "QA:Testcase_base_initial_setup": SELINUX}
    (finding,) = check_tables(replace(TABLES, cases=cases))
    assert said((finding,)) == [(FindingKind.UNUSED_TESTCASE, "QA:new")]
    assert not finding.is_problem


def test_pages_with_a_place_for_everything_are_fine() -> None:
    assert compare_pages(TABLES, PAGES) == ()


def test_all_pages_are_named_that_jobs_pass_something_on() -> None:
    assert set(pages_of(TABLES)) == {
        "Installation",
        "Base",
        "Cloud",
        "Desktop",
        "Server",
        # the one that IoT has for all of it
        "General",
    }


def test_our_tables_fit_pages_that_are_made_of_them() -> None:
    assert compare_pages(OURS, rows_for(OURS)) == ()


@pytest.mark.parametrize(
    ("suite", "kind", "about"),
    [
        ("install_btrfs", FindingKind.NO_ROW, "partitioning_custom_btrfs on page Installation"),
        ("nautilus", FindingKind.NO_ROW, "desktop_app_basic on page Desktop: file manager"),
        ("install_shrink_ntfs", FindingKind.NO_COLUMN, "partitioning_guided_shrink on page Installation: ntfs"),
    ],
)  # fmt: skip
def test_and_no_page_that_lacks_what_one_suite_alone_passes(
    suite: str, kind: FindingKind, about: str
) -> None:
    others = {name: rows for name, rows in OURS.suites.items() if name != suite}
    (finding,) = compare_pages(OURS, rows_for(replace(OURS, suites=others)))
    assert said((finding,)) == [(kind, f"QA:Testcase_{about}")]


@pytest.mark.parametrize(
    ("pages", "kind", "about"),
    [
        (instead(0, replace(PAGES[0], testcase="QA:boots")), FindingKind.NO_ROW, "QA:boot on page Installation"),
        (instead(0, replace(PAGES[0], testname="Server-dvd")), FindingKind.NO_ROW, "QA:boot on page Installation: $SUBVARIANT$_$IMAGETYPE$"),
        (instead(0, replace(PAGES[0], section="Default boot and install (s390x)")), FindingKind.NO_SECTION, "QA:boot on page Installation: Default boot and install ($RUNARCH$)"),
        (instead(0, replace(PAGES[0], envs=("VM UEFI, slow", "Result"))), FindingKind.NO_COLUMN, "QA:boot on page Installation: VM $FIRMWARE$"),
        (instead(1, replace(PAGES[1], section="i686")), FindingKind.NO_SECTION, "QA:selinux on page $CLOUD_OR_BASE$: $RUNARCH$"),
        (instead(2, replace(PAGES[2], testname="files")), FindingKind.NO_ROW, "QA:app on page Desktop: file manager"),
        (instead(3, replace(PAGES[3], envs=("ext4",))), FindingKind.NO_COLUMN, "QA:shrink on page Installation: ntfs"),
        (instead(4, replace(PAGES[4], section="FreeIPA")), FindingKind.NO_SECTION, "QA:join on page Server: Active Directory"),
    ],
)  # fmt: skip
def test_what_has_no_place_is_a_problem(
    pages: tuple[WikiRow, ...], kind: FindingKind, about: str
) -> None:
    problems = [one for one in compare_pages(TABLES, pages) if one.is_problem]
    assert said(tuple(problems)) == [(kind, about)]


def test_a_page_that_is_not_there_is_a_notice() -> None:
    (finding,) = compare_pages(TABLES, PAGES[:-1])
    assert said((finding,)) == [(FindingKind.NO_PAGE, "Server")]
    assert not finding.is_problem


@pytest.mark.parametrize(
    ("row", "about"),
    [
        (WikiRow("Base", "x86_64", "QA:new", "QA:new", ("Result",)), "QA:new on page Base: x86_64"),
        (WikiRow("Base", "", "QA:new", "name", ("Result",)), "QA:new (name) on page Base"),
        (replace(PAGES[0], section="Elsewhere"), "QA:boot (Server_dvd) on page Installation: Elsewhere"),
        (replace(PAGES[0], testtype="Base"), f"QA:boot (Server_dvd) on page Base: {SECTION}"),
        (replace(PAGES[0], envs=("Result",)), f"QA:boot (Server_dvd) on page Installation: {SECTION}"),
        (replace(PAGES[2], testname="calculator"), "QA:app (calculator) on page Desktop: x86_64"),
    ],
)  # fmt: skip
def test_a_row_that_no_suite_passes_is_a_notice(row: WikiRow, about: str) -> None:
    (finding,) = compare_pages(TABLES, (*PAGES, row))
    assert said((finding,)) == [(FindingKind.NEVER_PASSED, about)]
    assert not finding.is_problem


def test_on_the_page_of_iot_every_test_case_may_have_a_row() -> None:
    fine = WikiRow("General", "Anything", "QA:shrink", "QA:shrink", ("aarch64", "x86_64"))
    assert compare_pages(TABLES, (*PAGES, fine)) == ()
    (finding,) = compare_pages(TABLES, (*PAGES, replace(fine, envs=("ntfs",))))
    assert finding.kind is FindingKind.NEVER_PASSED


def test_neither_case_nor_blanks_matter() -> None:
    row = replace(PAGES[0], testcase="QA:BOOT", section=SECTION.lower().replace(" ", "_"))
    assert compare_pages(TABLES, (row, *PAGES[1:])) == ()
