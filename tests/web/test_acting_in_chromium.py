"""A person logs in at the provider, restarts jobs and sees the outcome, in Debian's Chromium."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, expect

from fedora_openqa.sandbox.openid import CLIENT_SECRET
from tests.cli.conftest import CommandOnSandbox
from tests.support.acting import openid_at
from tests.support.chromium import visiting
from tests.support.jobs import BUILD
from tests.support.served import free_port, serving

pytestmark = pytest.mark.service


@pytest.fixture
def address(cli: CommandOnSandbox) -> Iterator[str]:
    """Fail a job, and serve pages that know the sandbox's provider."""
    cli.compose("--flavors", "i3-live-iso")
    cli.post("jobs/1/set_done?result=failed")
    port = free_port()
    cli.configure(openid_at(f"http://127.0.0.1:{port}", cli.sandbox.issuer))
    environ = {**cli.whole_environ, "FEDORA_OPENQA_OPENID_SECRET": CLIENT_SECRET}
    with serving(cli.directory, environ, port=port) as served:
        yield served.address


@pytest.mark.parametrize("script", [True, False])
def test_a_person_logs_in_restarts_failed_jobs_and_sees_the_outcome(
    browser: Browser, cli: CommandOnSandbox, address: str, *, script: bool
) -> None:
    with visiting(browser, address, script=script) as visit:
        page = visit.page
        visit.open("/")
        visit.log_in("bob", "operator")
        visit.find(BUILD)
        page.get_by_role("link", name="failed…").click()
        expect(page.get_by_role("heading", level=1)).to_have_text(f"Rerun {BUILD}")
        visit.check()
        visit.rerun("the mirror was down")
        expect(page.get_by_text("the mirror was down")).to_be_visible()
        expect(page.get_by_text("restarted: 1 as ")).to_be_visible()
        assert re.fullmatch(rf"{address}/audit/\d+", page.url)
        visit.check()
        # back to the form, and once more: the same outcome
        outcome = page.url
        page.go_back()
        visit.rerun("again")
        page.wait_for_url(outcome)
        visit.log_out()
        visit.open(f"/act/rerun?target={BUILD}")
        assert "/login?to=" in page.url
    assert len(cli.sandbox.requests.all(method="POST", path="/restart$")) == 1
