"""Finding results that sinks do not have, with a store that is full, partly full or empty."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from types import MappingProxyType

import pytest

from fedora_openqa.data.wiki_tables import load_wiki_tables
from fedora_openqa.errors import ServiceUnavailableError
from fedora_openqa.model.deliveries import Delivered, Sink, WantedDelivery
from fedora_openqa.model.jobs import Job
from fedora_openqa.model.sweeps import CaughtUp
from fedora_openqa.policy.contents import content_of, digest_of
from fedora_openqa.policy.effects import REPORT
from fedora_openqa.store.sweeps import Sweeps
from fedora_openqa.workflows.deliver.catch_up import (
    PATIENCE,
    CatchUp,
    Evidence,
    ResultsDBEvidence,
    WikiEvidence,
)
from fedora_openqa.workflows.deliver.wiki import cells_of
from tests.support.desk import Desk
from tests.support.resultsdb import BASE_URL, BUILD, FakeJobs, job
from tests.support.wiki import BUILD as COMPOSE
from tests.support.wiki import EVENTS, FakeWiki
from tests.support.wiki import job as compose_job


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    running = job(4, "none", state="running")
    return Desk(tmp_path, FakeJobs.of(job(1), job(2, "failed"), job(3, KOJITASK="9"), running))


def board(desk: Desk) -> Sweeps:
    return Sweeps(desk.engine, clock=lambda _connection: desk.now)


def catch_up(
    desk: Desk,
    builds: Mapping[str, str] = MappingProxyType({BUILD: ""}),
    *,
    wiki: FakeWiki | None = None,
    mails: bool = False,
    budget: int = 100,
) -> CaughtUp:
    """Catch up with ResultsDB, with the wiki, or with mails."""
    evidence: Evidence = ResultsDBEvidence(desk.resultsdb, BASE_URL)
    if wiki:
        evidence = WikiEvidence(wiki, load_wiki_tables(), EVENTS)
    workflow = CatchUp(
        openqa=desk.openqa,  # type: ignore[arg-type] # all that is needed of it
        deliveries=desk.deliveries,
        board=board(desk),
        sinks=() if mails else (evidence,),
        budget=budget,
        mails=mails,
    )
    return workflow.catch_up(builds, workflow.all_sinks)


def wanted(desk: Desk) -> list[str]:
    return [one.item for one in catch_up(desk).wanted]


def test_jobs_of_other_builds_of_an_update_are_left_out(tmp_path: Path) -> None:
    jobs = (job(1, ADVISORY_NVRS_1="a-1-1"), job(2, ADVISORY_NVRS_1="a-2-1"), job(3))
    desk = Desk(tmp_path, FakeJobs.of(*jobs))
    digest = digest_of(content_of(["a-2-1"]))
    caught = catch_up(desk, {BUILD: digest})
    assert [one.item for one in caught.wanted] == ["2", "3"]


def test_the_older_of_two_runs_is_left_out(tmp_path: Path) -> None:
    desk = Desk(tmp_path, FakeJobs.of(job(6, "failed", TEST="login"), job(18, TEST="login")))
    assert [one.item for one in catch_up(desk).wanted] == ["18"]
    desk.openqa.change(18, state="running", result="none")
    assert catch_up(desk).wanted == ()


def test_an_announced_job_that_was_cancelled_is_wanted_again(tmp_path: Path) -> None:
    desk = Desk(tmp_path, FakeJobs.of(job(1, "none", state="scheduled")))
    desk.event(1)
    desk.work()
    desk.openqa.change(1, state="cancelled", result="user_cancelled")
    assert [one.item for one in catch_up(desk).wanted] == ["1"]
    desk.work()
    assert desk.resultsdb.told() == [("1", "QUEUED"), ("1", "NEEDS_INSPECTION")]
    assert catch_up(desk).wanted == ()


def test_what_nobody_told_of_is_wanted_and_told(desk: Desk) -> None:
    desk.event(1)
    desk.work()
    assert wanted(desk) == ["2"]
    desk.work()
    assert sorted(desk.resultsdb.told()) == [("1", "PASSED"), ("2", "FAILED")]
    assert wanted(desk) == []


def test_an_empty_store_believes_what_the_sink_has(desk: Desk, tmp_path: Path) -> None:
    desk.event(1)
    desk.work()
    (tmp_path / "other").mkdir()
    later = Desk(tmp_path / "other", desk.openqa, desk.resultsdb)
    caught = catch_up(later)
    assert ([one.item for one in caught.wanted], caught.confirmed) == (["2"], 1)
    later.work()
    assert sorted(later.resultsdb.told()) == [("1", "PASSED"), ("2", "FAILED")]
    looks = later.resultsdb.looks
    assert wanted(later) == []
    # what is confirmed is not looked for again
    assert later.resultsdb.looks == looks


def test_results_whose_notes_link_to_other_pages_are_there(desk: Desk, tmp_path: Path) -> None:
    desk.pages_url = "https://pages.example.org"
    desk.event(1, 2)
    desk.work()
    (tmp_path / "other").mkdir()
    later = Desk(tmp_path / "other", desk.openqa, desk.resultsdb)
    assert wanted(later) == []
    later.work()
    assert len(later.resultsdb.rows) == 2
    assert all(".example.org/j/" in row.note for row in later.resultsdb.rows)


def test_a_lost_message_about_the_end_of_a_job_is_made_up_for(desk: Desk) -> None:
    desk.event(4)
    desk.work()
    desk.openqa.change(4, state="done", result="passed")
    desk.event(1, 2)
    desk.work()
    assert wanted(desk) == ["4"]
    desk.work()
    assert desk.resultsdb.told()[-1] == ("4", "PASSED")


def test_who_does_not_answer_about_one_build_delays_no_other(desk: Desk) -> None:
    desk.resultsdb.before_look = _raise
    caught = catch_up(desk, {BUILD: "", "Update-other": ""})
    assert caught.wanted == ()
    (failure,) = caught.failed
    assert failure.name == f"resultsdb about {BUILD}"


def test_a_compose_that_was_never_reported_on_is_and_again_once_other_jobs_have_ended(
    desk: Desk,
) -> None:
    board(desk).switch_on(Sink.MAIL)
    desk.now = 2_000_000.0
    ended = datetime.fromtimestamp(1_000_000.0, UTC).replace(tzinfo=None)
    desk.openqa = FakeJobs.of(replace(compose_job(1, "base_selinux"), finished=ended))

    def wanted() -> list[str]:
        return [one.key for one in catch_up(desk, {COMPOSE: "", BUILD: ""}, mails=True).wanted]

    assert wanted() == [f"mail:{COMPOSE}"]
    assert wanted() == []
    report = WantedDelivery(sink=Sink.MAIL, build=COMPOSE, item=REPORT)
    lease = desk.subjects.lease("a", ["mail"], seconds=9)
    assert lease
    ledger = desk.deliveries.ledger(lease)
    ledger.record([(ledger.due()[0], Delivered("verdict"))])
    desk.subjects.close_build(lease, reached=True)
    assert report.key == lease.key
    assert wanted() == []
    later = datetime.fromtimestamp(2_000_100.0, UTC).replace(tzinfo=None)
    desk.openqa.jobs[2] = replace(compose_job(2, "base_selinux"), finished=later)
    board(desk).reopen({COMPOSE: [2]})
    assert wanted() == [f"mail:{COMPOSE}"]


def test_nothing_is_mailed_about_what_ended_before_mail_was_switched_on(desk: Desk) -> None:
    desk.now = 2_000_000.0
    board(desk).switch_on(Sink.MAIL)
    ended = datetime.fromtimestamp(1_999_999.0, UTC).replace(tzinfo=None)
    desk.openqa = FakeJobs.of(replace(compose_job(1, "base_selinux"), finished=ended))
    for _ in range(2):
        assert catch_up(desk, {COMPOSE: ""}, mails=True).wanted == ()
    (row,) = desk.deliveries.all(f"mail:{COMPOSE}")
    assert row.reason == "its jobs ended before mail was switched on at 1970-01-24T03:33:20Z"
    assert desk.subjects.lease("a", ["mail"], seconds=9) is None


def test_a_build_that_is_settled_is_not_asked_about_until_it_has_other_jobs(tmp_path: Path) -> None:
    desk = Desk(tmp_path, FakeJobs.of(job(1), job(2, "none", state="running")))
    assert wanted(desk) == ["1"]
    desk.work()
    assert (wanted(desk), desk.openqa.builds) == ([], 2), "a job still runs"
    desk.openqa.change(2, state="done", result="failed")
    assert (wanted(desk), desk.openqa.builds) == (["2"], 3)
    assert (wanted(desk), desk.openqa.builds) == ([], 4), "it is on its way"
    desk.work()
    assert (wanted(desk), desk.openqa.builds) == ([], 5)
    board(desk).reopen({BUILD: [1, 2], "another": [3]})
    assert (wanted(desk), desk.openqa.builds) == ([], 5)
    desk.openqa.jobs[4] = job(4, TEST="again")
    board(desk).reopen({BUILD: [4]})
    assert (wanted(desk), desk.openqa.builds) == (["4"], 6)


def test_a_build_of_other_content_is_compared_again(tmp_path: Path) -> None:
    desk = Desk(tmp_path, FakeJobs.of(job(1)))
    desk.event(1)
    desk.work()
    for digest, asked in (("one", 1), ("one", 1), ("", 1), ("other", 2), ("other", 2)):
        catch_up(desk, {BUILD: digest})
        assert desk.openqa.builds == asked


def test_all_builds_are_compared_in_turn(tmp_path: Path) -> None:
    desk = Desk(tmp_path, FakeJobs.of(*(job(number, BUILD=f"b{number}") for number in range(1, 6))))
    builds = {f"b{number}": "" for number in range(1, 6)}
    seen: list[str] = []
    for left in (3, 3, 3):
        desk.now += 1.0
        caught = catch_up(desk, builds, budget=2)
        seen += [one.build for one in caught.wanted]
        # none of the deliveries is worked on, so that no build is settled
        assert [len(builds) for builds in caught.left.values()] == [left]
    assert seen == ["b1", "b2", "b3", "b4", "b5"]


def test_where_openqa_does_not_answer_the_rest_is_left(tmp_path: Path) -> None:
    desk = Desk(tmp_path, FakeJobs.of())
    desk.openqa.jobs_for_build = _raise_for  # type: ignore[method-assign] # openQA is away
    caught = catch_up(desk, {f"b{number}": "" for number in range(9)})
    assert (len(caught.failed), len(caught.left[Sink.RESULTSDB])) == (PATIENCE, 9 - PATIENCE)


def test_a_sink_that_does_not_answer_is_left_and_openqa_is_not_asked_for_its_sake(
    tmp_path: Path,
) -> None:
    builds = {f"b{number}": "" for number in range(9)}
    desk = Desk(tmp_path, FakeJobs.of(*(job(int(b[1:]) + 1, BUILD=b) for b in builds)))
    desk.resultsdb.before_look = _raise
    caught = catch_up(desk, builds)
    assert (len(caught.failed), len(caught.left[Sink.RESULTSDB])) == (PATIENCE, 9 - PATIENCE)
    assert desk.openqa.builds == PATIENCE


def test_cells_of_the_wiki_are_evidence_too(tmp_path: Path) -> None:
    jobs = [compose_job(1, "base_selinux"), compose_job(2, "base_system_logging")]
    desk = Desk(tmp_path, FakeJobs.of(*jobs, compose_job(3, "base_update_cli", "failed")))
    wiki = FakeWiki()
    first = catch_up(desk, {COMPOSE: ""}, wiki=wiki)
    assert [(one.sink, one.item) for one in first.wanted] == [(Sink.WIKI, "1"), (Sink.WIKI, "2")]
    empty = tmp_path / "empty"
    empty.mkdir()
    other = Desk(empty, desk.openqa)
    cells = cells_of(jobs[0], {}, load_wiki_tables())
    assert isinstance(cells, tuple)
    wiki.file(cells, EVENTS.of_passes(cells))
    second = catch_up(other, {COMPOSE: "", BUILD: ""}, wiki=wiki)
    assert ([one.item for one in second.wanted], second.confirmed) == (["2"], 1)


def _raise_for(build: str) -> tuple[Job, ...]:
    raise ServiceUnavailableError(f"503 about {build}")


def _raise() -> None:
    raise ServiceUnavailableError("503")
