"""The reporters beside each other: one compose on ResultsDB and on a real MediaWiki."""

import itertools
import json
import sys
from collections import Counter
from dataclasses import replace
from typing import Any

import pytest

from fedora_openqa.data.wiki_tables import load_wiki_tables
from fedora_openqa.gateways.wiki.filing import WikitcmsWiki
from fedora_openqa.gateways.wiki.site import BotPassword, WikiAddress
from fedora_openqa.model.deliveries import Sink
from fedora_openqa.model.wiki import Placeholder, WikiEvent, WikiPass, WikiRow, WikiTables
from fedora_openqa.model.work import SubjectState
from fedora_openqa.sandbox.faults import Kind, Rule
from fedora_openqa.store.engine import open_engine
from fedora_openqa.store.subjects import Subjects
from tests.services.mediawiki import BOT_PASSWORD, REPORTER, MediaWiki
from tests.services.reporting_site import Process, ReportingSite, wait_for
from tests.support.limits import limits_with
from tests.support.wiki_pages import title_of

pytestmark = pytest.mark.service

LOGIN = BotPassword(f"{REPORTER}@report", BOT_PASSWORD)

#: what a reporter leaves on a page for each pass
RESULT = "{{result|pass|coconut|bot=true}}"

RESULTSDB = "/resultsdb/api/v2.0/results"
BODHI = "bodhi.update.status.testing.koji-build-group.build.complete"
UPDATE = "FEDORA-2026-5d02b7e318"

RESULTS = ("passed", "passed", "passed", "failed", "softfailed", "incomplete")

#: what the placeholders of the tables stand for in the tests' composes
VALUES = {
    Placeholder.RUNARCH: ("x86_64",),
    Placeholder.BOOTMETHOD: ("x86_64 BIOS", "x86_64 UEFI"),
    Placeholder.FIRMWARE: ("BIOS", "UEFI"),
    Placeholder.SUBVARIANT: ("Server", "Workstation"),
    Placeholder.IMAGETYPE: ("dvd", "live"),
    Placeholder.FS: ("ext4", "ntfs"),
    Placeholder.SUBVARIANT_OR_LOCAL: ("Server", "Workstation"),
    Placeholder.CLOUD_OR_BASE: ("Base",),
    Placeholder.FREEIPA_OR_AD: ("FreeIPA", "Active Directory"),
}


def rows_of(tables: WikiTables) -> list[WikiRow]:
    """Give the rows of result pages that have all that tables know."""
    values = {**VALUES, Placeholder.APP: tuple(sorted({*tables.apps.values()}))}
    rows: dict[tuple[str, str, str, str], WikiRow] = {}
    for testcase, case in tables.cases.items():
        names = sorted(case.placeholders)
        for some in itertools.product(*(values[Placeholder(name)] for name in names)):
            place = case.filled(dict(zip(names, some, strict=True)))
            testname = place.name or testcase
            row = WikiRow(place.testtype, place.section, testcase, testname, ())
            known = rows.setdefault((row.testtype, row.section, testcase, testname), row)
            envs = tuple(dict.fromkeys((*known.envs, place.env)))
            rows[row.testtype, row.section, testcase, testname] = replace(row, envs=envs)
    return sorted(rows.values(), key=lambda row: (row.testtype, row.section, row.envs))


def event_of(build: str) -> WikiEvent:
    return WikiEvent("Fedora", "45", "Rawhide", build.rpartition("-")[2])


class Pages:
    """The result pages of composes on a real MediaWiki."""

    def __init__(self, mediawiki: MediaWiki) -> None:
        self._mediawiki = mediawiki
        self._rows = rows_of(load_wiki_tables())

    def write(self, build: str) -> None:
        self._mediawiki.write_event(event_of(build), self._rows)

    def results(self, build: str) -> Counter[str]:
        """Count the results on each page."""
        pages = dict.fromkeys(row.testtype for row in self._rows)
        texts = {page: self._mediawiki.read(title_of(event_of(build), page)) for page in pages}
        return Counter({page: n for page, text in texts.items() if (n := text.count(RESULT))})

    def have(self, passes: frozenset[WikiPass]) -> bool:
        """Say whether all passes are in their cells."""
        wiki = WikitcmsWiki(
            WikiAddress(self._mediawiki.host, scheme="http"),
            LOGIN,
            limits=limits_with(),
        )
        events = {one.cid: event_of(one.cid) for one in passes}
        return frozenset(wiki.look(tuple(passes), events).known) == passes


