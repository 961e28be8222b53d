"""``fedora-openqa update``, ``task``, ``tag``, ``copr`` and ``fcosbuild``."""

import re
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn, TypedDict, Unpack

import click

from fedora_openqa.cli.options import (
    check_release,
    packages_options,
    split_list,
    writing_options,
)

if TYPE_CHECKING:
    from fedora_openqa.model.subjects import Copr, KojiTasks, SideTag

COPR = re.compile(r"@?[A-Za-z0-9][A-Za-z0-9._+-]*/[A-Za-z0-9][A-Za-z0-9._+-]*")
SIDE_TAG = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")
TASKS = re.compile(r"[0-9]+(,[0-9]+)*", re.ASCII)


class Options(TypedDict):
    """What `packages_options` and `writing_options` give a command."""

    flavors: tuple[str, ...]
    arch: str | None
    force: bool
    openqa_hostname: str | None
    dry_run: bool
    output: str


@click.command()
@click.argument("update")
@click.argument("release", required=False, callback=check_release)
@click.option(
    "--release",
    "release_option",
    metavar="NN",
    callback=check_release,
    help="Test on this release instead of the update's own; the same as RELEASE.",
)
@packages_options
@writing_options
@click.pass_obj
def update(
    config_file: Path | None,
    *,
    update: str,
    release: str | None,
    release_option: str | None,
    **options: Unpack[Options],
) -> None:
    """Schedule the tests of UPDATE, a Bodhi id or URL."""
    from fedora_openqa.cli.scheduling import open_config, schedule_and_show
    from fedora_openqa.model.requests import UpdateRequest

    if release and release_option and release != release_option:
        raise click.UsageError(f"RELEASE {release} is not --release {release_option}")
    request = UpdateRequest(
        update=update,
        release=release or release_option,
        flavors=options["flavors"],
        arches=_arches(options),
        force=options["force"],
    )
    config = open_config(config_file, options["openqa_hostname"])
    schedule_and_show(config, request, output=options["output"], dry_run=options["dry_run"])


@click.command()
@click.argument("tasks", metavar="TASK[,TASK…]")
@click.argument("release", callback=check_release)
@packages_options
@writing_options
@click.pass_obj
def task(config_file: Path | None, *, tasks: str, release: str, **options: Unpack[Options]) -> None:
    """Test the builds of Koji tasks on RELEASE; never reported."""
    from fedora_openqa.model.subjects import KojiTasks

    if not TASKS.fullmatch(tasks):
        raise click.BadParameter(f"{tasks!r} is not the id of a Koji task", param_hint="TASK")
    _schedule(config_file, KojiTasks(tuple(map(int, tasks.split(","))), release), options)


@click.command()
@click.argument("tag")
@click.argument("release", callback=check_release)
@packages_options
@writing_options
@click.pass_obj
def tag(config_file: Path | None, *, tag: str, release: str, **options: Unpack[Options]) -> None:
    """Test the packages of the Koji side tag TAG on RELEASE; never reported."""
    from fedora_openqa.model.subjects import SideTag

    if not SIDE_TAG.fullmatch(tag):
        raise click.BadParameter(f"{tag!r} is not the name of a Koji tag", param_hint="TAG")
    _schedule(config_file, SideTag(tag, release), options)


@click.command()
@click.argument("project", metavar="OWNER/NAME")
@click.argument("release", callback=check_release)
@packages_options
@writing_options
@click.pass_obj
def copr(
    config_file: Path | None, *, project: str, release: str, **options: Unpack[Options]
) -> None:
    """Test the packages of a COPR project on RELEASE; never reported.

    OWNER is a person or a @group.
    """
    from fedora_openqa.model.subjects import Copr

    if not COPR.fullmatch(project):
        raise click.BadParameter(f"{project!r} is not owner/name", param_hint="OWNER/NAME")
    _schedule(config_file, Copr(project, release), options)


@click.command()
@click.argument("url")
@click.option(
    "--flavors", callback=split_list, metavar="F,G", default="", help="Only these flavors."
)
@click.option("-f", "--force", is_flag=True, help="Schedule also what openQA already has.")
@writing_options
@click.pass_obj
def fcosbuild(
    config_file: Path | None,
    *,
    url: str,
    flavors: tuple[str, ...],
    force: bool,
    openqa_hostname: str | None,
    dry_run: bool,
    output: str,
) -> None:
    """Schedule the tests of the Fedora CoreOS build whose folder is at URL."""
    from fedora_openqa.cli.scheduling import open_config, schedule_and_show
    from fedora_openqa.model.requests import CoreOSRequest

    config = open_config(config_file, openqa_hostname)
    request = CoreOSRequest(url=url, flavors=flavors, force=force)
    schedule_and_show(config, request, output=output, dry_run=dry_run)


def _schedule(
    config_file: Path | None, packages: "KojiTasks | SideTag | Copr", options: Options
) -> NoReturn:
    from fedora_openqa.cli.scheduling import open_config, schedule_and_show
    from fedora_openqa.model.requests import PackagesRequest

    request = PackagesRequest(
        packages=packages,
        flavors=options["flavors"],
        arches=_arches(options),
        force=options["force"],
    )
    config = open_config(config_file, options["openqa_hostname"])
    schedule_and_show(config, request, output=options["output"], dry_run=options["dry_run"])


def _arches(options: Options) -> tuple[str, ...]:
    return (options["arch"],) if options["arch"] else ()
