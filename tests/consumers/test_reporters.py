"""Messages about jobs into the real consumers, results out into the sandbox's sinks."""

import logging
from collections.abc import Callable, Iterator
from http import HTTPStatus
from pathlib import Path
from typing import TypeVar

import pytest
import requests
from fedora_messaging.config import conf
from fedora_messaging.message import Message
from openqa_client.client import OpenQA_Client

from consumers.autocloud_reporter import AutocloudReporter
from consumers.compose_checker import ComposeChecker
from consumers.reporters import Reporter
from consumers.resultsdb_reporter import ResultsDBReporter
from consumers.wiki_reporter import WikiReporter
from fedora_openqa.errors import WRONG_DEPLOYMENT
from fedora_openqa.model.work import SubjectState
from fedora_openqa.monitoring.server import Monitor
from fedora_openqa.sandbox.config_files import write_config_files
from fedora_openqa.sandbox.running import Sandbox
from tests.support.store import subjects_of
from tests.support.waiting import wait_for

R = TypeVar("R", bound=Reporter)
Make = Callable[..., Reporter]

DONE = "org.fedoraproject.prod.openqa.job.done"
BUILD = "Update-FEDORA-2026-1bd5f4a0c2"
COMPOSE = "Fedora-Rawhide-20261120.n.0"
SETTINGS = {
    "DISTRI": "fedora",
    "VERSION": "43",
    "FLAVOR": "updates-server",
    "ARCH": "x86_64",
    "TEST_TARGET": "COMPOSE",
}
QUICK = {
    "resultsdb": {"enabled": True, "gather": 0.05},
    "wiki": {"gather": 0.05},
    "mail": {"enabled": True, "quiet": 0.0},
    "sweep": {"every": 0},
}


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    with Sandbox() as sandbox:
        yield sandbox


@pytest.fixture
def make(sandbox: Sandbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Make]:
    """Make consumers with a configuration of their own."""
    for name, value in write_config_files(tmp_path, sandbox).items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    made: list[Reporter] = []

    def start(kind: type[Reporter], **changes: object) -> Reporter:
        monkeypatch.setitem(conf, "consumer_config", QUICK | changes)
        made.append(kind())
        return made[-1]

    yield start
    for consumer in made:
        consumer.service.end()


def job(sandbox: Sandbox, *, result: str = "passed", **settings: str) -> int:
    client = OpenQA_Client(server=sandbox.url, retries=0)
    client.session.headers["X-API-Key"] = sandbox.key
    client.apisecret = sandbox.secret
    advisory = {"BUILD": BUILD, "ADVISORY": BUILD.removeprefix("Update-")}
    product = SETTINGS | (settings or advisory)
    client.openqa_request("POST", "isos", data=product)
    jobs = client.openqa_request("GET", "jobs", params={"build": product["BUILD"]})["jobs"]
    for one in jobs:
        client.openqa_request("POST", f"jobs/{one['id']}/set_done", params={"result": result})
    return int(next(one["id"] for one in jobs if one["test"] == "base_selinux"))


def done(job_id: int, build: str = BUILD) -> Message:
    return Message(topic=DONE, body={"id": job_id, "BUILD": build, "remaining": 0})


def test_a_finished_job_reaches_resultsdb(sandbox: Sandbox, make: Make) -> None:
    consumer = make(ResultsDBReporter)
    job_id = job(sandbox, result="failed")
    consumer(done(job_id))
    wait_for(sandbox.results.all)
    (result,) = sandbox.results.all()
    assert (result.outcome, result.testcase) == ("FAILED", "update.base_selinux")
    assert result.ref_url == f"{sandbox.url}/tests/{job_id}"


@pytest.mark.parametrize(("status", "outcome"), [("success", "PASSED"), ("failed", "FAILED")])
def test_a_cloud_image_reaches_resultsdb(
    sandbox: Sandbox, make: Make, status: str, outcome: str
) -> None:
    consumer = make(AutocloudReporter, autocloud_url="https://autocloud.example")
    compose = sandbox.compose_location.split("/")[-2]
    image = cloud_image(sandbox)
    body = {
        "compose_id": compose,
        "compose_url": f"{sandbox.compose_location}/{image}",
        "job_id": 2023,
        "status": status,
    }
    consumer(Message(topic=f"org.fedoraproject.prod.autocloud.image.{status}", body=body))
    wait_for(sandbox.results.all)
    (result,) = sandbox.results.all()
    assert (result.testcase, result.outcome) == ("compose.cloud.all", outcome)
    assert result.ref_url == "https://autocloud.example/jobs/2023/output"
    assert result.data["item"] == (image.rpartition("/")[2],)
    assert result.data["source"] == ("autocloud",)
    assert result.data["productmd.compose.id"] == (compose,)
    assert result.data["productmd.image.type"] == ("qcow2",)


