"""Fixtures of a real RabbitMQ; a test that asks for one carries the mark `service`."""

from collections.abc import Iterator
from contextlib import ExitStack

import pytest

from tests.services.installed import skip_or_fail
from tests.services.rabbitmq import RabbitMQ, running_rabbitmq


@pytest.fixture(scope="session")
def real_rabbitmq() -> Iterator[RabbitMQ]:
    """A real RabbitMQ, shared by all tests of the run: each declares its own queues."""
    with ExitStack() as stack:
        yield _started(stack)


@pytest.fixture
def private_rabbitmq() -> Iterator[RabbitMQ]:
    """A real RabbitMQ for one test, which may stop it."""
    with ExitStack() as stack:
        yield _started(stack)


def _started(stack: ExitStack) -> RabbitMQ:
    with skip_or_fail():
        return stack.enter_context(running_rabbitmq())
