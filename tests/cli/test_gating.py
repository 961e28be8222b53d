"""``fedora-openqa gating``, ``waive`` and ``blocked`` on the sandbox."""

import json
import os
import pty
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
import requests

from fedora_openqa.cli.gating import describe
from fedora_openqa.config.secrets import read_secret
from fedora_openqa.errors import ConfigError
from fedora_openqa.model.gating import (
    Decision,
    Gated,
    GatingQuestion,
    Remedy,
    Requirement,
    RequirementState,
    Standing,
)
from fedora_openqa.policy.gating import question_about_compose, question_about_update
from fedora_openqa.sandbox.faults import Kind, Rule
from fedora_openqa.views.gating import commands_for
from tests.cli.conftest import TWO_TRIES, CommandOnSandbox
from tests.support.gating import SCENARIO, job
from tests.support.packages import CORE_UPDATE

#: in the groups core and critical-path-base; in critical-path-gnome; in none
KERNEL, GNOME, COWSAY = "FEDORA-2026-3c1e7a90d2", "FEDORA-2026-5d02b7e318", "FEDORA-2026-0f83d5a26b"
#: its build has a requirement of its own
GHOSTSCRIPT, BUILD = "FEDORA-2026-9bf13e60d8", "ghostscript-10.06.1-1.fc43"
TIER0 = "fedora-ci.koji-build.tier0.functional"
COMMAND = (sys.executable, "-m", "fedora_openqa")
WORKSTATION = "fedora.updates-workstation.x86_64.64bit"
COMPOSE = "Fedora-Rawhide-20261120.n.0"
DECISION = "/greenwave/api/v1.0/decision"
WAIVERS = "/waiverdb/api/v1.0/waivers/"
#: the sandbox's updates are of a day that the clock does not know
LONG_AGO = "9999d"


@pytest.fixture
def tried(cli: CommandOnSandbox) -> CommandOnSandbox:
    """The jobs of an update: one has passed, one has failed, the others wait."""
    cli.run("update", GNOME, "--flavor", "workstation")
    cli.post(f"jobs/{job_of(cli, 'desktop_login')}/set_done?result=passed")
    cli.post(f"jobs/{job_of(cli, 'desktop_browser')}/set_done?result=failed")
    return cli


def job_of(cli: CommandOnSandbox, test: str) -> int:
    jobs = cli.get("jobs", build=f"Update-{GNOME}")["jobs"]
    return max(int(job["id"]) for job in jobs if job["test"] == test)


def tell(cli: CommandOnSandbox, test: str, outcome: str, *, job_id: int) -> None:
    """Store a result in ResultsDB, as if it had been reported."""
    body = {
        "outcome": outcome,
        "testcase": f"update.{test}",
        "ref_url": f"https://openqa.example/tests/{job_id}",
        "data": {"item": GNOME, "type": "bodhi_update", "scenario": WORKSTATION},
    }
    url = f"{cli.sandbox.resultsdb_url}/results"
    requests.post(url, json=body, timeout=10).raise_for_status()


def requirements(cli: CommandOnSandbox, *arguments: str) -> Mapping[str, Any]:
    shown = cli.run("gating", GNOME, "--format", "json", *arguments).json
    return {one["testcase"].removeprefix("update."): one for one in shown["requirements"]}


def test_each_requirement_stands_beside_its_job_with_what_to_do(tried: CommandOnSandbox) -> None:
    passed, failed = job_of(tried, "desktop_login"), job_of(tried, "desktop_browser")
    ended = tried.run("gating", f"https://bodhi.example/updates/{GNOME}")
    assert ended.status == 1
    rerun = f"rerun {GNOME} --flavor updates-workstation --test desktop_browser"
    waive = f"waive {GNOME} update.desktop_browser --scenario {WORKSTATION}"
    assert ended.out.splitlines() == [
        f"update.desktop_login {WORKSTATION}: missing, job {passed} passed",
        f"  fedora-openqa report {passed} --resultsdb",
        f"update.desktop_browser {WORKSTATION}: missing, job {failed} failed",
        f"  fedora-openqa report {failed} --resultsdb",
        f"  fedora-openqa {rerun} --arch x86_64 --machine 64bit",
        f"  fedora-openqa {waive} --comment WHY",
        f"{GNOME}: not satisfied: Of 2 required tests, 2 results missing",
    ]


