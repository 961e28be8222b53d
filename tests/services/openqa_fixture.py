"""Fixtures of a real openQA; a test that asks for one carries the mark `service`."""

from collections.abc import Iterator
from contextlib import ExitStack

import pytest

from tests.services.installed import skip_or_fail
from tests.services.openqa import PrivateOpenQA, RealOpenQA, running_openqa


@pytest.fixture(scope="session")
def real_openqa() -> Iterator[RealOpenQA]:
    """A real openQA without templates, shared by all tests of the run."""
    with ExitStack() as stack:
        yield _started(stack)


@pytest.fixture
def private_openqa() -> Iterator[PrivateOpenQA]:
    """A real openQA without templates, for one test."""
    with ExitStack() as stack:
        yield _started(stack)


def _started(stack: ExitStack) -> PrivateOpenQA:
    with skip_or_fail():
        return stack.enter_context(running_openqa())
