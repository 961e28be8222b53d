"""The ends of the jobs of the sandbox's composes and updates."""

import json
from importlib import resources
from pathlib import Path

import pytest

from check_compose.system_data import (
    Activity,
    Memory,
    parse_activity,
    parse_memory,
    parse_mounts,
    parse_packages,
    parse_services,
)
from fedora_openqa.events import parse
from fedora_openqa.gateways.recordings import read_recordings
from fedora_openqa.model.events import JobsChanged
from fedora_openqa.sandbox.finishing import (
    TODAY,
    UPDATES,
    YESTERDAY,
    Ending,
    Script,
    write_messages,
)
from fedora_openqa.sandbox.openqa.workers import WaitingJob
from fedora_openqa.sandbox.running import Sandbox
from fedora_openqa.sandbox.system_logs import System
from tests.contract.signed import OpenQA

SCRIPTS = {"today": TODAY, "yesterday": YESTERDAY, "updates": UPDATES}
FLAVOR, BUILD = "Server-dvd-iso", "Fedora-Rawhide-20261120.n.0"


def ended(result: str, *, test: str = "install_xfs", module: str = "") -> list[str]:
    """Return the results of a test's modules."""
    ending = Ending(flavor=FLAVOR, test=test, result=result, module=module)
    run = Script(endings=(ending,)).run_of(WaitingJob(1, FLAVOR, test))
    assert run.result == result
    return [one.result for one in run.modules]


@pytest.mark.parametrize("name", SCRIPTS)
def test_a_script_is_about_tests_that_the_sandbox_has(name: str) -> None:
    text = (resources.files("fedora_openqa.sandbox") / "data" / "templates.json").read_text()
    rows = json.loads(text)["JobTemplates"]
    known = {(row["product"]["flavor"], row["test_suite"]["name"]) for row in rows}
    script = SCRIPTS[name]
    assert {(it.flavor, it.test) for it in script.endings} <= known
    assert {(flavor, "install_default_upload") for flavor in script.systems} <= known


@pytest.mark.parametrize("name", SCRIPTS)
def test_each_ending_of_a_script_shows_in_a_module_of_its_test(name: str) -> None:
    for ending in SCRIPTS[name].endings:
        run = SCRIPTS[name].run_of(WaitingJob(1, ending.flavor, ending.test))
        assert run.result == ending.result
        assert {one.result for one in run.modules} != {"passed"}


def test_jobs_without_an_ending_in_the_script_pass() -> None:
    run = Script().run_of(WaitingJob(1, FLAVOR, "base_selinux"))
    assert (run.result, {one.result for one in run.modules}) == ("passed", {"passed"})


def test_a_test_goes_on_after_a_workaround_and_not_after_a_failure() -> None:
    at = "_do_install_and_reboot"
    assert ended("softfailed", module=at) == ["passed", "softfailed", "passed"]
    assert ended("failed", module=at) == ["passed", "failed", "none"]
    # the result of its last module is unknown
    assert ended("incomplete", module=at) == ["passed", "none", "none"]
    assert ended("failed") == ["passed", "passed", "failed"]


def test_the_composes_of_two_days_have_different_failures() -> None:
    today, yesterday = (
        {(it.flavor, it.test) for it in script.endings if it.result != "softfailed"}
        for script in (TODAY, YESTERDAY)
    )
    assert today & yesterday
    assert today - yesterday
    assert yesterday - today


def test_the_same_happens_each_time() -> None:
    messages = []
    for _ in range(2):
        with Sandbox() as sandbox:
            OpenQA(sandbox.url, sandbox.key, sandbox.secret).schedule(FLAVOR, BUILD)
            messages.append(sandbox.finish(BUILD, TODAY))
    assert messages[0] == messages[1]
    assert len({message["id"] for message in messages[0]}) == len(messages[0]) > 20


def test_messages_are_written_as_recordings_in_their_order(tmp_path: Path) -> None:
    with Sandbox() as sandbox:
        OpenQA(sandbox.url, sandbox.key, sandbox.secret).schedule(FLAVOR, BUILD)
        messages = sandbox.finish(BUILD, TODAY)
    write_messages(tmp_path / "messages", messages)
    recordings = read_recordings(tmp_path / "messages")
    assert [it.id for it in recordings] == [message["id"] for message in messages]
    events = [parse(it.topic, it.body) for it in recordings]
    for event, message in zip(events, messages, strict=True):
        assert isinstance(event, JobsChanged)
        assert event == JobsChanged((message["body"]["id"],), BUILD, ended=True, known=event.known)
        assert [job.result for job in event.known] == [message["body"]["result"]]


def test_logs_of_systems_can_be_understood() -> None:
    system = System(
        packages=("bash-5.3.3-2.fc45.x86_64", "zsh-5.9-18.fc45.x86_64"),
        services=("auditd.service",),
        load=1.34,
        idle=71.0,
        mem=1_130_496,
        root=2_812_800,
    )
    logs = {name: content.decode() for name, content in system.logs.items()}
    assert parse_packages(logs["_collect_data-rpms.log"]) == frozenset({"bash", "zsh"})
    assert parse_services(logs["_collect_data-services.log"]) == frozenset({"auditd.service"})
    assert parse_memory(logs["_collect_data-free.log"]) == Memory(mem=1104, swap=3)
    assert parse_mounts(logs["_collect_data-df.log"]) == {"/": 2_812_800.0, "/boot": 300_284.0}
    assert parse_activity(logs["_collect_data-top.log"]) == Activity(load=1.34, cpu=29.0)
