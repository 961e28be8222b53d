"""Deliveries by command, and the end of each cell of the wiki."""

from dataclasses import replace

import pytest

from fedora_openqa.cli.report import rows_for
from fedora_openqa.data.wiki_tables import load_wiki_tables
from fedora_openqa.errors import SubjectError
from fedora_openqa.model.deliveries import CellState, Delivered, ManualDelivery
from fedora_openqa.model.wiki import WikiPass
from fedora_openqa.model.work import Concluded
from fedora_openqa.ports import DeliveryLedger
from fedora_openqa.workflows.deliver.by_hand import (
    LONGEST_PAUSE,
    ByHand,
    decide_passes,
)
from fedora_openqa.workflows.deliver.resultsdb import ResultsDBReporting
from fedora_openqa.workflows.deliver.wiki import WikiReporting
from tests.support.fakes import FakeBodhi
from tests.support.resultsdb import FakeJobs
from tests.support.resultsdb import job as update_job
from tests.support.wiki import EVENTS, FakeWiki, job

TABLES = load_wiki_tables()
SELINUX, START = "QA:Testcase_base_selinux", "QA:Testcase_base_services_start"


class Hand:
    """The command, with a clock that passes at once."""

    def __init__(self, wiki: FakeWiki, *jobs: object) -> None:
        self.now = 1000.0
        self.slept = 0.0
        self.openqa = FakeJobs.of(*jobs)  # type: ignore[arg-type] # jobs
        self.reporting = WikiReporting(
            openqa=self.openqa,  # type: ignore[arg-type] # all that is needed of it
            wiki=wiki,
            tables=TABLES,
            events=EVENTS,
        )
        self.by_hand = ByHand(
            openqa=self.openqa,  # type: ignore[arg-type] # all that is needed of it
            bodhi=FakeBodhi(),
            resultsdb=self.open_nothing,
            wiki=self.open_wiki,
            clock=lambda: self.now,
            sleep=self.sleep,
        )

    def open_nothing(self, *, dry_run: bool) -> ResultsDBReporting:
        raise NotImplementedError

    def open_wiki(self, *, dry_run: bool) -> WikiReporting:
        assert not dry_run
        return self.reporting

    def sleep(self, seconds: float) -> None:
        self.now += seconds
        self.slept += seconds

    def deliver(self) -> tuple[ManualDelivery, ...]:
        selected = self.by_hand.select([str(number) for number in self.openqa.jobs])
        return self.by_hand.deliver_wiki(selected, dry_run=False)


def ends_of(told: tuple[ManualDelivery, ...]) -> dict[str, str]:
    return {cell.testcase: end.state for one in told for cell, end in one.ends.items()}


@pytest.mark.parametrize(
    ("field", "state"),
    [
        ("impossible", CellState.IMPOSSIBLE),
        ("pageless", CellState.IMPOSSIBLE),
        ("refused", CellState.REFUSED),
        ("lost", CellState.LOST),
    ],
)
def test_each_cell_has_its_own_end(field: str, state: CellState) -> None:
    wiki = FakeWiki()
    setattr(wiki, field, {SELINUX})
    hand = Hand(wiki, job(1, "base_selinux"), job(2, "base_services_start"))
    told = hand.deliver()
    assert ends_of(told) == {SELINUX: state, START: CellState.FILED}
    assert [one.is_delivered for one in told] == [False, True]
    assert [bool(one.failures) for one in told] == [True, False]
    # a person does not wait for pages that somebody may make some day
    assert hand.slept <= 6 * LONGEST_PAUSE


def test_what_was_filed_in_an_earlier_round_was_not_there_before() -> None:
    wiki = FakeWiki(lost={"QA:Testcase_base_startup"})
    told = Hand(wiki, job(1, "cloud_autocloud")).deliver()
    ends = ends_of(told)
    assert ends.pop("QA:Testcase_base_startup") == CellState.LOST
    assert {*ends.values()} == {CellState.FILED}


def test_what_was_there_already_is_said_so() -> None:
    wiki = FakeWiki()
    Hand(wiki, job(1, "base_selinux")).deliver()
    (told,) = Hand(wiki, job(1, "base_selinux")).deliver()
    assert ends_of((told,)) == {SELINUX: CellState.KNOWN}
    assert (told.is_delivered, told.failures) == (True, ())


