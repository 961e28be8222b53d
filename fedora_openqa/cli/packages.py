"""``fedora-openqa update``, ``task``, ``tag``, ``copr`` and ``fcosbuild``."""

from pathlib import Path
from typing import NoReturn, TypedDict, Unpack

import click

from fedora_openqa.cli.common import open_config
from fedora_openqa.cli.options import (
    named,
    packages_options,
    scheduling_options,
    split_list,
)
from fedora_openqa.cli.show_schedule import schedule_and_show
from fedora_openqa.model.requests import CoreOSRequest, PackagesRequest, UpdateRequest
from fedora_openqa.model.spelling import (
    copr_named,
    release_named,
    tag_named,
    tasks_named,
)
from fedora_openqa.model.subjects import Copr, KojiTasks, SideTag


class Options(TypedDict):
    """The options that `packages_options` and `scheduling_options` add."""

    flavors: tuple[str, ...]
    arch: str | None
    force: bool
    openqa_hostname: str | None
    dry_run: bool
    output: str


@click.command()
@click.argument("update")
@click.argument("release", required=False, callback=named(release_named))
@click.option(
    "--release",
    "release_option",
    metavar="NN",
    callback=named(release_named),
    help="Test on this release instead of the update's own; the same as RELEASE.",
)
@packages_options
@scheduling_options
@click.pass_obj
def update(
    config_file: Path | None,
    *,
    update: str,
    release: str | None,
    release_option: str | None,
    **options: Unpack[Options],
) -> None:
    """Schedule the tests of UPDATE: the id or URL of an update in Bodhi."""
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
@click.argument("tasks", metavar="TASK[,TASK…]", callback=named(tasks_named))
@click.argument("release", callback=named(release_named))
@packages_options
@scheduling_options
@click.pass_obj
def task(
    config_file: Path | None,
    *,
    tasks: tuple[int, ...],
    release: str,
    **options: Unpack[Options],
) -> None:
    """Schedule tests of the builds of Koji tasks on RELEASE; results are not reported."""
    _schedule(config_file, KojiTasks(tasks, release), options)


@click.command()
@click.argument("tag", callback=named(tag_named))
@click.argument("release", callback=named(release_named))
@packages_options
@scheduling_options
@click.pass_obj
def tag(config_file: Path | None, *, tag: str, release: str, **options: Unpack[Options]) -> None:
    """Schedule tests of the Koji side tag TAG on RELEASE; results are not reported."""
    _schedule(config_file, SideTag(tag, release), options)


@click.command()
@click.argument("project", metavar="OWNER/NAME", callback=named(copr_named))
@click.argument("release", callback=named(release_named))
@packages_options
@scheduling_options
@click.pass_obj
def copr(
    config_file: Path | None, *, project: str, release: str, **options: Unpack[Options]
) -> None:
    """Schedule tests of a COPR project on RELEASE; results are not reported.

    OWNER is an account or a @group. OWNER/NAME:pr:12 is a directory of the project, here of a
    pull request.
    """
    _schedule(config_file, Copr(project, release), options)


@click.command()
@click.argument("url")
@click.option(
    "--flavors", callback=split_list, metavar="F,G", default="", help="Only these flavors."
)
@click.option("-f", "--force", is_flag=True, help="Schedule also what openQA already has.")
@scheduling_options
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
    config = open_config(config_file, openqa_hostname)
    request = CoreOSRequest(url=url, flavors=flavors, force=force)
    schedule_and_show(config, request, output=output, dry_run=dry_run)


def _schedule(
    config_file: Path | None, packages: KojiTasks | SideTag | Copr, options: Options
) -> NoReturn:

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
