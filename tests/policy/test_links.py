"""Links to our pages: whatever a BUILD has in it, and none where there are no pages."""

from urllib.parse import unquote, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fedora_openqa.policy.links import job_link, linked_note, subject_link, without_link
from fedora_openqa.policy.subject_names import parse_build

PAGES = "https://pages.example.org/openqa"


@pytest.mark.parametrize("pages_url", [PAGES, f"{PAGES}/"])
@pytest.mark.parametrize(
    ("subject", "path"),
    [
        ("Fedora-Rawhide-20261120.n.0", "b/Fedora-Rawhide-20261120.n.0"),
        ("compose:Fedora-Rawhide-20261120.n.0", "b/Fedora-Rawhide-20261120.n.0"),
        ("FEDORA-2026-1bd5f4a0c2", "b/Update-FEDORA-2026-1bd5f4a0c2"),
        ("coreos:45.20261119.91.0:x86_64", "b/Fedora-CoreOS-45.20261119.91.0"),
        ("../../act?x=<b>\u202e\ud800", "b/..%2F..%2Fact%3Fx%3D%3Cb%3E%E2%80%AE%3F"),
    ],
)
def test_a_subject_is_linked_by_its_build(pages_url: str, subject: str, path: str) -> None:
    assert subject_link(pages_url, subject) == f"{PAGES}/{path}"


def test_nothing_is_linked_where_there_are_no_pages() -> None:
    assert (subject_link("", "B"), job_link("", 7), linked_note("x", "")) == ("", "", "x")


@given(st.text(st.characters(exclude_categories=["Cs"]), min_size=1))
def test_any_build_is_one_part_of_a_path(build: str) -> None:
    parts = urlsplit(subject_link(PAGES, build))
    assert (parts.netloc, parts.query, parts.fragment) == ("pages.example.org", "", "")
    assert parts.path.isascii()
    assert parts.path.isprintable()
    before, _, name = parts.path.rpartition("/")
    assert (before, unquote(name)) == ("/openqa/b", parse_build(build))


@given(st.text(), st.integers(1, 10**17), st.sampled_from(["https://a.example", "http://b/c/"]))
def test_a_note_can_be_read_without_its_link(note: str, job_id: int, pages_url: str) -> None:
    linked = linked_note(note, job_link(pages_url, job_id))
    assert linked.startswith(note)
    assert linked != note
    assert without_link(linked) == note
