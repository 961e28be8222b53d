"""Results of real jobs of the sandbox's openQA reach its ResultsDB."""

import collections
import random
import re
import signal
import time
from importlib import resources

import pytest

from fedora_openqa.sandbox.faults import Kind, Rule
from tests.cli.conftest import CommandOnSandbox
from tests.support.reports import (
    HURRY,
    POSTS,
    RESULTSDB,
    SETTLES,
    build_of,
    configure,
    finish,
    jobs_of,
    replay,
    worker,
)
from tests.support.waiting import wait_for

UPDATE, OTHER_UPDATE = "FEDORA-2026-5d02b7e318", "FEDORA-2026-77e9c41fa0"
OUTCOMES = {
    "passed": "PASSED",
    "failed": "FAILED",
    "softfailed": "INFO",
    "incomplete": "CRASHED",
    "parallel_failed": "FAILED",
    "skipped": "FAILED",
}


def stored(cli: CommandOnSandbox) -> dict[int, list[str]]:
    """Give the outcomes that ResultsDB has, by job, the oldest first."""
    found: dict[int, list[str]] = {}
    for result in cli.sandbox.results.all():
        job_id = int((result.ref_url or "").rpartition("/")[2])
        found.setdefault(job_id, []).append(result.outcome)
    return found


def test_a_dry_run_prints_the_bodies_and_writes_nothing(cli: CommandOnSandbox) -> None:
    cli.compose("--flavors", "Server-dvd-iso")
    build = build_of(cli)
    finished = finish(cli, build, 3)
    ended = cli.run("report", build, "--resultsdb", "--dry-run", "--format", "json")
    assert ended.status == 0
    rows = {row["job"]: row for row in ended.json}
    assert {*rows} >= {*finished}
    reported = {job: row["result"] for job, row in rows.items() if "result" in row}
    assert {job: reported[job]["outcome"] for job in finished if job in reported} == {
        job: OUTCOMES[result] for job, result in finished.items() if job in reported
    }
    one = next(iter(reported.values()))
    assert one["data"]["meta.conventions"]
    assert one["data"]["scenario"].startswith("fedora.Server-dvd-iso.x86_64.")
    assert [row for row in rows.values() if "skip" in row]
    assert cli.sandbox.results.all() == ()
    assert not cli.sandbox.requests.all(method="POST", path=POSTS)


def test_without_a_sink_nothing_is_written_and_both_are_shown(cli: CommandOnSandbox) -> None:
    cli.compose("--flavors", "Server-dvd-iso")
    build = build_of(cli)
    finish(cli, build, 200)
    ended = cli.run("report", build)
    assert ended.status == 0
    assert re.search(r"^resultsdb: \d+ of \d+ jobs would be reported$", ended.out, re.MULTILINE)
    assert re.search(r"^wiki: \d+ of \d+ jobs would be reported$", ended.out, re.MULTILINE)
    assert "passes: Installation" in ended.out
    assert cli.sandbox.results.all() == ()


def test_the_wiki_would_get_passes_only(cli: CommandOnSandbox) -> None:
    cli.compose("--flavors", "Server-dvd-iso")
    build = build_of(cli)
    for job in jobs_of(cli, build):
        if str(job["name"]).endswith("-install_default_upload@64bit"):
            cli.post(f"jobs/{job['id']}/set_done?result=passed")
    ended = cli.run("report", build, "--wiki", "--dry-run", "--format", "json")
    assert ended.status == 0
    assert {
        "job": ended.json[0]["job"],
        "testtype": "Installation",
        "testcase": "QA:Testcase_Boot_default_install",
        "section": "Default boot and install (x86_64)",
        "testname": "Server_dvd",
        "env": "VM UEFI",
        "cid": build,
        "status": "pass",
        "bot": True,
    } in ended.json


