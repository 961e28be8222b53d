"""The pages of a compose that is larger than any of Fedora: each is small, and has other pages."""

import time
from dataclasses import replace

import pytest

from fedora_openqa.model.deliveries import Delivered, Sink, WantedDelivery
from fedora_openqa.model.history import Scenario, StoredJob
from fedora_openqa.model.products import Product, ProductResult, ProductState
from fedora_openqa.model.work import SubjectState, Wanted
from fedora_openqa.store.deliveries import Deliveries
from fedora_openqa.store.jobs import JobHistory
from fedora_openqa.store.subjects import Subjects
from tests.support.pages import MOST_BYTES, Pages

BEFORE, COMPOSE = "Fedora-Rawhide-20261119.n.0", "Fedora-Rawhide-20261120.n.0"

FLAVORS = [f"Everything_Workstation_{number:02}-dvd_ostree-iso" for number in range(25)]

TESTS = [f"server_role_deploy_domain_controller_{number:02}" for number in range(60)]

#: as long as openQA's longest reasons
REASON = "backend died: QEMU terminated before QMP connection could be established " * 6


@pytest.fixture
def large(no_pages: Pages) -> Pages:
    """Open the pages on two composes with 1,500 tests each, none of which passed in the second."""
    ended = time.time() - 600.0
    jobs = [
        StoredJob(
            100_000 + number,
            BEFORE,
            "Rawhide",
            Scenario(test, flavor, "x86_64", "64bit"),
            state="done",
            result="passed",
            started=ended - 3600.0,
            finished=ended,
        )
        for number, (test, flavor) in enumerate((t, f) for t in TESTS for f in FLAVORS)
    ]
    failed = [
        replace(
            job,
            id=job.id + 100_000,
            build=COMPOSE,
            result="incomplete",
            reason=f"{job.id} {REASON}"[:500],
        )
        for job in jobs
    ]
    JobHistory(no_pages.engine).remember([*jobs, *failed])
    subjects, deliveries = Subjects(no_pages.engine), Deliveries(no_pages.engine)
    subjects.want(Wanted(f"compose:{COMPOSE}", "compose", {}), message_id="m")
    lease = subjects.lease("a", ["compose"], seconds=600.0)
    assert lease
    for number in range(200):
        flavor = FLAVORS[number % 25]
        product = Product(flavor, f"arch{number // 25}", {"BUILD": COMPOSE})
        ids = tuple(job.id for job in failed if job.scenario.flavor == flavor)
        subjects.ledger(lease).record(ProductResult(product, ProductState.POSTED, ids))
    subjects.finish(lease, SubjectState.SCHEDULED, reason=None)
    for sink in (Sink.RESULTSDB, Sink.WIKI):
        wanted = [WantedDelivery(sink=sink, build=COMPOSE, item=str(job.id)) for job in failed]
        deliveries.want(wanted, message_id=None)
        lease = subjects.lease("a", [sink], seconds=600.0)
        assert lease
        ledger = deliveries.ledger(lease)
        ledger.record([(one, Delivered("FAILED", reference="1")) for one in ledger.due()])
        subjects.close_build(lease, reached=True)
    return no_pages


@pytest.mark.parametrize(
    "path",
    [
        f"/subjects/compose%3A{COMPOSE}",
        f"/composes/{COMPOSE}",
        f"/composes/{COMPOSE}/compare/previous",
    ],
)
def test_pages_of_a_large_compose_are_small_and_show_all_of_it(large: Pages, path: str) -> None:
    for url in (path, f"{path}?show=all"):
        answer = large.ask(url)
        assert len(answer.data) <= MOST_BYTES, f"{url}: {len(answer.data)} bytes"
    links = large.html(f"{path}?show=all").links
    assert any("page=2" in link for link in links)
