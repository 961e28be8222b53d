"""Lists of subjects for pages."""

import pytest
from sqlalchemy import Engine

from fedora_openqa.model.deliveries import Sink, WantedDelivery
from fedora_openqa.model.history import Scenario, StoredJob
from fedora_openqa.model.lists import SubjectFilter
from fedora_openqa.model.products import Product, ProductResult, ProductState
from fedora_openqa.model.work import SubjectState, Wanted
from fedora_openqa.store.deliveries import Deliveries
from fedora_openqa.store.jobs import JobHistory
from fedora_openqa.store.lists import SubjectLists
from fedora_openqa.store.subjects import Subjects
from tests.store.timed import StoppedClock

RAWHIDE, BRANCHED = "Fedora-Rawhide-20261120.n.0", "Fedora-43-20261120.n.0"
UPDATE = "FEDORA-2026-1bd5f4a0c2"
SELINUX = Scenario("base_selinux", "Server-dvd-iso", "x86_64", "64bit")


@pytest.fixture
def lists(engine: Engine) -> SubjectLists:
    clock = StoppedClock(1e9)
    subjects = Subjects(engine, clock=clock)
    for name, version, arch in ((RAWHIDE, "Rawhide", "x86_64"), (BRANCHED, "43", "aarch64")):
        clock.now += 10.0
        subjects.want(Wanted(f"compose:{name}", "compose", {}), message_id=None)
        lease = subjects.lease("a", ["compose"], seconds=60.0)
        assert lease
        ledger = subjects.ledger(lease)
        settings = {"VERSION": version, "BUILD": name}
        ledger.begin(())
        product = ledger.intend(Product("Server-dvd-iso", arch, settings), newest_job=0)
        ledger.record(ProductResult(product, ProductState.POSTED, (1, 2)))
        subjects.finish(lease, SubjectState.SCHEDULED, reason=None)
    clock.now += 10.0
    subjects.want(Wanted(f"update:{UPDATE}", "update", {}), message_id=None)
    Deliveries(engine, clock=clock).want([WantedDelivery(sink=Sink.WIKI, build=RAWHIDE, item="1")])
    JobHistory(engine, clock=clock).remember(
        [
            StoredJob(1, RAWHIDE, "", SELINUX, state="done", result="failed", clone_id=2),
            StoredJob(2, RAWHIDE, "", SELINUX, state="done", result="passed"),
            StoredJob(3, RAWHIDE, "", SELINUX, state="running", result="none"),
            StoredJob(4, "another", "", SELINUX._replace(arch="aarch64"), "done", "failed"),
        ]
    )
    return SubjectLists(engine)


def names(lists: SubjectLists, wanted: SubjectFilter) -> list[str]:
    found = lists.page(wanted, limit=50, page=1)
    return [one.subject.key.partition(":")[2] for one in found.subjects]


@pytest.mark.parametrize(
    ("wanted", "expected"),
    [
        (SubjectFilter(), [UPDATE, BRANCHED, RAWHIDE]),
        (SubjectFilter(kind="compose"), [BRANCHED, RAWHIDE]),
        (SubjectFilter(kind="coreos"), []),
        (SubjectFilter(release="43"), [BRANCHED]),
        (SubjectFilter(arch="x86_64"), [RAWHIDE]),
        (SubjectFilter(arch="x86_64", release="43"), []),
        (SubjectFilter(state=SubjectState.WANTED), [UPDATE]),
        (SubjectFilter(start="FEDORA-2026"), [UPDATE]),
        (SubjectFilter(start="Fedora-"), [BRANCHED, RAWHIDE]),
        (SubjectFilter(start="Fedora-%"), []),
        (SubjectFilter(since=1e9 + 15), [UPDATE, BRANCHED]),
    ],
)
def test_a_list_has_the_subjects_that_are_like_its_filter(
    lists: SubjectLists, wanted: SubjectFilter, expected: list[str]
) -> None:
    assert names(lists, wanted) == expected


def test_a_line_says_what_has_become_of_jobs_and_results(lists: SubjectLists) -> None:
    (line,) = lists.page(SubjectFilter(start=RAWHIDE), limit=50, page=1).subjects
    assert line.build == RAWHIDE
    assert (line.releases, line.arches) == (("Rawhide",), ("x86_64",))
    # the one that was restarted does not count
    assert line.jobs == {("done", "passed"): 1, ("running", "none"): 1}
    assert line.sinks == {Sink.WIKI: SubjectState.WANTED}


def test_pages_follow_each_other(lists: SubjectLists) -> None:
    pages = [lists.page(SubjectFilter(), limit=2, page=number) for number in (1, 2, 3)]
    assert [len(page.subjects) for page in pages] == [2, 1, 0]
    assert [page.more for page in pages] == [True, False, False]


def test_a_strip_has_the_last_runs_of_a_scenario_the_newest_first(lists: SubjectLists) -> None:
    assert lists.strips([SELINUX], most=2) == {SELINUX: ("running", "passed")}
    assert lists.strips([SELINUX._replace(test="none")], most=2) == {}
    assert lists.strips([], most=2) == {}


def test_a_job_is_found_by_its_number(lists: SubjectLists) -> None:
    found = lists.job(4)
    assert found
    assert found.build == "another"
    assert lists.job(5) is None
