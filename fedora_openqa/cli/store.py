"""``fedora-openqa store``: upgrade, check, back up, restore."""

import sys
import time
from pathlib import Path

import click

from fedora_openqa.cli.common import DONE, NOTHING, open_config
from fedora_openqa.cli.options import format_option
from fedora_openqa.cli.output import say, say_json
from fedora_openqa.store.checking import StoreCheck, check_store
from fedora_openqa.store.copies import Copies
from fedora_openqa.store.migrating import Step
from fedora_openqa.store.upgrading import Upgrader
from fedora_openqa.store.versions import SchemaVersion
from fedora_openqa.wiring.store import store_url

dry_run_option = click.option(
    "--dry-run", is_flag=True, help="Change nothing; print what would be done."
)


@click.group()
def store() -> None:
    """Upgrade, check, back up or restore the store."""


@store.command()
@dry_run_option
@click.pass_obj
def upgrade(config_file: Path | None, *, dry_run: bool) -> None:
    """Migrate the store to the schema of this version, or make a new one.

    Nothing else migrates a store. It is one transaction: an upgrade that fails
    or is ended changes nothing. Back up first.

    Exit status: 0 the store has the schema of this version; 1 a migration
    failed; 2 the store is newer, or wrong usage or configuration.
    """
    upgrader = Upgrader(store_url(open_config(config_file, None)))
    version, steps = upgrader.plan()
    say(describe_version(version))
    if dry_run or not steps:
        say(*(f"Would run {describe_step(step, version)}" for step in steps))
        say(f"Would upgrade to schema {steps[-1].revision}" if steps else "Nothing to upgrade")
        return
    begun = time.monotonic()
    for step in upgrader.upgrade():
        say(describe_step(step, version))
    say(f"Upgraded to schema {steps[-1].revision} in {time.monotonic() - begun:.1f} s")


def describe_version(version: SchemaVersion | None) -> str:
    """Return the line about the present schema."""
    if version is None:
        return "There is no store yet"
    return f"The store has schema {version.revision} of fedora-openqa {version.software}"


def describe_step(step: Step, version: SchemaVersion | None) -> str:
    """Return the line about a migration of a store of a version; None: of a new one."""
    line = f"{step.revision}: {step.title}"
    if version is None:
        return line
    if step.oldest_code == step.revision:
        return f"{line} Older processes stop."
    return f"{line} Processes of schema {step.oldest_code} go on."


@store.command()
@format_option
@click.pass_obj
def check(config_file: Path | None, *, output: str) -> None:
    """Check the integrity of the store, its schema, and its rows.

    It reads all of the store, and changes nothing.

    Exit status: 0 no problem; 1 a problem, or the database does not answer;
    2 the schema is of another version, or wrong usage or configuration.
    """
    checked = check_store(store_url(open_config(config_file, None)))
    if output == "json":
        say_json(as_json(checked))
    else:
        say(describe_version(checked.version))
        say(*(f"{name}: {rows}" for name, rows in checked.rows.items()))
        say(*(f"Problem: {problem}" for problem in checked.problems))
        say(f"Problems: {len(checked.problems)}")
    sys.exit(NOTHING if checked.problems else DONE)


def as_json(checked: StoreCheck) -> dict[str, object]:
    """Return what ``--format json`` prints."""
    version = checked.version
    return {
        "schema": version.revision if version else None,
        "software": version.software if version else None,
        "rows": dict(checked.rows),
        "problems": list(checked.problems),
    }


@store.command()
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@click.option("--force", is_flag=True, help="Replace a FILE that is there.")
@dry_run_option
@click.pass_obj
def backup(config_file: Path | None, *, file: Path, force: bool, dry_run: bool) -> None:
    """Copy the store to FILE while processes use it.

    A copy of SQLite is a SQLite file; of PostgreSQL it is an archive of pg_dump.
    Only its owner can read FILE.
    """
    copies = Copies(store_url(open_config(config_file, None)))
    if dry_run:
        copies.check_target(file, force=force)
    else:
        copies.back_up(file, force=force)
    say(f"{'Would write' if dry_run else 'Wrote'} {file}")


@store.command()
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False, exists=True))
@click.option("--force", is_flag=True, help="Replace a store that is damaged or not empty.")
@dry_run_option
@click.pass_obj
def restore(config_file: Path | None, *, file: Path, force: bool, dry_run: bool) -> None:
    """Replace the store by the backup in FILE, as a whole or not at all.

    Stop all processes first; a store that is in use is refused. What is newer
    than the backup is found by the next sweep.

    Exit status: 0 done; 1 it failed, and the store is as it was; 2 FILE is not
    such a backup, the store is in use or not empty, or wrong usage or
    configuration.
    """
    copies = Copies(store_url(open_config(config_file, None)))
    if dry_run:
        copies.check_source(file, force=force)
    else:
        copies.restore(file, force=force)
    say(f"{'Would restore' if dry_run else 'Restored'} {file}")
