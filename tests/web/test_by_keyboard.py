"""The pages for people who use a keyboard, zoom, print, or want nothing to move, in Chromium."""

from typing import Literal

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from tests.support.chromium import LONG, opened
from tests.support.served import MISSING, Served, token_in
from tests.support.waiting import wait_for

pytestmark = pytest.mark.service

Scheme = Literal["light", "dark"]

#: what a keyboard must reach
CONTROLS = "a[href], button, input:not([type=hidden], [hidden]), select, textarea, summary"

#: a plan of an act that asks no other server
PLAN = "/act/pause?target=update%3A44&seconds=4h"

#: a rule about failures that nothing has
RULE = "/act/rule?target=no+space&title=full"

#: links and controls of a page that are walked through; the rest of a long list is like its begin
MOST_CONTROLS = 150

#: numbers the controls, and returns how many there are
NUMBER = """selector => {
    const all = [...document.querySelectorAll(selector)];
    all.forEach((one, number) => { one.dataset.number = number; });
    return all.length;
}"""

#: the number of the control that has the focus, and whether a person sees that it has
FOCUS = """() => {
    const one = document.activeElement, style = getComputedStyle(one);
    const box = one.getBoundingClientRect();
    const shown = box.width > 0 && box.bottom > 0 && box.top < innerHeight
        && box.right > 0 && box.left < innerWidth;
    const marked = style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2;
    return [one.dataset.number ?? "", shown && marked];
}"""


def log_in(page: Page, served: Served) -> None:
    """Log in with the token, by keyboard alone."""
    wait_for(lambda: token_in(served.out.read_text()))
    page.goto(f"{served.address}/login")
    tab_to(page, "token")
    page.keyboard.type(token_in(served.out.read_text()))
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="Log out")).to_be_visible()


def tab_to(page: Page, id_: str) -> None:
    """Press Tab until the focus is on an element."""
    for _ in range(MOST_CONTROLS):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.id") == id_:
            return
    raise AssertionError(f"no Tab leads to {id_} on {page.url}")


def walk(page: Page) -> str:
    """Press Tab through a page; return what is wrong."""
    number = min(page.evaluate(NUMBER, CONTROLS), MOST_CONTROLS)
    reached: list[int] = []
    while len(reached) < number:
        page.keyboard.press("Tab")
        at, seen = page.evaluate(FOCUS)
        # a table that is wider than the screen has the focus, too, to be scrolled
        # and a date has the focus again at its month and its day
        if at and int(at) not in reached[-1:]:
            if not seen:
                return f"control {at} does not show its focus"
            if reached and int(at) < reached[-1]:
                return f"after control {reached[-1]} comes {at}"
            reached.append(int(at))
    return "" if reached == list(range(number)) else f"of {number} only {reached}"


def test_tab_reaches_each_control_in_order_and_shows_where_it_is(
    browser: Browser, served: Served
) -> None:
    wrong = {}
    with browser.new_context() as context:
        for url, page in opened(context, served):
            if found := walk(page):
                wrong[url] = found
        page.context.set_default_timeout(LONG)
        log_in(page, served)
        for url in ("/parked", "/login", PLAN):
            page.goto(served.address + url)
            if found := walk(page):
                wrong[url] = found
    assert not wrong


def test_forms_are_filled_in_and_sent_by_keyboard_alone(browser: Browser, served: Served) -> None:
    with browser.new_context() as context:
        context.set_default_timeout(LONG)
        page = context.new_page()
        log_in(page, served)
        page.goto(f"{served.address}/pauses")
        tab_to(page, "lane")
        page.keyboard.type("update:44")
        page.keyboard.press("Enter")
        expect(page.get_by_role("heading", level=1)).to_contain_text("update:44")
        tab_to(page, "reason")
        page.keyboard.type("moves to another host")
        page.keyboard.press("Tab")
        page.keyboard.press("Enter")
        expect(page.get_by_role("main")).to_contain_text("moves to another host")
        page.wait_for_url("**/audit/*")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_pages_of_acts_shut_nobody_out(browser: Browser, served: Served, scheme: Scheme) -> None:
    found = {}
    with browser.new_context(color_scheme=scheme, reduced_motion="reduce") as context:
        context.set_default_timeout(LONG)
        page = context.new_page()
        log_in(page, served)
        for url in (
            "/",
            "/parked",
            "/pauses",
            "/login",
            PLAN,
            RULE,
            "/act/pause",
            "/act/rerun",
            MISSING,
        ):
            page.goto(served.address + url)
            results = Axe().run(page)
            if results.violations_count:
                found[url] = results.generate_report()
        page.goto(served.address + PLAN)
        page.get_by_role("button", name="Pause").click()
        results = Axe().run(page)
        if results.violations_count:
            found["refused"] = results.generate_report()
    assert not found, "\n".join(f"{url}\n{text}" for url, text in found.items())


def test_text_of_twice_the_size_makes_no_page_wider_than_the_screen(
    browser: Browser, served: Served
) -> None:
    wide = {}
    with browser.new_context(viewport={"width": 1366, "height": 900}) as context:
        for url, page in opened(context, served):
            page.evaluate("document.documentElement.style.fontSize = '200%'")
            if (inner := page.evaluate("document.documentElement.scrollWidth")) > 1366:
                wide[url] = inner
    assert not wide


def test_nothing_moves(browser: Browser, served: Served) -> None:
    moving = """() => [...document.querySelectorAll('*')].filter(one => {
        const style = getComputedStyle(one);
        return style.animationName !== 'none' || style.transitionDuration.match(/[1-9]/)
            || style.scrollBehavior !== 'auto' || ['BLINK', 'MARQUEE'].includes(one.tagName);
    }).map(one => one.outerHTML.slice(0, 100))"""
    with browser.new_context(reduced_motion="reduce") as context:
        for url, page in opened(context, served):
            assert page.evaluate(moving) == [], url


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_printed_page_has_all_of_its_content_and_no_forms(
    browser: Browser, served: Served, scheme: Scheme
) -> None:
    cut = """() => [...document.querySelectorAll('main, main *')].filter(one =>
        getComputedStyle(one).overflowX !== 'visible' && one.scrollWidth > one.clientWidth + 1
    ).map(one => one.outerHTML.slice(0, 100))"""
    dark = """() => getComputedStyle(document.body).backgroundColor"""
    with browser.new_context(
        viewport={"width": 720, "height": 1000}, color_scheme=scheme
    ) as context:
        for url, page in opened(context, served):
            page.emulate_media(media="print", color_scheme=scheme)
            expect(page.get_by_role("heading", level=1)).to_be_visible()
            expect(page.get_by_role("searchbox").first).to_be_hidden()
            assert page.evaluate(cut) == [], url
            assert page.evaluate(dark) == "rgb(255, 255, 255)", url
            page.emulate_media(media="screen")
