"""Stored failures: each with the passed runs around it, and what persons decided."""

from dataclasses import replace

import pytest
from sqlalchemy import Engine

from fedora_openqa.model.failures import FailureKind, FailureNote, FailureRule
from fedora_openqa.model.history import Scenario, StoredJob
from fedora_openqa.sandbox.made_history import make_history
from fedora_openqa.sandbox.made_shapes import Shape
from fedora_openqa.store.failures import Failures
from fedora_openqa.store.jobs import JobHistory
from fedora_openqa.store.subjects import Subjects
from tests.support.failures import failed_runs

DAY = 86_400.0


@pytest.fixture
def failures(engine: Engine) -> Failures:
    return Failures(engine)


def test_failures_are_found_with_the_passed_runs_around_them(
    engine: Engine, failures: Failures
) -> None:
    shape = Shape(start=0.0, end=6 * DAY, seed=5, scenarios=12, composes=12, updates=15)
    jobs = [one.job for one in make_history(shape).jobs if one.job.is_ended]
    JobHistory(engine).remember(jobs)
    expected = [run for run in failed_runs(jobs) if (run.job.finished or 0.0) >= DAY]
    assert len(expected) > 20
    found = sorted(failures.failed(since=DAY), key=lambda run: run.job.id)
    assert found == expected
    early = [run for run in expected if (run.job.finished or 0.0) < 3 * DAY]
    between = failures.failed(since=DAY, until=3 * DAY)
    assert {run.job.id for run in between} == {run.job.id for run in early}
    assert failures.ended(expected[0].job.id) == expected[0].job.finished
    assert failures.ended(7) is None


def test_a_note_replaces_the_one_before_it(failures: Failures) -> None:
    note = FailureNote(7, title="no\nlogin", by="ada", at=1.0)
    failures.note(note)
    decided = replace(
        note, title="no login", bug="https://x", kind=FailureKind.TEST, closed=2.0, apart=(7, 8)
    )
    failures.note(decided)
    failures.note(FailureNote(3, by="eve", at=3.0))
    assert failures.notes() == (FailureNote(3, by="eve", at=3.0), decided)


def test_old_notes_are_deleted(engine: Engine, failures: Failures) -> None:
    failures.note(FailureNote(7, at=failures.now() - 100.0))
    failures.note(FailureNote(8, at=failures.now()))
    subjects = Subjects(engine)
    while subjects.prune(keep=60.0):
        pass
    assert [note.id for note in failures.notes()] == [8]


def test_jobs_with_a_module_or_a_reason_are_told_and_no_others(
    engine: Engine, failures: Failures
) -> None:
    scenario = Scenario("a", "Server-dvd-iso", "x86_64", "64bit")
    ended = StoredJob(
        1, "b", "Rawhide", scenario, state="done", result="failed", reason="x", finished=DAY
    )
    jobs = [
        ended,
        replace(ended, id=2, reason="", failed_modules=("_boot",)),
        replace(ended, id=3, result="softfailed", reason="", failed_modules=("_boot",)),
        # nothing is said of these
        replace(ended, id=4, reason=""),
        replace(ended, id=5, result="passed", reason=""),
        replace(ended, id=6, result="user_cancelled"),
        replace(ended, id=7, finished=DAY - 1.0),
    ]
    JobHistory(engine).remember(jobs)
    found = failures.telling(since=DAY)
    assert sorted(job.id for job in found) == [1, 2, 3]
    assert {job.failed_modules for job in found} == {(), ("_boot",)}


def test_rules_stay_until_they_are_removed(engine: Engine, failures: Failures) -> None:
    broad = FailureRule("no\x00 space", title="full", by="ada", at=1.0)
    narrow = FailureRule("boot", test="a", arch="x86_64", bug="https://x", by="eve", at=2.0)
    numbers = [failures.add_rule(broad), failures.add_rule(narrow)]
    kept = failures.rules()
    assert [rule.id for rule in kept] == numbers == sorted(numbers)
    assert replace(kept[1], id=0) == narrow
    assert kept[0].title == "full"
    while Subjects(engine).prune(keep=60.0):
        pass
    assert failures.rules() == kept
    assert failures.remove_rule(numbers[0])
    assert not failures.remove_rule(numbers[0])
    assert [rule.id for rule in failures.rules()] == numbers[1:]
