"""The pages in Debian's Chromium: for people without script, with a keyboard, on small screens."""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, Page, expect

from fedora_openqa.sandbox.config_files import write_config_files
from fedora_openqa.sandbox.running import Sandbox
from tests.support.pages import Pages
from tests.support.waiting import wait_for
from tests.web.crawling import crawl
from tests.web.filled import COMPOSE

pytestmark = pytest.mark.service

#: pixels: a phone, a laptop, a large screen
WIDTHS = (360, 1366, 3840)


@dataclass(frozen=True)
class Served:
    """The pages of a filled store as a process serves them."""

    url: str
    #: one URL for each rule of the application
    samples: Mapping[str, str]


@pytest.fixture(scope="module")
def served(filled_store: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    folder = tmp_path_factory.mktemp("served")
    log, store = folder / "web.log", folder / "store.db"
    shutil.copy(filled_store, store)
    with Sandbox() as sandbox, log.open("wb") as stderr:
        environ = os.environ | write_config_files(folder, sandbox)
        with (folder / "config.toml").open("a") as config:
            config.write(f'\n[store]\nurl = "sqlite:///{store}"\n')
        process = subprocess.Popen(
            [sys.executable, "-m", "fedora_openqa", "web", "--listen", ":0"],
            env=environ,
            stderr=stderr,
        )
        try:
            wait_for(lambda: "pages on http" in log.read_text() or process.poll() is not None)
            found = re.search(r"pages on (http://\S+)", log.read_text())
            assert found, log.read_text()
            yield Served(found[1], _samples(store))
        finally:
            process.kill()
            process.wait()


def _samples(store: Path) -> Mapping[str, str]:
    pages = Pages.of(store)
    samples: dict[str, str] = {}
    for url, answer, _ in crawl(pages):
        if answer.mimetype == "text/html" and answer.status_code == 200:
            with pages.app.test_request_context(url) as context:
                samples.setdefault(str(context.request.url_rule), url)
    pages.engine.dispose()
    return samples


def opened(context: BrowserContext, served: Served) -> Iterator[tuple[str, Page]]:
    """Yield one page of each rule; fail for whatever the browser complains of."""
    complaints: list[str] = []
    page = context.new_page()
    page.on("console", lambda message: complaints.append(message.text))
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("dialog", lambda dialog: complaints.append(f"dialog: {dialog.message}"))
    for url in served.samples.values():
        page.goto(served.url + url)
        yield url, page
        assert not complaints, f"{url}: {complaints}"


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_no_page_shuts_out_screen_readers_or_keyboards(
    browser: Browser, served: Served, scheme: str
) -> None:
    axe = Axe()
    found = {}
    # without animations that axe would measure colours in
    with browser.new_context(color_scheme=scheme, reduced_motion="reduce") as context:  # type: ignore[arg-type] # one of two words
        for url, page in opened(context, served):
            results = axe.run(page)
            if results.violations_count:
                found[url] = results.generate_report()
    assert not found, "\n".join(f"{url}\n{text}" for url, text in found.items())


@pytest.mark.parametrize("width", WIDTHS)
def test_no_page_is_wider_than_the_screen(browser: Browser, served: Served, width: int) -> None:
    wide = {}
    with browser.new_context(viewport={"width": width, "height": 900}) as context:
        for url, page in opened(context, served):
            inner = page.evaluate("document.documentElement.scrollWidth")
            if inner > width:
                wide[url] = inner
    assert not wide


def test_every_page_can_be_read_without_style_and_script(browser: Browser, served: Served) -> None:
    with browser.new_context(java_script_enabled=False) as context:
        context.route("**/*.css", lambda route: route.abort())
        page = context.new_page()
        for url in served.samples.values():
            page.goto(served.url + url)
            expect(page.get_by_role("heading", level=1)).to_be_visible()
            expect(page.get_by_role("main")).to_be_visible()


def test_a_keyboard_reaches_the_content_and_the_search(browser: Browser, served: Served) -> None:
    with browser.new_context() as context:
        page = context.new_page()
        page.goto(served.url + "/parked")
        page.keyboard.press("Tab")
        expect(page.get_by_role("link", name="Skip to the content")).to_be_focused()
        page.keyboard.press("Enter")
        expect(page.get_by_role("main")).to_be_focused()
        page.get_by_role("searchbox").focus()
        page.keyboard.type("FEDORA-2026-1bd5f4a0c2")
        page.keyboard.press("Enter")
        page.wait_for_url("**/subjects/**", timeout=60_000)
        expect(page.get_by_role("heading", level=1)).to_contain_text("FEDORA-2026-1bd5f4a0c2")


#: what people ask, by the link of the first page that leads to the answer, and what they find there
ANSWERS = {
    "What is tested now, and until when?": ("Now", "Now"),
    "Is it us or the workers?": ("Capacity", "Workers"),
    "What is parked, and why?": ("Parked", "Set aside until a person decides"),
    "Which lanes wait?": ("Lanes", "Paused lanes"),
    "Where is each subject?": ("Subjects", COMPOSE),
    "Which failures have one cause?": ("Failures", "seem to have one cause"),
    "How did a test do before?": ("Tests", "base_selinux"),
    "Which tests are flaky?": ("Flaky tests", "Tests that fail whatever is tested"),
    "Who did what?": ("Audit", "What people did"),
    "Why was this not tested?": ("Why not tested?", "Compose, update or CoreOS build"),
    "What is the trend?": ("Statistics", "Jobs ended"),
    "Is this compose good?": (COMPOSE, "Verdict of the tests"),
}


@pytest.mark.parametrize("script", [True, False])
def test_each_question_is_answered_one_click_from_the_first_page(
    browser: Browser, served: Served, *, script: bool
) -> None:
    missing = {}
    with browser.new_context(java_script_enabled=script) as context:
        page = context.new_page()
        for question, (link, answer) in ANSWERS.items():
            page.goto(served.url)
            page.get_by_role("link", name=link, exact=True).first.click()
            page.wait_for_load_state()
            text = page.get_by_role("main").inner_text()
            if answer not in text:
                missing[question] = f"{page.url}: {text[:300]}"
    assert not missing
