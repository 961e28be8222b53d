"""Parameters of pages: what a URL says is what is read, and anything else is refused."""

import contextlib
from urllib.parse import parse_qs, urlsplit

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from werkzeug.exceptions import BadRequest

from fedora_openqa.model.subjects import Kind
from fedora_openqa.model.work import SubjectState
from fedora_openqa.web.pages.subjects import Jobs, Subjects
from fedora_openqa.web.queries import Paged, Query, chips_of, link_to, parse_query

#: letters that URLs escape, too
WORDS = st.text(max_size=30)

QUERIES = st.builds(
    Subjects,
    kind=st.none() | st.sampled_from(Kind),
    release=WORDS,
    arch=WORDS,
    state=st.none() | st.sampled_from(SubjectState),
    # whatever is no lone surrogate, which no URL has
    q=st.text(st.characters(codec="utf-8"), max_size=300),
    since=st.sampled_from(["", "24h", "7d"]),
    page=st.integers(1, 20),
)


def values(url: str) -> dict[str, list[str]]:
    return parse_qs(urlsplit(url).query, keep_blank_values=True)


@given(QUERIES.filter(lambda query: (query.release + query.arch).isprintable()))
def test_what_a_link_says_is_what_is_read(query: Subjects) -> None:
    assert parse_query(Subjects, values(link_to("/subjects", query))) == query


@given(QUERIES.filter(lambda query: (query.release + query.arch).isprintable()))
def test_a_chip_removes_its_filter_alone_and_leads_to_the_first_page(query: Subjects) -> None:
    for chip in chips_of("/subjects", query):
        without = parse_query(Subjects, values(chip.without))
        default = getattr(Subjects(), chip.name)
        assert without == msgspec.structs.replace(query, page=1, **{chip.name: default})
        assert str(getattr(query, chip.name)) == chip.value


@given(st.dictionaries(st.text(max_size=8), st.lists(st.text(max_size=20), min_size=1, max_size=2)))
@pytest.mark.parametrize("kind", [Query, Paged, Subjects, Jobs])
def test_anything_else_is_refused(kind: type[Query], given: dict[str, list[str]]) -> None:
    # any other exception would be a fault
    with contextlib.suppress(BadRequest):
        assert isinstance(parse_query(kind, given), kind)


@pytest.mark.parametrize(
    ("given", "text"),
    [
        ({"page": ["0"]}, "page"),
        ({"page": ["21"]}, "page"),
        ({"page": ["1e3"]}, "page"),
        ({"kind": ["wiki"]}, "kind"),
        ({"since": ["yesterday"]}, "since"),
        ({"q": ["x" * 301]}, "q"),
        ({"Page": ["1"]}, "unknown parameter 'Page'"),
    ],
)
def test_an_impossible_value_is_named(given: dict[str, list[str]], text: str) -> None:
    with pytest.raises(BadRequest) as raised:
        parse_query(Subjects, given)
    assert text in str(raised.value.description)


def test_an_empty_value_of_a_form_is_none() -> None:
    assert parse_query(Subjects, {"kind": [""], "q": [""], "page": [""]}) == Subjects()