def test_a_suite_that_no_table_knows_is_warned_of_once(
    cli: CommandOnSandbox, caplog: pytest.LogCaptureFixture
) -> None:
    cli.compose("--flavors", "Server-dvd-iso")
    build = build_of(cli)
    for job in jobs_of(cli, build):
        if job["state"] != "done":
            cli.post(f"jobs/{job['id']}/set_done?result=passed")
    quiet = cli.run("report", build, "--wiki", "--dry-run")
    assert "in the table of suites" not in quiet.out + caplog.text
    assert "suite podman passes no test case, on purpose" in quiet.out
    ours = resources.files("fedora_openqa.data").joinpath("testsuites.toml").read_text()
    tables = cli.directory / "tables"
    tables.mkdir()
    (tables / "testsuites.toml").write_text(ours.replace("install_default =", "other ="))
    cli.configure(f'[tables]\ndirectory = "{tables}"\n')
    # two machines, so two jobs
    ended = cli.run("report", build, "--wiki", "--dry-run")
    assert ended.out.count("suite install_default is not in the table of suites") == 2
    # the log goes to standard error
    assert caplog.text.count("suite install_default is not in the table of suites") == 1


def test_results_are_stored_once_however_often_they_are_reported(cli: CommandOnSandbox) -> None:
    cli.run("update", UPDATE)
    build = f"Update-{UPDATE}"
    finished = finish(cli, build, 200)
    for _ in range(2):
        ended = cli.run("report", UPDATE, "--resultsdb")
        assert ended.status == 0, ended.err
    assert stored(cli) == {job: [OUTCOMES[result]] for job, result in finished.items()}
    items = {result.data["item"] for result in cli.sandbox.results.all()}
    assert items == {(UPDATE,)}


def test_a_sweep_finds_jobs_without_messages_and_believes_resultsdb(
    cli: CommandOnSandbox,
) -> None:
    cli.run("update", UPDATE)
    finished = finish(cli, f"Update-{UPDATE}", 1000)
    some = [str(job_id) for job_id in finished][:3]
    # another reporter has sent it: the store is empty
    assert cli.run("report", *some, "--resultsdb").status == 0
    dry = cli.run("sweep", "--since", "4000d", "--dry-run", "--format", "json")
    assert len(dry.json["reports"]) == len(finished) - 3
    swept = cli.run("sweep", "--since", "4000d", "--format", "json").json
    told = {(one["sink"], one["build"], one["item"]) for one in swept["reports"]}
    assert told == {
        ("resultsdb", f"Update-{UPDATE}", str(job_id))
        for job_id in finished
        if str(job_id) not in some
    }
    assert swept["confirmed"] == 3
    configure(cli)
    with worker(cli):
        wait_for(lambda: is_told(cli, UPDATE, len(finished)))
    assert stored(cli) == {job: [OUTCOMES[result]] for job, result in finished.items()}
    again = cli.run("sweep", "--since", "4000d", "--format", "json").json
    assert again["reports"] == []


def is_told(cli: CommandOnSandbox, update: str, count: int) -> bool:
    explained = cli.run("explain", update, "--offline", "--format", "json").json
    (story,) = [one for one in explained["stories"] if one["key"] == f"resultsdb:Update-{update}"]
    states = [one["state"] for one in story["deliveries"]]
    return states == ["delivered"] * count and bool(story["state"] == "reported")


def test_a_message_about_a_job_is_stored_and_explained(cli: CommandOnSandbox) -> None:
    cli.run("update", UPDATE)
    finished = finish(cli, f"Update-{UPDATE}", 2)
    job_id = min(finished)
    replay(cli, f"Update-{UPDATE}", [job_id])
    by_update = cli.run("explain", UPDATE, "--offline").out
    assert f"resultsdb:Update-{UPDATE}: wanted" in by_update
    assert f"  {job_id}: pending" in by_update
    by_message = cli.run("explain", f"done-{job_id}", "--offline").out
    assert f"  {job_id}: pending" in by_message
    lanes = cli.run("status", "--format", "json").json["lanes"]
    assert [lane["kind"] for lane in lanes] == ["resultsdb"]


def test_a_sink_is_a_lane_that_can_be_stopped(cli: CommandOnSandbox) -> None:
    assert cli.run("pause", "resultsdb", "--reason", "moving house").status == 0
    assert "resultsdb: moving house" in cli.run("status").out
    assert cli.run("resume", "resultsdb").status == 0
    wrong = cli.run("pause", "resultsdb:43", "--reason", "no such thing")
    assert wrong.status == 2
    assert "resultsdb, wiki or mail, or all" in wrong.err


