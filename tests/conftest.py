from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, settings

from tests.web import Web, serve

# a busy machine is no failure: how long an example takes says nothing about what it shows
settings.register_profile(
    "any machine",
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.load_profile("any machine")


@pytest.fixture
def web() -> Iterator[Web]:
    with serve() as web:
        yield web
