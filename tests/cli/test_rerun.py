"""``fedora-openqa rerun`` on the sandbox."""

import os
import pty
import subprocess
import sys
from datetime import timedelta

import pytest

from fedora_openqa.cli.rerun import summary
from fedora_openqa.model.reruns import Estimate, RerunRequest
from fedora_openqa.policy.reruns import select_jobs
from fedora_openqa.sandbox.faults import Kind, Rule
from fedora_openqa.views.times import duration
from tests.cli.conftest import TWO_TRIES, CommandOnSandbox, Ended
from tests.support.jobs import BUILD, job

FLAVOR = "i3-live-iso"


@pytest.fixture
def tried(cli: CommandOnSandbox) -> CommandOnSandbox:
    """Three jobs have run: the first failed and so skipped those that wait for it."""
    cli.compose("--flavors", FLAVOR)
    cli.post("jobs/1/set_done?result=failed")
    return cli


def rerun(cli: CommandOnSandbox, *arguments: str) -> Ended:
    return cli.run("rerun", BUILD, *arguments)


def restarts(cli: CommandOnSandbox) -> int:
    return len(cli.sandbox.requests.all(method="POST", path="/restart$"))


def states(cli: CommandOnSandbox) -> dict[int, tuple[str, int | None]]:
    jobs = cli.get("jobs", build=BUILD)["jobs"]
    return {job["id"]: (job["state"], job["clone_id"]) for job in jobs}


def test_what_failed_is_restarted_with_what_depends_on_it(tried: CommandOnSandbox) -> None:
    before = states(tried)
    ended = rerun(tried, "--failed", "--yes", "--force", "--format", "json")
    assert ended.status == 0, ended.err
    copies = {int(old): new for old, new in ended.json["restarted"].items()}
    assert 1 in copies
    after = states(tried)
    assert {old: after[old][1] for old in copies} == copies
    assert {after[new][0] for new in copies.values()} == {"scheduled"}
    assert set(copies) == {old for old, (state, _) in before.items() if state != "scheduled"}
    assert {key: ended.json[key] for key in ("subject", "build", "refused")} == {
        "subject": BUILD,
        "build": BUILD,
        "refused": [],
    }
    assert restarts(tried) == 1


@pytest.fixture
def skipped(cli: CommandOnSandbox) -> tuple[int, list[int]]:
    """A parent that failed, and the jobs that openQA skipped because of it."""
    cli.compose("--flavors", "Server-dvd-iso", "--arches", "x86_64")
    jobs = cli.get("jobs", build=BUILD)["jobs"]
    parent = max(jobs, key=lambda job: len(job["children"]["Chained"]))["id"]
    cli.post(f"jobs/{parent}/set_done?result=failed")
    after = cli.get("jobs", build=BUILD)["jobs"]
    return parent, sorted(job["id"] for job in after if job["result"] == "skipped")


def test_skipped_children_are_restarted_by_way_of_their_failed_parent(
    cli: CommandOnSandbox, skipped: tuple[int, list[int]]
) -> None:
    parent, children = skipped
    tests = {job["id"]: job["test"] for job in cli.get("jobs", build=BUILD)["jobs"]}
    chosen = [f"--test={tests[child]}" for child in children[:2]]
    preview = rerun(cli, *chosen, "--dry-run")
    assert f"Restarted along: Server-dvd-iso x86_64: {parent} " in preview.out
    assert f"Would restart {len(children) + 1} jobs" in preview.out
    ended = rerun(cli, *chosen, "--yes", "--force", "--format", "json")
    assert ended.status == 0, ended.err
    assert f"{parent} {tests[parent]}@64bit (failed)" in ended.err
    assert sorted(map(int, ended.json["restarted"])) == sorted([parent, *children])
    assert ended.json["refused"] == []
    after = states(cli)
    assert {after[id_][0] for id_ in ended.json["restarted"].values()} == {"scheduled"}
    assert restarts(cli) == 1


