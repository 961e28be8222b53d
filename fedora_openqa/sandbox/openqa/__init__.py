"""An openQA-compatible job server: what we rely on of openQA 4.6, done for real.

Nothing runs its jobs: its workers end them as they are told to. It must not be used by
anything but the sandbox and tests, and it imports nothing of the project but its errors: it
stands in for a foreign system.
"""

from fedora_openqa.sandbox.openqa.options import OpenQAOptions, Paging
from fedora_openqa.sandbox.openqa.routes import add_openqa
from fedora_openqa.sandbox.openqa.templates import Templates, load_templates, parse_templates

__all__ = [
    "OpenQAOptions",
    "Paging",
    "Templates",
    "add_openqa",
    "load_templates",
    "parse_templates",
]
