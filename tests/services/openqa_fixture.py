"""Fixtures of a real openQA; a test that asks for one carries the mark `service`."""

import os
from collections.abc import Iterator
from contextlib import ExitStack

import pytest

from tests.services.openqa import NotInstalledError, RealOpenQA, running_openqa


@pytest.fixture(scope="session")
def real_openqa() -> Iterator[RealOpenQA]:
    """A real openQA without templates, shared by all tests of the run."""
    with ExitStack() as stack:
        yield _started(stack)


@pytest.fixture
def private_openqa() -> Iterator[RealOpenQA]:
    """A real openQA without templates, for one test."""
    with ExitStack() as stack:
        yield _started(stack)


def _started(stack: ExitStack) -> RealOpenQA:
    try:
        return stack.enter_context(running_openqa())
    except NotInstalledError as missing:
        if os.environ.get("FEDORA_OPENQA_REQUIRE_SERVICES") == "1":
            pytest.fail(f"{missing} is missing; run: make services")
        pytest.skip("run: make services")
