"""Unreadable answers of an embedded server, before or after its work."""

from collections.abc import Iterator
from dataclasses import replace

import pytest

from fedora_openqa.errors import AmbiguousWriteError, ServiceUnavailableError
from fedora_openqa.gateways.openqa.api import RestOpenQA
from fedora_openqa.model.products import Product
from fedora_openqa.sandbox.faults import Kind, Rule
from fedora_openqa.sandbox.running import Sandbox
from fedora_openqa.sandbox.unreadable import UNREADABLE, answer_unreadably
from tests.support.limits import limits_with

PRODUCT = Product(
    "i3-live-iso",
    "x86_64",
    {
        "DISTRI": "fedora",
        "VERSION": "Rawhide",
        "FLAVOR": "i3-live-iso",
        "ARCH": "x86_64",
        "BUILD": "Fedora-Rawhide-20261120.n.0",
    },
)


@pytest.fixture(scope="module")
def shared() -> Iterator[Sandbox]:
    with Sandbox() as sandbox:
        yield sandbox


@pytest.fixture
def sandbox(shared: Sandbox) -> Sandbox:
    shared.faults.clear()
    shared.requests.clear()
    return shared


@pytest.fixture
def openqa(sandbox: Sandbox) -> RestOpenQA:
    environ = {"OPENQA_API_KEY": sandbox.key, "OPENQA_API_SECRET": sandbox.secret}
    return RestOpenQA(sandbox.url, limits=limits_with(attempts=1), post_timeout=20, environ=environ)


@pytest.mark.parametrize("name", UNREADABLE)
@pytest.mark.parametrize("kind", [Kind.ANSWER, Kind.ANSWER_AFTER])
def test_the_answer_is_unreadable(
    sandbox: Sandbox, openqa: RestOpenQA, name: str, kind: Kind
) -> None:
    sandbox.faults.add(replace(UNREADABLE[name], kind=kind, status=200, times=2))
    with pytest.raises(ServiceUnavailableError):
        openqa.jobs_for_product(PRODUCT)
    with pytest.raises(AmbiguousWriteError):
        openqa.post_product(PRODUCT)
    asked = [request.status for request in sandbox.requests.all(path="/api/v1/(jobs|isos)$")]
    assert asked == [200, 200]


def test_a_share_of_the_requests_is_answered_unreadably(
    sandbox: Sandbox, openqa: RestOpenQA
) -> None:
    answer_unreadably(sandbox.faults, "api/v1/jobs", share=1)
    for _ in range(20):
        with pytest.raises(ServiceUnavailableError):
            openqa.jobs_for_product(PRODUCT)


def test_a_busy_server_does_no_work_and_names_the_time_to_wait(
    sandbox: Sandbox, openqa: RestOpenQA
) -> None:
    before = len(openqa.jobs_for_product(PRODUCT))
    sandbox.faults.add(
        Rule(Kind.ANSWER, path="isos", status=429, headers={"Retry-After": "60"}, times=1)
    )
    with pytest.raises(ServiceUnavailableError, match="429") as failure:
        openqa.post_product(PRODUCT)
    assert failure.value.retry_after == 60
    assert len(openqa.jobs_for_product(PRODUCT)) == before
