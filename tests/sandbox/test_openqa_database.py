from contextlib import suppress
from pathlib import Path

import pytest
from aiohttp import web

from fedora_openqa.errors import ConfigError
from fedora_openqa.sandbox.openqa import OpenQAOptions, Templates, add_openqa
from fedora_openqa.sandbox.openqa.database import Database
from fedora_openqa.sandbox.running import Sandbox, SandboxOptions
from tests.contract.signed import OpenQA


def test_jobs_and_groups_survive_a_restart(tmp_path: Path) -> None:
    options = SandboxOptions(
        openqa=OpenQAOptions(
            templates=Templates(), database=str(tmp_path / "db"), groups=("fedora",)
        )
    )
    with Sandbox(options) as sandbox:
        openqa = OpenQA(sandbox.url, sandbox.key, sandbox.secret)
        openqa.write("groups/1/comments", data={"text": "kept"})
    with Sandbox(options) as sandbox:
        openqa = OpenQA(sandbox.url, sandbox.key, sandbox.secret)
        assert [comment["text"] for comment in openqa.read("groups/1/comments")] == ["kept"]
        assert [group["id"] for group in openqa.read("job_groups")] == [1]


def test_a_transaction_is_all_or_nothing() -> None:
    database = Database(":memory:")
    with suppress(ZeroDivisionError), database.transaction():
        database.add_groups(["fedora"])
        raise ZeroDivisionError
    assert database.groups() == {}
    database.close()


def test_a_file_that_is_not_a_database_is_named(tmp_path: Path) -> None:
    path = tmp_path / "db"
    path.write_text("this is not a database, and long enough to be seen as none" * 20)
    with pytest.raises(ConfigError, match="not a database"):
        add_openqa(web.Application(), OpenQAOptions(templates=Templates(), database=str(path)))
