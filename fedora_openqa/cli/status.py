"""``fedora-openqa status``."""

from collections.abc import Iterator
from pathlib import Path

import click

from fedora_openqa.cli.common import ago, open_config, when
from fedora_openqa.cli.explain import absence_as_json, describe_absence
from fedora_openqa.cli.options import format_option
from fedora_openqa.cli.output import say, say_json, say_table
from fedora_openqa.model.stories import Status
from fedora_openqa.wiring.operator import open_explainer

#: columns of the table of lanes
COUNTS = ("due", "waiting", "leased", "scheduled", "reported", "skipped", "parked")


@click.command()
@format_option
@click.pass_obj
def status(config_file: Path | None, *, output: str) -> None:
    """Show the lanes with what waits in them and since when, pauses, and the last message.

    Exit status: always 0.
    """
    found = open_explainer(open_config(config_file, None)).status()
    if output == "json":
        say_json(as_json(found))
    else:
        say_table(["lane", *COUNTS, "oldest"], rows_of(found))
        say(*describe(found))


def as_json(status: Status) -> dict[str, object]:
    """Return what ``--format json`` prints."""
    return {
        "now": when(status.now),
        "lanes": [
            {
                "kind": lane.lane,
                **{name: getattr(lane, name) for name in COUNTS},
                "oldest": when(lane.oldest),
            }
            for lane in status.lanes
        ],
        "paused": [
            *(
                {"lane": lane, "reason": reason, "by": None, "since": None, "until": None}
                for lane, reason in status.configured.items()
            ),
            *(
                {
                    "lane": it.lane,
                    "reason": it.reason,
                    "by": it.by,
                    "since": when(it.since),
                    "until": when(it.until),
                }
                for it in status.pauses
            ),
        ],
        "away": [absence_as_json(absence) for absence in status.absences],
        "last_message": when(status.last_message),
        "last_sweep": when(status.last_sweep),
    }


def rows_of(status: Status) -> list[list[str]]:
    """Return a row for each lane."""
    return [
        [lane.lane, *(str(getattr(lane, name)) for name in COUNTS), ago(lane.oldest, status.now)]
        for lane in status.lanes
    ]


def describe(status: Status) -> Iterator[str]:
    """Yield the lines about pauses, messages and sweeps."""
    for name, reason in status.configured.items():
        yield f"Paused by the configuration: {name}: {reason}"
    for pause in status.pauses:
        until = "" if pause.until is None else f" until {when(pause.until)}"
        since = ago(pause.since, status.now)
        yield f"Paused by {pause.by} {since}{until}: {pause.lane}: {pause.reason}"
    yield from map(describe_absence, status.absences)
    yield f"Last message: {ago(status.last_message, status.now)}"
    yield f"Last sweep: {ago(status.last_sweep, status.now)}"
