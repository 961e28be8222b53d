"""Result pages of the wiki, made of plain rows."""

import re
from collections.abc import Iterable, Sequence
from itertools import groupby

from fedora_openqa.model.wiki import Placeholder, WikiEvent, WikiPass, WikiRow, WikiTables
from fedora_openqa.policy.wiki_passes import values_for_suite

CID = "Fedora-Rawhide-20261120.n.0"
EVENT = WikiEvent(dist="Fedora", release="45", milestone="Rawhide", compose="20261120.n.0")
EVENTS = {CID: EVENT}

#: how all result pages begin
HEAD = "Results for one compose. Anyone may report.\n\n== Test Matrix ==\n"


def title_of(event: WikiEvent, testtype: str) -> str:
    return f"Test Results:{event.dist} {event.release} {event.milestone} {event.compose} {testtype}"


def page_text(rows: Iterable[WikiRow]) -> str:
    """Write a page: a section for each heading, a table for each set of columns below it.

    Rows of the same section and columns should follow each other.
    """
    text = HEAD
    for section, below in groupby(rows, lambda row: row.section):
        # without a heading of its own, a table is below the first one
        text += f"\n=== {section} ===\n" if section else "\n"
        for envs, table in groupby(below, lambda row: row.envs):
            text += table_text(envs, table)
    return text + "\n[[Category:Test Results]]\n"


def table_text(envs: Sequence[str], rows: Iterable[WikiRow]) -> str:
    header = " !! ".join(("Milestone", "Test Case", *envs))
    lines = ['{| class="wikitable"', "|-", f"! {header}"]
    for row in rows:
        link = row.testcase + (f"|{row.testname}" if row.testname != row.testcase else "")
        lines += ["|-", "| Basic", f"| [[{link}]]", *["| {{result|none}}"] * len(envs)]
    return "\n".join([*lines, "|-", "|}", ""])


def parsed(
    wikitext: str, revision: int = 7, title: str = title_of(EVENT, "Base")
) -> dict[str, object]:
    """Answer `action=parse` as MediaWiki does for a page without templates' headings."""
    headings = re.finditer(r"^(=+) *(.*?) *\1$", wikitext, re.MULTILINE)
    sections = [
        {"line": found[2], "index": str(number), "byteoffset": found.start(), "level": "2"}
        for number, found in enumerate(headings, 1)
    ]
    page = {"title": title, "revid": revision, "wikitext": wikitext, "sections": sections}
    return {"parse": page}


def row(testtype: str, section: str, testcase: str, testname: str = "", *envs: str) -> WikiRow:
    return WikiRow(testtype, section, testcase, testname or testcase, envs or ("Result",))


def rows_for(tables: WikiTables) -> tuple[WikiRow, ...]:
    """Make rows with a place for everything that Server passes on x86_64."""
    samples: dict[str, str] = {
        Placeholder.RUNARCH: "x86_64",
        Placeholder.BOOTMETHOD: "x86_64 UEFI",
        Placeholder.FIRMWARE: "UEFI",
        Placeholder.SUBVARIANT: "Server",
        Placeholder.IMAGETYPE: "dvd",
        Placeholder.SUBVARIANT_OR_LOCAL: "Server",
        Placeholder.CLOUD_OR_BASE: "Base",
    }
    found = []
    for suite, rows in tables.suites.items():
        for one in rows:
            case = tables.cases[one.testcase].filled({**samples, **values_for_suite(suite, tables)})
            found.append(row(case.testtype, case.section, one.testcase, case.name, case.env))
    return tuple(sorted(dict.fromkeys(found), key=lambda it: (it.testtype, it.section, it.envs)))


def wanted(of: WikiRow, env: str = "", *, cid: str = CID) -> WikiPass:
    """Want a pass in a row, called as the row is."""
    return WikiPass(
        testtype=of.testtype,
        testcase=of.testcase,
        section=of.section,
        testname="" if of.testname == of.testcase else of.testname,
        env=env or of.envs[0],
        cid=cid,
    )


BOOT = "QA:Testcase_Boot_default_install"
ARCHES = ("x86_64", "aarch64")

#: rows as real pages have them, on the four pages of a compose
EVENT_ROWS = (
    *(
        row("Installation", f"Default boot and install ({arch})", BOOT, name, *envs)
        for arch, envs in (("x86_64", ("VM BIOS", "VM UEFI")), ("aarch64", ("VM UEFI",)))
        for name in ("Server_dvd", "Everything_netinst", "Workstation_live")
    ),
    *(
        row("Installation", "User interface", f"QA:Testcase_Anaconda_User_Interface_{name}")
        for name in ("Graphical", "Text", "RDP")
    ),
    *(
        row("Installation", "Storage devices", f"QA:Testcase_install_to_{name}", "", *ARCHES)
        for name in ("SATA", "SCSI", "VirtIO", "iSCSI", "NVMe", "multipath")
    ),
    *(
        row("Installation", "Upgrade", f"QA:Testcase_upgrade_{name}", "", "x86_64 BIOS", "aarch64")
        for name in ("dnf", "dnf_encrypted", "dnf_previous", "dnf_previous_encrypted")
    ),
    *(
        row("Base", arch, f"QA:Testcase_base_{name}", "", "Cloud", "Server", "Workstation", "Local")
        for arch in ARCHES
        for name in ("selinux", "services_start", "system_logging", "update_cli", "reboot")
    ),
    *(
        row("Desktop", f"Release-blocking desktops: {arch}", f"QA:Testcase_{name}", "", *columns)
        for arch in ARCHES
        for columns in (("Workstation", "KDE"),)
        for name in ("desktop_login", "desktop_browser", "desktop_updates", "desktop_terminal")
    ),
    *(
        row("Desktop", "Applications", "QA:Testcase_desktop_app_basic", name, *ARCHES)
        for name in ("file manager", "text editor", "image viewer", "document viewer")
    ),
    *(
        row("Server", "FreeIPA", f"QA:Testcase_{name}", "", *ARCHES)
        for name in ("FreeIPA_web_ui", "FreeIPA_password_change", "realmd_join_cockpit")
    ),
    *(
        row("Server", "Active Directory", f"QA:Testcase_{name}", "", *ARCHES)
        for name in ("realmd_join_cockpit", "realmd_join_kickstart")
    ),
)
EVENT_PAGES = tuple(dict.fromkeys(row.testtype for row in EVENT_ROWS))


#: what can be passed on them
EVERY_PASS = tuple(wanted(row, env) for row in EVENT_ROWS for env in row.envs)


def many_passes(count: int) -> tuple[WikiPass, ...]:
    """Want that many passes, all over the pages of the event."""
    return tuple(EVERY_PASS[number * len(EVERY_PASS) // count] for number in range(count))
