"""`open_engine` with databases that others have changed or made."""

import os
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Engine, create_engine, insert, text, update

from fedora_openqa import __version__
from fedora_openqa.errors import ConfigError, SchemaError, ServiceUnavailableError
from fedora_openqa.model.work import Change
from fedora_openqa.store.engine import open_engine, transaction
from fedora_openqa.store.schema import REVISION, alembic_version, metadata, migration
from fedora_openqa.store.subjects import Subjects
from tests.store.timed import TimedSubjects
from tests.store.work import KINDS, UPDATE


def change(url: str, *statements: str) -> None:
    """Change a database in a way that this project does not."""
    engine = create_engine(url)
    with engine.begin() as connection:
        for statement in statements:
            connection.execute(text(statement))
    engine.dispose()


def test_the_migrations_make_the_tables_that_the_code_uses(engine: Engine) -> None:
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_server_default": True})
        assert compare_metadata(context, metadata) == []


def test_a_database_of_the_newest_migration_is_opened_without_alembic(engine: Engine) -> None:
    with engine.connect() as connection:
        assert MigrationContext.configure(connection).get_current_heads() == (REVISION,)


def test_a_database_is_opened_again_with_what_is_in_it(url: str) -> None:
    first = open_engine(url)
    TimedSubjects(first).at(5.0).want(UPDATE, message_id=None)
    first.dispose()
    again = open_engine(url)
    assert TimedSubjects(again).next_due(KINDS) == 5.0
    again.dispose()


def set_schema(url: str, revision: str, *, oldest_code: str, software: str = "9.1") -> None:
    """Let a store seem to have been migrated by another version of fedora-openqa."""
    values = {"revision": revision, "oldest_code": oldest_code, "software": software, "at": 0.0}
    engine = create_engine(url)
    with engine.begin() as connection:
        connection.execute(insert(migration).values(**values))
        connection.execute(update(alembic_version).values(version_num=revision))
    engine.dispose()


def test_a_store_of_a_newer_version_is_refused(url: str) -> None:
    open_engine(url).dispose()
    set_schema(url, "9999", oldest_code="9998")
    with pytest.raises(SchemaError) as caught:
        open_engine(url)
    assert str(caught.value) == (
        f"the store has schema 9999 of fedora-openqa 9.1 and fedora-openqa {__version__} knows"
        f" {REVISION}: install 9.1 or newer, or run `fedora-openqa store restore` with a backup of"
        f" schema {REVISION}"
    )


def test_a_store_of_an_older_version_is_refused(url: str) -> None:
    open_engine(url).dispose()
    set_schema(url, "0000", oldest_code="0000")
    with pytest.raises(SchemaError) as caught:
        open_engine(url)
    assert str(caught.value) == (
        f"the store has schema 0000 and fedora-openqa {__version__} needs {REVISION}:"
        " run `fedora-openqa store upgrade`"
    )


def test_a_store_that_was_only_expanded_is_worked_with(url: str) -> None:
    open_engine(url).dispose()
    set_schema(url, "9999", oldest_code=REVISION)
    engine = open_engine(url)
    assert Subjects(engine).want(UPDATE, message_id=None) is Change.NEW
    engine.dispose()