def test_what_is_parked_of_a_sink_is_listed_and_let_go(cli: CommandOnSandbox) -> None:
    configure(cli)
    cli.run("update", UPDATE)
    build = f"Update-{UPDATE}"
    job_id = min(finish(cli, build, 1000))
    refusal = Rule(Kind.ANSWER, method="POST", path=POSTS, status=400, body='{"message": "no"}')
    cli.sandbox.faults.add(refusal)
    replay(cli, build, [job_id])
    key = f"resultsdb:{build}"
    with worker(cli):
        wait_for(lambda: key in cli.run("parked", "list").out)
    assert f"{key}: {job_id}: POST" in cli.run("parked", "list").out
    cli.sandbox.faults.clear()
    assert cli.run("parked", "release", key).status == 0
    with worker(cli):
        wait_for(lambda: stored(cli))
    assert list(stored(cli)) == [job_id]


def test_one_job_may_be_named(cli: CommandOnSandbox) -> None:
    cli.run("update", UPDATE)
    finished = finish(cli, f"Update-{UPDATE}", 2)
    job_id = min(finished)
    assert cli.run("report", str(job_id), "--resultsdb").status == 0
    assert stored(cli) == {job_id: [OUTCOMES[finished[job_id]]]}
    unknown = cli.run("report", "99999", "--resultsdb")
    assert (unknown.status, unknown.err) == (1, "Error: openQA has no job 99999\n")


def test_jobs_that_never_ran_because_of_a_named_one_are_reported_along(
    cli: CommandOnSandbox,
) -> None:
    cli.compose("--flavors", "Server-dvd-iso")
    jobs = {str(job["name"]).partition("n.0-")[2]: job for job in jobs_of(cli, build_of(cli))}
    root, child, grandchild = (
        int(str(jobs[f"{test}@64bit"]["id"]))
        for test in ("install_default_upload", "server_cockpit_default", "server_cockpit_basic")
    )
    cli.post(f"jobs/{root}/set_done?result=failed")
    ended = cli.run("report", str(root), "--resultsdb")
    assert ended.status == 0
    for job_id, test in (
        (root, "install_default_upload"),
        (child, "server_cockpit_default"),
        (grandchild, "server_cockpit_basic"),
    ):
        assert f"job {job_id}: compose.{test} is FAILED, result " in ended.out
    assert stored(cli)[grandchild] == ["FAILED"]


def test_by_hand_metadata_is_read_once_too(cli: CommandOnSandbox) -> None:
    cli.compose("--flavors", "Server-dvd-iso")
    finish(cli, build_of(cli), 1000)
    before = len(cli.sandbox.requests.all(path="^/compose/"))
    assert cli.run("report", build_of(cli), "--resultsdb").status == 0
    assert len(cli.sandbox.requests.all(path="^/compose/")) - before <= 4


def test_what_a_server_refuses_is_named_and_the_others_are_sent(cli: CommandOnSandbox) -> None:
    cli.run("update", UPDATE)
    finished = finish(cli, f"Update-{UPDATE}", 4)
    cli.sandbox.faults.add(
        Rule(Kind.ANSWER, method="POST", path=POSTS, status=400, body='{"message": "no"}', times=1)
    )
    ids = [str(job_id) for job_id in finished]
    ended = cli.run("report", *ids, "--resultsdb")
    assert ended.status == 3
    assert "400" in ended.err
    assert len(cli.sandbox.results.all()) == len(finished) - 1


def test_a_resultsdb_that_is_away_is_an_error_of_one_line(cli: CommandOnSandbox) -> None:
    cli.configure(HURRY)
    cli.run("update", UPDATE)
    finish(cli, f"Update-{UPDATE}", 1)
    ended = cli.run("report", UPDATE, "--resultsdb", "--resultsdb-url", "http://127.0.0.1:9/api")
    assert ended.status == 1
    assert ended.err.startswith("Error: ")
    assert "Connection refused" in ended.err


def test_a_whole_compose_costs_few_requests(cli: CommandOnSandbox) -> None:
    cli.compose("--arches", "")
    build = build_of(cli)
    finish(cli, build, 400)
    configure(cli)
    before = len(cli.sandbox.requests.all())
    ids = report_ids(cli, build, 250)
    replay(cli, build, ids)
    before = len(cli.sandbox.requests.all())
    with worker(cli):
        wait_for(lambda: len(stored(cli)) >= 250)
    requests = cli.sandbox.requests.all()[before:]
    assert len(cli.sandbox.results.all()) == 250
    metadata = [request for request in requests if "/compose/" in request.path]
    assert len(metadata) <= 4
    assert len(requests) <= 270, collections.Counter(request.path for request in requests)


