"""With any edits, losses, delays and crashes the stored content is the one that was posted."""

import tempfile
from pathlib import Path

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from sqlalchemy import select

from fedora_openqa.model.work import SubjectState
from fedora_openqa.policy.contents import LAG_ATTEMPTS, content_of_settings, digest_of
from fedora_openqa.store.engine import transaction
from fedora_openqa.store.product_ledger import FINAL
from fedora_openqa.store.schema import product, subject
from fedora_openqa.store.stories import Stories
from tests.store.edits import FLAVORS, EditedStore
from tests.store.simulation import LEASE_SECONDS, Act
from tests.support.examples import examples
from tests.support.stores import new_store

pytestmark = pytest.mark.timeout(600)  # on a busy machine

NAME = "FEDORA-2026-1bd5f4a0c2"
#: by the number of the moment: a worker that waits for Bodhi needs some twenty
ACTS = st.dictionaries(
    st.integers(0, 40),
    st.sampled_from([Act.CRASH, Act.SILENCE, Act.WAIT, Act.OTHER, Act.EDIT, Act.SHOW]),
    max_size=4,
)


class EditsMachine(RuleBasedStateMachine):
    """Edits, messages about them, workers, sweeps and people in any order."""

    @initialize()
    def open(self) -> None:
        self.folder = tempfile.TemporaryDirectory()
        self.store = EditedStore(new_store(Path(self.folder.name) / "store.db"), [NAME])
        self.delivered = 0

    @rule()
    def the_update_is_edited(self) -> None:
        self.store.edit(NAME)

    @rule()
    def somebody_wants_its_tests_again(self) -> None:
        self.store.retrigger(NAME)

    @rule()
    def bodhi_shows_more(self) -> None:
        self.store.show(NAME)

    @rule(data=st.data())
    def a_message_arrives(self, data: st.DataObject) -> None:
        """Deliver any of the messages: some never, some twice, in any order."""
        number = data.draw(st.integers(0, len(self.store.sent) - 1))
        self.store.deliver(number, f"message-{number}-{self.delivered}")
        self.delivered += 1

    @rule(seconds=st.sampled_from([1.0, 60.0, LEASE_SECONDS]))
    def time_passes(self, seconds: float) -> None:
        self.store.wait(seconds)

    @rule(acts=ACTS)
    def a_worker_works(self, acts: dict[int, Act]) -> None:
        self.store.work(acts)

    @rule(acts=ACTS)
    def a_worker_works_for_a_while(self, acts: dict[int, Act]) -> None:
        self.store.disturb(acts)
        for _ in range(LAG_ATTEMPTS + 1):
            self.work_on_what_is_due_next()

    @rule()
    def somebody_sweeps(self) -> None:
        self.store.sweep()

    @rule(force=st.booleans())
    def somebody_schedules_by_hand(self, *, force: bool) -> None:
        self.store.run_by_hand(NAME, force=force)

    @precondition(lambda self: self.store.jobs)
    @rule()
    def jobs_end(self) -> None:
        self.store.finish_jobs()

    @invariant()
    def no_content_is_posted_twice_unless_somebody_asks_for_it(self) -> None:
        for (alias, _flavor, _content), times in self.store.tested.items():
            assert times <= 1 + self.store.retriggers[alias]

    @invariant()
    def the_digest_of_what_is_scheduled_is_that_of_its_products(self) -> None:
        with transaction(self.store.engine) as connection:
            rows = connection.execute(
                select(subject.c.digest, product.c.settings)
                .join(product)
                .where(
                    subject.c.number == product.c.number,
                    subject.c.state == SubjectState.SCHEDULED,
                    product.c.state.in_(FINAL),
                )
            ).all()
        for digest, posted in rows:
            assert digest == digest_of(content_of_settings(posted) or ())

    @invariant()
    def nothing_is_parked(self) -> None:
        assert not Stories(self.store.engine).parked(limit=1, page=1).total

    def teardown(self) -> None:
        try:
            self.all_comes_to_its_end()
        finally:
            self.store.engine.dispose()
            self.folder.cleanup()

    def all_comes_to_its_end(self) -> None:
        """Let Bodhi show everything, and check that a sweep and a worker do the rest."""
        for edited in self.store.updates.values():
            edited.shown = len(edited.builds)
        for _ in range(2):
            self.store.sweep()
            self.work_until_nothing_is_due()
        for alias, edited in self.store.updates.items():
            content = (edited.builds[-1],)
            found = self.store.subjects.find(f"update:{alias}")
            assert found
            assert found.state is SubjectState.SCHEDULED
            for flavor in FLAVORS:
                assert self.store.tested[alias, flavor, content] >= 1
                newest = [
                    job for job in self.store.jobs[f"update:{alias}"] if job.flavor == flavor
                ][-1]
                assert content_of_settings(newest.settings) == content
                assert newest.state != "cancelled"
        self.no_content_is_posted_twice_unless_somebody_asks_for_it()
        self.the_digest_of_what_is_scheduled_is_that_of_its_products()
        self.nothing_is_parked()

    def work_on_what_is_due_next(self) -> bool:
        due = self.store.subjects.next_due(("update",))
        if due is None:
            return False
        self.store.now = max(self.store.now, due)
        self.store.work_on()
        return True

    def work_until_nothing_is_due(self) -> None:
        self.store.disturb({})
        for _ in range(100):
            if not self.work_on_what_is_due_next():
                return
        raise AssertionError("waits without end")


TestEditsMachine = EditsMachine.TestCase
TestEditsMachine.settings = settings(
    max_examples=examples(80), stateful_step_count=15, deadline=None
)
