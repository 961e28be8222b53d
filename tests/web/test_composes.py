"""The pages of composes: whether one is good, and how it differs from another."""

import time
from dataclasses import replace

import pytest
from sqlalchemy import Engine

from fedora_openqa.model.deliveries import Delivered, Sink, WantedDelivery
from fedora_openqa.model.failures import FailureNote
from fedora_openqa.model.history import StoredJob
from fedora_openqa.store.deliveries import Deliveries
from fedora_openqa.store.failures import Failures
from fedora_openqa.store.jobs import JobHistory
from fedora_openqa.store.subjects import Subjects
from tests.support.pages import OPENQA, Html, Pages, check_page
from tests.support.stored_jobs import stored
from tests.web.filled import BEFORE, COMPOSE, HOSTILE

NEXT, LAST = "Fedora-Rawhide-20261121.n.0", "Fedora-Rawhide-20261122.n.0"


def remember(engine: Engine, build: str, *jobs: StoredJob) -> None:
    JobHistory(engine).remember([replace(job, build=build) for job in jobs])


def test_a_compose_says_whether_it_is_complete_and_good(pages: Pages) -> None:
    text = pages.html(f"/composes/{COMPOSE}").text
    assert "Verdict of the tests bad 4 tests failed" in text
    assert "Complete no: 1 of 8 tests have not ended" in text
    # of 300 and 200 to 207, the newest of each
    assert "1 passed (2 soft failed)" not in text
    assert "running 300" in text
    assert f"{OPENQA}/tests/300" in pages.html(f"/composes/{COMPOSE}").links


def test_a_compose_says_what_its_report_found(pages: Pages) -> None:
    assert "Compose check" not in pages.html(f"/composes/{COMPOSE}").text
    report = WantedDelivery(sink=Sink.MAIL, build=COMPOSE, item="report")
    Deliveries(pages.engine).want([report])
    subjects = Subjects(pages.engine)
    lease = subjects.lease("a", ["mail"], seconds=60.0)
    assert lease
    ledger = Deliveries(pages.engine).ledger(lease)
    lines = ("missing: KDE live x86_64", f"size of {HOSTILE}: 1000 MiB to 500 MiB, -50%")
    sent = Delivered("{}", summary="gating fails, 2 failed", findings=lines)
    ledger.record([(one, sent) for one in ledger.due()])
    answer = pages.ask(f"/composes/{COMPOSE}")
    check_page("", answer.text)
    text = Html(answer.text).text
    assert "Compose check The report said: gating fails, 2 failed." in text
    assert "missing: KDE live x86_64" in text
    assert "1000 MiB to 500 MiB, -50%" in text
    found = pages.ask(f"/api/v1/subjects/{COMPOSE}/deliveries").json
    assert found
    assert lines[0] in [line for one in found for line in one["delivery"]["findings"]]


def test_tests_that_passed_are_behind_their_number(pages: Pages) -> None:
    remember(pages.engine, NEXT, stored(401), stored(402, "podman", "done/failed"))
    page = pages.html(f"/composes/{NEXT}")
    assert ("podman@64bit" in page.text, "base_selinux@64bit" in page.text) == (True, False)
    assert "All tests: 1 passed" in page.text
    assert "Complete not known: nothing is stored of its scheduling" in page.text
    every = f"/composes/{NEXT}?show=all"
    assert every in page.links
    assert "base_selinux@64bit" in pages.html(every).text


def test_a_comparison_shows_what_changed_and_counts_the_rest(pages: Pages) -> None:
    remember(pages.engine, COMPOSE, stored(300))
    remember(
        pages.engine,
        NEXT,
        stored(401, outcome="done/failed", modules=["_boot"]),
        stored(402, "podman"),
    )
    page = pages.html(f"/composes/{NEXT}/compare/previous")
    assert f"Compared with {COMPOSE}" in page.text
    assert "base_selinux@64bit Server-dvd-iso x86_64 regression passed" in page.text
    assert "podman@64bit" not in page.text
    only = f"/composes/{NEXT}/compare/previous?show=new+pass"
    assert only in page.links
    chosen = pages.html(only)
    assert "podman@64bit" in chosen.text
    # the filter can be taken away
    assert f"/composes/{NEXT}/compare/previous" in chosen.links


def test_a_comparison_says_which_failures_a_job_is_among(pages: Pages) -> None:
    now = time.time()
    tests = ("podman", "toolbox", "base_selinux")
    passed = [stored(401 + it, test) for it, test in enumerate(tests)]
    remember(pages.engine, NEXT, *(replace(job, finished=now - 3600.0) for job in passed))
    failed = [
        replace(stored(501 + it, test, "done/failed", modules=["_login"]), finished=now)
        for it, test in enumerate(tests)
    ]
    remember(pages.engine, LAST, *failed)
    note = FailureNote(501, title="no boot", bug="https://bugzilla.redhat.com/7", at=now)
    Failures(pages.engine).note(note)
    page = pages.html(f"/composes/{LAST}/compare/{NEXT}")
    assert "regression passed" in page.text
    assert page.links.count("/failures/501") == 3
    assert page.links.count(note.bug) == 3
    # the pages of the subject and of the scenario say it, too
    assert "/failures/501" in pages.html(f"/subjects/{LAST}").links
    text = pages.html("/tests/podman").text
    assert "Open failures no boot https://bugzilla.redhat.com/7" in text
    assert "Passed 1 of 2 that passed or failed: 50 %" in text


def test_two_composes_can_be_named(pages: Pages) -> None:
    text = pages.html(f"/composes/{COMPOSE}/compare/{BEFORE}?show=all").text
    assert f"Compared with {BEFORE}" in text
    assert "still failing" in text


@pytest.mark.parametrize("other", ["last-good", NEXT])
def test_where_there_is_nothing_to_compare_with_it_is_said(pages: Pages, other: str) -> None:
    assert (
        "There is nothing to compare with: "
        in pages.html(f"/composes/{COMPOSE}/compare/{other}").text
    )


@pytest.mark.parametrize(
    "url",
    [
        f"/composes/{NEXT}",
        "/composes/kernel",
        "/composes/FEDORA-2026-1bd5f4a0c2",
        "/composes/kernel/compare/previous",
    ],
)
def test_what_is_no_compose_or_is_not_known_has_no_page(pages: Pages, url: str) -> None:
    pages.html(url, 404)


def test_an_unknown_category_is_refused(pages: Pages) -> None:
    pages.html(f"/composes/{COMPOSE}/compare/{BEFORE}?show=worse", 400)
