"""Lists of openQA that come in pages."""

import json
from collections.abc import Callable, Mapping, Sequence
from urllib.parse import parse_qs, urlsplit

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fedora_openqa.errors import FedoraOpenQAError, ServiceUnavailableError
from fedora_openqa.gateways.openqa import api as gateway
from fedora_openqa.gateways.openqa.api import RestOpenQA
from fedora_openqa.model.products import Product
from tests.support.examples import examples
from tests.support.limits import limits_with
from tests.support.web import Answer, Request, Web, in_turn, serve, text

JOBS, GROUPS = "GET /api/v1/jobs", "GET /api/v1/job_groups"
LIMITS = limits_with(connect_timeout=30, read_timeout=30, total_timeout=30, attempts=1)
ELSEWHERE = '<http://elsewhere.example/api/v1/jobs?offset=2>; rel="next"'


def open_openqa(web: Web) -> RestOpenQA:
    return RestOpenQA(web.url, limits=LIMITS, post_timeout=30, environ={})


def jobs(ids: Sequence[int]) -> list[dict[str, object]]:
    return [{"id": id_, "state": "done", "result": "passed", "settings": {}} for id_ in ids]


def groups(ids: Sequence[int]) -> list[dict[str, object]]:
    return [{"id": id_, "name": f"group {id_}"} for id_ in ids]


def listed(
    rows: Sequence[object],
    *,
    cap: int,
    links: bool,
    wrap: Callable[[object], object] = lambda it: it,
) -> Answer:
    """Answer with at most ``cap`` rows, whatever the limit in the request."""

    def answer(request: Request) -> None:
        query = parse_qs(urlsplit(request.path).query)
        offset = int(query.get("offset", ["0"])[0])
        found = rows[offset : offset + cap]
        headers: Mapping[str, str] = {}
        if links:
            more = offset + cap < len(rows)
            # a link that leads elsewhere is never followed
            headers = {"Link": ELSEWHERE if more else '</x?offset=0>; rel="first"'}
        text(json.dumps(wrap(found)), headers=headers)(request)

    return answer


def in_jobs(rows: object) -> object:
    return {"jobs": rows}


