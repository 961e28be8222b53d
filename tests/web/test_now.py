"""The pages of what is tested at present, and with which workers."""

import re
from dataclasses import replace

from sqlalchemy import update

from fedora_openqa.model.openqa_load import SnapshotName
from fedora_openqa.store.engine import transaction
from fedora_openqa.store.schema import snapshot
from fedora_openqa.store.snapshots import Snapshots
from tests.support.pages import Pages
from tests.web.filled import BEFORE, COMPOSE, UPDATE


def test_what_runs_and_waits_is_listed_with_its_times(pages: Pages) -> None:
    page = pages.html("/now")
    assert f"/subjects/compose%3A{COMPOSE}" in page.links
    assert "Running" in page.text
    assert "not before 20" in page.text
    assert "usually by 20" in page.text
    assert "Running, the oldest since" in page.text
    running = pages.ask("/api/v1/now").json
    assert running
    assert running["subjects"][0]["oldest"] in {one["datetime"] for one in page.all("time")}
    assert "workers of class" in page.text or "a person or another tool" in page.text
    # 62 of them are on two pages
    assert "/now?page=2" in page.links
    last = pages.html("/now?page=2")
    assert f"/subjects/update%3A{UPDATE}" in last.links
    assert "it is tried again later" in last.text


def test_a_subject_says_when_its_tests_will_be_done(pages: Pages) -> None:
    eta = (pages.ask(f"/api/v1/subjects/{COMPOSE}").json or {})["eta"]
    assert eta["not_before"] < eta["usually_by"]
    (row,) = [
        one
        for one in (pages.ask("/api/v1/now").json or {})["subjects"]
        if one["key"] == f"compose:{COMPOSE}"
    ]
    assert eta == row["eta"]
    shown = f"not before {eta['not_before']}".replace("T", " ").replace("Z", "")
    for url in (f"/composes/{COMPOSE}", f"/subjects/compose:{COMPOSE}"):
        assert shown in pages.html(url).text
        assert "usually by 20" in pages.html(url).text
    # no job of this one is in the queue
    assert (pages.ask(f"/api/v1/subjects/{BEFORE}").json or {})["eta"] is None
    assert "not before" not in pages.html(f"/composes/{BEFORE}").text


def test_of_a_queue_that_was_not_read_lately_no_time_is_said(pages: Pages) -> None:
    seen = Snapshots(pages.engine).observed([SnapshotName.FORECAST]).forecast.facts
    assert seen
    old = replace(seen, at=seen.at - 3600.0)
    Snapshots(pages.engine).save({SnapshotName.FORECAST: old})
    eta = (pages.ask(f"/api/v1/subjects/{COMPOSE}").json or {})["eta"]
    assert (eta["not_before"], eta["usually_by"]) == (None, None)
    assert "was not read in the last five minutes" in eta["unknown"]
    for url in (f"/composes/{COMPOSE}", f"/subjects/compose:{COMPOSE}"):
        text = pages.html(url).text
        assert "not known: what openQA does was not read in the last five minutes" in text


def test_workers_without_jobs_are_listed_with_their_errors(pages: Pages) -> None:
    page = pages.html("/capacity")
    assert "Workers that get no jobs" in page.text
    assert "12 min" in page.texts
    assert "none waits" in page.text
    assert "what openQA has to do was read" not in page.text
    assert re.search(r"20\d\d-\d\d-\d\d \d\d:\d\d:\d\d to 20", page.text)
    assert "broken" in page.texts
    assert [one["aria-label"] for one in page.all("svg")] == [
        "Jobs that wait, the last day",
        "Jobs that run, the last day",
        "Workers online, the last day",
    ]


def test_what_is_old_or_failed_is_said(pages: Pages) -> None:
    Snapshots(pages.engine).save({}, {SnapshotName.WORKERS: "GET https://o/workers: 503"})
    with transaction(pages.engine) as connection:
        connection.execute(update(snapshot).values(at=snapshot.c.at - 3600.0))
    for url in ("/now", "/capacity"):
        text = pages.html(url).text
        assert "openQA is not read: GET https://o/workers: 503" in text
        assert "says nothing about the present" in text
    # on every page
    line = "what openQA has to do was read 1 h ago; GET https://o/workers: 503"
    assert line in pages.html("/parked").text


def test_without_a_watch_that_is_said(no_pages: Pages) -> None:
    assert "was never read: openqa.watch reads it" in no_pages.html("/now").text
    assert "was never read: openqa.watch reads it" in no_pages.html("/capacity").text
    assert "what openQA has to do was read" not in no_pages.html("/capacity").text
