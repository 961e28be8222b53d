"""The tables, compared with the result pages of a real MediaWiki."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from fedora_openqa.data.wiki_tables import load_wiki_tables
from fedora_openqa.sandbox.config_files import write_config_files
from fedora_openqa.sandbox.running import Sandbox
from tests.cli.conftest import CommandOnSandbox
from tests.services.mediawiki import BOT_PASSWORD, REPORTER, MediaWiki
from tests.support.wiki_pages import CID, EVENT, rows_for, title_of

pytestmark = pytest.mark.service

ROWS = rows_for(load_wiki_tables())
INSTALLATION = title_of(EVENT, "Installation")


@pytest.fixture
def cli(mediawiki: MediaWiki, tmp_path: Path) -> Iterator[CommandOnSandbox]:
    mediawiki.write_event(EVENT, ROWS)
    with Sandbox() as sandbox:
        cli = CommandOnSandbox(sandbox, tmp_path, write_config_files(tmp_path, sandbox))
        cli.configure(f'[wiki]\nhostname = "{mediawiki.host}"\nscheme = "http"\n')
        yield cli


def check(cli: CommandOnSandbox) -> tuple[int, list[str]]:
    ended = cli.run("config", "check", "--wiki", "--compose", CID)
    assert ended.err == ""
    return ended.status, ended.out.splitlines()


def test_our_tables_and_pages_that_are_made_of_them_agree(cli: CommandOnSandbox) -> None:
    status, lines = check(cli)
    assert (status, lines[-2:]) == (0, [f"Result pages: {CID}", "Problems: 0, notices: 0"])


@pytest.mark.parametrize(
    ("before", "after", "about"),
    [
        (
            "QA:Testcase_install_to_PATA",
            "QA:Testcase_install_to_IDE",
            "row: QA:Testcase_install_to_PATA on page Installation",
        ),
        (
            " !! ntfs",
            " !! vfat",
            "column: QA:Testcase_partitioning_guided_shrink on page Installation: ntfs",
        ),
        (
            "=== PXE boot ===",
            "=== Network boot ===",
            "section: QA:Testcase_Boot_Methods_Pxeboot on page Installation: PXE boot",
        ),
    ],
)
def test_what_the_page_calls_otherwise_is_a_problem(
    cli: CommandOnSandbox, mediawiki: MediaWiki, *, before: str, after: str, about: str
) -> None:
    mediawiki.write(INSTALLATION, mediawiki.read(INSTALLATION).replace(before, after))
    status, lines = check(cli)
    assert status == 1
    problems = [line for line in lines if line.startswith("Problem: ")]
    assert problems == [f"Problem: reported, but the wiki has no such {about}"]


def test_a_page_that_is_gone_is_a_notice(cli: CommandOnSandbox, mediawiki: MediaWiki) -> None:
    mediawiki.delete(INSTALLATION)
    status, lines = check(cli)
    assert (status, lines[-1]) == (0, "Problems: 0, notices: 1")
    page = "Notice: reported, but the wiki has no such page for this compose: Installation"
    assert page in lines


def test_the_login_to_the_wiki_is_tried(cli: CommandOnSandbox, mediawiki: MediaWiki) -> None:
    password = cli.directory / "bot-password"
    password.write_text(f"{BOT_PASSWORD}\n")
    before = mediawiki.read(INSTALLATION)
    cli.config.write_text(
        cli.config.read_text().replace(
            "[wiki]\n",
            f'[wiki]\nenabled = true\nbot_user = "{REPORTER}@report"\n'
            f'bot_password_file = "{password}"\n',
        )
    )
    good = cli.run("config", "check", "--connect")
    assert (good.status, good.err) == (0, "")
    assert f"Connected: wiki {mediawiki.host}: logged in as " in good.out
    password.write_text("HIDDEN\n")
    wrong = cli.run("config", "check", "--connect")
    assert wrong.status == 1
    assert f"Problem: no connection: wiki {mediawiki.host}: " in wrong.out
    assert "no login as" in wrong.out
    assert "HIDDEN" not in wrong.out + wrong.err
    assert mediawiki.read(INSTALLATION) == before
