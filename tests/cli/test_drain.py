"""``fedora-openqa drain`` and ``resume --all``, with an openQA that runs jobs."""

import json
from urllib.parse import parse_qs, urlsplit

import pytest

from tests.cli.conftest import CommandOnSandbox
from tests.support.web import Request, Web, text


def run_jobs(cli: CommandOnSandbox, web: Web, *running: str) -> None:
    """Let the command see an openQA with jobs of these tests, and a history of half an hour."""
    config = cli.config.read_text()
    cli.config.write_text(
        config.replace(f'hostname = "{cli.sandbox.url}"', f'hostname = "{web.url}"')
    )
    facts = {"settings": {"FLAVOR": "universal", "ARCH": "x86_64", "MACHINE": "64bit"}}
    start = {"t_started": "2026-11-20T12:00:00"}
    jobs = [
        {
            **facts,
            **start,
            "id": number,
            "test": test,
            "name": test,
            "state": "running",
            "result": "none",
        }
        for number, test in enumerate(running, 1)
    ]
    past = (
        {
            **jobs[0],
            "id": 9,
            "state": "done",
            "result": "passed",
            "t_finished": "2026-11-20T12:30:00",
        }
        if jobs
        else {}
    )

    def answer(request: Request) -> None:
        query = parse_qs(urlsplit(request.path).query)
        found = jobs if query.get("state") == ["assigned,running,setup,uploading"] else [past]
        text(json.dumps({"jobs": found}))(request)

    web.answers["GET /api/v1/jobs"] = answer


def test_a_drain_pauses_all_lanes_and_shows_what_runs(cli: CommandOnSandbox, web: Web) -> None:
    run_jobs(cli, web, "upgrade", "podman")
    cli.run("pause", "wiki", "--reason", "pages are renamed")
    ended = cli.run("drain", "--no-wait", "--reason", "new kernel")
    assert (ended.status, ended.err) == (1, "")
    assert ended.out.splitlines() == [
        "Paused: all: new kernel",
        "2 podman: running",
        "1 upgrade: running, usually until 2026-11-20T12:30:00Z",
        "2 jobs in openQA",
    ]
    paused = cli.run("status", "--format", "json").json["paused"]
    assert {one["lane"]: one["reason"] for one in paused} == {
        "all": "new kernel",
        "wiki": "pages are renamed",
    }


@pytest.mark.slow  # the second look is ten seconds later
def test_an_openqa_that_runs_nothing_is_drained(cli: CommandOnSandbox) -> None:
    ended = cli.run("drain")
    assert (ended.status, ended.err) == (0, "")
    assert ended.out.splitlines() == ["Paused: all: openQA is restarted", "0 jobs in openQA"]


def test_what_is_drained_goes_on_except_what_was_paused_by_name(cli: CommandOnSandbox) -> None:
    assert cli.run("drain", "--no-wait").status == 0
    cli.run("pause", "update:43", "--reason", "disk images")
    assert cli.run("resume", "--all", "--dry-run").out == "Would resume: all\n"
    ended = cli.run("resume", "--all")
    assert (ended.status, ended.out) == (0, "Resumed: all\n")
    assert ended.err == "Still paused: update:43: disk images\n"
    again = cli.run("resume", "--all")
    assert (again.status, again.out) == (1, "")
    assert again.err.startswith("all was not paused\n")


def test_a_dry_run_pauses_nothing(cli: CommandOnSandbox, web: Web) -> None:
    run_jobs(cli, web, "upgrade")
    ended = cli.run("drain", "--dry-run")
    assert ended.status == 1
    assert ended.out.startswith("Would pause: all: openQA is restarted\n")
    assert cli.run("status", "--format", "json").json["paused"] == []


def test_an_openqa_that_does_not_answer_is_not_drained(cli: CommandOnSandbox) -> None:
    cli.configure("[http]\nattempts = 1\n")
    config = cli.config.read_text()
    cli.config.write_text(config.replace(f'"{cli.sandbox.url}"', '"http://127.0.0.1:9"', 1))
    ended = cli.run("drain", "--no-wait")
    assert ended.status == 1
    assert "Not known what runs: GET http://127.0.0.1:9/api/v1/jobs" in ended.out


@pytest.mark.parametrize(
    "arguments", [["resume"], ["resume", "update", "--all"], ["drain", "--timeout", "soon"]]
)
def test_wrong_usage_is_2(cli: CommandOnSandbox, arguments: list[str]) -> None:
    assert cli.run(*arguments).status == 2
