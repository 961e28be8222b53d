"""A person and a program restart jobs of a real openQA by the pages of a real process."""

import os
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, expect

from fedora_openqa.sandbox.openid import CLIENT_SECRET
from fedora_openqa.sandbox.running import Sandbox
from tests.services.real_site import Site
from tests.support.acting import openid_at
from tests.support.chromium import visiting
from tests.support.served import ServedPages, free_port, serving, token_in
from tests.support.waiting import wait_for

pytestmark = pytest.mark.service

#: an update of the sandbox's Bodhi whose tests no other test schedules on this openQA
UPDATE = "FEDORA-2026-77e9c41fa0"


def jobs(site: Site) -> dict[int, Any]:
    return {job["id"]: job for job in site.get("jobs", build=f"Update-{UPDATE}")["jobs"]}


def alone(site: Site) -> int:
    """Return a job of the update that waits, waits for none, and that none waits for."""
    return next(
        number
        for number, job in sorted(jobs(site).items())
        if job["state"] == "scheduled"
        and not any(job["parents"].values())
        and not any(job["children"].values())
    )


@pytest.fixture
def environ(site: Site, tmp_path: Path) -> Iterator[Mapping[str, str]]:
    """Schedule the update on the real openQA; give what the process of the pages needs."""
    with Sandbox() as sandbox:
        site.configure(sandbox.url)
        if not jobs(site):
            status, _ = site.run("update", UPDATE)
            assert status == 0
        yield os.environ | {
            "OPENQA_CONFIG": str(site.directory),
            "FEDORA_OPENQA_CONFIG": str(site.directory / "config.toml"),
            "FEDORA_OPENQA_OPENID_SECRET": CLIENT_SECRET,
            "STATE_DIRECTORY": str(tmp_path),
            "ISSUER": sandbox.issuer,
        }


@pytest.fixture
def pages(environ: Mapping[str, str], tmp_path: Path) -> Iterator[ServedPages]:
    with serving(tmp_path, environ) as served:
        wait_for(lambda: token_in(served.out.read_text()))
        pages = ServedPages(served.address, token=token_in(served.out.read_text()))
        answer = pages.send("/login", token=pages.token)
        assert "Log out" in answer.text
        yield pages


def test_failed_jobs_of_a_real_openqa_run_again_once(site: Site, pages: ServedPages) -> None:
    number = alone(site)
    site.client.openqa_request("POST", f"jobs/{number}/set_done", params={"result": "incomplete"})
    plan = f"/act/rerun?target={UPDATE}&only=incomplete"
    shown = pages.get(plan)
    assert f"/tests/{number}" in shown
    assert "1 job, usually" in shown

    refused = pages.send(plan, reason="the worker broke")
    assert "misses the following mandatory assets" in refused.text
    assert site.get(f"jobs/{number}")["job"]["clone_id"] is None

    outcome = pages.send(plan, reason="the worker broke", force="true")
    copy = site.get(f"jobs/{number}")["job"]["clone_id"]
    assert copy
    assert f"restarted: {number} as {copy}" in outcome.text
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


@pytest.mark.parametrize("script", [True, False])
def test_a_maintainer_sees_why_an_update_is_blocked_and_has_its_failed_job_run_again(
    browser: Browser, site: Site, environ: Mapping[str, str], tmp_path: Path, *, script: bool
) -> None:
    number = alone(site)
    site.client.openqa_request("POST", f"jobs/{number}/set_done", params={"result": "failed"})
    port = free_port()
    config = Path(environ["FEDORA_OPENQA_CONFIG"])
    text = openid_at(f"http://127.0.0.1:{port}", environ["ISSUER"])
    config.write_text(config.read_text() + text)
    with (
        serving(tmp_path, environ, port=port) as served,
        visiting(browser, served.address, script=script) as visit,
    ):
        page = visit.page
        visit.open("/")
        visit.log_in("bob", "operator")
        visit.open(f"/updates/{UPDATE}")
        main = page.get_by_role("main")
        expect(main).to_contain_text("blocked")
        expect(main).to_contain_text("update.desktop_browser")
        visit.check()
        page.get_by_role("link", name="failed…").first.click()
        expect(page.get_by_role("heading", level=1)).to_contain_text(UPDATE)
        expect(page.get_by_role("link", name=str(number), exact=True)).to_be_visible()
        visit.check()
        # openQA itself refuses: there are no images
        page.get_by_label("Why").fill("the mirror was down")
        page.get_by_role("button", name="Rerun").click()
        expect(main).to_contain_text("misses the following mandatory assets")
        page.go_back()
        page.reload()
        visit.rerun("the mirror was down")
        expect(main).to_contain_text("restarted: ")
        assert re.fullmatch(rf"{served.address}/audit/\d+", page.url)
        visit.check()
        copy = site.get(f"jobs/{number}")["job"]["clone_id"]
        expect(main).to_contain_text(f"restarted: {number} as {copy}")
        assert site.get(f"jobs/{copy}")["job"]["state"] == "scheduled"
        visit.log_out()
        visit.open(f"/act/rerun?target={UPDATE}")
        assert "/login?to=" in page.url
