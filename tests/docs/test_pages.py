"""The documents build without a warning, and lead everywhere."""

import runpy
import subprocess
import sys
from pathlib import Path

import click
import pytest

from fedora_openqa.cli import main

ROOT = Path(__file__).parent.parent.parent
DOCS = ROOT / "docs"


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The documents as pages; each warning is an error."""
    folder = tmp_path_factory.mktemp("pages")
    asked = subprocess.run(
        [
            *(sys.executable, "-m", "sphinx", "-q", "-W", "--keep-going"),
            *("-b", "html", "-d", folder / "doctrees", DOCS, folder / "html"),
        ],
        capture_output=True,
        check=False,
        text=True,
    )
    assert asked.returncode == 0, asked.stderr
    return folder / "html"


def commands() -> set[str]:
    found = set()

    def visit(context: click.Context) -> None:
        found.add(context.command_path)
        if isinstance(group := context.command, click.Group):
            for name in group.list_commands(context):
                if command := group.get_command(context, name):
                    visit(click.Context(command, info_name=name, parent=context))

    visit(click.Context(main, info_name="fedora-openqa"))
    return found


@pytest.mark.slow
def test_every_document_is_a_page_and_every_command_is_on_one(pages: Path) -> None:
    for source in DOCS.rglob("*.md"):
        assert (pages / source.relative_to(DOCS)).with_suffix(".html").exists()
    text = (pages / "commands.html").read_text()
    for command in commands():
        assert f'id="{command.replace(" ", "-")}"' in text


@pytest.mark.slow
def test_every_command_has_a_manual_page_and_every_shell_its_completion(tmp_path: Path) -> None:
    written = runpy.run_path(str(DOCS / "man.py"))
    written["write"](tmp_path)
    names = {path.name for path in (tmp_path / "man/man1").iterdir()}
    assert names == {f"{command.replace(' ', '-')}.1" for command in commands()}
    for name in written["COMPLETION"].values():
        assert "fedora-openqa" in (tmp_path / name).read_text()


def test_the_readme_is_short_and_links_to_what_exists() -> None:
    lines = (ROOT / "README.md").read_text().splitlines()
    assert len(lines) <= 150
    for line in lines:
        for target in _links(line):
            assert (ROOT / target).exists(), target


def _links(line: str) -> list[str]:
    targets = [part.split(")")[0] for part in line.split("](")[1:]]
    return [target.split("#")[0] for target in targets if "://" not in target]
