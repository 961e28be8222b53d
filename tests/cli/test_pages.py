"""Commands on an openQA that grants few jobs at a time."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from fedora_openqa.sandbox.config_files import write_config_files
from fedora_openqa.sandbox.faults import Kind, Rule
from fedora_openqa.sandbox.openqa import OpenQAOptions, Paging
from fedora_openqa.sandbox.running import TEMPLATES, Sandbox, SandboxOptions
from tests.cli.conftest import TWO_TRIES, CommandOnSandbox
from tests.support.jobs import BUILD

UPDATE = "FEDORA-2026-5d02b7e318"


@pytest.fixture(params=Paging)
def capped(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[CommandOnSandbox]:
    """An openQA that grants seven rows, with its `Link` headers or without."""
    openqa = OpenQAOptions(templates=TEMPLATES, paging=request.param, max_limit=7)
    with Sandbox(SandboxOptions(openqa=openqa)) as sandbox:
        environ = {**write_config_files(tmp_path, sandbox), "HOME": str(tmp_path)}
        yield CommandOnSandbox(sandbox, tmp_path, environ)


def test_a_running_compose_or_update_is_not_scheduled_over_itself(capped: CommandOnSandbox) -> None:
    compose = ("compose", capped.sandbox.compose_location)
    for command, requests in ((compose, 10 + 7), (("update", UPDATE), 4 + 4)):
        capped.sandbox.requests.clear()
        assert capped.run(*command).status == 0
        assert len(capped.sandbox.requests.all()) <= requests
        posts = len(capped.posts)
        again = capped.run(*command)
        assert again.status == 1
        assert "already has jobs of all" in again.err
        assert len(capped.posts) == posts


def test_what_failed_on_a_later_page_is_found_by_a_rerun(capped: CommandOnSandbox) -> None:
    capped.compose("--flavors", "universal")
    # the oldest job is on the last page
    capped.post("jobs/1/set_done?result=failed")
    ended = capped.run("rerun", BUILD, "--failed", "--yes", "--force", "--format", "json")
    assert "1" in ended.json["restarted"], ended.err


def test_jobs_of_a_lost_answer_are_found_on_all_pages(capped: CommandOnSandbox) -> None:
    capped.configure(TWO_TRIES)
    capped.sandbox.faults.add(Rule(Kind.ANSWER_AFTER, method="POST", path="isos$", status=502))
    ended = capped.compose("--flavors", "universal", "--format", "json")
    assert ended.status == 0, ended.err
    assert len(capped.posts) == 1
    found: set[int] = set()
    while page := capped.get("jobs", build=BUILD, offset=str(len(found)))["jobs"]:
        found |= {job["id"] for job in page}
    assert len(found) > 7
    assert set(ended.json["jobs"]) == found