@pytest.fixture
def pages(mediawiki: MediaWiki, reporting: ReportingSite) -> Pages:
    """Let the site report to a real MediaWiki."""
    password = reporting.directory / "bot-password"
    password.write_text(f"{BOT_PASSWORD}\n")
    reporting.configure(
        {
            "wiki": {
                "enabled": True,
                "hostname": mediawiki.host,
                "scheme": "http",
                "bot_user": LOGIN.user,
                "bot_password_file": str(password),
                "gather": 0.2,
            }
        }
    )
    return Pages(mediawiki)


def finish(site: ReportingSite, jobs: list[dict[str, Any]]) -> None:
    """End jobs this way and that, but let pass what others need."""
    results = itertools.cycle(RESULTS)
    for job in jobs:
        others = [*job["children"].values(), job["parents"]["Parallel"]]
        site.finish(job["id"], "passed" if any(others) else next(results))


def passes_of(site: ReportingSite, build: str) -> frozenset[WikiPass]:
    """Give what the wiki should be told of a compose, as our command says."""
    rows = site.run("report", build, "--wiki", "--dry-run")
    return frozenset(
        WikiPass(**{key: value for key, value in row.items() if key != "job"}) for row in rows
    )


def test_a_compose_arrives_on_resultsdb_and_on_the_wiki(
    reporting: ReportingSite, pages: Pages
) -> None:
    site, build = reporting, reporting.make_compose()
    pages.write(build)
    with site.reporter("resultsdb_reporter") as results, site.reporter("wiki_reporter") as wiki:
        results.start()
        wiki.start()
        jobs = site.schedule(build, "Server-dvd-iso", "Workstation-live-iso")
        queued = {job_id: ["QUEUED"] for job_id in site.reported(build)}
        wait_for(lambda: site.stored() == queued, site.stored)
        finish(site, jobs)
        outcomes = site.outcomes(build)
        told = {job_id: ["QUEUED", outcomes[job_id]] for job_id in queued}
        assert {*outcomes.values()} == {"PASSED", "FAILED", "INFO", "CRASHED"}
        wait_for(lambda: site.stored() == told, site.stored)
        site.settle(results, Sink.RESULTSDB, build)
        site.settle(wiki, Sink.WIKI, build)
    assert site.stored() == told
    passes = passes_of(site, build)
    expected = Counter(one.testtype for one in passes)
    assert {*expected} >= {"Installation", "Base", "Server", "Desktop"}
    assert pages.results(build) == expected
    assert pages.have(passes)


def test_by_hand_a_protected_page_hides_nothing_that_was_filed(
    reporting: ReportingSite, pages: Pages, mediawiki: MediaWiki
) -> None:
    site, build = reporting, reporting.make_compose()
    pages.write(build)
    finish(site, site.schedule(build, "Server-dvd-iso"))
    expected = Counter(one.testtype for one in passes_of(site, build))
    protected = title_of(event_of(build), "Base")
    mediawiki.protect(protected)
    ended = site.command("report", build, "--wiki")
    assert ended.returncode == 3
    failed = [line for line in ended.stderr.splitlines() if line.startswith("Failed: ")]
    assert failed
    assert all(f"{protected}): protectedpage: " in line for line in failed)
    del expected["Base"]
    assert expected.total() > 5
    assert pages.results(build) == expected


