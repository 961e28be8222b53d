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


def settled(town: SimulatedStore) -> set[Key]:
    """Return the products that no later attempt may change."""
    query = select(subject.c.key, product).join(subject).where(product.c.state.in_(FINAL))
    with transaction(town.engine) as connection:
        rows = connection.execute(query).all()
    assert all(row.job_ids for row in rows)
    return {(row.key, row.number, row.flavor, row.arch) for row in rows}


def tested(town: SimulatedStore) -> set[tuple[str, str, str, Content | None]]:
    """Return the products that no later request may change: subject, flavor, arch and content."""
    query = select(subject.c.key, product).join(subject).where(product.c.state.in_(FINAL))
    with transaction(town.engine) as connection:
        rows = connection.execute(query).all()
    return {(row.key, row.flavor, row.arch, content_of_settings(row.settings)) for row in rows}


def nothing_is_posted_twice_for_one_request(town: SimulatedStore) -> None:
    assert not [post for post, times in town.posts.items() if times > 1]


def nothing_is_forgotten(town: SimulatedStore) -> None:
    done = settled(town) | set(town.posts)
    rows = _subjects(town)
    # a request is also made anew where its builds changed between two attempts
    assert {row.key for row in rows} == set(town.numbers)
    assert all(row.number >= town.numbers[row.key] for row in rows)
    for row in rows:
        # the simulation has no refusals, no faults of ours and no 40 failures in a row: no subject
        # is parked
        if row.state != SubjectState.WANTED:
            assert row.state == SubjectState.SCHEDULED
            # posted is enough: what the store was away for, could not be settled
            assert {key[2:] for key in done if key[:2] == (row.key, row.number)} == PRODUCTS


def all_comes_to_its_end(town: SimulatedStore) -> None:
    """Give each subject one undisturbed worker, and check the result."""
    before = tested(town)
    for _ in range(len(town.numbers) * 2):
        due = town.subjects.next_due(KINDS)
        if due is not None:
            town.now = max(town.now, due)
            town.work({})
    assert town.subjects.next_due(KINDS) is None
    nothing_is_posted_twice_for_one_request(town)
    nothing_is_forgotten(town)
    assert before <= tested(town)


def _subjects(town: SimulatedStore) -> list[Row[Any]]:
    with transaction(town.engine) as connection:
        return list(connection.execute(select(subject)).all())
