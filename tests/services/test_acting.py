"""A person and a program restart jobs of a real openQA by the pages of a real process."""

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from fedora_openqa.sandbox.running import Sandbox
from tests.services.real_site import Site
from tests.support.served import ServedPages, token_in
from tests.support.waiting import wait_for

pytestmark = pytest.mark.service

#: an update of the sandbox's Bodhi whose tests no other test schedules on this openQA
UPDATE = "FEDORA-2026-77e9c41fa0"


@pytest.fixture
def pages(site: Site, tmp_path: Path) -> Iterator[ServedPages]:
    with Sandbox() as sandbox:
        site.configure(sandbox.url)
        status, _ = site.run("update", UPDATE)
        assert status == 0
        environ = os.environ | {
            "OPENQA_CONFIG": str(site.directory),
            "FEDORA_OPENQA_CONFIG": str(site.directory / "config.toml"),
            "STATE_DIRECTORY": str(tmp_path),
        }
        out, log = tmp_path / "out", tmp_path / "log"
        with out.open("wb") as stdout, log.open("wb") as stderr:
            process = subprocess.Popen(
                [sys.executable, "-m", "fedora_openqa", "web", "--listen", ":0"],
                env=environ,
                stdout=stdout,
                stderr=stderr,
            )
        try:
            wait_for(lambda: "pages on http" in log.read_text() and token_in(out.read_text()))
            found = re.search(r"pages on (http://\S+)", log.read_text())
            assert found
            served = ServedPages(found[1], token=token_in(out.read_text()))
            answer = served.send("/login", token=served.token)
            assert "Log out" in answer.text
            yield served
        finally:
            process.terminate()
            process.wait(120)
        assert "Traceback" not in log.read_text()


def test_failed_jobs_of_a_real_openqa_run_again_once(site: Site, pages: ServedPages) -> None:
    jobs = {job["id"]: job for job in site.get("jobs", build=f"Update-{UPDATE}")["jobs"]}
    # it waits for nothing, and nothing waits for it
    alone = next(
        number
        for number, job in sorted(jobs.items())
        if not any(job["parents"].values()) and not any(job["children"].values())
    )
    site.client.openqa_request("POST", f"jobs/{alone}/set_done", params={"result": "incomplete"})
    plan = f"/act/rerun?target={UPDATE}&only=incomplete"
    shown = pages.get(plan)
    assert f"/tests/{alone}" in shown
    assert "1 job, usually" in shown

    refused = pages.send(plan, reason="the worker broke")
    assert "misses the following mandatory assets" in refused.text
    assert site.get(f"jobs/{alone}")["job"]["clone_id"] is None

    outcome = pages.send(plan, reason="the worker broke", force="true")
    copy = site.get(f"jobs/{alone}")["job"]["clone_id"]
    assert copy
    assert f"restarted: {alone} as {copy}" in outcome.text
    assert re.fullmatch(r".*/audit/2", outcome.url)
    assert "the worker broke" in pages.get("/audit")
    assert site.get(f"jobs/{copy}")["job"]["state"] == "scheduled"
    assert "It cannot be done" in pages.get(plan)

    # the same by a program
    site.client.openqa_request("POST", f"jobs/{copy}/set_done", params={"result": "incomplete"})
    body = {
        "subjects": [UPDATE],
        "only": "incomplete",
        "force": True,
        "reason": "again",
        "key": "k",
    }
    planned = pages.post("/reruns", body | {"dry": True}, 200).json()
    assert [job["id"] for job in planned["jobs"]] == [copy]
    assert site.get(f"jobs/{copy}")["job"]["clone_id"] is None
    act = pages.post("/reruns", body, 201).json()
    last = site.get(f"jobs/{copy}")["job"]["clone_id"]
    assert (act["ending"], act["outcome"]) == ("done", f"restarted: {copy} as {last}")
    assert pages.post("/reruns", body, 200).json() == act
    assert site.get(f"jobs/{last}")["job"]["clone_id"] is None