def cloud_image(sandbox: Sandbox) -> str:
    """Return the path of an image of the sandbox's compose that Autocloud would test."""
    url = f"{sandbox.compose_location}/metadata/images.json"
    images = requests.get(url, timeout=10).json()["payload"]["images"]
    paths = [image["path"] for image in images["Cloud"]["x86_64"] if image["type"] == "qcow2"]
    return str(paths[0])


def test_an_autocloud_message_without_an_image_is_a_matter_for_a_person(
    sandbox: Sandbox, make: Make
) -> None:
    consumer = make(AutocloudReporter, autocloud_url="https://autocloud.example")
    broken = {"compose_id": sandbox.compose_location.split("/")[-2], "job_id": 2023}
    consumer(Message(topic="org.fedoraproject.prod.autocloud.image.failed", body=broken))
    parked = [one for one in subjects_of(consumer.service).all() if one.lane == "message"]
    assert len(parked) == 1


def act(sandbox: Sandbox, path: str, **params: str) -> None:
    """Let openQA do something."""
    client = OpenQA_Client(server=sandbox.url, retries=0)
    client.session.headers["X-API-Key"] = sandbox.key
    client.apisecret = sandbox.secret
    client.openqa_request("POST", path, data=params)


def told(sandbox: Sandbox) -> dict[int, list[str]]:
    """Return the outcomes that ResultsDB has, by job, the oldest first."""
    found: dict[int, list[str]] = {}
    for result in sandbox.results.all():
        found.setdefault(int((result.ref_url or "").rpartition("/")[2]), []).append(result.outcome)
    return found


def compose_jobs(sandbox: Sandbox) -> dict[str, int]:
    """Schedule the jobs of a DVD in openQA, before any of them runs; return their ids by test."""
    iso = f"Fedora-Server-dvd-x86_64-{COMPOSE.removeprefix('Fedora-')}.iso"
    product = {
        **SETTINGS,
        "VERSION": "Rawhide",
        "FLAVOR": "Server-dvd-iso",
        "BUILD": COMPOSE,
        "TEST_TARGET": "ISO",
        "ISO": iso,
        "LOCATION": sandbox.compose_location,
    }
    act(sandbox, "isos", **product)
    url = f"{sandbox.url}/api/v1/jobs?build={COMPOSE}"
    return {job["test"]: job["id"] for job in requests.get(url, timeout=10).json()["jobs"]}


def test_a_parallel_child_that_is_skipped_without_a_message_is_followed_at_once(
    sandbox: Sandbox, make: Make
) -> None:
    consumer = make(ResultsDBReporter)
    jobs = compose_jobs(sandbox)
    # its own parent has passed, so nothing but its cluster keeps it from running
    act(sandbox, f"jobs/{jobs['install_default_upload']}/set_done", result="passed")
    act(sandbox, f"jobs/{jobs['podman']}/set_done", result="failed")
    consumer(done(jobs["podman"], COMPOSE))
    wait_for(lambda: len(told(sandbox)) == 2)
    assert told(sandbox) == {jobs["podman"]: ["FAILED"], jobs["podman_client"]: ["FAILED"]}


def test_the_copies_of_a_whole_cluster_are_queued_if_a_restart_names_one_of_them(
    sandbox: Sandbox, make: Make
) -> None:
    consumer = make(ResultsDBReporter)
    jobs = compose_jobs(sandbox)
    act(sandbox, f"jobs/{jobs['install_default_upload']}/set_done", result="passed")
    act(sandbox, f"jobs/{jobs['podman_client']}/set_done", result="incomplete")
    act(sandbox, f"jobs/{jobs['podman_client']}/restart", force="1")
    url = f"{sandbox.url}/api/v1/jobs?ids={jobs['podman_client']},{jobs['podman']}"
    answer = requests.get(url, timeout=10).json()["jobs"]
    copies = {job["test"]: job["clone_id"] for job in answer}
    body = {
        "id": jobs["podman_client"],
        "BUILD": COMPOSE,
        "auto": 1,
        "result": {str(jobs["podman_client"]): copies["podman_client"]},
    }
    consumer(Message(topic="org.fedoraproject.prod.openqa.job.restart", body=body))
    wait_for(lambda: len(told(sandbox)) == 2)
    assert told(sandbox) == {copies["podman"]: ["QUEUED"], copies["podman_client"]: ["QUEUED"]}


