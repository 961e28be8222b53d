"""The fixture of Debian's Chromium; a test that asks for it carries the mark `service`."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

from tests.services.installed import need_program

if TYPE_CHECKING:
    from playwright.sync_api import Browser


@pytest.fixture(scope="module")
def browser() -> Iterator["Browser"]:
    """Start Debian's Chromium."""
    # late: most tests need no browser
    from playwright.sync_api import sync_playwright  # noqa: PLC0415

    program = need_program("chromium")
    with sync_playwright() as playwright:
        # its sandbox does not work as root
        browser = playwright.chromium.launch(executable_path=program, args=["--no-sandbox"])
        yield browser
        browser.close()