def test_each_connection_looks_at_the_schema_again_after_a_while(
    url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    engine = open_engine(url)
    subjects = Subjects(engine)
    assert subjects.want(UPDATE, message_id=None) is Change.NEW
    set_schema(url, "9999", oldest_code="9999")
    # it was looked at just now
    assert subjects.want(UPDATE, message_id=None) is Change.NOTHING
    monkeypatch.setattr("fedora_openqa.store.engine.CHECK_SECONDS", 0.0)
    with pytest.raises(SchemaError, match="9999"):
        subjects.want(UPDATE, message_id="m1")
    engine.dispose()


def test_a_statement_that_does_not_fit_the_schema_is_tried_again(url: str) -> None:
    engine = open_engine(url)
    subjects = Subjects(engine)
    assert subjects.want(UPDATE, message_id=None) is Change.NEW
    change(url, "ALTER TABLE subject RENAME COLUMN attempts TO tries")
    set_schema(url, "9999", oldest_code="9999")
    with pytest.raises(ServiceUnavailableError, match="attempts"):
        subjects.want(UPDATE, message_id="m1")
    with pytest.raises(SchemaError, match="9999"):
        subjects.want(UPDATE, message_id="m1")
    engine.dispose()


def test_a_database_of_something_else_is_left_alone(url: str) -> None:
    change(url, "CREATE TABLE product (id INTEGER, price INTEGER)")
    with pytest.raises(ConfigError, match="product") as caught:
        open_engine(url)
    assert "\n" not in str(caught.value)
    # nothing of ours is left in there
    change(url, "CREATE TABLE subject (id INTEGER)")


def test_an_empty_file_becomes_a_database(tmp_path: Path) -> None:
    (tmp_path / "store.db").touch()
    open_engine(f"sqlite:///{tmp_path}/store.db").dispose()


def test_the_name_of_a_folder_may_have_every_byte(tmp_path: Path) -> None:
    folder = tmp_path / os.fsdecode(b"\xff \xc3\xa9#")
    open_engine(f"sqlite:///{folder}/store.db").dispose()
    assert (folder / "store.db").stat().st_size


def test_a_folder_that_is_missing_is_made(tmp_path: Path) -> None:
    open_engine(f"sqlite:///{tmp_path}/state/fedora-openqa/store.db").dispose()


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("", "url"),
        ("no url", "url"),
        ("https://[::1/", "url"),
        ("postgresql+psycopg://host:port/name", "url"),
        ("nosuch://host/name", "nosuch"),
        ("mysql://host/name", "mysql"),
        # every connection would have a database of its own
        ("sqlite://", "file"),
        ("sqlite:///:memory:", "file"),
        ("sqlite:////dev/null/store.db", "/dev/null"),
        ("sqlite:////", "directory"),
    ],
)
def test_a_url_that_leads_nowhere_is_named(url: str, said: str) -> None:
    with pytest.raises(ConfigError, match=said) as caught:
        open_engine(url)
    assert "[store] url" in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("driver", ["psycopg", "psycopg2"])
def test_a_driver_that_is_not_installed_is_asked_for(driver: str) -> None:
    code = f"""
import sys
sys.modules["{driver}"] = None
from fedora_openqa.errors import ConfigError
from fedora_openqa.store.engine import open_engine
try:
    open_engine("postgresql+{driver}://host/name")
except ConfigError as exc:
    print(exc)
"""
    said = subprocess.check_output([sys.executable, "-c", code], text=True)
    assert said == (
        f"[store] url postgresql+{driver}://host/name: its driver is not installed;"
        " postgresql+psycopg:// needs pip install 'fedora-openqa[postgresql]'\n"
    )


@pytest.mark.parametrize(
    "url",
    [
        "nosuch://user:hush@host/name",
        "nosuch://user:hush/hush@host/name",
        "postgresql+psycopg://user:x@host:hush/name",
        "postgresql+psycopg//user:hush@host/name",
    ],
)
def test_a_password_is_not_said(url: str) -> None:
    with pytest.raises(ConfigError) as caught:
        open_engine(url)
    assert "hush" not in str(caught.value)
    assert caught.value.__cause__ is None or "hush" not in str(caught.value.__cause__)


def test_a_file_that_is_no_database_is_named(tmp_path: Path) -> None:
    (tmp_path / "store.db").write_text("not a database, and long enough to be one\n" * 100)
    with pytest.raises(ConfigError, match="not a database"):
        open_engine(f"sqlite:///{tmp_path}/store.db")


def test_a_damaged_database_is_unavailable_in_one_line(tmp_path: Path) -> None:
    path = tmp_path / "store.db"
    engine = open_engine(f"sqlite:///{path}")
    with sqlite3.connect(path) as connection:
        connection.execute("DROP TABLE message")
    with pytest.raises(ServiceUnavailableError, match="message") as caught:
        Subjects(engine).prune(keep=0.0)
    assert "\n" not in str(caught.value)
    engine.dispose()


def test_a_block_that_fails_leaves_nothing(engine: Engine) -> None:
    def fail() -> None:
        with transaction(engine) as connection:
            connection.execute(text("DELETE FROM subject"))
            raise KeyError

    TimedSubjects(engine).at(5.0).want(UPDATE, message_id=None)
    with pytest.raises(KeyError):
        fail()
    assert TimedSubjects(engine).next_due(KINDS) == 5.0