def test_the_text_pairs_old_and_new_and_ends_with_the_new(tried: CommandOnSandbox) -> None:
    ended = rerun(tried, "--failed", "--yes", "--force")
    assert ended.out.startswith("1 -> ")
    assert "\nRestarted jobs: " in ended.out


def test_a_second_run_restarts_nothing(tried: CommandOnSandbox) -> None:
    rerun(tried, "--failed", "--yes", "--force")
    again = rerun(tried, "--failed", "--yes", "--force")
    assert (again.status, again.out) == (1, "")
    assert again.err == f"Nothing restarted: no such job among the 3 of {BUILD}\n"
    assert restarts(tried) == 1


def test_missing_assets_are_named_with_the_way_out(tried: CommandOnSandbox) -> None:
    ended = rerun(tried, "--failed", "--yes")
    assert (ended.status, ended.out) == (1, "")
    assert "Refused: 1 " in ended.err
    assert "misses the following mandatory assets: iso/Fedora-i3-Live" in ended.err
    assert "(--force restarts these nevertheless)" in ended.err
    shown = rerun(tried, "--failed", "--yes", "--format", "json").json
    assert (shown["restarted"], [it["job"] for it in shown["refused"]]) == ({}, [1])


def test_a_dry_run_shows_and_restarts_nothing(tried: CommandOnSandbox) -> None:
    ended = rerun(tried, "--failed", "--dry-run")
    assert ended.status == 0
    assert ended.out.startswith("i3-live-iso x86_64: ")
    assert "(failed)" in ended.out
    assert f"{BUILD}: 1 job" in ended.out
    assert "without history" in ended.out
    assert "Would restart " in ended.out
    shown = rerun(tried, "--failed", "--dry-run", "--format", "json").json
    assert shown["restarted"]["1"] is None
    assert restarts(tried) == 0


def test_what_waits_or_runs_is_left_alone(cli: CommandOnSandbox) -> None:
    cli.compose("--flavors", FLAVOR)
    ended = rerun(cli, "--flavor", FLAVOR, "--yes", "--force")
    assert ended.err == f"Nothing restarted: all such jobs of {BUILD} wait or run\n"
    assert ended.status == 1
    assert restarts(cli) == 0


def test_what_would_stop_a_waiting_job_is_refused(cli: CommandOnSandbox) -> None:
    cli.compose("--flavors", "universal")
    jobs = cli.get("jobs", build=BUILD)["jobs"]
    parent = next(job["id"] for job in jobs if job["children"]["Chained"])
    alone = next(
        job["id"] for job in jobs if not any(job["children"].values()) and not job["has_parents"]
    )
    for number in (parent, alone):
        cli.post(f"jobs/{number}/set_done?result=passed")
    ended = rerun(cli, "--flavor", "universal", "--yes", "--force")
    assert ended.status == 3
    assert f"Refused: {parent} " in ended.err
    assert "which would be restarted along, is scheduled" in ended.err
    assert f"Left alone: {len(jobs) - 2} jobs that wait or run" in ended.err
    assert ended.out.startswith(f"{alone} -> ")


@pytest.mark.parametrize(
    "fault",
    [
        Rule(Kind.ANSWER_AFTER, method="POST", status=502, times=1),
        Rule(Kind.DROP_AFTER, method="POST", times=1),
        Rule(Kind.CUT, method="POST", times=1),
    ],
    ids=["502 after", "drop after", "cut"],
)
def test_a_restart_whose_answer_is_lost_is_found(tried: CommandOnSandbox, fault: Rule) -> None:
    tried.configure(TWO_TRIES)
    tried.sandbox.faults.add(fault)
    ended = rerun(tried, "--failed", "--yes", "--force", "--format", "json")
    assert ended.status == 0, ended.err
    after = states(tried)
    assert {int(old): new for old, new in ended.json["restarted"].items()} == {
        old: copy for old, (_, copy) in after.items() if copy
    }
    assert restarts(tried) == 1


