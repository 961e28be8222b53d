"""The compose check report by the real command: printed, mailed once, by hand and by cron."""

import json
import re
from datetime import UTC, datetime
from importlib.metadata import entry_points

import pytest

from fedora_openqa.sandbox.mail import Failure, MailFault, Stage
from tests.cli.conftest import CommandOnSandbox
from tests.support.reports import build_of, finish

#: so far back that the sandbox's composes are new
EVER = "4000d"


@pytest.fixture
def tested(cli: CommandOnSandbox) -> CommandOnSandbox:
    """Finish the tests of a compose, with mails sent as soon as all jobs have ended."""
    cli.compose("--flavors", "Server-dvd-iso")
    finish(cli, build_of(cli), 1000)
    text = cli.config.read_text()
    text = re.sub(r"\[mail\](\nenabled = true)?", "[mail]\nenabled = true", text)
    cli.config.write_text(re.sub(r"\nquiet = .*", "", text).replace("[mail]", "[mail]\nquiet = 0"))
    return cli


def test_it_is_printed_and_needs_no_store(tested: CommandOnSandbox) -> None:
    build = build_of(tested)
    ended = tested.run("check-compose", build)
    assert ended.status == 0
    assert re.search(r"^Failed openQA tests: \d+/\d+ \(x86_64\)$", ended.out, re.MULTILINE)
    assert re.search(r"^ID: \d+\tTest: x86_64 Server-dvd-iso \S+$", ended.out, re.MULTILINE)
    assert not list(tested.directory.rglob("store.db"))
    assert tested.sandbox.mail.messages() == ()


def test_what_waits_for_a_failure_stands_below_it_with_its_link(cli: CommandOnSandbox) -> None:
    cli.compose("--flavors", "i3-live-iso")
    build = build_of(cli)
    cli.post("jobs/1/set_done?result=incomplete&reason=backend%20died")
    skipped = [job for job in cli.get("jobs", build=build)["jobs"] if job["result"] == "skipped"]
    assert len(skipped) > 1
    ended = cli.run("check-compose", build)
    lines = ended.out.splitlines()
    start = lines.index(f"Skipped because of it: {len(skipped)}")
    assert lines[start - 2] == f"URL: {cli.sandbox.url}/tests/1"
    assert lines[start - 1].startswith("Result: incomplete")
    below = lines[start + 1 : start + 1 + len(skipped)]
    assert {line.rpartition("/")[2] for line in below} == {str(job["id"]) for job in skipped}
    assert all(line.startswith("  x86_64 i3-live-iso ") for line in below)
    printed = cli.run("check-compose", build, "--format", "json").json
    waits = {test["id"] for test in printed["tests"] if test["waits_for"] == 1}
    assert waits == {job["id"] for job in skipped}


def test_a_gating_test_whose_restart_was_cancelled_is_marked_and_not_passed(
    cli: CommandOnSandbox,
) -> None:
    cli.compose("--flavors", "Server-dvd-iso")
    build = build_of(cli)
    for job in cli.get("jobs", build=build)["jobs"]:
        cli.post(f"jobs/{job['id']}/set_done?result=passed")
    jobs = cli.get("jobs", build=build)["jobs"]
    wanted = next(job for job in jobs if job["test"] == "base_selinux")
    copies = cli.post(f"jobs/{wanted['id']}/restart?force=1")["result"]
    (copy,) = (new for pair in copies for old, new in pair.items() if old == str(wanted["id"]))
    cli.post(f"jobs/{copy}/cancel")
    out = cli.run("check-compose", build).out
    assert f"ID: {copy}\tTest: x86_64 Server-dvd-iso base_selinux **GATING**\n" in out
    assert "Result: cancelled by a user" in out
    assert f"job {wanted['id']} before it: passed" in out
    printed = cli.run("check-compose", build, "--format", "json").json
    testcases = {one["testcase"] for one in printed["gating"]["unmapped"]}
    assert "compose.base_selinux" not in testcases
    counted = sum(totals["all"] for totals in printed["totals"].values())
    every = cli.get("jobs", build=build)["jobs"]
    assert counted + printed["jobs"]["earlier_runs"] == printed["jobs"]["all"] == len(every)


