"""``fedora-openqa keep`` on the sandbox, and what sweeps keep and release."""

import time
from typing import Any

import pytest
from sqlalchemy import Engine

from fedora_openqa.config import load_config
from fedora_openqa.gateways.openqa.api import RestOpenQA
from fedora_openqa.model.deliveries import Sink
from fedora_openqa.policy.history import stored_job
from fedora_openqa.sandbox.faults import Kind, Rule
from fedora_openqa.store.engine import open_engine
from fedora_openqa.store.jobs import JobHistory
from fedora_openqa.wiring.evidence import open_evidence
from fedora_openqa.wiring.service import open_service
from tests.cli.conftest import CommandOnSandbox
from tests.support.limits import limits_with

BUILD = "Fedora-Rawhide-20261120.n.0"
FLAVOR = "i3-live-iso"
LABEL = "label:linked kept by fedora-openqa until "
RELEASED = "released, was kept by fedora-openqa until "


@pytest.fixture
def store(cli: CommandOnSandbox) -> Engine:
    url = f"sqlite:///{cli.directory}/store.db"
    cli.configure(f'\n[store]\nurl = "{url}"\n[http]\nattempts = 1\n')
    return open_engine(url)


@pytest.fixture
def build(cli: CommandOnSandbox, store: Engine) -> str:
    """Return a build whose job 1 failed and whose job 2 passed; the store knows them."""
    cli.compose("--flavors", FLAVOR)
    for job, result in ((2, "passed"), (1, "failed")):
        cli.post(f"jobs/{job}/set_done?result={result}")
    remember(cli, store)
    return BUILD


def remember(cli: CommandOnSandbox, store: Engine) -> None:
    openqa = RestOpenQA(cli.sandbox.url, limits=limits_with(attempts=1), post_timeout=9, environ={})
    JobHistory(store).remember([stored_job(job) for job in openqa.jobs_for_build(BUILD)])


def comments(cli: CommandOnSandbox, job: int) -> list[str]:
    return [row["text"] for row in cli.get(f"jobs/{job}/comments")]


def listed(cli: CommandOnSandbox) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = cli.run("keep", "--list", "--format", "json").json
    return found


def writes(cli: CommandOnSandbox) -> int:
    return sum(
        request.method in {"POST", "PUT", "DELETE"} and "/comments" in request.path
        for request in cli.sandbox.requests.all()
    )


def test_failed_jobs_are_kept_listed_and_released(cli: CommandOnSandbox, build: str) -> None:
    ended = cli.run("keep", build, "--reason", "label:force_result:passed", "--days", "30")
    assert ended.status == 0, ended.err
    assert "no sweep releases them" in ended.err
    (comment,) = comments(cli, 1)
    assert comment.startswith(LABEL)
    # openQA would obey what a person typed
    assert "force_result" not in comment
    assert comments(cli, 2) == []
    (row,) = listed(cli)
    assert (row["build"], row["jobs"], row["open"]) == (build, 1, 0)
    assert row["reason"] == "label:force_result:passed"
    assert f"{build}: 1 jobs until " in cli.run("keep", "--list").out
    # the same again changes nothing
    before = writes(cli)
    assert cli.run("keep", build, "--reason", "x", "--days", "10").status == 0
    assert writes(cli) == before
    assert cli.run("keep", build, "--release").status == 0
    (comment,) = comments(cli, 1)
    assert comment.startswith(RELEASED)
    assert listed(cli) == []
    assert cli.run("keep", build, "--release").status == 1
    # and kept again: the comment is the same one
    assert cli.run("keep", build, "--reason", "x").status == 0
    (comment,) = comments(cli, 1)
    assert comment.startswith(LABEL)
    acts = cli.run("audit", "--format", "json").json
    assert [act["what"] for act in acts][:2] == ["keep", "keep --release"]


def test_comments_link_to_the_pages_where_there_are_some(cli: CommandOnSandbox, build: str) -> None:
    cli.configure('[web]\nurl = "https://pages.example.org"\n')
    assert cli.run("keep", build, "--reason", "x").status == 0
    (comment,) = comments(cli, 1)
    assert comment.startswith(LABEL)
    assert comment.endswith(": https://pages.example.org/j/1")
    # other pages are no reason for another comment
    cli.config.write_text(cli.config.read_text().replace("pages.example", "other.example"))
    assert cli.run("keep", build, "--reason", "x").status == 0
    assert len(comments(cli, 1)) == 1
    assert cli.run("keep", build, "--release").status == 0
    (comment,) = comments(cli, 1)
    assert comment.startswith(RELEASED)
    assert comment.endswith(": https://other.example.org/j/1")


def test_a_dry_run_writes_nothing(cli: CommandOnSandbox, build: str) -> None:
    ended = cli.run("keep", build, "--reason", "x", "--jobs", "all", "--dry-run")
    assert (ended.status, ended.err) == (0, "")
    assert "would be kept until" in ended.out
    assert ended.out.rstrip().endswith("jobs 1, 2")
    assert (comments(cli, 1), writes(cli), listed(cli)) == ([], 0, [])
    assert cli.run("keep", build, "--reason", "x").status == 0
    before = writes(cli)
    released = cli.run("keep", build, "--release", "--dry-run", "--format", "json").json
    assert (released["released"], released["dry_run"], writes(cli)) == ([1], True, before)
    assert listed(cli)[0]["jobs"] == 1