def test_a_failure_that_is_known_is_not_reported_again(tried: CommandOnSandbox) -> None:
    failed = job_of(tried, "desktop_browser")
    tell(tried, "desktop_browser", "FAILED", job_id=failed)
    one = requirements(tried)["desktop_browser"]
    assert (one["state"], one["remedy"]) == ("failed", "rerun")
    assert one["url"] == f"https://openqa.example/tests/{failed}"
    assert one["job"] == {"id": failed, "state": "done", "result": "failed"}
    assert [command.split()[1] for command in one["commands"]] == ["rerun", "waive"]


def test_the_commands_that_are_shown_do_what_they_say(tried: CommandOnSandbox) -> None:
    tell(tried, "desktop_login", "PASSED", job_id=1)
    tell(tried, "desktop_browser", "FAILED", job_id=2)
    _, rerun, *_ = requirements(tried)["desktop_browser"]["commands"][0].split(maxsplit=1)
    again = tried.run(*rerun.split(), "--yes", "--force")
    assert again.status == 0, again.err
    assert requirements(tried)["desktop_browser"]["remedy"] == "wait"
    tried.post(f"jobs/{job_of(tried, 'desktop_browser')}/set_done?result=failed")
    waive = requirements(tried)["desktop_browser"]["commands"][-1].split()[1:]
    assert tried.run(*waive).status == 0
    ended = tried.run("gating", GNOME)
    assert ended.status == 0
    assert f"update.desktop_browser {WORKSTATION}: waived by waiver 1" in ended.out
    assert ended.out.endswith(
        "satisfied: All required tests (2 total) have passed or been waived\n"
    )


def test_an_update_without_jobs_can_be_scheduled_as_it_says(cli: CommandOnSandbox) -> None:
    [command] = requirements(cli)["desktop_login"]["commands"]
    scheduled = cli.run(*command.split()[1:])
    assert scheduled.status == 0, scheduled.err
    assert requirements(cli)["desktop_login"]["remedy"] == "wait"


def test_the_way_to_testing_is_another_question(cli: CommandOnSandbox) -> None:
    shown = cli.run("gating", GNOME, "--context", "testing", "--format", "json").json
    assert shown["contexts"] == [
        "bodhi_update_push_testing_critical-path-gnome_critpath",
        "bodhi_update_push_testing",
    ]
    assert shown["product_version"] == "fedora-43"


def test_an_update_that_needs_no_test_is_let_through(cli: CommandOnSandbox) -> None:
    ended = cli.run("gating", COWSAY)
    assert (ended.status, ended.out) == (0, f"{COWSAY}: satisfied: No tests are required\n")
    assert not cli.sandbox.requests.all(path="/api/v1/jobs$")


def test_a_compose_is_asked_about_as_it_is_for_the_mirrors(cli: CommandOnSandbox) -> None:
    cli.compose("--flavors", "Server-boot-iso")
    shown = cli.run("gating", COMPOSE, "--format", "json").json
    assert (shown["subject_type"], shown["product_version"]) == ("compose", "fedora-rawhide")
    assert shown["contexts"] == ["rawhide_compose_sync_to_mirrors"]
    commands = {command for one in shown["requirements"] for command in one["commands"]}
    # as its jobs say where it is, the command is complete
    [command] = commands
    scheduled = cli.run(*command.split()[1:])
    assert scheduled.status == 0, scheduled.err
    states = cli.run("gating", COMPOSE, "--format", "json").json["requirements"]
    assert {one["remedy"] for one in states} == {"wait"}


def test_the_sandboxs_policies_ask_for_nothing_that_its_openqa_has_not(
    cli: CommandOnSandbox,
) -> None:
    ended = cli.run("config", "check", "--openqa", "--greenwave")
    assert (ended.status, "Problems: 0" in ended.out) == (0, True)


@pytest.mark.parametrize("command", ["gating", "waive"])
def test_what_is_no_subject_is_wrong_usage(cli: CommandOnSandbox, command: str) -> None:
    more = ["podman", "--comment", "x"] if command == "waive" else []
    ended = cli.run(command, "kernel", *more)
    assert ended.status == 2
    assert "not the id or the URL of an update or a compose" in ended.err
    assert not cli.sandbox.requests.all()