@given(count=st.integers(0, 25), cap=st.integers(1, 30))
@settings(max_examples=examples(25))
def test_all_jobs_are_read_in_the_order_of_their_ids_whatever_openqa_grants(
    count: int, cap: int
) -> None:
    ids = list(range(95, 95 + count))
    pages = -(-count // cap)
    with serve() as web:
        for links, requests in ((True, max(pages, 1)), (False, pages + 1)):
            web.requests.clear()
            rows = jobs(sorted(ids, key=str))
            web.answers[JOBS] = listed(rows, cap=cap, links=links, wrap=in_jobs)
            assert [job.id for job in open_openqa(web).jobs_for_build("B")] == ids
            # without a Link header an empty page is the end
            assert len(web.requests) == requests


def test_jobs_of_a_product_and_jobs_by_id_are_read_in_pages_too(web: Web) -> None:
    web.answers[JOBS] = listed(jobs(range(1, 8)), cap=3, links=True, wrap=in_jobs)
    openqa = open_openqa(web)
    product = Product("universal", "x86_64", {"BUILD": "B"})
    assert [job.id for job in openqa.jobs_for_product(product)] == list(range(1, 8))
    assert [job.id for job in openqa.jobs_by_id(range(1, 8))] == list(range(1, 8))
    assert [job.id for job in openqa.passed_jobs(flavor="f", arch="a")] == list(range(1, 8))


def test_jobs_by_id_are_complete_once_each_was_seen(web: Web) -> None:
    web.answers[JOBS] = listed(jobs((1, 2, 3)), cap=100, links=False, wrap=in_jobs)
    assert len(open_openqa(web).jobs_by_id([1, 2, 3])) == 3
    assert len(web.requests) == 1


@pytest.mark.parametrize("links", [True, False])
def test_a_group_is_found_on_any_page_and_read_no_further(web: Web, *, links: bool) -> None:
    web.answers[GROUPS] = listed(groups(range(1, 8)), cap=2, links=links)
    openqa = open_openqa(web)
    assert openqa.group_id("group 4") == 4
    assert len(web.requests) == 2
    assert openqa.group_id("group 9") is None


@pytest.mark.parametrize(("links", "expected"), [(True, {1, 2, 3}), (False, {1, 2})])
def test_an_overview_goes_on_where_a_link_says_so(
    web: Web, *, links: bool, expected: set[int]
) -> None:
    web.answers["GET /api/v1/jobs/overview"] = listed(groups((1, 2, 3)), cap=2, links=links)
    assert open_openqa(web).newest_runs("B") == expected
    assert len(web.requests) == (2 if links else 1)


def test_without_links_a_list_that_does_not_know_offsets_ends(web: Web) -> None:
    web.answers[GROUPS] = text(json.dumps(groups((1, 2))))
    assert open_openqa(web).group_id("nonesuch") is None
    assert web.requests == [GROUPS, f"{GROUPS}?offset=2"]


@pytest.mark.parametrize(
    "rows", [jobs((1, 2)), []], ids=["the same jobs again and again", "no jobs, and more to come"]
)
def test_a_list_that_promises_more_and_brings_nothing_new_is_no_answer(
    web: Web, rows: list[dict[str, object]]
) -> None:
    web.answers[JOBS] = text(json.dumps({"jobs": rows}), headers={"Link": ELSEWHERE})
    with pytest.raises(ServiceUnavailableError, match="the list has no end"):
        open_openqa(web).jobs_for_build("B")
    assert len(web.requests) <= 2


@pytest.mark.parametrize(
    ("link", "pages"),
    [
        ("<https://other.example/y>; rel=next", 2),
        ('<?offset=1>; REL="NEXT"', 2),
        ('</y>; rel="Next last"', 2),
        ('</y>; rel="prev", </z>;title="a, b"; rel=next', 2),
        ('</y>; rel="first"', 1),
        ("</y>; Rel=First", 1),
        # not about pages: the list goes on until a page has nothing new
        ("</style.css>; rel=preload; as=style", 2),
        ("", 2),
    ],
)
def test_relations_of_links_say_whether_a_list_goes_on(web: Web, link: str, pages: int) -> None:
    headers = {"Link": link}
    web.answers[JOBS] = in_turn(
        text(json.dumps(in_jobs(jobs([1]))), headers=headers),
        text(json.dumps(in_jobs(jobs([2] if pages == 2 else []))), headers={}),
        text(json.dumps(in_jobs([])), headers={}),
    )
    found = open_openqa(web).jobs_for_build("B")
    assert [job.id for job in found] == list(range(1, pages + 1))


@pytest.mark.parametrize("links", [True, False])
def test_a_list_without_an_end_is_no_answer(web: Web, *, links: bool) -> None:
    def endless(request: Request) -> None:
        offset = int(parse_qs(urlsplit(request.path).query).get("offset", ["0"])[0])
        headers = {"Link": ELSEWHERE} if links else {}
        text(json.dumps(in_jobs(jobs([offset + 1]))), headers=headers)(request)

    web.answers[JOBS] = endless
    with pytest.raises(ServiceUnavailableError, match="the list has no end"):
        open_openqa(web).jobs_for_build("B")
    assert len(web.requests) == gateway.MOST_PAGES


@pytest.mark.parametrize(
    "link", ["", ";", ",,;", "<>", 'rel="next"', "<x>; rel", "<x>; rel=next; ;=", "\xe9", "<" * 999]
)
def test_an_odd_link_header_breaks_nothing(web: Web, link: str) -> None:
    web.answers[JOBS] = text(json.dumps(in_jobs(jobs([1]))), headers={"Link": link})
    try:
        found = open_openqa(web).jobs_for_build("B")
    except FedoraOpenQAError:
        return
    assert [job.id for job in found] == [1]
