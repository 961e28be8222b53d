"""The pages of failures with one cause."""

import time
from dataclasses import replace

import pytest
from flask import render_template_string

from fedora_openqa.model.failures import FailureNote
from fedora_openqa.sandbox.made_history import make_history
from fedora_openqa.sandbox.made_shapes import Shape
from fedora_openqa.store.failures import Failures
from fedora_openqa.store.jobs import JobHistory
from tests.support.pages import OPENQA, Html, Pages

DAY, END = 86_400.0, 1_800_000_000.0


@pytest.fixture
def causes(no_pages: Pages) -> Pages:
    """Open the pages on two weeks of jobs, the last of which ended just now."""
    shape = Shape(start=END - 10 * DAY, end=END, seed=2, scenarios=25, composes=24, updates=30)
    later = time.time() - END
    ended = [it.job for it in make_history(shape).jobs if it.job.finished is not None]
    JobHistory(no_pages.engine).remember(
        [replace(job, finished=(job.finished or 0.0) + later) for job in ended]
    )
    return no_pages


def test_open_failures_are_listed_and_filters_lead_to_the_others(causes: Pages) -> None:
    page = causes.html("/failures")
    first = [link for link in page.links if link.startswith("/failures/")]
    everything = causes.html("/failures?state=all")
    assert 0 < len(first) < len([it for it in everything.links if it.startswith("/failures/")])
    assert "passed before in Fedora-" in everything.text
    assert "infra" in causes.html("/failures?state=all&kind=infra").text
    assert "No such failures" in causes.html("/failures?release=12").text
    causes.ask("/failures?state=wrong", 400)


def test_failures_are_shown_with_their_jobs_and_a_persons_words(causes: Pages) -> None:
    listed = causes.html("/failures").links
    url = next(link for link in listed if link.startswith("/failures/"))
    id_ = int(url.rpartition("/")[2])
    note = FailureNote(
        id_, title="no <b>login", bug="https://bugzilla.redhat.com/7", at=time.time()
    )
    Failures(causes.engine).note(note)
    page = causes.html(url)
    assert "no <b>login" in page.text
    assert note.bug in page.links
    assert f"fedora-openqa rerun --cluster {id_}" in page.text
    story = causes.ask(f"/api/v1{url}").json
    assert story
    last = story["members"][0]["run"]["id"]
    assert last != id_
    assert f"{OPENQA}/tests/{last}" in page.links
    assert f"fedora-openqa rerun --cluster {id_}" in causes.html(f"/failures/{last}").text
    assert "no failures with one cause have job 7" in causes.html("/failures/7", 404).text
    causes.ask(f"/failures/{2**60}", 404)


@pytest.mark.parametrize(
    ("bug", "is_linked"),
    [
        ("https://bugzilla.redhat.com/show_bug.cgi?id=7", True),
        ("https://BugZilla.Redhat.com/7", True),
        ("javascript:alert(1)", False),
        ("data:text/html,<script>alert(1)</script>", False),
        ("//bugzilla.redhat.com/7", False),
        ("https://evil.example.org/7", False),
        ("https://bugzilla.redhat.com@evil.example.org/7", False),
        ("https://me@bugzilla.redhat.com/7", False),
        ("https://bugzilla.redhat.com:8443/7", False),
        ("https://[bugzilla.redhat.com/7", False),
    ],
)
def test_a_page_links_to_bugs_on_hosts_that_are_configured(
    no_pages: Pages,
    bug: str,
    is_linked: bool,  # noqa: FBT001
) -> None:
    with no_pages.app.test_request_context("/"):
        shown = Html(render_template_string("<p>{{ bug | bug_link }}</p>", bug=bug))
    assert ([bug] == shown.links) is is_linked
    assert "@" in bug or bug in shown.text


def test_programs_read_the_same(causes: Pages) -> None:
    found = causes.ask("/api/v1/failures?state=all&limit=200").json
    assert found
    assert [one["last_seen"] for one in found] == sorted(
        (one["last_seen"] for one in found), reverse=True
    )
    kinds = causes.ask("/api/v1/failures?state=all&kind=infra").json
    assert kinds
    assert {one["kind"] for one in kinds} == {"infra"}
