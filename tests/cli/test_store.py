"""``fedora-openqa store``: upgrade, check, back up, restore."""

import itertools
import json
import sqlite3
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest
from click.testing import CliRunner
from sqlalchemy import create_engine, insert, text, update

from fedora_openqa import __version__
from fedora_openqa.cli import main
from fedora_openqa.model.deliveries import Sink, WantedDelivery
from fedora_openqa.store.deliveries import Deliveries
from fedora_openqa.store.engine import open_engine
from fedora_openqa.store.schema import REVISION, alembic_version, migration
from fedora_openqa.store.subjects import Subjects
from tests.cli.conftest import Ended
from tests.services.postgresql import PostgreSQL
from tests.services.postgresql_fixture import private_postgresql, real_postgresql
from tests.store.work import UPDATE

__all__ = ["private_postgresql", "real_postgresql"]


@dataclass(frozen=True)
class Place:
    """A store that does not exist yet, and the command."""

    url: str
    folder: Path
    #: further keys of [store]
    more: str = ""

    @property
    def backup(self) -> Path:
        return self.folder / "backup"

    def run(self, *arguments: str) -> Ended:
        (self.folder / "config.toml").write_text(f'[store]\nurl = "{self.url}"\n{self.more}')
        command = ["--config", str(self.folder / "config.toml"), *arguments]
        result = CliRunner().invoke(main, command)
        if result.exception and not isinstance(result.exception, SystemExit):
            raise result.exception
        return Ended(result.exit_code, result.stdout, result.stderr)

    def store(self, *arguments: str) -> Ended:
        return self.run("store", *arguments)

    def want(self) -> None:
        engine = open_engine(self.url)
        Subjects(engine).want(UPDATE, message_id="m1")
        wanted = WantedDelivery(sink=Sink.RESULTSDB, build="B", item="1")
        Deliveries(engine).want([wanted])
        engine.dispose()

    def change(self, *statements: str) -> None:
        engine = create_engine(self.url)
        with engine.begin() as connection:
            for statement in statements:
                connection.execute(text(statement))
        engine.dispose()

    def set_schema(self, revision: str) -> None:
        engine = create_engine(self.url)
        values = {"revision": revision, "oldest_code": revision, "software": "9.1", "at": 0.0}
        with engine.begin() as connection:
            connection.execute(insert(migration).values(**values))
            connection.execute(update(alembic_version).values(version_num=revision))
        engine.dispose()

    def has_update(self) -> bool:
        engine = open_engine(self.url)
        found = Subjects(engine).find(UPDATE.key)
        engine.dispose()
        return found is not None


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.service)])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Place:
    if request.param == "sqlite":
        return Place(f"sqlite:///{tmp_path}/store.db", tmp_path)
    server: PostgreSQL = request.getfixturevalue("real_postgresql")
    return Place(server.create(), tmp_path)


@pytest.fixture
def on_sqlite(tmp_path: Path) -> Place:
    return Place(f"sqlite:///{tmp_path}/store.db", tmp_path)


def test_an_upgrade_makes_a_store_that_every_command_can_use(place: Place) -> None:
    planned = place.store("upgrade", "--dry-run")
    assert planned.status == 0
    assert planned.out.splitlines() == [
        "There is no store yet",
        f"Would run {REVISION}: Make the first tables.",
        f"Would upgrade to schema {REVISION}",
    ]
    made = place.store("upgrade")
    assert made.status == 0
    assert f"Upgraded to schema {REVISION} in " in made.out
    assert place.run("status").status == 0
    again = place.store("upgrade")
    assert (again.status, again.out) == (
        0,
        f"The store has schema {REVISION} of fedora-openqa {__version__}\nNothing to upgrade\n",
    )


@pytest.mark.parametrize("command", ["status", "worker", "sweep"])
def test_a_store_of_another_version_is_refused_in_one_sentence(place: Place, command: str) -> None:
    place.want()
    place.set_schema("0000")
    refused = place.run(command)
    assert refused.status == (78 if command == "worker" else 2)
    assert refused.err == (
        f"Error: the store has schema 0000 and fedora-openqa {__version__} needs {REVISION}:"
        " run `fedora-openqa store upgrade`\n"
    )


def test_a_newer_store_is_not_downgraded(place: Place) -> None:
    place.want()
    place.set_schema("9999")
    refused = place.store("upgrade")
    assert (refused.status, refused.err.count("\n")) == (2, 1)
    assert "a store is not downgraded" in refused.err


