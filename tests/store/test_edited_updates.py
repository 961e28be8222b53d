"""Edited updates: named cases of what `test_edits` tries at random."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from fedora_openqa.model.work import StoredSubject, SubjectState
from fedora_openqa.policy.contents import LAG_ATTEMPTS, digest_of
from tests.store.edits import FLAVORS, EditedTown
from tests.store.simulation import Act
from tests.support.stores import new_store

NAME = "FEDORA-2026-1bd5f4a0c2"
OLD, NEW = "kernel-1-1.fc43", "kernel-2-1.fc43"
#: positions of the messages in `EditedTown.sent`
CREATED, EDITED = 0, 1


@pytest.fixture
def town(tmp_path: Path) -> Iterator[EditedTown]:
    town = EditedTown(new_store(tmp_path / "store.db"), [NAME])
    town.show(NAME)
    yield town
    town.engine.dispose()


def work(town: EditedTown, *, attempts: int = 20, acts: dict[int, Act] | None = None) -> None:
    town.disturb(acts or {})
    for _ in range(attempts):
        due = town.subjects.next_due(("update",))
        if due is None:
            return
        town.now = max(town.now, due)
        town.work_on()


def stored(town: EditedTown) -> StoredSubject:
    found = town.subjects.find(f"update:{NAME}")
    assert found
    return found


def posts(town: EditedTown) -> dict[str, list[int]]:
    """Count the posts of each content, by flavor."""
    return {
        build: [town.tested[NAME, flavor, (build,)] for flavor in FLAVORS]
        for build in town.updates[NAME].builds
    }


def is_stored(town: EditedTown, build: str) -> bool:
    """Return whether the store has this content, as the next announcement would find it."""
    known = town.subjects.known([f"update:{NAME}"])
    return known[f"update:{NAME}"].digest == digest_of((build,))


def test_the_builds_before_an_edit_are_not_posted_for_those_after_it(town: EditedTown) -> None:
    town.edit(NAME)
    town.deliver(EDITED, "1")
    work(town, attempts=LAG_ATTEMPTS - 1)
    assert posts(town) == {OLD: [0, 0], NEW: [0, 0]}
    assert f"{OLD}, {NEW} differ" in (stored(town).last_error or "")
    town.show(NAME)
    work(town)
    assert posts(town) == {OLD: [0, 0], NEW: [1, 1]}
    assert is_stored(town, NEW)


def test_what_bodhi_says_is_tested_after_some_attempts_and_stored_as_that(town: EditedTown) -> None:
    town.edit(NAME)
    town.deliver(EDITED, "1")
    work(town)
    assert posts(town) == {OLD: [1, 1], NEW: [0, 0]}
    assert stored(town).state is SubjectState.SCHEDULED
    assert is_stored(town, OLD)
    town.show(NAME)
    town.sweep()
    work(town)
    assert posts(town) == {OLD: [1, 1], NEW: [1, 1]}


def test_an_update_that_was_edited_again_meanwhile_is_tested_as_it_is(town: EditedTown) -> None:
    town.edit(NAME)
    town.edit(NAME)
    town.updates[NAME].shown = 3
    town.deliver(EDITED, "1")
    work(town)
    assert posts(town) == {OLD: [0, 0], NEW: [0, 0], "kernel-3-1.fc43": [1, 1]}
    town.deliver(2, "2")
    work(town)
    assert posts(town)["kernel-3-1.fc43"] == [1, 1]


@pytest.mark.parametrize("sweep", [True, False])
def test_messages_in_the_wrong_order_test_the_same_builds_once(
    town: EditedTown, *, sweep: bool
) -> None:
    town.edit(NAME)
    town.show(NAME)
    town.deliver(EDITED, "new")
    work(town)
    town.deliver(CREATED, "old")
    if sweep:
        town.sweep()
    work(town)
    town.sweep()
    work(town)
    assert posts(town) == {OLD: [0, 0], NEW: [1, 1]}
    assert (stored(town).state, is_stored(town, NEW)) == (SubjectState.SCHEDULED, True)


def test_jobs_of_the_builds_before_an_edit_are_not_those_of_the_update(town: EditedTown) -> None:
    town.run_by_hand(NAME, force=False)
    town.finish_jobs()
    town.edit(NAME)
    town.show(NAME)
    town.sweep()
    work(town)
    town.deliver(EDITED, "1")
    work(town)
    assert posts(town) == {OLD: [1, 1], NEW: [1, 1]}


def test_a_retrigger_runs_the_same_builds_again_once(town: EditedTown) -> None:
    town.run_by_hand(NAME, force=False)
    town.retrigger(NAME)
    town.deliver(1, "1")
    town.deliver(CREATED, "2")
    work(town)
    town.sweep()
    work(town)
    assert posts(town) == {OLD: [2, 2]}


@pytest.mark.parametrize("crash", range(16))
def test_a_retrigger_goes_on_if_an_old_message_comes_while_it_is_begun(
    town: EditedTown, crash: int
) -> None:
    town.edit(NAME)
    town.show(NAME)
    town.deliver(EDITED, "1")
    work(town)
    town.retrigger(NAME)
    town.deliver(2, "2")
    work(town, attempts=1, acts={crash: Act.CRASH})
    town.deliver(CREATED, "old")
    work(town)
    assert posts(town) == {OLD: [0, 0], NEW: [2, 2]}


@pytest.mark.parametrize("crash", range(16))
def test_builds_that_change_between_two_attempts_are_all_posted(
    town: EditedTown, crash: int
) -> None:
    town.edit(NAME)
    town.deliver(EDITED, "1")
    work(town, attempts=LAG_ATTEMPTS - 1)
    # it takes what Bodhi still shows, and is killed on the way
    work(town, attempts=1, acts={crash: Act.CRASH})
    town.show(NAME)
    work(town)
    town.sweep()
    work(town)
    assert posts(town)[NEW] == [1, 1]
    assert max(posts(town)[OLD]) <= 1
    assert (stored(town).state, is_stored(town, NEW)) == (SubjectState.SCHEDULED, True)


def test_an_update_that_is_not_there_yet_is_waited_for(town: EditedTown) -> None:
    town.updates[NAME].shown = 0
    town.deliver(CREATED, "1")
    work(town, attempts=8)
    assert (stored(town).state, stored(town).last_error) == (SubjectState.WANTED, "404")
    town.show(NAME)
    work(town)
    assert posts(town) == {OLD: [1, 1]}


def test_a_new_message_makes_a_waiting_update_due_and_keeps_its_attempts(town: EditedTown) -> None:
    town.updates[NAME].shown = 0
    town.deliver(CREATED, "1")
    work(town, attempts=8)
    assert stored(town).due > town.now
    town.deliver(CREATED, "2")
    assert (stored(town).due, stored(town).attempts, stored(town).number) == (town.now, 8, 1)
