"""Commands in a shadow: each writes as little as with --dry-run."""

import pytest

from tests.cli.conftest import CommandOnSandbox

UPDATE = "FEDORA-2026-3c1e7a90d2"


@pytest.fixture
def build(cli: CommandOnSandbox) -> str:
    """The BUILD of jobs that exist, one of which failed."""
    scheduled = cli.run("update", UPDATE, "--flavor", "server", "--format", "json").json
    cli.post(f"jobs/{scheduled['jobs'][0]}/set_done?result=failed")
    cli.configure("[shadow]\nenabled = true\n")
    return f"Update-{UPDATE}"


def writes(cli: CommandOnSandbox) -> list[str]:
    return [
        f"{one.method} {one.path}"
        for one in cli.sandbox.requests.all()
        if one.method != "GET" and not one.path.startswith("/greenwave/")
    ]


@pytest.mark.parametrize(
    ("command", "said"),
    [
        (("update", UPDATE, "--force"), "Would post 11 products"),
        (("compose", "COMPOSE"), "Would post "),
        (("rerun", "BUILD", "--failed", "--yes"), "Would restart"),
        (("report", "BUILD", "--resultsdb"), "would"),
        (("check-compose", "COMPOSE", "--send"), ""),
        (("waive", UPDATE, "base_selinux", "--comment", "x", "--yes"), "Would waive"),
    ],
    ids=lambda value: value[0] if isinstance(value, tuple) else "",
)
def test_a_command_writes_nothing(
    cli: CommandOnSandbox, build: str, command: tuple[str, ...], said: str
) -> None:
    before = writes(cli)
    names = {"COMPOSE": cli.sandbox.compose_location, "BUILD": build}
    ended = cli.run(*(names.get(word, word) for word in command))
    assert said in ended.out, ended
    assert writes(cli) == before
    assert cli.sandbox.mail.messages() == ()
