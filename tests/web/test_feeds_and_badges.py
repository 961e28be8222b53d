"""Feeds, badges and the first page."""

from xml.etree import ElementTree as ET

import pytest

from tests.support.pages import Pages
from tests.web.filled import BEFORE, COMPOSE, HOSTILE, UPDATE

ATOM = "{http://www.w3.org/2005/Atom}"

FEEDS = (
    "/feeds/failures.atom",
    "/feeds/parked.atom",
    "/feeds/compose/Rawhide.atom",
    f"/feeds/update/{UPDATE}.atom",
)


def feed(pages: Pages, url: str) -> ET.Element:
    answer = pages.ask(url)
    assert answer.mimetype == "application/atom+xml"
    return ET.fromstring(answer.data)  # noqa: S314 - ours


def texts(root: ET.Element, path: str) -> list[str]:
    return [
        one.text or "" for one in root.iterfind("/".join(f"{ATOM}{it}" for it in path.split("/")))
    ]


@pytest.mark.parametrize("url", FEEDS)
def test_a_feed_is_atom_with_ids_that_stay(pages: Pages, url: str) -> None:
    root = feed(pages, url)
    ids = texts(root, "entry/id")
    assert len(ids) == len(set(ids))
    assert all(one.startswith("urn:fedora-openqa:") for one in ids)
    assert texts(feed(pages, url), "entry/id") == ids
    assert len(texts(root, "entry/updated")) == len(ids)
    assert texts(root, "updated") == [max(texts(root, "entry/updated"), default="")]
    for link in root.iter(f"{ATOM}link"):
        assert link.attrib["href"].startswith("http://localhost/")


def test_the_feed_of_what_is_parked_has_the_newest_with_their_reasons(pages: Pages) -> None:
    root = feed(pages, "/feeds/parked.atom")
    assert len(texts(root, "entry/title")) == 50
    reasons = texts(root, "entry/summary")
    # the text of a reason, not its markup
    assert any(HOSTILE[:30] in reason for reason in reasons)
    assert not any("\u202e" in reason for reason in reasons)


def test_the_feed_of_a_release_has_the_composes_whose_tests_have_ended(pages: Pages) -> None:
    (title,) = texts(feed(pages, "/feeds/compose/Rawhide.atom"), "entry/title")
    # a job of the newer one runs
    assert title == f"{BEFORE}: 4 tests passed, 4 did not"
    assert texts(feed(pages, "/feeds/compose/43.atom"), "entry/title") == []


def test_a_feed_that_has_not_changed_is_not_sent_again(pages: Pages) -> None:
    answer = pages.ask(FEEDS[-1])
    again = pages.client.get(FEEDS[-1], headers={"If-None-Match": answer.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")


def test_there_is_no_feed_of_an_update_that_is_none(pages: Pages) -> None:
    assert "is not the id of an update" in pages.html("/feeds/update/x.atom", 404).text


@pytest.mark.parametrize("url", [f"/badge/subject/compose:{COMPOSE}.svg", "/badge/test/none.svg"])
def test_a_badge_that_has_not_changed_is_not_sent_again(pages: Pages, url: str) -> None:
    answer = pages.ask(url)
    again = pages.client.get(url, headers={"If-None-Match": answer.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")


def test_feeds_and_badges_keep_their_ids_and_links_wherever_they_are_asked(pages: Pages) -> None:
    public = Pages(pages.engine, {"web": {"url": "https://pages.example.org/openqa/"}})
    for url in FEEDS:
        here, there = feed(pages, url), feed(public, url)
        ids = [texts(root, "id") + texts(root, "entry/id") for root in (here, there)]
        assert ids[0] == ids[1]
        links = [link.attrib["href"] for link in there.iter(f"{ATOM}link")]
        assert all(link.startswith("https://pages.example.org/openqa/") for link in links)


@pytest.mark.parametrize(
    ("page", "wanted"),
    [
        ("/parked", {"/feeds/parked.atom", "/feeds/failures.atom"}),
        (
            f"/composes/{COMPOSE}",
            {f"/badge/subject/compose%3A{COMPOSE}.svg", "/feeds/compose/Rawhide.atom"},
        ),
        (
            f"/updates/{UPDATE}",
            {f"/badge/subject/update%3A{UPDATE}.svg", f"/feeds/update/{UPDATE}.atom"},
        ),
        ("/tests/base_selinux", {"/badge/test/base_selinux.svg"}),
    ],
)
def test_pages_lead_to_their_badges_and_feeds(pages: Pages, page: str, wanted: set[str]) -> None:
    found = pages.html(page)
    assert wanted <= {*found.links, *(one["href"] for one in found.all("link"))}


@pytest.mark.parametrize(
    ("url", "label"),
    [
        (f"/badge/subject/compose:{COMPOSE}.svg", f"{COMPOSE}: bad, 4 failed, 1 not ended"),
        ("/badge/compose/Rawhide.svg", f"{COMPOSE}: bad, 4 failed, 1 not ended"),
        ("/badge/compose/43.svg", "Fedora 43: no compose"),
        ("/badge/test/base_selinux.svg", "base_selinux: 2 of 4 passed"),
        ("/badge/test/none.svg", "none: no run"),
        ("/badge/subject/compose:Fedora-43-20261120.n.0.svg", "Fedora-43-20261120.n.0: not known"),
    ],
)
def test_a_badge_says_in_words_what_it_shows(pages: Pages, url: str, label: str) -> None:
    answer = pages.ask(url)
    assert answer.mimetype == "image/svg+xml"
    root = ET.fromstring(answer.data)  # noqa: S314 - ours
    assert root.attrib["role"] == "img"
    assert root.attrib["aria-label"] == label


def test_a_badge_of_a_hostile_name_is_a_picture(pages: Pages) -> None:
    answer = pages.client.get("/badge/test/%3Cscript%3Ealert(1)%3C%2Fscript%3E.svg")
    assert answer.status_code in {200, 404}
    assert b"<script" not in answer.data


def test_the_first_page_has_the_newest_compose_with_its_numbers(pages: Pages) -> None:
    text = pages.html("/").text
    assert "Newest composes: 1" in text
    assert f"{COMPOSE} : bad 4 did not pass, 4 passed, 1 have not ended" in text
    assert BEFORE not in text
    assert "Parked: 122" in text
    assert "Failures with one cause: " in text


def test_robots_are_told_what_has_no_end(pages: Pages) -> None:
    assert "Disallow: /composes/*/compare\n" in pages.ask("/robots.txt").text
