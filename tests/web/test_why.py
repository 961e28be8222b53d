"""The pages that say why a subject is not tested, and the numbers of days."""

from collections.abc import Iterator

import pytest

from fedora_openqa.config import load_config
from fedora_openqa.store.engine import open_engine
from tests.cli.conftest import CommandOnSandbox
from tests.support.pages import Pages
from tests.support.stores import copy_store
from tests.support.waiting import wait_for
from tests.web.filled import COMPOSE, UPDATE

#: in no critical path group
COWSAY = "FEDORA-2026-0f83d5a26b"


@pytest.fixture
def served(cli: CommandOnSandbox) -> Iterator[Pages]:
    """The pages beside the sandbox's Bodhi."""
    engine = open_engine(copy_store(cli.directory / "pages.db"))
    options = {"openqa": {"hostname": cli.sandbox.url}}
    yield Pages(engine, options, gating=None, config=load_config(cli.config, environ={}))
    engine.dispose()


def test_the_rule_that_said_no_is_named_in_the_words_of_policy(
    cli: CommandOnSandbox, served: Pages
) -> None:
    url = f"/why?q=https://bodhi.example/updates/{COWSAY}"
    wait_for(lambda: "did not answer" not in served.html(url).text)
    text = served.html(url).text
    assert f"Read as update update:{COWSAY}" in text
    assert f"Answer {COWSAY} is in no critical path group that is tested" in text
    assert "As Bodhi has it" in text
    assert f"fedora-openqa update {COWSAY}" in text
    assert len(cli.sandbox.requests.all(path=COWSAY)) == 1


def test_what_is_stored_is_not_asked_for(pages: Pages) -> None:
    page = pages.html(f"/why?q={COMPOSE}")
    assert "Answer it is tested" in page.text
    assert f"/subjects/compose%3A{COMPOSE}" in page.links
    text = pages.html(f"/why?q={UPDATE}").text
    assert "it will be tested; the last attempt failed: " in text
    assert "As Bodhi has it" not in text


def test_what_is_no_subject_is_said(pages: Pages) -> None:
    text = pages.html("/why?q=<script>").text
    assert "this is no id or URL of a compose, an update or a CoreOS build" in text
    assert "Newest sweep there was none" in text


def test_an_epel_compose_is_held_back_by_its_kind(pages: Pages) -> None:
    text = pages.html("/why?q=Fedora-Epel-10-20261120.n.0").text
    assert "Answer kind: Fedora-Epel-10-20261120.n.0 is a compose of EPEL" in text
    assert "fedora-openqa compose URL" in text


def test_the_last_week_is_shown_unless_other_days_are_named(pages: Pages) -> None:
    page = pages.html("/statistics")
    assert len(page.all("tr")) == 1 + 7
    # the updates that were parked today
    assert " 120 " in page.text
    assert len(pages.html("/statistics?from=2026-01-01&to=2026-01-31").all("tr")) == 1 + 31


@pytest.mark.parametrize(
    "query",
    ["from=2026-01-01&to=2026-02-01", "from=2026-02-01&to=2026-01-01", "from=2026-13-01", "to=x",
     "to=0001-01-01", "first=2026-01-01"],
)  # fmt: skip
def test_impossible_days_are_refused(pages: Pages, query: str) -> None:
    pages.html(f"/statistics?{query}", 400)
