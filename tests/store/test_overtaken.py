"""A worker that loses its subject, or an answer, at each possible moment.

The state machine of `test_machine` tries random orders; these are the known cases.
"""

from dataclasses import replace
from pathlib import Path

import pytest

from tests.store import checks
from tests.store.simulation import Act, SimulatedStore, update
from tests.support.stores import new_store

pytestmark = pytest.mark.slow

NAME = "FEDORA-2026-1bd5f4a0c2"
WANTED = update(NAME, ("a-1-1",))


def store_in(path: Path, *, again: bool) -> SimulatedStore:
    store = SimulatedStore(new_store(path))
    store.want(WANTED, message_id="m1")
    if again:
        # openQA is then not asked which products it has of the request before
        store.want(replace(WANTED, again=True), message_id="m2")
    return store


@pytest.mark.parametrize("again", [False, True])
@pytest.mark.parametrize("why", [Act.WAIT, Act.MESSAGE])
@pytest.mark.parametrize("moment", range(8))
def test_a_worker_is_overtaken_by_one_that_crashes(
    tmp_path: Path, *, moment: int, why: Act, again: bool
) -> None:
    for crash in range(moment + 2, moment + 20):
        store = store_in(tmp_path / f"{crash}.db", again=again)
        store.work({moment: why, moment + 1: Act.OTHER, crash: Act.CRASH})
        checks.nothing_is_forgotten(store)
        checks.all_comes_to_its_end(store)
        store.engine.dispose()


@pytest.mark.parametrize("again", [False, True])
@pytest.mark.parametrize("moment", range(8))
def test_a_worker_gives_its_subject_back_and_crashes(
    tmp_path: Path, *, moment: int, again: bool
) -> None:
    for crash in range(moment + 1, moment + 16):
        store = store_in(tmp_path / f"{crash}.db", again=again)
        store.work({moment: Act.STOP, crash: Act.CRASH})
        checks.nothing_is_posted_twice_for_one_request(store)
        checks.nothing_is_forgotten(store)
        checks.all_comes_to_its_end(store)
        store.engine.dispose()


@pytest.mark.parametrize("again", [False, True])
@pytest.mark.parametrize("silences", [1, 2, 3])
@pytest.mark.parametrize("end", [None, Act.CRASH])
def test_nobody_answers(tmp_path: Path, *, silences: int, end: Act | None, again: bool) -> None:
    for moment in range(20):
        store = store_in(tmp_path / f"{moment}.db", again=again)
        acts = dict.fromkeys(range(moment, moment + silences), Act.SILENCE)
        store.work(acts | ({moment + silences: end} if end else {}))
        checks.nothing_is_forgotten(store)
        checks.all_comes_to_its_end(store)
        store.engine.dispose()