def test_a_comment_whose_answer_was_lost_is_not_posted_twice(
    cli: CommandOnSandbox, build: str
) -> None:
    cli.sandbox.faults.add(Rule(Kind.DROP_AFTER, method="POST", path="/comments$", times=1))
    ended = cli.run("keep", build, "--reason", "x")
    assert ended.status == 1
    assert "job 1: POST " in ended.out
    (row,) = listed(cli)
    assert (row["jobs"], row["open"]) == (1, 1)
    assert cli.run("keep", build, "--reason", "x").status == 0
    assert len(comments(cli, 1)) == 1
    assert listed(cli)[0]["open"] == 0


def test_a_job_that_openqa_no_longer_has_is_forgotten(
    cli: CommandOnSandbox, build: str, store: Engine
) -> None:
    openqa = RestOpenQA(cli.sandbox.url, limits=limits_with(attempts=1), post_timeout=9, environ={})
    (job,) = (job for job in openqa.jobs_for_build(BUILD) if job.id == 1)
    stored = stored_job(job)
    JobHistory(store).remember([type(stored)(**{**fields(stored), "id": 999})])
    ended = cli.run("keep", build, "--reason", "x", "--format", "json")
    assert (ended.json["kept"], ended.json["gone"]) == ([1], [999])
    assert listed(cli)[0]["jobs"] == 1


def fields(one: object) -> dict[str, Any]:
    return {name: getattr(one, name) for name in one.__slots__}  # type: ignore[attr-defined] # of a dataclass


@pytest.mark.parametrize("options", [(), (BUILD,), (BUILD, "--list"), ("--release",)], ids=" ".join)
def test_what_is_to_be_kept_must_be_said(cli: CommandOnSandbox, options: tuple[str, ...]) -> None:
    assert cli.run("keep", *options).status == 2


def test_an_unknown_build_is_said(cli: CommandOnSandbox, store: Engine) -> None:
    assert store
    ended = cli.run("keep", "Fedora-44-20261118.0", "--reason", "x", "--jobs", "all")
    assert ended.status == 1
    assert "the store knows no ended jobs" in ended.err


RULES = """
[evidence]
enabled = true
nightly = "failed"
nightly_days = 30
"""


def test_sweeps_keep_what_rules_ask_for_until_its_time_is_over(
    cli: CommandOnSandbox, build: str, store: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    cli.configure(RULES)
    monkeypatch.setenv("OPENQA_CONFIG", str(cli.directory))
    evidence = open_evidence(load_config(cli.config), dry_run=False)
    assert evidence.sweep().kept == (1,)
    assert comments(cli, 1)[0].startswith(LABEL)
    assert comments(cli, 2) == []
    (row,) = listed(cli)
    assert (row["build"], row["by"], row["reason"]) == (
        build,
        None,
        "failed jobs of a build: nightly",
    )
    # nothing is left to do, and nothing is asked
    asked = len(cli.sandbox.requests.all())
    assert evidence.sweep().kept == ()
    assert len(cli.sandbox.requests.all()) == asked
    with store.begin() as connection:
        connection.exec_driver_sql(
            f"UPDATE kept_job SET until = {time.time() - 1}"  # noqa: S608 - a number
        )
        connection.exec_driver_sql("DELETE FROM job")
    assert evidence.sweep().released == (1,)
    assert comments(cli, 1)[0].startswith(RELEASED)
    assert listed(cli) == []


def test_what_a_person_has_released_no_rule_keeps_again(
    cli: CommandOnSandbox, build: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    cli.configure(RULES)
    monkeypatch.setenv("OPENQA_CONFIG", str(cli.directory))
    evidence = open_evidence(load_config(cli.config), dry_run=False)
    assert evidence.sweep().kept == (1,)
    assert cli.run("keep", build, "--release").status == 0
    assert evidence.sweep().kept == ()
    assert comments(cli, 1)[0].startswith(RELEASED)


def test_while_openqa_is_away_nothing_is_lost(
    cli: CommandOnSandbox, build: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert build
    cli.configure(RULES)
    monkeypatch.setenv("OPENQA_CONFIG", str(cli.directory))
    evidence = open_evidence(load_config(cli.config), dry_run=False)
    cli.sandbox.faults.add(Rule(Kind.ANSWER, path="/comments", status=502))
    assert [job for job, _reason in evidence.sweep().failed] == [1]
    cli.sandbox.faults.clear()
    assert evidence.sweep().kept == (1,)


def test_without_the_switch_no_process_keeps_anything(
    cli: CommandOnSandbox, store: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert store
    cli.configure("[worker]\nthreads = 1\n")
    config = cli.config.read_text().replace("every = 0", "every = 30")
    cli.config.write_text(config)
    monkeypatch.setenv("OPENQA_CONFIG", str(cli.directory))
    assert duties(cli) == ("scheduling", "resultsdb")
    cli.configure(RULES)
    assert duties(cli) == ("scheduling", "resultsdb", "evidence")
    cli.configure("[shadow]\nenabled = true\n")
    assert duties(cli) == ("scheduling", "resultsdb")


def duties(cli: CommandOnSandbox) -> tuple[str, ...]:
    service = open_service(load_config(cli.config), "worker", sinks=[Sink.RESULTSDB])
    assert service.sweeper
    sweep: Any = service.sweeper.sweep
    found: tuple[str, ...] = sweep.func.__self__._duties  # noqa: SLF001
    return found