@pytest.mark.parametrize("path", ["/bodhi/updates/", DECISION, "/api/v1/jobs"])
def test_without_an_answer_nothing_is_decided(cli: CommandOnSandbox, path: str) -> None:
    cli.configure(TWO_TRIES)
    cli.sandbox.faults.add(Rule(Kind.ANSWER, path=path, status=502))
    ended = cli.run("gating", GNOME)
    assert (ended.status, ended.out) == (1, "")
    assert "502" in ended.err
    assert ended.err.count("\n") == 1


def standing(remedy: Remedy, requirement: Requirement, **more: Any) -> Standing:  # noqa: ANN401 - fields
    return Standing(requirement, remedy, **more)


ELSEWHERE = Requirement(RequirementState.MISSING, "test-result-missing", "fedora-ci.x", None)
YAML = Requirement(RequirementState.OTHER, "missing-gating-yaml", "", None)
PODMAN = Requirement(RequirementState.MISSING, "test-result-missing", "update.podman", SCENARIO)
ANY = Requirement(RequirementState.MISSING, "test-result-missing", "update.podman", None)
ALIAS = CORE_UPDATE.alias
UPDATE_QUESTION = question_about_update(CORE_UPDATE)
COMPOSE_QUESTION = question_about_compose(COMPOSE)


@pytest.mark.parametrize(
    ("question", "one", "lines"),
    [
        (
            UPDATE_QUESTION,
            standing(Remedy.ELSEWHERE, ELSEWHERE, ref_url="https://ci.example/7"),
            [
                "fedora-ci.x: missing, https://ci.example/7",
                f"  fedora-openqa waive {ALIAS} fedora-ci.x --comment WHY",
            ],
        ),
        (UPDATE_QUESTION, standing(Remedy.ELSEWHERE, YAML), ["missing-gating-yaml: missing-gating-yaml"]),
        (
            UPDATE_QUESTION,
            standing(Remedy.NO_SUCH_JOB, PODMAN),
            [
                f"update.podman {SCENARIO}: missing, openQA has other jobs of that flavor and arch only",
                "  fedora-openqa config check --openqa --greenwave",
                f"  fedora-openqa waive {ALIAS} update.podman --scenario {SCENARIO} --comment WHY",
            ],
        ),
        (
            UPDATE_QUESTION,
            standing(Remedy.RERUN, PODMAN, job=job(4, outcome="done/user_cancelled"), unreported="openQA calls it so"),
            [
                f"update.podman {SCENARIO}: missing, job 4 user_cancelled, not reported: openQA calls it so",
                f"  fedora-openqa rerun {ALIAS} --flavor updates-server --test podman --arch x86_64 --machine 64bit",
                f"  fedora-openqa waive {ALIAS} update.podman --scenario {SCENARIO} --comment WHY",
            ],
        ),
        (
            UPDATE_QUESTION,
            standing(Remedy.SCHEDULE, ANY),
            ["update.podman: missing, no job", f"  fedora-openqa update {ALIAS}"],
        ),
        (
            COMPOSE_QUESTION,
            standing(Remedy.SCHEDULE, PODMAN),
            [
                f"update.podman {SCENARIO}: missing, no job",
                "  fedora-openqa compose URL --flavors updates-server --arches x86_64",
            ],
        ),
    ],
)  # fmt: skip
def test_a_requirement_is_shown_with_the_commands_that_help(
    question: GatingQuestion, one: Standing, lines: list[str]
) -> None:
    decision = Decision(satisfied=False, summary="S", requirements=(one.requirement,))
    told = list(describe(Gated(question, decision, (one,))))
    assert told == [*lines, f"{question.subject}: not satisfied: S"]


def test_words_of_others_are_quoted_in_commands() -> None:
    odd = Requirement(RequirementState.FAILED, "test-result-failed", "a.b; rm -rf ~", "$(x) y")
    gated = Gated(UPDATE_QUESTION, Decision(satisfied=False, summary="", requirements=(odd,)), ())
    [command] = commands_for(standing(Remedy.ELSEWHERE, odd), gated)
    assert "'a.b; rm -rf ~' --scenario '$(x) y'" in command


