"""Jobs that the embedded openQA's workers have run, in its API and in its messages."""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
import requests

from fedora_openqa.sandbox.finishing import Ending, Script
from fedora_openqa.sandbox.openqa import OpenQAOptions, parse_templates
from fedora_openqa.sandbox.running import Sandbox, SandboxOptions
from fedora_openqa.sandbox.system_logs import System
from tests.contract.signed import OpenQA

BUILD = "Fedora-Rawhide-20261120.n.0"
RECORDED = Path(__file__).parent.parent / "data" / "messages"
ISO = "Fedora-Server-dvd-x86_64-Rawhide-20261120.n.0.iso"
SUITES = {
    "install_default_upload": {},
    "base_selinux": {"START_AFTER_TEST": "install_default_upload", "HDD_1": "disk.qcow2"},
    "base_update_cli": {"START_AFTER_TEST": "base_selinux", "HDD_1": "disk.qcow2"},
}
FLAVOR = "Server-dvd-iso"
PRODUCT = {"distri": "fedora", "version": "*", "flavor": FLAVOR, "arch": "x86_64"}
TEMPLATES = parse_templates(
    {
        "Machines": [{"name": "64bit", "backend": "qemu"}],
        "Products": [PRODUCT],
        "TestSuites": [
            {"name": name, "settings": [{"key": k, "value": v} for k, v in settings.items()]}
            for name, settings in SUITES.items()
        ],
        "JobTemplates": [
            {
                "product": PRODUCT,
                "machine": {"name": "64bit"},
                "test_suite": {"name": name},
                "group_name": "fedora",
            }
            for name in SUITES
        ],
    }
)
SYSTEM = System(packages=("bash-5.3.3-2.fc45.x86_64",), services=("auditd.service",))
SELINUX_FAILS = Script(
    endings=(Ending(flavor=FLAVOR, test="base_selinux", result="failed"),),
    systems={FLAVOR: SYSTEM},
)


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    with Sandbox(SandboxOptions(openqa=OpenQAOptions(templates=TEMPLATES))) as sandbox:
        openqa_of(sandbox).schedule(FLAVOR, BUILD, ISO=ISO)
        yield sandbox


def openqa_of(sandbox: Sandbox) -> OpenQA:
    return OpenQA(sandbox.url, sandbox.key, sandbox.secret)


def jobs_of(sandbox: Sandbox) -> Mapping[str, Any]:
    return {job["test"]: job for job in openqa_of(sandbox).jobs(build=BUILD)}


def test_children_of_what_passes_run_after_it_and_those_of_a_failure_never(
    sandbox: Sandbox,
) -> None:
    messages = sandbox.finish(BUILD, SELINUX_FAILS)
    jobs = jobs_of(sandbox)
    assert {name: (job["state"], job["result"]) for name, job in jobs.items()} == {
        "install_default_upload": ("done", "passed"),
        "base_selinux": ("done", "failed"),
        "base_update_cli": ("cancelled", "skipped"),
    }
    # openQA sends no message about a skipped job
    bodies = [message["body"] for message in messages]
    assert [(body["id"], body["result"], body["remaining"]) for body in bodies] == [
        (jobs["install_default_upload"]["id"], "passed", 2),
        (jobs["base_selinux"]["id"], "failed", 0),
    ]
    assert sandbox.finish(BUILD, SELINUX_FAILS) == ()


def test_a_job_that_ran_has_times(sandbox: Sandbox) -> None:
    sandbox.finish(BUILD, SELINUX_FAILS)
    for name, job in jobs_of(sandbox).items():
        ran = name != "base_update_cli"
        assert bool(job["t_started"]) is ran
        assert len(job["t_finished"]) == len("2026-11-21T03:47:30")
        assert not ran or job["t_started"] <= job["t_finished"]


