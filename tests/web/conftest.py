import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from fedora_openqa.sandbox.config_files import write_config_files
from fedora_openqa.sandbox.openid import CLIENT_SECRET
from fedora_openqa.sandbox.running import Sandbox
from fedora_openqa.store.engine import open_engine
from tests.cli.conftest import cli
from tests.services.installed import need_program
from tests.services.postgresql_fixture import real_postgresql
from tests.support.acting import HOST, LOCAL, OPENID, ActingSite
from tests.support.pages import Pages
from tests.support.stores import copy_store
from tests.web.filled import fill, renew

if TYPE_CHECKING:
    from playwright.sync_api import Browser

__all__ = ["cli", "real_postgresql"]


@pytest.fixture(scope="module")
def browser() -> Iterator["Browser"]:
    """Start Debian's Chromium."""
    # late: most tests of pages need no browser
    from playwright.sync_api import sync_playwright  # noqa: PLC0415

    program = need_program("chromium")
    with sync_playwright() as playwright:
        # its sandbox does not work as root
        browser = playwright.chromium.launch(executable_path=program, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def filled_store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Fill one store for all tests, which copy it."""
    path = tmp_path_factory.mktemp("filled") / "store.db"
    engine = open_engine(copy_store(path))
    fill(engine)
    engine.dispose()
    return path


@pytest.fixture
def pages(filled_store: Path, tmp_path: Path) -> Iterator[Pages]:
    """Open the pages on a store that has something in every table."""
    shutil.copy(filled_store, tmp_path / "store.db")
    engine = open_engine(f"sqlite:///{tmp_path}/store.db")
    # other tests may have taken minutes
    renew(engine)
    yield Pages(engine)
    engine.dispose()


@pytest.fixture
def no_pages(tmp_path: Path) -> Iterator[Pages]:
    """Open the pages on an empty store."""
    engine = open_engine(copy_store(tmp_path / "store.db"))
    yield Pages(engine)
    engine.dispose()


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with Sandbox() as running:
        yield running


@pytest.fixture
def folder(sandbox: Sandbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Configure the sandbox, its provider and its people."""
    environ = {
        **write_config_files(tmp_path, sandbox),
        "HOME": str(tmp_path),
        "LOGNAME": "root",
        "STATE_DIRECTORY": str(tmp_path),
        "FEDORA_OPENQA_OPENID_SECRET": CLIENT_SECRET,
    }
    for name, value in environ.items():
        monkeypatch.setenv(name, value)
    sandbox.openid.claims = {}
    sandbox.openid.algorithm, sandbox.openid.foreign_key = "RS256", False
    return tmp_path


@pytest.fixture
def site(sandbox: Sandbox, folder: Path) -> ActingSite:
    """Pages behind a proxy, with the provider."""
    text = OPENID.format(issuer=sandbox.issuer)
    return ActingSite(sandbox, folder / "config.toml", text, HOST)


@pytest.fixture
def local(sandbox: Sandbox, folder: Path) -> ActingSite:
    """Pages on the loopback interface, with a token."""
    return ActingSite(sandbox, folder / "config.toml", "", LOCAL)
