"""An openQA-compatible job server: what we rely on of openQA 4.6, done for real.

It runs no jobs: `Workers.run` ends a job as its caller wants. Only the sandbox and tests use it.
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