def test_a_waiver_says_what_is_waived(cli: CommandOnSandbox) -> None:
    arguments = ("waive", KERNEL, "podman", "--comment", "known flake")
    dry = cli.run(*arguments, "--dry-run")
    what = f"update.podman of {KERNEL} (fedora-43)"
    told, _, body = dry.out.partition(f"{what}: ")
    assert (dry.status, told) == (0, "Would waive ")
    assert not cli.sandbox.requests.all(method="POST", path=WAIVERS)
    done = cli.run(*arguments)
    assert (done.status, done.out) == (0, f"Waived {what}: waiver 1\n")
    [stored] = cli.sandbox.waivers.newest_first()
    assert (stored["comment"], stored["scenario"]) == ("known flake", None)
    # a dry run shows exactly what is sent
    assert json.loads(body) == {
        "subject_type": "bodhi_update",
        "subject_identifier": KERNEL,
        "testcase": "update.podman",
        "product_version": "fedora-43",
        "scenario": None,
        "comment": "known flake",
        "waived": True,
    }
    assert json.loads(body).items() <= stored.items()


def test_a_waiver_as_json(cli: CommandOnSandbox) -> None:
    more = ("--scenario", SCENARIO, "--product-version", "fedora-44", "--format", "json")
    arguments = ("waive", KERNEL, "update.podman", "--comment", "x", "--yes", *more)
    expected = {
        "subject_type": "bodhi_update",
        "subject": KERNEL,
        "testcase": "update.podman",
        "product_version": "fedora-44",
        "comment": "x",
        "scenario": SCENARIO,
    }
    dry = cli.run(*arguments, "--dry-run").json
    assert dry.pop("body")["subject_identifier"] == KERNEL
    assert dry == {"waiver": None, **expected}
    assert cli.run(*arguments).json == {"waiver": 1, **expected}


def test_a_failed_requirement_of_a_build_is_not_satisfied(cli: CommandOnSandbox) -> None:
    ended = cli.run("gating", GHOSTSCRIPT)
    assert ended.status == 1
    assert ended.out.splitlines() == [
        f"{TIER0} of {BUILD}: missing",
        f"  fedora-openqa waive {BUILD} {TIER0} --comment WHY",
        f"fetched-gating-yaml of {BUILD}: passed",
        f"{GHOSTSCRIPT}: not satisfied: Of 1 required test, 1 result missing",
    ]
    [one, _] = cli.run("gating", GHOSTSCRIPT, "--format", "json").json["requirements"]
    assert (one["subject_type"], one["subject"]) == ("koji_build", BUILD)


def test_a_build_whose_test_failed_holds_up_the_update_until_it_passes(
    cli: CommandOnSandbox,
) -> None:
    def tell_ci(outcome: str) -> None:
        body = {
            "outcome": outcome,
            "testcase": TIER0,
            "ref_url": "https://ci.example/7",
            "data": {"item": BUILD, "type": "koji_build"},
        }
        requests.post(f"{cli.sandbox.resultsdb_url}/results", json=body, timeout=10)

    tell_ci("FAILED")
    ended = cli.run("gating", GHOSTSCRIPT)
    assert ended.status == 1
    assert ended.out.startswith(f"{TIER0} of {BUILD}: failed, https://ci.example/7\n")
    assert "not satisfied: Of 1 required test, 1 test failed" in ended.out
    tell_ci("PASSED")
    assert cli.run("gating", GHOSTSCRIPT).status == 0


@pytest.mark.parametrize("subject", [GHOSTSCRIPT, BUILD])
def test_a_requirement_of_a_build_is_waived_for_the_build(
    cli: CommandOnSandbox, subject: str
) -> None:
    waived = cli.run("waive", subject, TIER0, "--comment", "x")
    assert (waived.status, waived.out) == (
        0,
        f"Waived {TIER0} of {BUILD} (fedora-43): waiver 1\n",
    )
    ended = cli.run("gating", GHOSTSCRIPT)
    assert ended.status == 0
    assert f"{TIER0} of {BUILD}: waived by waiver 1" in ended.out


def test_the_command_shown_for_a_build_waives_its_requirement(cli: CommandOnSandbox) -> None:
    [one, _] = cli.run("gating", GHOSTSCRIPT, "--format", "json").json["requirements"]
    [command] = one["commands"]
    assert cli.run(*command.split()[1:]).status == 0
    assert cli.run("gating", GHOSTSCRIPT).status == 0


@pytest.mark.parametrize(
    ("update", "version"),
    [
        ("FEDORA-FLATPAK-2026-a1c83f5e90", "fedora-43-flatpaks"),
        ("FEDORA-CONTAINER-2026-d8e47b2063", "fedora-43-containers"),
        ("FEDORA-2026-32f1908ad7", "fedora-eln"),
        ("FEDORA-EPEL-2026-6b5de0274a", "fedora-epel-9"),
        (KERNEL, "fedora-43"),
    ],
)
def test_the_product_version_is_bodhis(cli: CommandOnSandbox, update: str, version: str) -> None:
    shown = cli.run("gating", update, "--format", "json")
    assert shown.status < 2
    assert shown.json["product_version"] == version