def test_a_restart_that_is_cancelled_is_no_longer_queued(sandbox: Sandbox, make: Make) -> None:
    consumer = make(ResultsDBReporter)
    first = job(sandbox)
    consumer(done(first))
    wait_for(lambda: told(sandbox) == {first: ["PASSED"]})
    act(sandbox, f"jobs/{first}/restart", force="1")
    url = f"{sandbox.url}/api/v1/jobs?ids={first}"
    copy = int(requests.get(url, timeout=10).json()["jobs"][0]["clone_id"])
    body = {"id": str(first), "BUILD": BUILD, "auto": 0, "result": {str(first): copy}}
    consumer(Message(topic="org.fedoraproject.prod.openqa.job.restart", body=body))
    wait_for(lambda: told(sandbox).get(copy) == ["QUEUED"])
    act(sandbox, f"jobs/{copy}/cancel")
    cancelled = {"id": copy, "BUILD": BUILD}
    consumer(Message(topic="org.fedoraproject.prod.openqa.job.cancel", body=cancelled))
    wait_for(lambda: told(sandbox).get(copy) == ["QUEUED", "NEEDS_INSPECTION"])
    assert told(sandbox)[first] == ["PASSED"]


def test_a_result_that_can_never_be_stored_parks_that_one_only(
    sandbox: Sandbox, make: Make
) -> None:
    consumer = make(ResultsDBReporter)
    good = job(sandbox)
    too_long = "FEDORA-2026-" + "x" * 9000
    act(
        sandbox,
        "isos",
        **{**SETTINGS, "FLAVOR": "updates-kde", "BUILD": BUILD, "ADVISORY": too_long},
    )
    url = f"{sandbox.url}/api/v1/jobs?build={BUILD}&flavor=updates-kde"
    bad = int(requests.get(url, timeout=10).json()["jobs"][0]["id"])
    for job_id in (bad, good):
        consumer(done(job_id))
    wait_for(lambda: told(sandbox) == {good: ["PASSED"]})
    find = subjects_of(consumer.service).find
    wait_for(lambda: (row := find(f"resultsdb:{BUILD}")) and str(row.state) == "parked")
    row = find(f"resultsdb:{BUILD}")
    assert row
    assert f"{bad}: ResultsDB cannot store a text of " in str(row.reason)


@pytest.mark.parametrize("switch", [{"do_report": False}, {"resultsdb": {"enabled": False}}])
def test_a_reporter_that_is_not_switched_on_says_what_it_would_tell_and_stores_nothing(
    sandbox: Sandbox,
    make: Make,
    tmp_path: Path,
    caplog: pytest.LogCaptureFixture,
    switch: dict[str, object],
) -> None:
    consumer = make(ResultsDBReporter, **switch)
    job_id = job(sandbox)
    with caplog.at_level(logging.INFO, "fedora_openqa"):
        consumer(done(job_id))
        consumer(done(99))
    assert f"{sandbox.url}/tests/{job_id}: update.base_selinux is PASSED" in caplog.text
    assert "openQA no longer has job 99" in caplog.text
    assert sandbox.results.all() == ()
    assert not list(tmp_path.rglob("store.db"))


def test_do_report_switches_on_and_old_names_count(sandbox: Sandbox, make: Make) -> None:
    consumer = make(
        ResultsDBReporter,
        resultsdb={"gather": 0.05},
        do_report=True,
        resultsdb_url=sandbox.resultsdb_url,
        openqa_baseurl="https://openqa.example",
    )
    job_id = job(sandbox)
    consumer(done(job_id))
    wait_for(sandbox.results.all)
    assert sandbox.results.all()[0].ref_url == f"https://openqa.example/tests/{job_id}"


def test_a_wiki_reporter_that_is_not_switched_on_says_what_passes(
    sandbox: Sandbox, make: Make, caplog: pytest.LogCaptureFixture
) -> None:
    consumer = make(WikiReporter, do_report=False)
    of_compose = {
        **SETTINGS,
        "BUILD": COMPOSE,
        "VERSION": "Rawhide",
        "FLAVOR": "Server-dvd-iso",
        "SUBVARIANT": "Server",
        "IMAGETYPE": "dvd",
    }
    job_id = job(sandbox, **of_compose)
    with caplog.at_level(logging.INFO, "fedora_openqa"):
        consumer(done(job_id, COMPOSE))
        consumer(done(job(sandbox)))
    told = [line for line in caplog.messages if line.startswith("wiki would get")]
    assert len(told) == 1
    assert "QA:Testcase_base_selinux" in told[0]


