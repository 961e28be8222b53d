"""Edited updates: named cases of what `test_edits` tries at random."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from fedora_openqa.model.work import StoredSubject, SubjectState
from fedora_openqa.policy.contents import LAG_ATTEMPTS, digest_of
from tests.store.edits import FLAVORS, EditedStore
from tests.store.simulation import Act
from tests.support.stores import new_store

NAME = "FEDORA-2026-1bd5f4a0c2"
OLD, NEW = "kernel-1-1.fc43", "kernel-2-1.fc43"
#: positions of the messages in `EditedStore.sent`
CREATED, EDITED = 0, 1


@pytest.fixture
def store(tmp_path: Path) -> Iterator[EditedStore]:
    store = EditedStore(new_store(tmp_path / "store.db"), [NAME])
    store.show(NAME)
    yield store
    store.engine.dispose()


def work(store: EditedStore, *, attempts: int = 20, acts: dict[int, Act] | None = None) -> None:
    store.disturb(acts or {})
    for _ in range(attempts):
        due = store.subjects.next_due(("update",))
        if due is None:
            return
        store.now = max(store.now, due)
        store.work_on()


def stored(store: EditedStore) -> StoredSubject:
    found = store.subjects.find(f"update:{NAME}")
    assert found
    return found


def posts(store: EditedStore) -> dict[str, list[int]]:
    """Count the posts of each content, by flavor."""
    return {
        build: [store.tested[NAME, flavor, (build,)] for flavor in FLAVORS]
        for build in store.updates[NAME].builds
    }


def is_stored(store: EditedStore, build: str) -> bool:
    """Return whether the store has this content, as the next announcement would find it."""
    known = store.subjects.known([f"update:{NAME}"])
    return known[f"update:{NAME}"].digest == digest_of((build,))


def test_the_builds_before_an_edit_are_not_posted_for_those_after_it(store: EditedStore) -> None:
    store.edit(NAME)
    store.deliver(EDITED, "1")
    work(store, attempts=LAG_ATTEMPTS - 1)
    assert posts(store) == {OLD: [0, 0], NEW: [0, 0]}
    assert f"{OLD}, {NEW} differ" in (stored(store).last_error or "")
    store.show(NAME)
    work(store)
    assert posts(store) == {OLD: [0, 0], NEW: [1, 1]}
    assert is_stored(store, NEW)


def test_what_bodhi_says_is_tested_after_some_attempts_and_stored_as_that(
    store: EditedStore,
) -> None:
    store.edit(NAME)
    store.deliver(EDITED, "1")
    work(store)
    assert posts(store) == {OLD: [1, 1], NEW: [0, 0]}
    assert stored(store).state is SubjectState.SCHEDULED
    assert is_stored(store, OLD)
    store.show(NAME)
    store.sweep()
    work(store)
    assert posts(store) == {OLD: [1, 1], NEW: [1, 1]}


def test_an_update_that_was_edited_again_meanwhile_is_tested_as_it_is(store: EditedStore) -> None:
    store.edit(NAME)
    store.edit(NAME)
    store.updates[NAME].shown = 3
    store.deliver(EDITED, "1")
    work(store)
    assert posts(store) == {OLD: [0, 0], NEW: [0, 0], "kernel-3-1.fc43": [1, 1]}
    store.deliver(2, "2")
    work(store)
    assert posts(store)["kernel-3-1.fc43"] == [1, 1]


@pytest.mark.parametrize("sweep", [True, False])
def test_messages_in_the_wrong_order_test_the_same_builds_once(
    store: EditedStore, *, sweep: bool
) -> None:
    store.edit(NAME)
    store.show(NAME)
    store.deliver(EDITED, "new")
    work(store)
    store.deliver(CREATED, "old")
    if sweep:
        store.sweep()
    work(store)
    store.sweep()
    work(store)
    assert posts(store) == {OLD: [0, 0], NEW: [1, 1]}
    assert (stored(store).state, is_stored(store, NEW)) == (SubjectState.SCHEDULED, True)


def test_jobs_of_the_builds_before_an_edit_are_not_those_of_the_update(store: EditedStore) -> None:
    store.run_by_hand(NAME, force=False)
    store.finish_jobs()
    store.edit(NAME)
    store.show(NAME)
    store.sweep()
    work(store)
    store.deliver(EDITED, "1")
    work(store)
    assert posts(store) == {OLD: [1, 1], NEW: [1, 1]}


def test_a_retrigger_runs_the_same_builds_again_once(store: EditedStore) -> None:
    store.run_by_hand(NAME, force=False)
    store.retrigger(NAME)
    store.deliver(1, "1")
    store.deliver(CREATED, "2")
    work(store)
    store.sweep()
    work(store)
    assert posts(store) == {OLD: [2, 2]}


@pytest.mark.parametrize("crash", range(16))
def test_a_retrigger_goes_on_if_an_old_message_comes_while_it_is_begun(
    store: EditedStore, crash: int
) -> None:
    store.edit(NAME)
    store.show(NAME)
    store.deliver(EDITED, "1")
    work(store)
    store.retrigger(NAME)
    store.deliver(2, "2")
    work(store, attempts=1, acts={crash: Act.CRASH})
    store.deliver(CREATED, "old")
    work(store)
    assert posts(store) == {OLD: [0, 0], NEW: [2, 2]}


@pytest.mark.parametrize("crash", range(16))
def test_builds_that_change_between_two_attempts_are_all_posted(
    store: EditedStore, crash: int
) -> None:
    store.edit(NAME)
    store.deliver(EDITED, "1")
    work(store, attempts=LAG_ATTEMPTS - 1)
    # it takes what Bodhi still shows, and is killed on the way
    work(store, attempts=1, acts={crash: Act.CRASH})
    store.show(NAME)
    work(store)
    store.sweep()
    work(store)
    assert posts(store)[NEW] == [1, 1]
    assert max(posts(store)[OLD]) <= 1
    assert (stored(store).state, is_stored(store, NEW)) == (SubjectState.SCHEDULED, True)


def test_an_update_that_is_not_there_yet_is_waited_for(store: EditedStore) -> None:
    store.updates[NAME].shown = 0
    store.deliver(CREATED, "1")
    work(store, attempts=8)
    assert (stored(store).state, stored(store).last_error) == (SubjectState.WANTED, "404")
    store.show(NAME)
    work(store)
    assert posts(store) == {OLD: [1, 1]}


def test_a_new_message_makes_a_waiting_update_due_and_keeps_its_attempts(
    store: EditedStore,
) -> None:
    store.updates[NAME].shown = 0
    store.deliver(CREATED, "1")
    work(store, attempts=8)
    assert stored(store).due > store.now
    store.deliver(CREATED, "2")
    assert (stored(store).due, stored(store).attempts, stored(store).number) == (store.now, 8, 1)