def test_a_check_counts_rows(place: Place) -> None:
    place.want()
    checked = place.store("check")
    assert checked.status == 0
    assert "\nsubject: 2\n" in checked.out
    assert checked.out.endswith("Problems: 0\n")
    as_json = json.loads(place.store("check", "--format", "json").out)
    assert (as_json["schema"], as_json["rows"]["delivery"], as_json["problems"]) == (
        REVISION,
        1,
        [],
    )


@pytest.mark.parametrize(
    ("statement", "problem"),
    [
        ("DROP INDEX message_seen", "not the schema of the code"),
        ("ALTER TABLE pause ADD COLUMN colour INTEGER", "not the schema of the code"),
        ("UPDATE subject SET state = 'maybe'", "2 subjects of an unknown state"),
        ("UPDATE delivery SET state = 'maybe'", "1 deliveries of an unknown state"),
        ("UPDATE subject SET state = 'reported'", "1 pending deliveries of a build that is done"),
    ],
)
def test_a_check_finds_what_the_code_never_writes(
    place: Place, statement: str, problem: str
) -> None:
    place.want()
    place.change(statement)
    checked = place.store("check")
    assert checked.status == 1
    assert f"Problem: {problem}" in checked.out


def test_a_check_finds_rows_without_a_parent(on_sqlite: Place) -> None:
    on_sqlite.want()
    # the driver's connections do not check foreign keys
    on_sqlite.change("DELETE FROM subject WHERE lane = 'resultsdb'")
    checked = on_sqlite.store("check")
    assert checked.status == 1
    assert "Problem: 1 rows of delivery without a subject" in checked.out


def test_a_check_of_no_store_says_so(place: Place) -> None:
    assert place.store("check").out.startswith("There is no store yet\n")
    assert not (place.folder / "store.db").exists()


def test_a_backup_is_restored_as_it_was(place: Place) -> None:
    place.want()
    # a process that uses the store delays no backup
    engine = open_engine(place.url)
    written = place.store("backup", str(place.backup))
    assert (written.status, written.err) == (0, "")
    assert place.backup.stat().st_mode & 0o777 == 0o600
    assert [path.name for path in place.folder.glob("*backup*")] == ["backup"]
    engine.dispose()
    place.change("DELETE FROM subject")
    restored = place.store("restore", str(place.backup))
    assert (restored.status, restored.err) == (0, "")
    assert place.has_update()
    assert place.store("check").status == 0


def test_a_backup_is_consistent_while_a_process_writes(place: Place) -> None:
    engine = open_engine(place.url)
    deliveries = Deliveries(engine)
    written, ended = threading.Event(), threading.Event()

    def write() -> None:
        for number in itertools.count():
            if ended.is_set():
                return
            # one transaction: a build with its deliveries
            build = f"B{number}"
            deliveries.want(
                [WantedDelivery(sink=Sink.WIKI, build=build, item=str(item)) for item in range(5)]
            )
            written.set()

    writer = threading.Thread(target=write)
    writer.start()
    try:
        assert written.wait(60)
        backups = [place.folder / f"backup{number}" for number in range(3)]
        for backup in backups:
            assert place.store("backup", str(backup)).status == 0
    finally:
        ended.set()
        writer.join()
        engine.dispose()
    for backup in backups:
        assert place.store("restore", str(backup), "--force").status == 0
        rows = place.store("check", "--format", "json").json["rows"]
        assert rows["delivery"] == 5 * rows["subject"] > 0


def test_a_backup_replaces_a_file_only_if_forced(place: Place) -> None:
    place.want()
    place.backup.write_text("mine")
    for options in ([], ["--dry-run"]):
        refused = place.store("backup", str(place.backup), *options)
        assert refused.status == 2
        assert "exists: --force replaces it" in refused.err
    assert place.backup.read_text() == "mine"
    assert place.store("backup", str(place.backup), "--force").status == 0
    assert place.store("restore", str(place.backup), "--force", "--dry-run").status == 0


def test_a_dry_run_writes_no_file(place: Place) -> None:
    place.want()
    assert place.store("backup", str(place.backup), "--dry-run").out == (
        f"Would write {place.backup}\n"
    )
    assert not place.backup.exists()


def test_there_is_no_backup_without_a_store(place: Place) -> None:
    refused = place.store("backup", str(place.backup))
    assert (refused.status, refused.err) == (2, "Error: there is no store to back up\n")