def test_a_wiki_reporter_without_a_password_does_not_start(
    make: Make, caplog: pytest.LogCaptureFixture
) -> None:
    with pytest.raises(SystemExit, match=str(WRONG_DEPLOYMENT)):
        make(WikiReporter, do_report=True, wiki={"bot_user": "Coconut@report"})
    assert "bot_user has no password" in caplog.text


def test_settings_that_workers_do_not_read_are_warned_of(
    make: Make, caplog: pytest.LogCaptureFixture
) -> None:
    make(ResultsDBReporter, resultsdb={"enabled": True}, wiki={"enabled": True}, log={})
    assert "`fedora-openqa worker` reads" not in caplog.text
    make(ResultsDBReporter, worker={"threads": 0}, wiki={"enabled": True}, mail={})
    (warning,) = (line for line in caplog.messages if "`fedora-openqa worker` reads" in line)
    assert warning.startswith("worker.threads is 0, and `fedora-openqa worker` reads /")
    # the fixture's: resultsdb.gather
    assert warning.endswith(
        "config.toml only: set there what this consumer's file changes: resultsdb.gather, wiki.enabled"
    )


@pytest.mark.parametrize("enabled", [True, False])
def test_also_a_reporter_whose_sink_is_not_enabled_can_be_monitored(
    make: Make, *, enabled: bool
) -> None:
    resultsdb = {"enabled": enabled}
    consumer = make(ResultsDBReporter, resultsdb=resultsdb, monitoring={"listen": ":0"})
    monitor = consumer.service.monitor
    assert isinstance(monitor, Monitor)
    assert monitor.answer("/live")[0] == HTTPStatus.OK
    status, _, reasons = monitor.answer("/ready")
    assert status == HTTPStatus.SERVICE_UNAVAILABLE
    assert b"not connected to its broker" in reasons
    assert b"fedora_openqa_info{" in monitor.answer("/metrics")[2]


def test_the_last_job_of_a_compose_brings_its_report(sandbox: Sandbox, make: Make) -> None:
    consumer = make(ComposeChecker)
    of_compose = {**SETTINGS, "BUILD": COMPOSE, "VERSION": "Rawhide", "FLAVOR": "Server-dvd-iso"}
    job_id = job(sandbox, **of_compose)
    consumer(done(job_id, COMPOSE))
    consumer(done(job_id, COMPOSE))
    consumer(done(job(sandbox)))
    wait_for(sandbox.mail.messages)
    (mail,) = sandbox.mail.messages()
    assert mail.message["Subject"] == f"{COMPOSE} compose check report"


def test_reports_that_waited_while_mail_was_off_do_not_go_out_once_it_is_on(
    sandbox: Sandbox, make: Make
) -> None:
    stores = make(ComposeChecker, mail={"enabled": False, "quiet": 0.0}, worker={"threads": 0})
    of_compose = {**SETTINGS, "BUILD": COMPOSE, "VERSION": "Rawhide", "FLAVOR": "Server-dvd-iso"}
    stores(done(job(sandbox, **of_compose), COMPOSE))
    works = make(ComposeChecker)
    subjects = subjects_of(works.service)

    def skipped() -> list[str | None]:
        mails = [one for one in subjects.all() if one.lane == "mail"]
        return [one.reason for one in mails if one.state is SubjectState.SKIPPED]

    wait_for(skipped)
    (reason,) = skipped()
    assert reason
    assert reason.startswith("asked for before mail was switched on at ")
    assert sandbox.mail.messages() == ()


def test_where_mail_is_not_switched_on_the_report_is_logged_once(
    sandbox: Sandbox, make: Make, caplog: pytest.LogCaptureFixture
) -> None:
    consumer = make(ComposeChecker, mail={"enabled": False, "quiet": 0.0})
    of_compose = {**SETTINGS, "BUILD": COMPOSE, "VERSION": "Rawhide", "FLAVOR": "Server-dvd-iso"}
    with caplog.at_level(logging.INFO, "fedora_openqa"):
        consumer(done(job(sandbox, **of_compose), COMPOSE))
        wait_for(lambda: "Passed openQA tests: " in caplog.text)
    assert sandbox.mail.messages() == ()