def test_a_large_update_is_asked_about_in_batches(cli: CommandOnSandbox) -> None:
    perl = "FEDORA-2026-a84f20c6be"
    assert cli.run("gating", perl).status == 1
    # 287 builds and the update itself
    assert len(cli.sandbox.requests.all(path=DECISION)) == 36


@pytest.mark.parametrize(
    ("update", "push"),
    [(GNOME, "testing"), (KERNEL, "stable"), ("FEDORA-2026-2ea4091b7c", "stable")],
)
def test_without_a_context_bodhis_own_question_is_asked(
    cli: CommandOnSandbox, update: str, push: str
) -> None:
    contexts = cli.run("gating", update, "--format", "json").json["contexts"]
    assert contexts[-1] == f"bodhi_update_push_{push}"
    assert all(context.startswith(contexts[-1]) for context in contexts)


def test_a_greenwave_that_cannot_ask_others_says_so_in_a_sentence(cli: CommandOnSandbox) -> None:
    cli.configure(TWO_TRIES)
    cli.sandbox.faults.add(Rule(Kind.HANG, path="/resultsdb/"))
    ended = cli.run("gating", GNOME)
    assert (ended.status, ended.out) == (1, "")
    url = f"{cli.sandbox.url}{DECISION}"
    assert ended.err == f"Error: Greenwave cannot reach ResultsDB or WaiverDB: POST {url}: 502\n"


@pytest.mark.parametrize(
    ("arguments", "doubt"),
    [
        (
            (KERNEL, "podmann"),
            "no gating policy and no result in ResultsDB is about update.podmann",
        ),
        (
            (KERNEL, "podman", "--scenario", "fedora.x"),
            "gating requires update.podman elsewhere only",
        ),
        ((COMPOSE, "install_defualt"), "no result in ResultsDB is about compose.install_defualt"),
        ((BUILD, "rpminspect"), "no result in ResultsDB is about rpminspect"),
    ],
)
def test_a_test_that_does_not_exist_is_not_waived_unasked(
    cli: CommandOnSandbox, arguments: tuple[str, ...], doubt: str
) -> None:
    command = ("waive", *arguments, "--comment", "x")
    ended = cli.run(*command)
    assert (ended.status, ended.out) == (1, "")
    assert ended.err.startswith("Warning: ")
    assert doubt in ended.err
    assert "use --yes" in ended.err
    assert not cli.sandbox.waivers.newest_first()
    assert cli.run(*command, "--yes").status == 0
    assert len(cli.sandbox.waivers.newest_first()) == 1


@pytest.mark.parametrize(("answer", "status"), [("y", 0), ("n", 1)])
def test_a_person_at_a_terminal_is_asked(cli: CommandOnSandbox, answer: str, status: int) -> None:
    ours, terminal = pty.openpty()
    try:
        os.write(ours, f"{answer}\n".encode())
        ended = subprocess.run(
            [*COMMAND, "waive", KERNEL, "podmann", "--comment", "x"],
            env=cli.whole_environ,
            stdin=terminal,
            capture_output=True,
            text=True,
            check=False,
        )
    finally:
        os.close(terminal)
        os.close(ours)
    assert ended.returncode == status
    assert "Waive it nevertheless? [y/N]" in ended.stderr
    assert len(cli.sandbox.waivers.newest_first()) == 1 - status


def test_a_test_with_a_result_or_a_policy_is_waived_unasked(cli: CommandOnSandbox) -> None:
    tell(cli, "desktop_notifications", "FAILED", job_id=1)
    # not required of this update
    assert cli.run("waive", COWSAY, "desktop_notifications", "--comment", "x").status == 0
    assert cli.run("waive", COWSAY, "podman_client", "--comment", "x").status == 0


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        (("--scenario", ""), "leave it out to waive all"),
        (("--scenario", "s" * 256), "256 characters, WaiverDB stores 255"),
        (("--product-version", "v" * 201), "201 characters, WaiverDB stores 200"),
        (("--product-version", " "), "it is empty"),
        (("--scenario", "a\x1b]52;c;x\x07"), "cannot be printed"),
        (("--comment", "half \ud800"), "cannot be printed"),
    ],
)
@pytest.mark.parametrize("yes", [(), ("--yes",)])
def test_what_waiverdb_cannot_store_is_refused_before_anything_is_sent(
    cli: CommandOnSandbox, changes: tuple[str, str], reason: str, yes: tuple[str, ...]
) -> None:
    ended = cli.run("waive", KERNEL, "podman", "--comment", "x", *changes, *yes)
    assert (ended.status, ended.out) == (2, "")
    assert reason in ended.err
    assert "\x1b" not in ended.err
    assert not cli.sandbox.requests.all()


