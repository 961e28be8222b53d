"""``fedora-openqa config samples``."""

import sys
from pathlib import Path

import click

from fedora_openqa.cli.common import DONE
from fedora_openqa.cli.options import format_option
from fedora_openqa.cli.output import say, say_json
from fedora_openqa.config.importing import NewFile
from fedora_openqa.config.writing import changed_files, write_files
from fedora_openqa.data import sample_configs


@click.command("samples")
@click.argument("folder", metavar="DIR", type=click.Path(path_type=Path, file_okay=False))
@click.option("--force", is_flag=True, help="Overwrite files that have other content.")
@click.option("--dry-run", is_flag=True, help="Write nothing; print what would be written.")
@format_option
def write_samples(folder: Path, *, force: bool, dry_run: bool, output: str) -> None:
    """Write the sample configurations of the consumers to DIR.

    These are Fedora's own: one file of fedora-messaging for each consumer and environment, and
    the settings that all processes of a deployment share.

    Exit status: 0 written, or nothing to change; 2 wrong usage, or a file that would be
    overwritten or cannot be written.
    """
    files = {folder / name: NewFile(text) for name, text in sample_configs().items()}
    changed = changed_files(files, force=force)
    if not dry_run:
        write_files({path: files[path] for path in changed})
    if output == "json":
        say_json({"files": {str(path): path in changed for path in files}})
    else:
        would = "Would write" if dry_run else "Wrote"
        say(*(f"{would} {path}" if path in changed else f"Unchanged: {path}" for path in files))
    sys.exit(DONE)
