"""``fedora-openqa config import``."""

import os
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

import click

from fedora_openqa.accounts import expand_home
from fedora_openqa.cli.common import DONE, NOTHING, counted
from fedora_openqa.cli.options import format_option
from fedora_openqa.cli.output import say, say_json
from fedora_openqa.config.importing import OLD_NAMES, Imported, import_config
from fedora_openqa.config.writing import changed_files, write_files
from fedora_openqa.data import load_compose_tables, load_flavor_tables
from fedora_openqa.errors import ConfigError

#: folders with the files of the existing tools; a later one wins
FOLDERS = ("/etc/fedora-openqa", "/etc", "/etc/fedora-messaging", "~/.config/fedora-openqa")

#: the folder of check-compose.conf, whose TOML files are of other programs
ETC = Path("/etc")


@click.command("import")
@click.option(
    "--from",
    "folders",
    type=click.Path(path_type=Path, file_okay=False, exists=True),
    multiple=True,
    metavar="DIR",
    help=f"A folder with old files; of several the later one wins (default: {', '.join(FOLDERS)}).",
)
@click.option(
    "--to",
    "target",
    type=click.Path(path_type=Path, dir_okay=False),
    default=Path("/etc/fedora-openqa/config.toml"),
    show_default=True,
    metavar="FILE",
    help="The configuration to write; tables and the password are put beside it.",
)
@click.option("--force", is_flag=True, help="Overwrite files that have other content.")
@click.option("--dry-run", is_flag=True, help="Write nothing; print what would be written.")
@format_option
def import_config_files(
    *, folders: tuple[Path, ...], target: Path, force: bool, dry_run: bool, output: str
) -> None:
    """Make the configuration from the files of the existing tools.

    Reads schedule.conf, images.json, updatetl.json, elnupdatetl.json, check-compose.conf and the
    TOML files of their consumers, and shows where each value went. Passwords are written to a
    file that only its owner can read. What cannot be carried over is named. The same import
    again changes nothing.

    Exit status: 0 imported, or nothing to change; 1 there are no such files; 2 wrong usage, a
    file that cannot be read, or one that would be overwritten.
    """
    target = target.absolute()
    old = dict(_read(folders or tuple(_usual_folders())))
    imported = import_config(
        old, target=target, composes=load_compose_tables(), flavors=load_flavor_tables()
    )
    changed = changed_files(imported.files, force=force)
    if not dry_run:
        write_files({path: imported.files[path] for path in changed})
    if output == "json":
        say_json(_as_json(imported, changed))
    else:
        say(*_describe(imported, changed, dry_run=dry_run))
    if not imported.files:
        say("No configuration files of the existing tools", err=True)
        sys.exit(NOTHING)
    sys.exit(DONE)


def _usual_folders() -> Iterator[Path]:
    for name in FOLDERS:
        folder = expand_home(name, os.environ)
        if folder and folder.is_dir():
            yield folder


def _read(folders: Iterable[Path]) -> Iterator[tuple[Path, str]]:
    """Yield the path and the text of each file that may be an old one."""
    for folder in folders:
        for path in sorted(folder.iterdir()):
            may_be_consumer = path.suffix == ".toml" and folder != ETC
            if path.name not in OLD_NAMES and not may_be_consumer:
                continue
            try:
                yield path, path.read_text(encoding="utf-8")
            except OSError as exc:
                raise ConfigError(f"{path}: cannot be read: {exc.strerror}") from exc
            except UnicodeDecodeError as exc:
                line = exc.object[: exc.start].count(b"\n") + 1
                raise ConfigError(f"{path}: line {line}: not UTF-8") from exc


def _as_json(imported: Imported, changed: tuple[Path, ...]) -> dict[str, object]:
    return {
        "carried": [{"from": source, "to": place} for source, place in imported.carried],
        "left": [{"from": one.source, "reason": one.reason} for one in imported.left],
        "warnings": list(imported.warnings),
        "files": {str(path): path in changed for path in imported.files},
    }


def _describe(imported: Imported, changed: tuple[Path, ...], *, dry_run: bool) -> Iterator[str]:
    for source, place in imported.carried:
        yield f"{source} → {place}"
    for one in imported.left:
        yield f"Not carried over: {one.source}: {one.reason}"
    for warning in imported.warnings:
        yield f"Warning: {warning}"
    for path in imported.files:
        would = "Would write" if dry_run else "Wrote"
        yield f"{would} {path}" if path in changed else f"Unchanged: {path}"
    if imported.files:
        yield (
            f"{counted(len(imported.carried), 'value')} carried over,"
            f" {len(imported.left)} not carried over"
        )