def test_an_old_waiver_is_not_taken_for_the_one_that_got_lost(cli: CommandOnSandbox) -> None:
    arguments = ("waive", KERNEL, "podman", "--comment", "x")
    assert cli.run(*arguments).status == 0
    cli.sandbox.faults.add(Rule(Kind.DROP, method="POST", path=WAIVERS))
    ended = cli.run(*arguments)
    assert (ended.status, ended.out) == (1, "")
    assert "WaiverDB does not have the waiver now" in ended.err


@pytest.mark.parametrize("comment", ["", "  "])
def test_a_waiver_needs_a_reason(cli: CommandOnSandbox, comment: str) -> None:
    ended = cli.run("waive", KERNEL, "podman", "--comment", comment)
    assert ended.status == 2
    assert cli.run("waive", KERNEL, "podman").status == 2
    assert not cli.sandbox.requests.all()


def test_a_waiver_that_was_stored_without_an_answer_is_found(cli: CommandOnSandbox) -> None:
    cli.sandbox.faults.add(Rule(Kind.DROP_AFTER, method="POST", path=WAIVERS))
    ended = cli.run("waive", KERNEL, "podman", "--comment", "x")
    assert ended.status == 0, ended.err
    assert ended.out.endswith(": waiver 1\n")
    assert len(cli.sandbox.requests.all(method="POST", path=WAIVERS)) == 1


def test_a_waiver_that_got_lost_is_not_sent_again(cli: CommandOnSandbox) -> None:
    cli.sandbox.faults.add(Rule(Kind.DROP, method="POST", path=WAIVERS))
    ended = cli.run("waive", KERNEL, "podman", "--comment", "x")
    assert (ended.status, ended.out) == (1, "")
    assert "WaiverDB does not have the waiver now" in ended.err
    assert len(cli.sandbox.requests.all(method="POST", path=WAIVERS)) == 1


def test_the_token_may_be_in_the_environment(cli: CommandOnSandbox) -> None:
    config = cli.config.read_text()
    cli.config.write_text(config.replace("token_file", "#"))
    arguments = ("waive", KERNEL, "podman", "--comment", "x")
    none = cli.run(*arguments, environ={"FEDORA_OPENQA_WAIVERDB_TOKEN": ""})
    assert none.status == 2
    assert "waiverdb.token_file or $FEDORA_OPENQA_WAIVERDB_TOKEN" in none.err
    wrong = cli.run(*arguments, environ={"FEDORA_OPENQA_WAIVERDB_TOKEN": "wrong-token"})
    assert wrong.status == 2
    assert "the token is refused" in wrong.err
    assert "wrong-token" not in wrong.err
    right = cli.run(*arguments, environ={"FEDORA_OPENQA_WAIVERDB_TOKEN": "sandbox-token"})
    assert right.status == 0, right.err


def test_a_secret_is_the_first_line_of_its_file(tmp_path: Path) -> None:
    file = tmp_path / "secret"
    file.write_text(" abc \ndef\n")
    assert read_secret(str(file), "X", {"X": "other"}) == "abc"
    assert read_secret("", "X", {"X": "other"}) == "other"
    assert read_secret("", "X", {}) == ""