def test_an_end_is_said_in_words_and_for_scripts() -> None:
    wiki = FakeWiki(impossible={SELINUX})
    (told,) = Hand(wiki, job(1, "base_selinux")).deliver()
    ((cell, end),) = told.ends.items()
    assert isinstance(cell, WikiPass)
    assert str(end) == f"not filed: no row for {SELINUX}"
    assert end.as_json() == {
        "state": "skipped",
        "end": "impossible",
        "reason": f"no row for {SELINUX}",
    }


def test_a_compose_without_result_pages_is_said_so_for_scripts_too() -> None:
    def no_pages() -> None:
        raise SubjectError("no result pages")

    wiki = FakeWiki(before=no_pages)
    told = Hand(wiki, job(1, "base_selinux"), job(2, "support_server")).deliver()
    assert list(rows_for("wiki", told)) == [{"job": 1, "skip": "no result pages"}]
    assert len(list(rows_for("resultsdb", told))) == 2


def test_jobs_that_were_cancelled_because_of_a_named_one_come_along_with_their_own_children() -> (
    None
):
    skipped = {"state": "cancelled", "result": "skipped"}
    jobs = (
        replace(update_job(1, "failed"), children=(2, 3), parallel=(4,)),
        replace(update_job(2, **skipped), children=(10,)),
        update_job(3),
        replace(update_job(4, "parallel_failed"), parallel=(1,)),
        update_job(10, **skipped),
        update_job(11, **skipped),
    )
    hand = Hand(FakeWiki(), *jobs)
    selected = hand.by_hand.select(["1"])
    assert [one.id for one in selected.jobs] == [1, 2, 4, 10]
    assert [one.id for one in hand.by_hand.select(["3"]).jobs] == [3]


def test_a_build_is_reported_in_the_order_of_its_numbers() -> None:
    hand = Hand(FakeWiki(), *(update_job(number) for number in (10, 9, 100, 1)))
    selected = hand.by_hand.select([update_job(1).build])
    assert [one.id for one in selected.jobs] == [1, 9, 10, 100]


LIVE, POSTINSTALL = "desktop_notifications_live", "desktop_notifications_postinstall"


@pytest.mark.parametrize(("result", "passed"), [("passed", 2), ("failed", 0)])
def test_a_preview_of_a_suite_that_needs_others_looks_at_the_whole_build(
    result: str, passed: int
) -> None:
    hand = Hand(FakeWiki(), job(1, LIVE), job(2, POSTINSTALL, result))
    (told,) = decide_passes(hand.by_hand.select(["1"]), hand.reporting)
    assert len(told.cells) == passed
    assert hand.openqa.builds == 1


def test_a_preview_of_other_suites_reads_no_build() -> None:
    hand = Hand(FakeWiki(), job(1, "base_selinux"), job(2, "base_services_start"))
    told = decide_passes(hand.by_hand.select(["1", "2"]), hand.reporting)
    assert [bool(one.cells) for one in told] == [True, True]
    assert hand.openqa.builds == 0


def test_a_build_is_read_once_for_all_its_jobs() -> None:
    hand = Hand(FakeWiki(), job(1, LIVE), job(2, POSTINSTALL))
    decide_passes(hand.by_hand.select(["1", "2"]), hand.reporting)
    assert hand.openqa.builds == 1


def test_progress_counts_the_jobs_of_all_builds() -> None:
    hand = Hand(
        FakeWiki(), *(update_job(number, BUILD=f"B{number // 2}") for number in range(1, 5))
    )
    seen: list[tuple[int, int]] = []
    by_hand = replace(hand.by_hand, progress=lambda done, all_: seen.append((done, all_)))

    def deliver(_build: str, ledger: DeliveryLedger) -> Concluded:
        ledger.record([(row, Delivered("PASSED")) for row in ledger.due()])
        return Concluded(reached=True)

    by_hand.deliver(by_hand.select(["1", "2", "3", "4"]).jobs, deliver)
    assert sorted(set(seen)) == [(1, 4), (3, 4), (4, 4)]
    assert seen == sorted(seen)
