"""Where the links lead that others have to the pages."""

import pytest

from fedora_openqa.model.deliveries import Sink, WantedDelivery
from fedora_openqa.policy.links import job_link, subject_link
from fedora_openqa.store.deliveries import Deliveries
from fedora_openqa.store.jobs import JobHistory
from tests.support.pages import Pages
from tests.support.stored_jobs import stored
from tests.web.filled import COMPOSE, HOSTILE, UPDATE


@pytest.mark.parametrize(
    ("subject", "page"),
    [
        (COMPOSE, f"/composes/{COMPOSE}"),
        (UPDATE, f"/updates/{UPDATE}"),
        # nothing is known of these
        ("Fedora-43-20261120.n.0", "/subjects/compose%3AFedora-43-20261120.n.0"),
        ("coreos:45.20261119.91.0", "/subjects/coreos%3A45.20261119.91.0"),
    ],
)
def test_a_build_leads_to_the_page_that_says_most(pages: Pages, subject: str, page: str) -> None:
    answer = pages.ask(subject_link("http://localhost", subject), 302)
    assert answer.location == page


def test_a_job_leads_to_its_row(pages: Pages) -> None:
    answer = pages.ask(job_link("http://localhost", 201), 302)
    page, _, row = answer.location.partition("#")
    assert page == f"/subjects/compose%3A{COMPOSE}?job=201"
    assert row in [one.get("id") for one in pages.html(page).all("tr")]


def test_a_job_leads_to_its_row_though_only_its_result_is_on_its_way(no_pages: Pages) -> None:
    build = "Fedora-43-20261120.n.0"
    JobHistory(no_pages.engine).remember([stored(7, "podman", "done/failed", build=build)])
    wanted = WantedDelivery(sink=Sink.MAIL, build=build, item="7")
    Deliveries(no_pages.engine).want([wanted])
    page = no_pages.html(no_pages.ask(job_link("http://localhost", 7), 302).location)
    assert "job-7" in [one.get("id") for one in page.all("tr")]
    assert f"compose:{build}" in page.text
    assert f"mail:{build}" in page.text


@pytest.mark.parametrize("build", [HOSTILE, "a/../b//c", "..", "/", "?x=1#y", "\x00", "%2e%2e"])
def test_a_hostile_build_leads_nowhere(pages: Pages, build: str) -> None:
    answer = pages.client.get(subject_link("http://localhost", build))
    assert answer.status_code == 404
    assert b"<script" not in answer.data
