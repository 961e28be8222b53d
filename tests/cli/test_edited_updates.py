"""Jobs that ran on the builds that an update had before it was edited say nothing about it now."""

import json
from pathlib import Path

import pytest
from openqa_client.client import OpenQA_Client

from tests.cli.conftest import CommandOnSandbox
from tests.support.reports import configure, replay, worker
from tests.support.waiting import wait_for

UPDATE = "FEDORA-2026-5d02b7e318"
BUILD = f"Update-{UPDATE}"
#: the sandbox's updates are of a day that the clock does not know
LONG_AGO = "9999d"
OLD_BUILDS = "gnome-shell-48.0-1.fc43 mutter-48.0-1.fc43"


@pytest.fixture
def edited(cli: CommandOnSandbox) -> CommandOnSandbox:
    """An update whose jobs passed before it was edited."""
    planned = cli.run(
        "update", UPDATE, "--flavor", "workstation", "--dry-run", "--format", "json"
    ).json
    for product in planned:
        settings = {**product, "ADVISORY_NVRS_1": OLD_BUILDS}
        client(cli).openqa_request("POST", "isos", data=settings)
    for job in cli.get("jobs", build=BUILD)["jobs"]:
        result = "failed" if job["test"] == "desktop_browser" else "passed"
        cli.post(f"jobs/{job['id']}/set_done?result={result}")
    return cli


def client(cli: CommandOnSandbox) -> OpenQA_Client:
    made = OpenQA_Client(server=cli.sandbox.url, retries=0)
    made.session.headers["X-API-Key"] = cli.sandbox.key
    made.apisecret = cli.sandbox.secret
    return made


def job_of(cli: CommandOnSandbox, test: str) -> int:
    jobs = cli.get("jobs", build=BUILD)["jobs"]
    return max(int(job["id"]) for job in jobs if job["test"] == test)


def test_gating_takes_them_for_none_and_advises_to_schedule(edited: CommandOnSandbox) -> None:
    scenario = "fedora.updates-workstation.x86_64.64bit"
    ended = edited.run("gating", UPDATE)
    assert ended.status == 1
    command = f"  fedora-openqa update {UPDATE} --flavor updates-workstation --arch x86_64"
    assert ended.out.splitlines()[:-1] == [
        line
        for test in ("desktop_login", "desktop_browser")
        for line in (
            f"update.{test} {scenario}: missing, job {job_of(edited, test)} tested other builds",
            command,
        )
    ]


def test_blocked_finds_none_of_them(edited: CommandOnSandbox) -> None:
    ended = edited.run("blocked", "--since", LONG_AGO, "--report", "--format", "json")
    assert ended.json["jobs"] == []
    assert edited.sandbox.results.all() == ()


@pytest.mark.parametrize("by", ["build", "number"])
def test_report_skips_them_with_that_reason(edited: CommandOnSandbox, by: str) -> None:
    job_id = job_of(edited, "desktop_login")
    ended = edited.run("report", UPDATE if by == "build" else str(job_id), "--resultsdb")
    assert ended.status == 1
    reason = f"job {job_id}: not reported: it tested other builds than {UPDATE} has now"
    assert f"resultsdb: {reason}" in ended.out.splitlines()
    assert edited.sandbox.results.all() == ()


def test_where_bodhi_does_not_say_nothing_is_reported(
    edited: CommandOnSandbox, tmp_path: Path
) -> None:
    text = (tmp_path / "config.toml").read_text()
    (tmp_path / "config.toml").write_text(text.replace("/bodhi", "/nowhere"))
    job_id = job_of(edited, "desktop_login")
    ended = edited.run("report", str(job_id), "--resultsdb")
    assert ended.status == 1
    assert f"Failed: job {job_id}: " in ended.err
    assert edited.sandbox.results.all() == ()


def test_a_sweep_wants_none_of_them(edited: CommandOnSandbox) -> None:
    swept = edited.run("sweep", "--since", "4000d", "--format", "json").json
    assert [one for one in swept["reports"] if one["build"] == BUILD] == []


def test_a_late_message_about_one_changes_nothing_once_the_new_builds_have_jobs(
    edited: CommandOnSandbox,
) -> None:
    configure(edited)
    old = job_of(edited, "desktop_login")
    assert edited.run("update", UPDATE, "--flavor", "workstation", "--force").status == 0
    replay(edited, BUILD, [old])
    with worker(edited):
        wait_for(lambda: "skipped" in explained(edited, old))
    assert edited.sandbox.results.all() == ()


def explained(cli: CommandOnSandbox, job_id: int) -> str:
    shown = cli.run("explain", UPDATE, "--offline", "--format", "json").json
    states = [
        one["state"]
        for story in shown["stories"]
        for one in story.get("deliveries", ())
        if one["item"] == str(job_id)
    ]
    return json.dumps(states)
