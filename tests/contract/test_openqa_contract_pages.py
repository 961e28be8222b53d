"""Lists of an openQA that grants few rows at a time."""

import json
from collections.abc import Iterator
from contextlib import ExitStack

import pytest

from fedora_openqa.gateways.openqa.api import RestOpenQA
from fedora_openqa.model.products import Product
from fedora_openqa.sandbox.openqa import OpenQAOptions, Paging
from fedora_openqa.sandbox.running import Sandbox, SandboxOptions
from tests.contract.signed import OpenQA
from tests.contract.templates import templates_for_loader, templates_for_sandbox
from tests.services.installed import skip_or_fail
from tests.services.openqa import OPENQA_INI, running_openqa
from tests.support.limits import limits_with

#: rows that the servers grant
MOST = 5
CAPPED_INI = f"{OPENQA_INI}[misc_limits]\ngeneric_max_limit = {MOST}\n"


@pytest.fixture(
    scope="module",
    params=[*Paging, pytest.param("real", marks=pytest.mark.service)],
    ids=["silent", "jobs", "all", "real"],
)
def capped(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[OpenQA]:
    path = tmp_path_factory.mktemp("templates") / "templates.json"
    if isinstance(request.param, Paging):
        path.write_text(json.dumps(templates_for_sandbox()))
        options = OpenQAOptions(templates=path, paging=request.param, max_limit=MOST)
        with Sandbox(SandboxOptions(openqa=options)) as sandbox:
            yield OpenQA(sandbox.url, sandbox.key, sandbox.secret)
        return
    with ExitStack() as stack:
        with skip_or_fail():
            real = stack.enter_context(running_openqa(configuration=CAPPED_INI))
        path.write_text(json.dumps(templates_for_loader()))
        real.load_templates(path)
        yield OpenQA(real.url, real.key, real.secret)


def gateway(openqa: OpenQA) -> RestOpenQA:
    return RestOpenQA(openqa.url, limits=limits_with(attempts=1), post_timeout=60, environ={})


def test_openqa_grants_fewer_jobs_than_asked_for_and_says_nothing(
    capped: OpenQA, build: str
) -> None:
    created = [id_ for _ in range(2) for id_ in capped.schedule("chained", build)["ids"]]
    page = capped.get("jobs", {"build": build, "limit": 1000})
    assert page.status_code == 200
    assert {job["id"] for job in page.json()["jobs"]} == set(created[-MOST:])


def test_where_there_is_a_link_header_it_tells_whether_there_are_more(
    capped: OpenQA, build: str
) -> None:
    created = capped.schedule("chained", build)["ids"]
    first = capped.get("jobs", {"build": build})
    if "Link" not in first.headers:
        pytest.skip("this openQA is older than its Link header")
    assert "next" in first.links
    last = capped.get("jobs", {"build": build, "offset": MOST})
    assert "next" not in last.links
    assert len(last.json()["jobs"]) == len(created) - MOST


def test_the_gateway_reads_all_of_them_in_the_order_of_their_ids(
    capped: OpenQA, build: str
) -> None:
    created = [id_ for _ in range(3) for id_ in capped.schedule("chained", build)["ids"]]
    openqa = gateway(capped)
    product = Product("chained", "x86_64", {"BUILD": build})
    assert [job.id for job in openqa.jobs_for_build(build)] == created
    assert [job.id for job in openqa.jobs_for_product(product)] == created
    assert [job.id for job in openqa.jobs_by_id(created)] == created
    assert openqa.newest_runs(build) == set(created[-6:])
    assert [job.id for job in openqa.jobs_after(created[2], most=1000)] == created[3:]
    some = [job.id for job in openqa.jobs_after(created[2], most=7)]
    assert (len(some), some[-1]) == (7, created[-1])
    assert [job.id for job in openqa.jobs_after(0, most=1)] == created[-1:]
    assert openqa.jobs_after(created[-1], most=7) == ()
    for id_ in created[:8]:
        capped.write(f"jobs/{id_}/set_done", query={"result": "passed"})
    passed = {job.id for job in openqa.passed_jobs(flavor="chained", arch="x86_64")}
    assert set(created[:8]) <= passed


def test_the_last_of_many_groups_is_found(capped: OpenQA) -> None:
    assert gateway(capped).group_id("contract three") is not None
    assert gateway(capped).group_id("no such group") is None
