"""Fixtures of a real PostgreSQL; a test that asks for one carries the mark `service`."""

from collections.abc import Iterator
from contextlib import ExitStack

import pytest

from tests.services.installed import skip_or_fail
from tests.services.postgresql import PostgreSQL, running_postgresql


@pytest.fixture(scope="session")
def real_postgresql() -> Iterator[PostgreSQL]:
    """A real PostgreSQL, shared by all tests of the run: each creates its own database."""
    with ExitStack() as stack:
        yield _started(stack)


@pytest.fixture
def private_postgresql() -> Iterator[PostgreSQL]:
    """A real PostgreSQL for one test, which may stop it."""
    with ExitStack() as stack:
        yield _started(stack)


def _started(stack: ExitStack) -> PostgreSQL:
    with skip_or_fail():
        return stack.enter_context(running_postgresql())
