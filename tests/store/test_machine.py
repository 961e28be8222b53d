"""With any order of messages, workers and crashes no product is posted twice or forgotten."""

import tempfile
from pathlib import Path

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from sqlalchemy import select

from fedora_openqa.model.work import Change, Wanted
from fedora_openqa.policy.contents import Content
from fedora_openqa.store.engine import transaction
from fedora_openqa.store.schema import metadata
from tests.store import checks
from tests.store.simulation import LEASE_SECONDS, Act, SimulatedStore, update
from tests.support.examples import examples
from tests.support.stores import new_store

pytestmark = pytest.mark.timeout(600)  # on a busy machine

NAMES = st.sampled_from(["FEDORA-2026-1bd5f4a0c2", "FEDORA-2026-ffffffffff"])
#: by the number of the moment: in most of them nothing happens, or no worker would finish
ACTS = st.dictionaries(st.integers(0, 20), st.sampled_from(Act), max_size=6)


class StoreMachine(RuleBasedStateMachine):
    """Messages and workers in any order."""

    @initialize()
    def open(self) -> None:
        self.folder = tempfile.TemporaryDirectory()
        self.store = SimulatedStore(new_store(Path(self.folder.name) / "store.db"))
        self.delivered: list[tuple[Wanted, str]] = []
        self.tested: set[tuple[str, str, str, Content | None]] = set()

    @rule(name=NAMES, build=st.sampled_from(["a-1-1", "a-2-1"]), again=st.booleans())
    def a_message_comes(self, name: str, build: str, *, again: bool) -> None:
        wanted = update(name, (build,), again=again)
        message_id = f"message-{len(self.delivered)}"
        self.store.want(wanted, message_id=message_id)
        self.delivered.append((wanted, message_id))

    @precondition(lambda self: self.delivered)
    @rule(data=st.data())
    def a_message_comes_again(self, data: st.DataObject) -> None:
        wanted, message_id = data.draw(st.sampled_from(self.delivered))
        before = self.everything_stored()
        change = self.store.subjects.at(self.store.now).want(wanted, message_id=message_id)
        assert change is Change.NOTHING
        assert self.everything_stored() == before

    @rule(seconds=st.sampled_from([1.0, LEASE_SECONDS]))
    def time_passes(self, seconds: float) -> None:
        self.store.wait(seconds)

    @rule(acts=ACTS)
    def a_worker_works(self, acts: dict[int, Act]) -> None:
        self.store.work(acts)

    @invariant()
    def all_is_well(self) -> None:
        checks.nothing_is_posted_twice_for_one_request(self.store)
        checks.nothing_is_forgotten(self.store)
        tested = checks.tested(self.store)
        assert self.tested <= tested
        self.tested = tested

    def everything_stored(self) -> list[tuple[object, ...]]:
        with transaction(self.store.engine) as connection:
            return [
                tuple(row)
                for table in metadata.sorted_tables
                for row in connection.execute(select(table))
            ]

    def teardown(self) -> None:
        try:
            checks.all_comes_to_its_end(self.store)
        finally:
            self.store.engine.dispose()
            self.folder.cleanup()


TestStoreMachine = StoreMachine.TestCase
TestStoreMachine.settings = settings(
    max_examples=examples(150), stateful_step_count=12, deadline=None
)
