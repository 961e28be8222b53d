"""The pages in Debian's Chromium: for people without script, with a keyboard, on small screens."""

import re

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, expect

from tests.support.chromium import opened
from tests.support.served import Served
from tests.web.filled import BLOCKED, COMPOSE

pytestmark = pytest.mark.service

#: pixels: a laptop at 400 %, a phone, a laptop at 200 %, a laptop, a large screen
WIDTHS = (320, 360, 683, 1366, 3840)


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
            page.goto(served.address + url)
            expect(page.get_by_role("heading", level=1)).to_be_visible()
            expect(page.get_by_role("main")).to_be_visible()


def test_a_keyboard_reaches_the_content_and_the_search(browser: Browser, served: Served) -> None:
    with browser.new_context() as context:
        page = context.new_page()
        page.goto(served.address + "/parked")
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
ANSWERS: dict[str, tuple[str | re.Pattern[str], str]] = {
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
    "What does it do worse than the one before?": (
        re.compile("the one before"),
        "No test has become worse or better",
    ),
    "Why is this update blocked?": (BLOCKED, "update.desktop_browser"),
    "Why is this parked, and where is it?": (re.compile("^update:"), "parked"),
    "What needs me?": ("Fedora openQA", "What needs a person"),
}


@pytest.mark.parametrize("script", [True, False])
def test_each_question_is_answered_one_click_from_the_first_page(
    browser: Browser, served: Served, *, script: bool
) -> None:
    missing = {}
    with browser.new_context(java_script_enabled=script) as context:
        page = context.new_page()
        for question, (link, answer) in ANSWERS.items():
            page.goto(served.address)
            page.get_by_role("link", name=link, exact=isinstance(link, str)).first.click()
            page.wait_for_load_state()
            text = page.get_by_role("main").inner_text()
            if answer not in text:
                missing[question] = f"{page.url}: {text[:300]}"
    assert not missing
