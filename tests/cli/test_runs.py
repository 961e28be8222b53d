"""Two runs of one test in one BUILD, without a clone relation: the newer one counts."""

from collections.abc import Mapping

import pytest
import requests

from fedora_openqa.sandbox.faults import Kind, Rule
from tests.cli.conftest import CommandOnSandbox
from tests.support.reports import POSTS, SETTLES, configure, replay, worker
from tests.support.waiting import wait_for

UPDATE = "FEDORA-2026-5d02b7e318"
BUILD = f"Update-{UPDATE}"
TEST = "desktop_login"


def runs_of(cli: CommandOnSandbox, test: str = TEST) -> list[int]:
    jobs = cli.get("jobs", build=BUILD)["jobs"]
    return sorted(int(job["id"]) for job in jobs if job["test"] == test)


def newest(cli: CommandOnSandbox, test: str = TEST) -> tuple[int, str]:
    """Return the job and the outcome that ResultsDB has of a test by now."""
    rows = [row for row in cli.sandbox.results.all() if row.testcase == f"update.{test}"]
    last = max(rows, key=lambda row: row.id)
    return int((last.ref_url or "").rpartition("/")[2]), last.outcome


@pytest.fixture
def ran_twice(cli: CommandOnSandbox) -> CommandOnSandbox:
    """An update that was scheduled twice; the older runs have failed, the newer ones passed."""
    for result in ("failed", "passed"):
        assert cli.run("update", UPDATE, "--flavor", "workstation", "--force").status == 0
        for test in (TEST, "desktop_browser"):
            cli.post(f"jobs/{runs_of(cli, test)[-1]}/set_done?result={result}")
    return cli


def tell(cli: CommandOnSandbox, job_id: int, outcome: str) -> None:
    """Store a result as another tool would."""
    body: Mapping[str, object] = {
        "outcome": outcome,
        "testcase": f"update.{TEST}",
        "ref_url": f"{cli.sandbox.url}/tests/{job_id}",
        "groups": [group_of(cli)],
        "data": {
            "item": UPDATE,
            "type": "bodhi_update",
            "scenario": "fedora.updates-workstation.x86_64.64bit",
        },
    }
    answer = requests.post(f"{cli.sandbox.resultsdb_url}/results", json=body, timeout=10)
    answer.raise_for_status()


def group_of(cli: CommandOnSandbox) -> str:
    """Return the group of openQA's results of the update."""
    job_id = runs_of(cli)[-1]
    (row,) = cli.run("report", str(job_id), "--resultsdb", "--dry-run", "--format", "json").json
    return str(row["result"]["groups"][2]["uuid"])


def test_a_build_is_reported_by_its_newest_runs(ran_twice: CommandOnSandbox) -> None:
    older, newer = runs_of(ran_twice)
    ended = ran_twice.run("report", UPDATE, "--resultsdb")
    assert f"job {older}: not reported: job {newer} is a newer run of its scenario" in ended.out
    assert newest(ran_twice) == (newer, "PASSED")
    assert ran_twice.run("gating", UPDATE).status == 0


def test_an_older_run_is_not_reported_by_its_number_either(ran_twice: CommandOnSandbox) -> None:
    older, newer = runs_of(ran_twice)
    ended = ran_twice.run("report", str(older), "--resultsdb")
    assert ended.status == 1
    assert ended.out.startswith(
        f"resultsdb: job {older}: not reported: job {newer} is a newer run of its scenario\n"
    )
    assert ran_twice.sandbox.results.all() == ()


def test_what_gating_advises_brings_the_newest_run_before_an_older_result(
    ran_twice: CommandOnSandbox,
) -> None:
    older, newer = runs_of(ran_twice)
    assert ran_twice.run("report", UPDATE, "--resultsdb").status == 0
    tell(ran_twice, older, "FAILED")
    ended = ran_twice.run("gating", UPDATE)
    assert ended.status == 1
    assert f"  fedora-openqa report {newer} --resultsdb" in ended.out.splitlines()
    assert ran_twice.run("report", str(newer), "--resultsdb").status == 0
    assert newest(ran_twice) == (newer, "PASSED")
    assert ran_twice.run("gating", UPDATE).status == 0


def test_a_sweep_and_a_worker_tell_of_the_newest_run_only(ran_twice: CommandOnSandbox) -> None:
    older, newer = runs_of(ran_twice)
    configure(ran_twice)
    swept = ran_twice.run("sweep", "--since", "4000d", "--format", "json").json
    asked = {one["item"] for one in swept["reports"] if one["sink"] == "resultsdb"}
    assert str(newer) in asked
    assert str(older) not in asked
    with worker(ran_twice):
        wait_for(lambda: ran_twice.run("gating", UPDATE).status == 0)
    assert newest(ran_twice) == (newer, "PASSED")


@pytest.mark.parametrize("kind", [Kind.ANSWER, Kind.ANSWER_AFTER])
def test_a_503_at_the_wrong_moment_brings_no_older_result_back(
    cli: CommandOnSandbox, kind: Kind
) -> None:
    configure(cli, settles_after=SETTLES)
    cli.run("update", UPDATE, "--flavor", "workstation")
    (older,) = runs_of(cli)
    cli.post(f"jobs/{older}/set_done?result=failed")
    cli.sandbox.faults.add(Rule(kind, method="POST", path=POSTS, status=503, times=1))
    replay(cli, BUILD, [older])
    with worker(cli):
        wait_for(lambda: cli.sandbox.requests.all(method="POST", path=POSTS))
        cli.run("update", UPDATE, "--flavor", "workstation", "--force")
        newer = runs_of(cli)[-1]
        assert newer != older
        cli.post(f"jobs/{newer}/set_done?result=passed")
        replay(cli, BUILD, [newer])
        wait_for(lambda: lane_is_done(cli))
    assert newest(cli) == (newer, "PASSED")


def lane_is_done(cli: CommandOnSandbox) -> bool:
    (lane,) = cli.run("status", "--format", "json").json["lanes"]
    return bool(lane["reported"] == 1)
