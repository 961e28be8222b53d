"""Messages about jobs into the real consumers, results out into the sandbox's sinks."""

import logging
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TypeVar

import pytest
from fedora_messaging.config import conf
from fedora_messaging.message import Message
from openqa_client.client import OpenQA_Client

from consumers.autocloud_reporter import AutocloudReporter
from consumers.compose_checker import ComposeChecker
from consumers.reporters import Reporter
from consumers.resultsdb_reporter import ResultsDBReporter
from consumers.wiki_reporter import WikiReporter
from fedora_openqa.errors import ConfigError
from fedora_openqa.sandbox.config_files import write_config_files
from fedora_openqa.sandbox.running import Sandbox

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
        if consumer.service:
            consumer.service.stop()


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


def wait_for(happened: Callable[[], object]) -> None:
    deadline = time.monotonic() + 30
    while not happened():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def test_a_finished_job_reaches_resultsdb(sandbox: Sandbox, make: Make) -> None:
    consumer = make(ResultsDBReporter)
    job_id = job(sandbox, result="failed")
    consumer(done(job_id))
    wait_for(sandbox.results.all)
    (result,) = sandbox.results.all()
    assert (result.outcome, result.testcase) == ("FAILED", "update.base_selinux")
    assert result.ref_url == f"{sandbox.url}/tests/{job_id}"


def test_a_cloud_image_reaches_resultsdb(sandbox: Sandbox, make: Make) -> None:
    consumer = make(AutocloudReporter, autocloud_url="https://autocloud.example")
    compose = sandbox.compose_location.split("/")[-2]
    body = {
        "compose_id": compose,
        "compose_url": f"{sandbox.compose_location}/x/{compose}.x86_64.qcow2",
        "job_id": 2023,
        "status": "success",
    }
    consumer(Message(topic="org.fedoraproject.prod.autocloud.image.success", body=body))
    assert consumer.service
    stored = consumer.service.subjects.find(f"resultsdb:{compose}")
    assert stored
    # an image that no compose has is a matter for a person
    broken = {"compose_id": compose, "job_id": 2023}
    consumer(Message(topic="org.fedoraproject.prod.autocloud.image.failed", body=broken))
    parked = [one for one in consumer.service.subjects.all() if one.kind == "message"]
    assert len(parked) == 1


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
    told = [line for line in caplog.messages if line.startswith("wiki would be told")]
    assert len(told) == 1
    assert "QA:Testcase_base_selinux" in told[0]


def test_a_wiki_reporter_without_a_password_does_not_start(make: Make) -> None:
    with pytest.raises(ConfigError, match="bot_user has no password"):
        make(WikiReporter, do_report=True, wiki={"bot_user": "Coconut@report"})


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


def test_where_mail_is_not_switched_on_the_report_is_logged_once(
    sandbox: Sandbox, make: Make, caplog: pytest.LogCaptureFixture
) -> None:
    consumer = make(ComposeChecker, mail={"enabled": False, "quiet": 0.0})
    of_compose = {**SETTINGS, "BUILD": COMPOSE, "VERSION": "Rawhide", "FLAVOR": "Server-dvd-iso"}
    with caplog.at_level(logging.INFO, "fedora_openqa"):
        consumer(done(job(sandbox, **of_compose), COMPOSE))
        wait_for(lambda: "Passed openQA tests: " in caplog.text)
    assert sandbox.mail.messages() == ()
