"""``fedora-openqa replay`` on the sandbox."""

import json
from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.cli.conftest import CommandOnSandbox, Ended

BODHI = "org.fedoraproject.prod.bodhi.update.status.testing.koji-build-group.build.complete"
PUNGI = "org.fedoraproject.prod.pungi.compose.status.change"
GNOME, CORE = "FEDORA-2026-5d02b7e318", "FEDORA-2026-3c1e7a90d2"
GNOME_FLAVORS = {
    "updates-workstation",
    "updates-workstation-upgrade",
    "updates-workstation-live-iso",
    "updates-silverblue-dvd_ostree-iso",
}


def update(cli: CommandOnSandbox, alias: str) -> dict[str, object]:
    found = cli.read(f"bodhi/updates/{alias}")["update"]
    return {"topic": BODHI, "id": alias, "body": {"update": found, "re-trigger": False}}


@pytest.fixture
def recorded(cli: CommandOnSandbox) -> Path:
    """Record an update, a compose, and what follows nothing."""
    location = cli.sandbox.compose_location
    compose = {"status": "FINISHED", "compose_id": location.split("/")[-2], "location": location}
    messages = [
        update(cli, GNOME),
        {"topic": PUNGI, "id": "2", "body": compose},
        {"topic": PUNGI, "id": "3", "body": compose | {"status": "STARTED"}},
        {"topic": BODHI, "id": "4", "body": {}},
    ]
    path = cli.directory / "recorded.json"
    path.write_text(json.dumps(messages))
    return path


def run(cli: CommandOnSandbox, *arguments: str | Path) -> Ended:
    environ: Mapping[str, str] = {"XDG_STATE_HOME": str(cli.directory / "state")}
    return cli.run("replay", *map(str, arguments), environ=environ)


def test_recorded_messages_become_work_once(cli: CommandOnSandbox, recorded: Path) -> None:
    dry = run(cli, recorded, "--dry-run")
    assert (dry.status, dry.out.count("would be new")) == (0, 2)
    first = run(cli, recorded)
    assert first.status == 0
    assert "4 messages, 2 with new work" in first.out
    again = run(cli, recorded, "--format", "json")
    assert (again.status, again.json) == (1, {"messages": 4, "new": 0})
    assert run(cli, recorded, "--dry-run").status == 1
    assert not cli.posts


def test_a_plan_says_what_would_be_posted_and_touches_nothing(
    cli: CommandOnSandbox, recorded: Path
) -> None:
    ended = run(cli, recorded, "--plan")
    assert ended.status == 0, ended.err
    assert f"update:{GNOME}: 4 products: " in ended.out
    assert "3 (org.fedoraproject.prod.pungi.compose.status.change): not ours" in ended.out
    assert "4 (" in ended.out
    assert "cannot be planned" in ended.out
    assert ended.out.endswith("4 messages: 14 products\n")
    assert not cli.sandbox.requests.all(path="/api/")
    assert not (cli.directory / "state").exists()


def test_a_change_of_tables_shows_as_a_difference_of_plans(
    cli: CommandOnSandbox, recorded: Path
) -> None:
    plan = cli.directory / "plan.json"
    plan.write_text(run(cli, recorded, "--plan", "--format", "json").out)
    assert {row["flavor"] for row in json.loads(plan.read_text())} >= GNOME_FLAVORS
    same = run(cli, recorded, "--plan", "--against", plan)
    assert same.out == "+0 products, -0, 0 with other settings\n"
    (cli.directory / "updates.toml").write_text(
        '[fedora.groups]\ncritical-path-gnome = ["workstation", "gnome"]\n[eln.groups]\n'
    )
    cli.configure(f'[tables]\ndirectory = "{cli.directory}"\n[site]\nQEMU_HOST_IP = "10.0.2.2"\n')
    changed = run(cli, recorded, "--plan", "--against", plan)
    assert f"+ update:{GNOME} updates-gnome x86_64\n" in changed.out
    assert f"- update:{GNOME} updates-workstation-live-iso x86_64\n" in changed.out
    assert f"~ update:{GNOME} updates-workstation x86_64: QEMU_HOST_IP\n" in changed.out
    assert changed.out.endswith("+1 products, -3, 11 with other settings\n")


@pytest.mark.parametrize(
    ("arguments", "status", "reason"),
    [
        (["none.json"], 1, "cannot be read"),
        (["--against", "x", "none.json"], 2, "--against needs --plan"),
    ],
)
def test_wrong_usage_is_said(
    cli: CommandOnSandbox, arguments: list[str], status: int, reason: str
) -> None:
    ended = run(cli, *arguments)
    assert ended.status == status
    assert reason in ended.err
