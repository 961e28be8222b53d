"""``fedora-openqa rerun --cluster`` on the sandbox, after an outage that messages told of."""

import json

import pytest

from fedora_openqa.sandbox.finishing import Ending, Script
from tests.cli.conftest import CommandOnSandbox

BUILD = "Fedora-Rawhide-20261120.n.0"
TESTS = ("base_selinux", "base_services_start", "base_update_cli")

OUTAGE = Script(
    endings=tuple(
        Ending(
            flavor="Server-dvd-iso",
            test=test,
            result="incomplete",
            reason=f"asset failure: Failed to download disk{number}.qcow2",
        )
        for number, test in enumerate(TESTS)
    )
)


@pytest.fixture
def outage(cli: CommandOnSandbox) -> tuple[int, list[int]]:
    """Return the id of the cluster and those of its jobs."""
    assert cli.compose("--flavors", "Server-dvd-iso", "--arches", "x86_64").status == 0
    recorded = cli.directory / "messages.json"
    recorded.write_text(json.dumps(list(cli.sandbox.finish(BUILD, OUTAGE))))
    cli.run("replay", str(recorded))
    (cluster,) = cli.run("failures", "--format", "json").json
    assert (cluster["kind"], cluster["tests"]) == ("infra", list(TESTS))
    shown = cli.run("failures", "show", str(cluster["id"]), "--format", "json").json
    return cluster["id"], sorted(it["run"]["id"] for it in shown["members"])


def restarts(cli: CommandOnSandbox) -> int:
    return len(cli.sandbox.requests.all(method="POST", path="/restart$"))


def test_all_jobs_of_one_cause_are_restarted_once(
    cli: CommandOnSandbox, outage: tuple[int, list[int]]
) -> None:
    cluster, jobs = outage
    preview = cli.run("rerun", "--cluster", str(cluster), "--dry-run")
    assert preview.status == 0, preview.err
    assert f"{BUILD}: 3 jobs" in preview.out
    assert "Would restart 3 jobs" in preview.out
    assert restarts(cli) == 0
    done = cli.run("rerun", "--cluster", str(cluster), "--yes", "--force", "--format", "json")
    assert done.status == 0, done.err
    ((build, restarted),) = [(one["build"], one["restarted"]) for one in done.json]
    assert (build, sorted(map(int, restarted))) == (BUILD, jobs)
    again = cli.run("rerun", "--cluster", str(cluster), "--yes", "--force")
    assert again.status == 1
    assert f"{BUILD}: Left alone: 3 jobs whose scenario has a newer one" in again.err
    assert restarts(cli) == 1
    assert "rerun" in cli.run("audit").out


def test_more_than_the_limit_are_not_restarted(
    cli: CommandOnSandbox, outage: tuple[int, list[int]]
) -> None:
    refused = cli.run("rerun", "--cluster", str(outage[0]), "--yes", "--most", "2")
    assert refused.status == 2
    assert "it would be 3 jobs; --most 3 allows it" in refused.err
    assert restarts(cli) == 0
    narrowed = ("--test", TESTS[0], "--most", "1", "--dry-run")
    shown = cli.run("rerun", "--cluster", str(outage[0]), *narrowed)
    assert "Would restart 1 job" in shown.out


@pytest.mark.parametrize("arguments", [(), (BUILD, "--cluster", "7"), (BUILD,)])
def test_a_subject_with_a_choice_or_a_cluster_is_named(
    cli: CommandOnSandbox, arguments: tuple[str, ...]
) -> None:
    assert cli.run("rerun", *arguments, "--yes").status == 2


def test_failures_that_are_not_known_are_not_restarted(cli: CommandOnSandbox) -> None:
    ended = cli.run("rerun", "--cluster", "7", "--yes")
    assert (ended.status, restarts(cli)) == (1, 0)
    assert "no failures with one cause have job 7" in ended.err
