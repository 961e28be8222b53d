"""Upgrades of a store, with migrations that a later version might have."""

import threading
from collections.abc import Sequence
from pathlib import Path

import pytest
from sqlalchemy import Engine, create_engine, func, inspect, select

from fedora_openqa.errors import ConfigError, SchemaError, ServiceUnavailableError
from fedora_openqa.model.deliveries import Sink, WantedDelivery
from fedora_openqa.model.work import Change
from fedora_openqa.store.deliveries import Deliveries
from fedora_openqa.store.engine import open_engine
from fedora_openqa.store.migrating import Migrations, Step
from fedora_openqa.store.schema import REVISION, delivery
from fedora_openqa.store.subjects import Subjects
from fedora_openqa.store.upgrading import Upgrader
from fedora_openqa.store.versions import SchemaVersion
from tests.store.work import UPDATE
from tests.support.migrations import CONTRACTING, EXPANDING, FAILING, with_next

DELIVERY = WantedDelivery(sink=Sink.RESULTSDB, build="B", item="1")


def tables(url: str) -> set[str]:
    engine = create_engine(url)
    names = set(inspect(engine).get_table_names())
    engine.dispose()
    return names


def run(url: str, migrations: Migrations | None = None) -> Sequence[str]:
    upgrader = Upgrader(url, migrations) if migrations else Upgrader(url)
    return [step.revision for step in upgrader.upgrade()]


def test_our_migrations_are_numbered_and_say_which_code_may_go_on() -> None:
    steps = Migrations().steps
    assert [step.revision for step in steps] == [f"{it:04}" for it in range(1, len(steps) + 1)]
    assert steps[-1].revision == REVISION
    for before, step in zip([None, *steps], steps, strict=False):
        # one release at most
        assert step.oldest_code in {step.revision, before and before.revision}


def test_an_upgrade_makes_a_new_store_and_is_done_once(url: str) -> None:
    assert Upgrader(url).plan() == (None, Migrations().steps)
    assert run(url) == [REVISION]
    assert run(url) == []
    open_engine(url).dispose()


def test_a_plan_creates_nothing(tmp_path: Path) -> None:
    Upgrader(f"sqlite:///{tmp_path}/state/store.db").plan()
    assert list(tmp_path.iterdir()) == []


def test_a_plan_names_the_migrations_that_the_store_needs(url: str, tmp_path: Path) -> None:
    open_engine(url).dispose()
    version, steps = Upgrader(url, with_next(tmp_path / "next", EXPANDING)).plan()
    assert version
    assert version.revision == REVISION
    assert steps == (Step("0002", "Add notes to subjects.", oldest_code="0001"),)


def test_an_expanding_migration_loses_nothing_and_lets_old_code_go_on(
    url: str, tmp_path: Path
) -> None:
    old = open_engine(url)
    subjects, deliveries = Subjects(old), Deliveries(old)
    subjects.want(UPDATE, message_id="m1")
    deliveries.want([DELIVERY])
    next_migrations = with_next(tmp_path / "next", EXPANDING)
    assert run(url, next_migrations) == ["0002"]
    # the table of subjects was replaced, and deliveries refer to it
    assert count(old) == 1
    assert subjects.want(UPDATE, message_id="m1") is Change.NOTHING
    old.dispose()
    again = open_engine(url)
    assert Subjects(again).find(UPDATE.key)
    again.dispose()


def count(engine: Engine) -> int:
    with engine.connect() as connection:
        return int(connection.execute(select(func.count()).select_from(delivery)).scalar_one())


def test_a_contracting_migration_stops_old_code(url: str, tmp_path: Path) -> None:
    old = open_engine(url)
    subjects = Subjects(old)
    subjects.want(UPDATE, message_id="m1")
    assert run(url, with_next(tmp_path / "next", EXPANDING, CONTRACTING)) == ["0002", "0003"]
    # this connection relies on the schema that it found
    with pytest.raises(ServiceUnavailableError, match="reason"):
        subjects.find(UPDATE.key)
    with pytest.raises(SchemaError, match="has schema 0003"):
        subjects.find(UPDATE.key)
    old.dispose()


def test_a_migration_that_fails_changes_nothing(url: str, tmp_path: Path) -> None:
    open_engine(url).dispose()
    before = tables(url)
    with pytest.raises((ConfigError, ServiceUnavailableError), match="nonsense"):
        run(url, with_next(tmp_path / "next", FAILING))
    assert tables(url) == before
    open_engine(url).dispose()


def test_of_two_upgrades_at_once_one_works(url: str, tmp_path: Path) -> None:
    open_engine(url).dispose()
    migrations = with_next(tmp_path / "next", EXPANDING, CONTRACTING)
    done: list[str] = []
    both = [threading.Thread(target=lambda: done.extend(run(url, migrations))) for _ in range(2)]
    for thread in both:
        thread.start()
    for thread in both:
        thread.join()
    assert done == ["0002", "0003"]


def test_a_store_is_not_downgraded(url: str, tmp_path: Path) -> None:
    open_engine(url).dispose()
    run(url, with_next(tmp_path / "next", EXPANDING))
    with pytest.raises(ConfigError, match="a store is not downgraded") as caught:
        run(url)
    assert "0002" in str(caught.value)
    assert REVISION in str(caught.value)


def test_the_version_says_who_migrated(url: str) -> None:
    open_engine(url).dispose()
    version, steps = Upgrader(url).plan()
    assert isinstance(version, SchemaVersion)
    assert (version.revision, steps) == (REVISION, ())
