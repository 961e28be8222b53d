"""The page of an update: why it is blocked, and what helps."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import Engine

from fedora_openqa.config import load_config
from fedora_openqa.sandbox.faults import Kind, Rule
from fedora_openqa.store.engine import open_engine
from tests.cli.conftest import CommandOnSandbox
from tests.support.pages import OPENQA, Pages
from tests.support.stores import copy_store
from tests.support.waiting import wait_for

#: in the group critical-path-gnome
GNOME = "FEDORA-2026-5d02b7e318"
WORKSTATION = "fedora.updates-workstation.x86_64.64bit"
DECISION = "/greenwave/api/v1.0/decision"


@pytest.fixture
def store(cli: CommandOnSandbox) -> Iterator[Engine]:
    url = copy_store(cli.directory / "pages.db")
    cli.configure(f'[store]\nurl = "{url}"\n')
    engine = open_engine(url)
    yield engine
    engine.dispose()


@pytest.fixture
def served(cli: CommandOnSandbox, store: Engine) -> Pages:
    """The pages beside the sandbox's Greenwave, Bodhi, WaiverDB and openQA."""
    options = {"openqa": {"hostname": cli.sandbox.url}}
    return Pages(store, options, gating=None, config=load_config(cli.config, environ={}))


def known(served: Pages) -> str:
    """Return the text of the page once Greenwave has answered."""

    wait_for(lambda: "did not answer" not in served.html(f"/updates/{GNOME}").text)
    return served.html(f"/updates/{GNOME}").text


def test_each_requirement_says_its_state_and_what_helps(
    cli: CommandOnSandbox, served: Pages
) -> None:
    cli.run("update", GNOME, "--flavor", "workstation")
    jobs = cli.get("jobs", build=f"Update-{GNOME}")["jobs"]
    ids = {job["test"]: int(job["id"]) for job in jobs}
    cli.post(f"jobs/{ids['desktop_browser']}/set_done?result=failed")
    text = known(served)
    assert "blocked Of 2 required tests, 2 results missing as of 20" in text
    browser, login = ids["desktop_browser"], ids["desktop_login"]
    assert f"update.desktop_browser {WORKSTATION} missing {browser} failed" in text
    assert f"fedora-openqa report {browser} --resultsdb" in text
    assert f"update.desktop_login {WORKSTATION} missing {login} scheduled" in text
    assert "wait until the job has ended" in text
    assert "gnome" in text.partition("Builds")[2]


def test_a_waiver_says_who_gave_it(cli: CommandOnSandbox, served: Pages) -> None:
    waive = ("waive", GNOME, "update.desktop_browser", "--scenario", WORKSTATION)
    assert cli.run(*waive, "--comment", "<b>known</b> flake").status == 0
    text = known(served)
    assert f"update.desktop_browser {WORKSTATION} waived" in text
    assert "<b>known</b> flake" in text
    assert "<b>known" not in served.ask(f"/updates/{GNOME}").text


def test_a_greenwave_that_never_answers_is_said_and_asked_once(
    cli: CommandOnSandbox, served: Pages
) -> None:
    cli.sandbox.faults.add(Rule(Kind.HANG, path=DECISION))
    with ThreadPoolExecutor(20) as visitors:
        texts = list(visitors.map(lambda _: served.html(f"/updates/{GNOME}").text, range(20)))
    assert all("not known; Greenwave did not answer" in text for text in texts)
    assert all("Tests" in text for text in texts)
    asked = cli.sandbox.requests.all(path=f"/updates/{GNOME}")
    assert len(asked) == 1


def test_an_update_that_nobody_knows_is_said(served: Pages) -> None:
    text = served.html("/updates/FEDORA-2026-0000000000").text
    assert "not known" in text
    assert "The store does not know it: why was it not tested?" in text


@pytest.mark.parametrize(("name", "status"), [("FEDORA-2026-5D02B7E318", 302), ("kernel", 404)])
def test_only_an_alias_has_a_page(pages: Pages, name: str, status: int) -> None:
    answer = pages.ask(f"/updates/{name}", status)
    assert status != 302 or answer.location == f"/updates/{GNOME}"


def test_without_an_answer_the_tests_are_there(pages: Pages) -> None:
    text = pages.html("/updates/FEDORA-2026-1bd5f4a0c2").text
    assert "not known; Greenwave did not answer" in text
    assert "not all of its tests are scheduled" in text
    assert OPENQA