def test_a_store_with_subjects_is_replaced_only_if_forced(place: Place) -> None:
    place.want()
    place.store("backup", str(place.backup))
    refused = place.store("restore", str(place.backup))
    assert refused.status == 2
    assert "the store is not empty: --force" in refused.err
    assert place.store("restore", str(place.backup), "--force").status == 0
    assert place.has_update()


def test_a_store_in_use_is_not_replaced(place: Place) -> None:
    place.want()
    place.store("backup", str(place.backup))
    engine = open_engine(place.url)
    refused = place.store("restore", str(place.backup), "--force")
    engine.dispose()
    assert refused.status == 2
    assert "use the store: stop " in refused.err


@pytest.mark.parametrize("content", ["", "nonsense\n" * 1000])
def test_what_is_no_backup_is_refused(place: Place, content: str) -> None:
    place.want()
    place.backup.write_text(content)
    refused = place.store("restore", str(place.backup), "--force")
    assert (refused.status, refused.err.count("\n")) == (2, 1)
    assert "is not a backup of a store" in refused.err
    assert place.has_update()


def test_a_backup_of_a_newer_version_is_refused(place: Place) -> None:
    place.want()
    place.set_schema("9999")
    place.store("backup", str(place.backup))
    refused = place.store("restore", str(place.backup), "--force")
    assert refused.status == 2
    assert "has schema 9999 of fedora-openqa 9.1" in refused.err


@pytest.mark.service
def test_a_backup_of_another_schema_is_restored_into_an_empty_database(
    real_postgresql: PostgreSQL, tmp_path: Path
) -> None:
    place = Place(real_postgresql.create(), tmp_path)
    place.want()
    place.store("backup", str(place.backup))
    place.set_schema("9999")
    refused = place.store("restore", str(place.backup), "--force")
    assert refused.status == 2
    assert f"has {REVISION}: restore it into an empty database" in refused.err
    empty = Place(real_postgresql.create(), tmp_path)
    assert empty.store("restore", str(place.backup)).status == 0
    assert empty.has_update()


def test_a_damaged_store_is_set_aside_and_replaced(on_sqlite: Place) -> None:
    on_sqlite.want()
    on_sqlite.store("backup", str(on_sqlite.backup))
    file = on_sqlite.folder / "store.db"
    file.write_bytes(b"nonsense" * 10_000)
    assert on_sqlite.store("restore", str(on_sqlite.backup)).status == 2
    assert on_sqlite.store("restore", str(on_sqlite.backup), "--force").status == 0
    assert on_sqlite.has_update()
    assert (on_sqlite.folder / "store.db.damaged").read_bytes().startswith(b"nonsense")
    assert file.stat().st_mode & 0o777 == 0o600


def test_a_backup_that_was_copied_by_hand_is_checked_where_it_is(on_sqlite: Place) -> None:
    on_sqlite.want()
    on_sqlite.store("backup", str(on_sqlite.backup))
    before = on_sqlite.backup.read_bytes()
    on_sqlite.store("restore", str(on_sqlite.backup), "--force")
    assert on_sqlite.backup.read_bytes() == before
    with sqlite3.connect(on_sqlite.backup) as connection:
        assert connection.execute("PRAGMA journal_mode").fetchone() == ("delete",)


@pytest.mark.service
def test_without_pg_dump_a_backup_is_refused(
    real_postgresql_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = Place(real_postgresql_url, tmp_path)
    place.want()
    monkeypatch.setenv("PATH", str(tmp_path))
    refused = place.store("backup", str(place.backup))
    assert (refused.status, refused.err) == (
        2,
        "Error: pg_dump is not installed: backups of PostgreSQL are made with it\n",
    )


@pytest.mark.service
@pytest.mark.parametrize("command", [["status"], ["store", "check"], ["store", "upgrade"]])
def test_a_frozen_server_ends_a_command(
    private_postgresql: PostgreSQL, tmp_path: Path, command: Sequence[str]
) -> None:
    place = Place(private_postgresql.create(), tmp_path, more="connect_timeout = 2.0\n")
    place.want()
    with private_postgresql.frozen():
        ended = place.run(*command)
    assert (ended.status, ended.err.count("\n")) == (1, 1)
    assert ended.err.startswith("Error: database: ")


@pytest.fixture
def real_postgresql_url(real_postgresql: PostgreSQL) -> str:
    return real_postgresql.create()
