"""A person at a browser: what one does on the pages, and that the browser complains of nothing."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, expect

from tests.support.served import MISSING, Served

#: pixels of a phone
WIDTH = 360

#: milliseconds that a page may take on a slow machine
LONG = 120_000


@dataclass(frozen=True)
class Visit:
    """A tab of a browser, with or without script."""

    page: Page
    address: str
    script: bool

    def check(self) -> None:
        """Fail for a page that is wider than the screen, or that axe finds a fault in."""
        if self.script:
            wide = self.page.evaluate("document.documentElement.scrollWidth")
            assert wide <= WIDTH, self.page.url
            results = Axe().run(self.page)
            assert not results.violations_count, results.generate_report()

    def open(self, path: str) -> None:
        """Load a page of ours."""
        self.page.goto(f"{self.address}{path}")

    def log_in(self, person: str, role: str) -> None:
        """Log in at the provider, from whatever page."""
        self.page.get_by_role("link", name="Log in").click()
        self.check()
        self.page.get_by_role("link", name="Log in with your account").click()
        self.page.get_by_role("button", name=person).click()
        expect(self.page.get_by_text(f"{person} ({role})")).to_be_visible()

    def find(self, text: str) -> None:
        """Search for a text by the box of the page."""
        self.page.get_by_role("searchbox").fill(text)
        self.page.get_by_role("button", name="Find").click()

    def rerun(self, reason: str) -> None:
        """Send the form of a plan of a rerun."""
        self.page.get_by_label("Why").fill(reason)
        self.page.get_by_label("also jobs whose assets are missing").check()
        self.page.get_by_role("button", name="Rerun").click()

    def log_out(self) -> None:
        """End the session."""
        self.page.get_by_role("button", name="Log out").click()
        expect(self.page.get_by_role("link", name="Log in")).to_be_visible()


@contextmanager
def visiting(browser: Browser, address: str, *, script: bool) -> Iterator[Visit]:
    """Open a tab on a small screen; fail for whatever the browser complains of on our pages."""
    complaints: list[str] = []

    def note(message: ConsoleMessage) -> None:
        # the provider's page has no icon
        if message.location["url"].startswith(address):
            complaints.append(message.text)

    expect.set_options(timeout=LONG)
    with browser.new_context(
        java_script_enabled=script,
        reduced_motion="reduce",
        viewport={"width": WIDTH, "height": 900},
    ) as context:
        context.set_default_timeout(LONG)
        page = context.new_page()
        page.on("console", note)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("dialog", lambda dialog: complaints.append(f"dialog: {dialog.message}"))
        yield Visit(page, address, script)
    assert complaints == []


def opened(context: BrowserContext, served: Served) -> Iterator[tuple[str, Page]]:
    """Yield one page of each rule; fail for whatever the browser complains of."""
    complaints: list[str] = []
    page = context.new_page()

    def note(message: ConsoleMessage) -> None:
        # that there is no such page is what it says
        if not message.location["url"].endswith(MISSING):
            complaints.append(message.text)

    page.on("console", note)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("dialog", lambda dialog: complaints.append(f"dialog: {dialog.message}"))
    for url in served.samples.values():
        page.goto(served.address + url)
        yield url, page
        assert not complaints, f"{url}: {complaints}"
