"""A person logs in at the provider, restarts jobs and sees the outcome, in Debian's Chromium."""

import re
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, ConsoleMessage, Page, expect

from fedora_openqa.sandbox.config_files import write_config_files
from fedora_openqa.sandbox.openid import CLIENT_SECRET
from fedora_openqa.sandbox.running import Sandbox
from tests.cli.conftest import CommandOnSandbox
from tests.support.acting import OPENID
from tests.support.jobs import BUILD
from tests.support.waiting import wait_for

pytestmark = pytest.mark.service

#: pixels of a phone
WIDTH = 360


@pytest.fixture
def tried(tmp_path: Path) -> Iterator[CommandOnSandbox]:
    """A job that has failed, and pages that know the sandbox's provider."""
    with Sandbox() as sandbox:
        environ = {**write_config_files(tmp_path, sandbox), "HOME": str(tmp_path)}
        cli = CommandOnSandbox(sandbox, tmp_path, environ)
        cli.compose("--flavors", "i3-live-iso")
        cli.post("jobs/1/set_done?result=failed")
        yield cli


@pytest.fixture
def address(tried: CommandOnSandbox) -> Iterator[str]:
    """Return the address of a process that serves the pages."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    address = f"http://127.0.0.1:{port}"
    text = OPENID.format(issuer=tried.sandbox.issuer)
    tried.configure(re.sub(r'url = ".*"', f'url = "{address}"', text, count=1))
    log = tried.directory / "web.log"
    with log.open("wb") as stderr:
        process = subprocess.Popen(
            [sys.executable, "-m", "fedora_openqa", "web", "--listen", f":{port}"],
            env={**tried.whole_environ, "FEDORA_OPENQA_OPENID_SECRET": CLIENT_SECRET},
            stderr=stderr,
        )
    try:
        wait_for(lambda: "pages on http" in log.read_text() or process.poll() is not None)
        yield address
    finally:
        process.kill()
        process.wait()
    assert "Traceback" not in log.read_text()


@pytest.mark.parametrize("script", [True, False])
def test_a_person_logs_in_restarts_failed_jobs_and_sees_the_outcome(
    browser: Browser, tried: CommandOnSandbox, address: str, *, script: bool
) -> None:
    complaints: list[str] = []
    with browser.new_context(
        java_script_enabled=script,
        reduced_motion="reduce",
        viewport={"width": WIDTH, "height": 900},
    ) as context:
        page = context.new_page()

        def note(message: ConsoleMessage) -> None:
            # the provider's page has no icon
            if message.location["url"].startswith(address):
                complaints.append(message.text)

        page.on("console", note)

        def check() -> None:
            if script:
                wide = page.evaluate("document.documentElement.scrollWidth")
                assert wide <= WIDTH, page.url
                results = Axe().run(page)
                assert not results.violations_count, results.generate_report()

        page.goto(address)
        page.get_by_role("link", name="Log in").click()
        check()
        page.get_by_role("link", name="Log in with your account").click()
        page.get_by_role("button", name="bob").click()
        expect(page.get_by_text("bob (operator)")).to_be_visible(timeout=60_000)
        page.get_by_role("searchbox").fill(BUILD)
        page.get_by_role("button", name="Find").click()
        page.get_by_role("link", name="failed…").click()
        expect(page.get_by_role("heading", level=1)).to_have_text(f"Rerun {BUILD}")
        check()
        restart(page, "the mirror was down")
        expect(page.get_by_text("the mirror was down")).to_be_visible(timeout=60_000)
        expect(page.get_by_text("restarted: 1 as ")).to_be_visible()
        assert re.fullmatch(rf"{address}/audit/\d+", page.url)
        check()
        # back to the form, and once more: the same outcome
        outcome = page.url
        page.go_back()
        restart(page, "again")
        page.wait_for_url(outcome, timeout=60_000)
        page.get_by_role("button", name="Log out").click()
        expect(page.get_by_role("link", name="Log in")).to_be_visible(timeout=60_000)
        page.goto(f"{address}/act/rerun?target={BUILD}")
        assert "/login?to=" in page.url
    assert complaints == []
    assert len(tried.sandbox.requests.all(method="POST", path="/restart$")) == 1


def restart(page: Page, reason: str) -> None:
    page.get_by_label("Why").fill(reason)
    page.get_by_label("also jobs whose assets are missing").check()
    page.get_by_role("button", name="Rerun").click()
