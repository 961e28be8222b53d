"""Invariants of a simulated store."""

from typing import Any

from sqlalchemy import Row, select

from fedora_openqa.model.work import SubjectState
from fedora_openqa.policy.contents import Content, content_of_settings
from fedora_openqa.store.engine import transaction
from fedora_openqa.store.product_ledger import FINAL
from fedora_openqa.store.schema import product, subject
from tests.store.simulation import PRODUCTS, SimulatedStore
from tests.store.work import KINDS

#: subject, request number, flavor, arch
Key = tuple[str, int, str, str]


def settled(store: SimulatedStore) -> set[Key]:
    """Return the products that no later attempt may change."""
    query = select(subject.c.key, product).join(subject).where(product.c.state.in_(FINAL))
    with transaction(store.engine) as connection:
        rows = connection.execute(query).all()
    assert all(row.job_ids for row in rows)
    return {(row.key, row.number, row.flavor, row.arch) for row in rows}


def tested(store: SimulatedStore) -> set[tuple[str, str, str, Content | None]]:
    """Return the products that no later request may change: subject, flavor, arch and content."""
    query = select(subject.c.key, product).join(subject).where(product.c.state.in_(FINAL))
    with transaction(store.engine) as connection:
        rows = connection.execute(query).all()
    return {(row.key, row.flavor, row.arch, content_of_settings(row.settings)) for row in rows}


def nothing_is_posted_twice_for_one_request(store: SimulatedStore) -> None:
    assert not [post for post, times in store.posts.items() if times > 1]


def nothing_is_forgotten(store: SimulatedStore) -> None:
    done = settled(store) | set(store.posts)
    rows = _subjects(store)
    # a request is also made anew where its builds changed between two attempts
    assert {row.key for row in rows} == set(store.numbers)
    assert all(row.number >= store.numbers[row.key] for row in rows)
    for row in rows:
        # the simulation has no refusals, no faults of ours and no 40 failures in a row: no subject
        # is parked
        if row.state != SubjectState.WANTED:
            assert row.state == SubjectState.SCHEDULED
            # posted is enough: what the store was away for, could not be settled
            assert {key[2:] for key in done if key[:2] == (row.key, row.number)} == PRODUCTS


def all_comes_to_its_end(store: SimulatedStore) -> None:
    """Give each subject one undisturbed worker, and check the result."""
    before = tested(store)
    for _ in range(len(store.numbers) * 2):
        due = store.subjects.next_due(KINDS)
        if due is not None:
            store.now = max(store.now, due)
            store.work({})
    assert store.subjects.next_due(KINDS) is None
    nothing_is_posted_twice_for_one_request(store)
    nothing_is_forgotten(store)
    assert before <= tested(store)


def _subjects(store: SimulatedStore) -> list[Row[Any]]:
    with transaction(store.engine) as connection:
        return list(connection.execute(select(subject)).all())