def test_only_the_list_of_jobs_has_their_modules(sandbox: Sandbox) -> None:
    sandbox.finish(BUILD, SELINUX_FAILS)
    jobs = jobs_of(sandbox)
    fatal = {"category": "tests", "flags": ["fatal"]}
    important = {"category": "tests", "flags": ["important"]}
    assert jobs["install_default_upload"]["modules"] == [
        {"name": "_boot_to_anaconda", "result": "passed", **fatal},
        {"name": "_do_install_and_reboot", "result": "passed", **fatal},
        {"name": "_collect_data", "result": "passed", "category": "tests", "flags": []},
        {"name": "install_default_upload", "result": "passed", **important},
    ]
    assert jobs["base_selinux"]["modules"] == [
        {"name": "_console_wait_login", "result": "passed", **fatal},
        {"name": "base_selinux", "result": "failed", **important},
    ]
    assert jobs["base_update_cli"]["modules"] == []
    assert "modules" not in openqa_of(sandbox).job(jobs["base_selinux"]["id"])


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({"modules": "_boot_to_anaconda"}, ["install_default_upload"]),
        ({"modules_result": "failed"}, ["base_selinux"]),
        ({"modules": "base_selinux,_collect_data"}, ["base_selinux", "install_default_upload"]),
        ({"modules": "base_selinux", "modules_result": "failed"}, ["base_selinux"]),
        # name and result must be of the same module
        ({"modules": "_console_wait_login", "modules_result": "failed"}, []),
    ],
)
def test_jobs_are_found_by_their_modules(
    sandbox: Sandbox, query: dict[str, str], found: list[str]
) -> None:
    sandbox.finish(BUILD, SELINUX_FAILS)
    assert sorted(job["test"] for job in openqa_of(sandbox).jobs(**query)) == found


def test_files_of_a_job_can_be_read_without_a_key(sandbox: Sandbox) -> None:
    sandbox.finish(BUILD, SELINUX_FAILS)
    jobs = jobs_of(sandbox)

    def load(job_id: int, name: str) -> requests.Response:
        return requests.get(f"{sandbox.url}/tests/{job_id}/file/{name}", timeout=30)

    loaded = load(jobs["install_default_upload"]["id"], "_collect_data-rpms.log")
    assert (loaded.status_code, loaded.text) == (200, "bash-5.3.3-2.fc45.x86_64\n")
    for job_id, name in (
        (jobs["install_default_upload"]["id"], "_collect_data-other.log"),
        (jobs["base_selinux"]["id"], "_collect_data-rpms.log"),
        (9999, "_collect_data-rpms.log"),
    ):
        assert load(job_id, name).status_code == 404


@pytest.mark.parametrize(
    ("recording", "index"),
    [("openqa.job.done.passed.json", 0), ("openqa.job.done.failed_last.json", 1)],
)
def test_messages_have_the_contents_of_openqas_own(
    sandbox: Sandbox, recording: str, index: int
) -> None:
    recorded = json.loads((RECORDED / recording).read_text())
    message = sandbox.finish(BUILD, SELINUX_FAILS)[index]
    assert message["topic"] == recorded["topic"]
    assert {*message["body"]} == {*recorded["body"]}
    same = ("ARCH", "BUILD", "FLAVOR", "ISO", "MACHINE", "group_id", "result", "reason", "newbuild")
    assert {it: message["body"][it] for it in same} == {it: recorded["body"][it] for it in same}


def test_messages_name_the_modules_that_failed(sandbox: Sandbox) -> None:
    failed = [it["body"]["failedmodules"] for it in sandbox.finish(BUILD, SELINUX_FAILS)]
    assert failed == [[], ["base_selinux"]]


def test_jobs_that_openqa_restarts_by_itself_run_again_parents_first(sandbox: Sandbox) -> None:
    openqa = openqa_of(sandbox)
    while not openqa.jobs(ids=8):
        openqa.schedule(FLAVOR, "other", TEST="install_default_upload")
    # openQA copies job 10 before job 9, its parent: it sorts ids as texts
    jobs = openqa.schedule(FLAVOR, "again", ISO=ISO, RETRY="1")["ids"]
    assert jobs == [9, 10, 11]
    cut_off = Ending(
        flavor=FLAVOR,
        test="install_default_upload",
        result="incomplete",
        reason="backend died: QEMU exited unexpectedly",
    )
    bodies = [it["body"] for it in sandbox.finish("again", Script(endings=(cut_off,)))]
    assert [(body["TEST"], body["result"], body["reason"]) for body in bodies] == [
        ("install_default_upload", "incomplete", cut_off.reason)
    ] * 2
    assert {job["state"] for job in openqa.jobs(build="again")} == {"done", "cancelled"}