def test_it_is_a_command_of_its_own_too(
    tested: CommandOnSandbox, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (script,) = entry_points(group="console_scripts", name="check-compose")
    for name, value in tested.environ.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr("sys.argv", ["check-compose", build_of(tested)])
    with pytest.raises(SystemExit) as ended:
        script.load()()
    assert ended.value.code == 0
    assert "Failed openQA tests: " in capsys.readouterr().out


def test_it_is_json_and_html_too_and_a_url_names_a_compose(tested: CommandOnSandbox) -> None:
    printed = tested.run("check-compose", tested.sandbox.compose_location, "--format", "json")
    assert printed.json["compose"] == build_of(tested)
    html = tested.run("check-compose", build_of(tested), "--format", "html").out
    assert html.startswith("<!DOCTYPE html>")
    assert "<script" not in html


def test_it_is_mailed_once_however_often_it_is_asked_for(tested: CommandOnSandbox) -> None:
    build = build_of(tested)
    first = tested.run("check-compose", build, "--send")
    assert (first.status, first.err) == (0, "")
    assert re.fullmatch(rf"{build}: mailed as compose-check\.{build}@\S+\n", first.out)
    assert tested.run("check-compose", build, "--send").status == 0
    (mail,) = tested.sandbox.mail.messages()
    assert mail.message["Subject"] == f"{build} compose check report"
    assert mail.text_as("plain").rstrip() == tested.run("check-compose", build).out.rstrip()


def test_explain_sums_up_a_mailed_report(tested: CommandOnSandbox) -> None:
    build = build_of(tested)
    assert tested.run("check-compose", build, "--send").status == 0
    explained = tested.run("explain", build, "--offline").out
    assert "report: delivered gating " in explained
    assert "{" not in explained


def test_cron_mails_what_is_due_and_then_nothing(
    tested: CommandOnSandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    # only the last days are searched for composes, whenever this test is run
    age = datetime.now(tz=UTC) - datetime(2026, 11, 19, tzinfo=UTC)
    monkeypatch.setattr("fedora_openqa.gateways.composes.status_files.MOST_DAYS", age.days + 1)
    dry = tested.run("check-compose", "--since", EVER, "--dry-run")
    assert f"{build_of(tested)}: would be mailed\n" in dry.out
    assert tested.sandbox.mail.messages() == ()
    # the sandbox has composes without tests: they are not waited for
    assert tested.run("check-compose", "--since", EVER).status == 0
    mailed = [mail.message["Subject"] for mail in tested.sandbox.mail.messages()]
    assert f"{build_of(tested)} compose check report" in mailed
    again = tested.run("check-compose", "--since", EVER)
    assert (again.status, again.out) == (
        0,
        "No tested compose finished since then without a report\n",
    )
    assert len(tested.sandbox.mail.messages()) == len(mailed)


def test_a_refused_mail_is_said_and_comes_later(tested: CommandOnSandbox) -> None:
    build = build_of(tested)
    fault = MailFault(Stage.MAIL, Failure.REPLY, "451 4.3.0 later")
    tested.sandbox.mail.fail(fault)
    ended = tested.run("check-compose", build, "--send")
    assert ended.status == 1
    assert "not mailed" in ended.out
    assert "451 4.3.0 later" in ended.out
    explained = tested.run("explain", build, "--format", "json", "--offline").json
    (story,) = [one for one in explained["stories"] if one["key"] == f"mail:{build}"]
    assert story["deliveries"][0]["state"] == "pending"


def test_a_compose_whose_jobs_run_is_not_mailed_yet(cli: CommandOnSandbox) -> None:
    cli.compose("--flavors", "Server-dvd-iso")
    cli.config.write_text(
        re.sub(r"\[mail\](\nenabled = true)?", "[mail]\nenabled = true", cli.config.read_text())
    )
    ended = cli.run("check-compose", build_of(cli), "--send")
    assert ended.status == 1
    assert "jobs have not ended" in ended.out
    assert cli.sandbox.mail.messages() == ()


@pytest.mark.parametrize(
    ("arguments", "status", "error"),
    [
        ([], 2, "give a compose id, or --since"),
        (["Fedora-Rawhide-20261120.n.0", "--since", "3d"], 2, "give a compose id, or --since"),
        (["nonsense"], 1, "Error: nonsense is not a compose"),
        (["Fedora-Rawhide-20261120.n.0", "--previous", "nonsense"], 1, "nonsense"),
    ],
)
def test_wrong_usage_is_an_error_of_one_line(
    cli: CommandOnSandbox, arguments: list[str], status: int, error: str
) -> None:
    ended = cli.run("check-compose", *arguments)
    assert ended.status == status
    assert error in ended.err


def test_nothing_is_mailed_where_mail_is_not_switched_on(cli: CommandOnSandbox) -> None:
    text = cli.config.read_text().replace("[mail]\nenabled = true", "[mail]")
    cli.config.write_text(text)
    ended = cli.run("check-compose", "Fedora-Rawhide-20261120.n.0", "--send")
    assert (ended.status, ended.err) == (
        2,
        "Error: [mail] enabled is false: nothing is mailed from here\n",
    )


def test_what_was_never_tested_is_not_waited_for(tested: CommandOnSandbox) -> None:
    ended = tested.run("check-compose", "Fedora-Rawhide-20200101.n.0", "--send")
    assert (ended.status, ended.err) == (
        1,
        "Error: openQA has no jobs of Fedora-Rawhide-20200101.n.0\n",
    )
    assert tested.run("explain", "Fedora-Rawhide-20200101.n.0", "--offline").status == 1


def test_a_compose_that_openqa_does_not_know_is_reported_on_as_such(cli: CommandOnSandbox) -> None:
    ended = cli.run("check-compose", "Fedora-Rawhide-20200101.n.0", "--format", "json")
    assert ended.status == 0
    assert json.loads(ended.out)["compose"] == "Fedora-Rawhide-20200101.n.0"
