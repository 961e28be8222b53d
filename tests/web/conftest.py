import os
import shutil
import time
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path

import pytest

from fedora_openqa.model.history import Scenario, StoredJob
from fedora_openqa.model.work import Wanted
from fedora_openqa.sandbox.config_files import write_config_files
from fedora_openqa.sandbox.openid import CLIENT_SECRET
from fedora_openqa.sandbox.running import Sandbox
from fedora_openqa.store.engine import open_engine
from fedora_openqa.store.jobs import JobHistory
from fedora_openqa.store.subjects import Subjects
from tests.cli.conftest import cli
from tests.services.chromium_fixture import browser
from tests.services.postgresql_fixture import real_postgresql
from tests.support.acting import HOST, LOCAL, OPENID, ActingSite
from tests.support.pages import Pages
from tests.support.served import MISSING, Served, serving
from tests.support.stores import copy_store
from tests.web.crawling import crawl
from tests.web.filled import BLOCKED, COMPOSE, fill, renew

__all__ = ["browser", "cli", "real_postgresql"]


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


@pytest.fixture(scope="session")
def served(filled_store: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """Serve the pages of a filled store by a process, with one URL for each rule."""
    folder = tmp_path_factory.mktemp("served")
    store = folder / "store.db"
    shutil.copy(filled_store, store)
    _go_on(store)
    with Sandbox() as sandbox:
        environ = os.environ | write_config_files(folder, sandbox)
        with (folder / "config.toml").open("a") as config:
            config.write(f'\n[store]\nurl = "sqlite:///{store}"\n')
        with serving(folder, environ) as process:
            yield replace(process, samples=_samples(store))


def _go_on(store: Path) -> None:
    """End the tests of the newest compose, and fail one of an update that gating requires."""
    engine = open_engine(f"sqlite:///{store}")
    renew(engine)
    request = {"update": BLOCKED}
    Subjects(engine).want(Wanted(f"update:{BLOCKED}", "update", request), message_id="m-blocked")
    scenario = Scenario("desktop_login", "updates-workstation", "x86_64", "64bit")
    failed = StoredJob(400, f"Update-{BLOCKED}", "43", scenario, state="done", result="failed")
    passed = StoredJob(300, COMPOSE, "Rawhide", scenario, state="done", result="passed")
    ended = [replace(job, finished=time.time()) for job in (failed, passed)]
    JobHistory(engine).remember(ended)
    engine.dispose()


def _samples(store: Path) -> Mapping[str, str]:
    pages = Pages.of(store)
    samples = {"": MISSING, "/login": "/login"}
    for url, answer, _ in crawl(pages):
        if answer.mimetype == "text/html" and answer.status_code == 200:
            with pages.app.test_request_context(url) as context:
                samples.setdefault(str(context.request.url_rule), url)
    pages.engine.dispose()
    return samples