@pytest.mark.parametrize("content", [b"", b"\nabc", b"\xff\xfe"])
def test_a_file_without_a_secret_is_named_and_not_quoted(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "secret"
    file.write_bytes(content)
    with pytest.raises(ConfigError, match="secret: ") as failure:
        read_secret(str(file), "X", {})
    assert "abc" not in str(failure.value)
    with pytest.raises(ConfigError, match="No such file"):
        read_secret(str(tmp_path / "none"), "X", {})


def test_blocked_updates_are_shown_as_a_table(tried: CommandOnSandbox) -> None:
    passed, failed = job_of(tried, "desktop_login"), job_of(tried, "desktop_browser")
    tell(tried, "desktop_login", "RUNNING", job_id=passed)
    ended = tried.run("blocked", "--since", LONG_AGO)
    assert ended.status == 0, ended.err
    heading, *rows, summary = ended.out.splitlines()
    assert heading.split("  ")[0] == "UPDATE"
    assert [row.split() for row in rows] == [
        [GNOME, "update.desktop_login", WORKSTATION, str(passed), "passed"],
        [GNOME, "update.desktop_browser", WORKSTATION, str(failed), "failed"],
    ]
    assert {row.index("update.") for row in rows} == {heading.index("TEST CASE")}
    assert summary.endswith("for results that openQA has: 1")


def test_blocked_updates_as_json(tried: CommandOnSandbox) -> None:
    failed = job_of(tried, "desktop_browser")
    tell(tried, "desktop_login", "PASSED", job_id=1)
    shown = tried.run("blocked", "--since", LONG_AGO, "--format", "json").json
    assert shown["blocked"] == [
        {
            "update": GNOME,
            "testcase": "update.desktop_browser",
            "scenario": WORKSTATION,
            "state": "missing",
            "job": failed,
            "result": "failed",
        }
    ]
    assert (shown["jobs"], shown["failed"], shown["left"]) == ([failed], [], [])
    # a question for each update that waits; one of them has 287 builds
    asked = tried.sandbox.requests
    assert len(asked.all(path=DECISION)) == shown["waiting"] + 35


def test_old_updates_are_not_looked_at(cli: CommandOnSandbox) -> None:
    ended = cli.run("blocked", "--since", "1m")
    assert (ended.status, ended.out) == (0, "Waiting: 0, for results that openQA has: 0\n")
    assert cli.run("blocked", "--since", "soon").status == 2


def test_an_update_without_an_answer_is_named(tried: CommandOnSandbox) -> None:
    tried.configure(TWO_TRIES)
    tried.sandbox.faults.add(Rule(Kind.ANSWER, path=DECISION, status=400, times=1))
    ended = tried.run("blocked", "--since", LONG_AGO)
    assert ended.status == 3
    assert ended.err.startswith("Failed: FEDORA-2026-")
    assert "400" in ended.err


def test_a_greenwave_that_is_away_is_left_alone(cli: CommandOnSandbox) -> None:
    cli.configure(TWO_TRIES)
    cli.sandbox.faults.add(Rule(Kind.ANSWER, path=DECISION, status=503))
    ended = cli.run("blocked", "--since", LONG_AGO, "--format", "json")
    assert ended.status == 1
    assert len(ended.json["failed"]) == 8
    assert f"Not looked at: {len(ended.json['left'])} updates\n" in ended.err


def test_what_openqa_has_can_be_reported_at_once(tried: CommandOnSandbox) -> None:
    passed, failed = job_of(tried, "desktop_login"), job_of(tried, "desktop_browser")
    dry = tried.run("blocked", "--since", LONG_AGO, "--report", "--dry-run")
    assert (dry.status, "2 of 2 jobs would be reported" in dry.out) == (0, True), dry.err
    assert tried.sandbox.results.all() == ()
    done = tried.run("blocked", "--since", LONG_AGO, "--report", "--format", "json")
    assert done.status == 0, done.err
    states = {row["job"]: row["state"] for row in done.json["reports"]}
    assert states == {passed: "delivered", failed: "delivered"}
    one = requirements(tried)
    assert (one["desktop_login"]["state"], one["desktop_browser"]["state"]) == ("passed", "failed")
    again = tried.run("blocked", "--since", LONG_AGO, "--report", "--format", "json").json
    assert (again["blocked"], again["reports"]) == ([], [])
    assert len(tried.sandbox.results.all()) == 2


def test_a_person_at_a_terminal_sees_the_progress(cli: CommandOnSandbox) -> None:
    ours, terminal = pty.openpty()
    try:
        subprocess.run(
            [*COMMAND, "blocked", "--since", LONG_AGO],
            env=os.environ | cli.environ | {"TERM": "xterm"},
            stdout=subprocess.DEVNULL,
            stderr=terminal,
            check=True,
        )
        shown = os.read(ours, 10_000).decode()
    finally:
        os.close(terminal)
        os.close(ours)
    assert "8/" in shown
    # the line is erased
    assert shown.endswith("\x1b[2K")