@pytest.mark.parametrize("kind", [Kind.ANSWER, Kind.DROP, Kind.HANG])
def test_a_restart_that_did_not_happen_is_said_and_not_repeated(
    tried: CommandOnSandbox, kind: Kind
) -> None:
    tried.config.write_text(
        tried.config.read_text().replace(
            "[openqa]\n", "[openqa]\npost_timeout = 3.0\nlook_again_after = 0.05\n"
        )
        + TWO_TRIES
    )
    tried.sandbox.faults.add(Rule(kind, method="POST"))
    ended = rerun(tried, "--failed", "--yes", "--force")
    assert (ended.status, ended.out) == (1, "")
    assert "openQA has no copy of it" in ended.err
    assert "Traceback" not in ended.err
    assert restarts(tried) == 1


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (["--yes"], "--failed, --flavor or --test"),
        (["--yes", "-a", "x86_64"], "--failed, --flavor or --test"),
        (["--failed"], "use --yes"),
    ],
)
def test_wrong_usage_asks_openqa_nothing(
    cli: CommandOnSandbox, arguments: list[str], reason: str
) -> None:
    ended = rerun(cli, *arguments)
    assert ended.status == 2
    assert reason in ended.err
    assert not cli.sandbox.requests.all()


@pytest.mark.parametrize("option", ["--yes", "--dry-run"])
def test_what_openqa_does_not_say_is_no_answer(tried: CommandOnSandbox, option: str) -> None:
    tried.configure(TWO_TRIES)
    tried.sandbox.faults.add(Rule(Kind.ANSWER, path="api/v1/jobs", status=503))
    ended = rerun(tried, "--failed", option)
    assert (ended.status, ended.out) == (1, "")
    assert "jobs: 503" in ended.err
    assert "no jobs of build" not in ended.err


def ask(cli: CommandOnSandbox, answer: str) -> tuple[int, str]:
    ours, terminal = pty.openpty()
    try:
        os.write(ours, answer.encode())
        ended = subprocess.run(
            [sys.executable, "-m", "fedora_openqa", "rerun", BUILD, "--failed", "--force"],
            env=os.environ | cli.environ,
            stdin=terminal,
            capture_output=True,
            text=True,
            check=False,
        )
    finally:
        os.close(terminal)
        os.close(ours)
    return ended.returncode, ended.stderr


def test_a_person_at_a_terminal_is_asked(tried: CommandOnSandbox) -> None:
    status, said = ask(tried, "n\n")
    assert status == 1
    assert said.startswith("i3-live-iso x86_64: ")
    assert "Restart them? [y/N]: " in said
    assert said.endswith("Nothing restarted\n")
    assert restarts(tried) == 0
    # how long the only flavor's tests usually take is one question
    assert len(tried.sandbox.requests.all(method="GET", path="/jobs$")) == 3
    status, _ = ask(tried, "y\n")
    assert (status, restarts(tried)) == (0, 1)


@pytest.mark.parametrize(
    ("estimate", "text"),
    [
        (
            Estimate(timedelta(minutes=200), timedelta(minutes=55), 0),
            "1 job and 1 restarted along, usually 3 h 20 min in all, the longest 55 min",
        ),
        (
            Estimate(timedelta(seconds=40), timedelta(seconds=40), 1),
            "1 job and 1 restarted along, usually 40 s in all, the longest 40 s, 1 without history",
        ),
        (
            Estimate(timedelta(), timedelta(), 2),
            "1 job and 1 restarted along, 2 without history",
        ),
    ],
)
def test_the_summary_says_what_is_known(estimate: Estimate, text: str) -> None:
    jobs = [job(1), job(2, "base", parents=(1,), outcome="cancelled/skipped")]
    selection = select_jobs(jobs, RerunRequest(subject=BUILD, failed=True))
    assert summary(selection, estimate) == text


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0, "0 s"),
        (59.4, "59 s"),
        (60, "1 min"),
        (3600, "1 h"),
        (3599, "1 h"),
        (12000, "3 h 20 min"),
    ],
)
def test_a_duration_reads_well(seconds: float, text: str) -> None:
    assert duration(timedelta(seconds=seconds)) == text
