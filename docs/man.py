"""Writes manual pages and shell completion of the commands into a folder: `make man`.

python docs/man.py build/share
"""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import click
from click_man.core import generate_man_page

import fedora_openqa
from fedora_openqa.cli import main

#: where each shell looks for completion, below share
COMPLETION = {
    "bash": "bash-completion/completions/fedora-openqa",
    "zsh": "zsh/site-functions/_fedora-openqa",
    "fish": "fish/vendor_completions.d/fedora-openqa.fish",
}


def contexts(context: click.Context) -> Iterator[click.Context]:
    """Yield the context of a command and those of its commands, down to the last."""
    yield context
    if isinstance(group := context.command, click.Group):
        for name in group.list_commands(context):
            if command := group.get_command(context, name):
                yield from contexts(click.Context(command, info_name=name, parent=context))


def write(share: Path) -> None:
    """Write a page for each command, and a file for each shell."""
    folder = share / "man/man1"
    folder.mkdir(parents=True, exist_ok=True)
    for context in contexts(click.Context(main, info_name="fedora-openqa")):
        page = generate_man_page(context, version=fedora_openqa.__version__)
        (folder / f"{context.command_path.replace(' ', '-')}.1").write_text(page)
    for shell, name in COMPLETION.items():
        environ = {**os.environ, "_FEDORA_OPENQA_COMPLETE": f"{shell}_source"}
        script = Path(sys.executable).with_name("fedora-openqa")
        (share / name).parent.mkdir(parents=True, exist_ok=True)
        with (share / name).open("wb") as file:
            subprocess.run([script], env=environ, check=True, stdout=file)


if __name__ == "__main__":
    write(Path(sys.argv[1]))
