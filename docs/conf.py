"""How Sphinx builds these documents: `make docs`."""

import re
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))

import click
from sphinx.application import Sphinx

import fedora_openqa

project = "fedora-openqa"
author = "The authors of fedora-openqa"
release = version = fedora_openqa.__version__

extensions = ["myst_parser", "sphinx_click"]
exclude_patterns = ["build"]
html_theme = "alabaster"
html_theme_options = {
    "description": "openQA tests of Fedora composes and updates",
    "page_width": "70em",
}
# nothing is fetched while pages are built or read
html_theme_options["font_family"] = "sans-serif"

myst_heading_anchors = 3
myst_links_external_new_tab = False


def as_plain_text(_app: Sphinx, _context: click.Context, lines: list[str]) -> None:
    """Keep the help of a command from being read as reStructuredText."""
    lines[:] = [re.sub(r"([*`|_\\])", r"\\\1", line) for line in lines]


def setup(app: Sphinx) -> None:
    """Connect to the steps of sphinx-click."""
    app.connect("sphinx-click-process-description", as_plain_text)
