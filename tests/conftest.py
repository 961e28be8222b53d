from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, settings

from tests.support.network import Guard, guarded
from tests.support.web import Web, serve

# a busy machine is no failure: how long an example takes says nothing about what it shows
settings.register_profile(
    "any machine",
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.load_profile("any machine")


@pytest.fixture(scope="session", autouse=True)
def network() -> Iterator[Guard]:
    with guarded() as guard:
        yield guard


@pytest.fixture(autouse=True)
def _no_other_machine(network: Guard) -> Iterator[None]:
    """Fail a test that looked up or connected to another machine, in whichever thread."""
    yield
    asked = tuple(network.outside)
    network.outside.clear()
    assert not asked, f"the test asked other machines: {', '.join(dict.fromkeys(asked))}"


@pytest.fixture
def web() -> Iterator[Web]:
    with serve() as web:
        yield web