def report_ids(cli: CommandOnSandbox, build: str, count: int) -> list[int]:
    """Give jobs that are reported, of those that have ended."""
    ended = cli.run("report", build, "--resultsdb", "--dry-run", "--format", "json")
    done = {job["id"] for job in jobs_of(cli, build) if job["state"] == "done"}
    ids = [row["job"] for row in ended.json if "result" in row and row["job"] in done]
    assert len(ids) >= count
    return ids[:count]


FAULTS = [
    Rule(Kind.ANSWER, status=500),
    Rule(Kind.ANSWER_AFTER, status=500),
    Rule(Kind.DROP),
    Rule(Kind.DROP_AFTER),
    Rule(Kind.HANG),
    Rule(Kind.HANG_AFTER),
    Rule(Kind.CUT),
]


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_a_resultsdb_that_fails_in_all_ways_and_workers_that_are_killed_lose_and_double_nothing(
    cli: CommandOnSandbox,
) -> None:
    configure(cli, settles_after=SETTLES)
    cli.configure(HURRY)
    finished: dict[int, str] = {}
    for update in (UPDATE, OTHER_UPDATE):
        cli.run("update", update)
        build = f"Update-{update}"
        ended = finish(cli, build, 1000)
        replay(cli, build, [*ended])
        finished |= ended
    for rule in FAULTS:
        share = 0.3 / len(FAULTS)
        cli.sandbox.faults.add(Rule(rule.kind, path=RESULTSDB, status=rule.status, share=share))
    chance = random.Random(20261121)
    kills = 0
    for _ in range(15):
        with worker(cli) as process:
            time.sleep(0.5 + chance.random())
            kills += process.poll() is None
            process.send_signal(signal.SIGKILL)
    assert kills == 15
    with worker(cli):
        wait_for(lambda: is_all_told(cli, len(finished)), seconds=400.0)
    assert stored(cli) == {job: [OUTCOMES[result]] for job, result in finished.items()}


#: what is no answer of ResultsDB, though it says that all is well
UNREADABLE = ("<!DOCTYPE html><h1>Down for maintenance</h1>", '{"id": ', "[" * 100_000, "{}")


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_unreadable_answers_park_nothing_and_all_arrives_once(cli: CommandOnSandbox) -> None:
    configure(cli, settles_after=SETTLES)
    cli.configure(HURRY)
    finished: dict[int, str] = {}
    for update in (UPDATE, OTHER_UPDATE):
        cli.run("update", update)
        ended = finish(cli, f"Update-{update}", 1000)
        replay(cli, f"Update-{update}", [*ended])
        finished |= ended
    share = 0.3 / (2 * len(UNREADABLE))
    for kind in (Kind.ANSWER, Kind.ANSWER_AFTER):
        for body in UNREADABLE:
            rule = Rule(kind, path=RESULTSDB, status=200, body=body, share=share)
            cli.sandbox.faults.add(rule)
    with worker(cli):
        wait_for(lambda: is_all_told(cli, len(finished)), seconds=400.0)
    assert stored(cli) == {job: [OUTCOMES[result]] for job, result in finished.items()}
    assert cli.run("parked", "list", "--format", "json").json == []


def is_all_told(cli: CommandOnSandbox, count: int) -> bool:
    """Say whether the store knows all to be told, and waits for nothing."""
    lanes = {lane["kind"]: lane for lane in cli.run("status", "--format", "json").json["lanes"]}
    lane = lanes["resultsdb"]
    return lane["reported"] == 2 and len(stored(cli)) == count


@pytest.mark.parametrize("option", ["--openqa-baseurl", "--resultsdb-url", "--wiki-hostname"])
def test_an_address_with_a_password_is_refused_and_not_shown(
    cli: CommandOnSandbox, option: str
) -> None:
    ended = cli.run("report", "1", option, "https://someone:secret@host/x")
    assert ended.status == 2
    assert option.removeprefix("--").rpartition("-")[2] in ended.err
    assert "secret" not in ended.out + ended.err
