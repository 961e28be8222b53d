"""``fedora-openqa waive``."""

from pathlib import Path

import click

from fedora_openqa.cli.gating import check_subject
from fedora_openqa.cli.options import format_option
from fedora_openqa.cli.output import say, say_json


def check_comment(_ctx: click.Context, _param: click.Parameter, value: str) -> str:
    """Accept anything that says something."""
    if not value.strip():
        raise click.BadParameter("it is empty; others should know why the test does not matter")
    return value


@click.command()
@click.argument("subject", callback=check_subject)
@click.argument("test")
@click.option(
    "--comment",
    required=True,
    metavar="TEXT",
    callback=check_comment,
    help="Why the test does not matter this time.",
)
@click.option(
    "--scenario",
    metavar="S",
    help="Only in this scenario, as fedora.updates-server.x86_64.64bit (default: in all).",
)
@click.option(
    "--product-version",
    metavar="V",
    help="As fedora-43 (default: the update's release, or fedora-rawhide for a compose).",
)
@click.option("--dry-run", is_flag=True, help="Write nothing anywhere; print what would be waived.")
@format_option
@click.pass_obj
def waive(
    config_file: Path | None,
    *,
    subject: str,
    test: str,
    comment: str,
    scenario: str | None,
    product_version: str | None,
    dry_run: bool,
    output: str,
) -> None:
    """Tell WaiverDB that TEST does not matter for SUBJECT this time.

    SUBJECT is the id or URL of an update or a compose. TEST is openQA's name of a test, or a
    whole test case: podman, update.podman.

    Exit status: 0 it is waived; 1 it is not, or nobody can say; 2 wrong usage or configuration.
    """
    import msgspec

    from fedora_openqa.cli.scheduling import open_config
    from fedora_openqa.model.gating import WaiverRequest
    from fedora_openqa.wiring.gating import open_waiving

    waived = open_waiving(open_config(config_file, None), dry_run=dry_run).waive(
        WaiverRequest(
            subject=subject,
            test=test,
            comment=comment,
            scenario=scenario,
            product_version=product_version,
        )
    )
    waiver = waived.waiver
    if output == "json":
        shown = {"waiver": waived.id or None, **msgspec.to_builtins(waiver)}
        say_json(shown)
        return
    where = f" in {waiver.scenario}" if waiver.scenario else ""
    what = f"{waiver.testcase}{where} of {waiver.subject} ({waiver.product_version})"
    say(f"Would waive {what}" if dry_run else f"Waived {what}: waiver {waived.id}")
