import resource
import signal
from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, settings

from tests.support.network import Guard, guarded
from tests.support.web import Web, serve

# `pytest --hypothesis-profile=quick` takes few examples. No profile has a deadline: how long an
# example takes depends on what else the machine does. A test with checks of its own would have
# `too_slow` again.
settings.register_profile(
    "ci",
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)
settings.register_profile("quick", settings.get_profile("ci"), max_examples=15)
settings.load_profile("ci")

# the limit of a process is often 1024, which is less than some tests open on purpose
_files, _most_files = resource.getrlimit(resource.RLIMIT_NOFILE)
resource.setrlimit(resource.RLIMIT_NOFILE, (max(_files, min(_most_files, 8192)), _most_files))

# a shell that starts the tests in the background lets them, and all they start, ignore Ctrl-C
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)


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