def test_by_hand_each_cell_has_its_own_end(
    reporting: ReportingSite, pages: Pages, mediawiki: MediaWiki
) -> None:
    site, build = reporting, reporting.make_compose()
    pages.write(build)
    finish(site, site.schedule(build, "Server-dvd-iso"))
    passes = passes_of(site, build)
    base = title_of(event_of(build), "Base")
    missing = next(one.testcase for one in passes if one.testtype == "Base")
    mediawiki.write(base, mediawiki.read(base).replace(missing, "QA:Testcase_other"))
    for there in ("filed", "known"):
        ended = site.command("report", build, "--wiki", "--format", "json")
        assert ended.returncode == 3
        rows = json.loads(ended.stdout)
        ends = {(row["testcase"] == missing, row["end"], row["state"]) for row in rows}
        assert ends == {(True, "impossible", "skipped"), (False, there, "delivered")}
        assert {bool(row["reason"]) for row in rows if row["testcase"] == missing} == {True}
        assert f": {missing}: Base / " in ended.stderr
    text = site.command("report", build, "--wiki").stdout
    assert f" {missing} passes: Base / " in text
    for line in text.splitlines():
        if " passes: " in line:
            assert (": not filed: " if missing in line else ": was there already") in line


def test_a_resultsdb_that_is_down_delays_neither_the_wiki_nor_scheduling(
    reporting: ReportingSite, pages: Pages
) -> None:
    site = reporting
    builds = [site.make_compose(), site.make_compose()]
    store_url = f"sqlite:///{site.directory}/store.db"
    # a worker that stops for a moment must not lose its lease: another build would come first
    site.configure({"store": {"url": store_url}, "worker": {"lease": 60.0}})
    intake = {"worker": {"threads": 0}}
    command = [sys.executable, "-m", "fedora_openqa", "worker"]
    worker = Process(command, site.environ, site.directory / "worker.log")
    for build in builds:
        pages.write(build)
    with (
        site.reporter("scheduler", intake, store_url=store_url) as scheduler,
        site.reporter("resultsdb_reporter", intake, store_url=store_url) as results,
        site.reporter("wiki_reporter", intake, store_url=store_url) as wiki,
        worker,
    ):
        site.sandbox.faults.add(Rule(Kind.DROP, path=RESULTSDB))
        for reporter in (scheduler, results, wiki):
            reporter.start()
        for build in builds:
            finish(site, site.schedule(build, "Workstation-live-iso"))
        site.publish(BODHI, update_message())
        # not earlier: while it is idle, it looks every half a minute for what others have stored
        worker.start()
        subjects = Subjects(open_engine(store_url))
        wait_for(lambda: is_scheduled(subjects), lambda: worker.log)
        delivered = [
            {row.item for row in site.settle(wiki, Sink.WIKI, build) if row.told}
            for build in builds
        ]
        wait_for(lambda: site.sandbox.requests.all(path=RESULTSDB), lambda: worker.log)
        assert site.sandbox.results.all() == ()

        site.sandbox.faults.clear()
        assert site.jobs(f"Update-{UPDATE}")
        for build, items in zip(builds, delivered, strict=True):
            passes = passes_of(site, build)
            assert len(items) > 10
            assert len(passes) == pages.results(build).total()
            assert pages.have(passes)
        first, second = (told_of(site, build) for build in builds)
        told = {**first, **second}
        wait_for(lambda: site.stored().items() >= told.items(), lambda: worker.log)
        for build in builds:
            site.settle(results, Sink.RESULTSDB, build)
    assert site.stored().items() >= told.items()
    # what was asked for first was begun first; a worker has a thread for the other meanwhile
    assert next(job_id for job_id in site.stored() if job_id in told) in first


def told_of(site: ReportingSite, build: str) -> dict[int, list[str]]:
    """Give what ResultsDB should be told of ended jobs of which it was told nothing before."""
    outcomes = site.outcomes(build)
    return {job_id: [outcomes[job_id]] for job_id in site.reported(build)}


def update_message() -> dict[str, Any]:
    return {
        "agent": "bodhi",
        "re-trigger": False,
        "update": {
            "alias": UPDATE,
            "builds": [{"nvr": "mutter-49.4-1.fc43"}, {"nvr": "gnome-shell-49.4-1.fc43"}],
            "release": {"version": "43", "id_prefix": "FEDORA"},
            "critpath": True,
            "critpath_groups": "critical-path-gnome",
        },
    }


def is_scheduled(subjects: Subjects) -> bool:
    found = subjects.find(f"update:{UPDATE}")
    return found is not None and found.state is SubjectState.SCHEDULED
