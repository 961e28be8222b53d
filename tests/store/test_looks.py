"""Whether openQA answered at the last look, and who looks: on SQLite and PostgreSQL."""

import pytest
from sqlalchemy import Engine

from fedora_openqa.errors import LeaseLostError
from fedora_openqa.store.looks import Looks
from tests.store.timed import StoppedClock


def test_one_process_looks_at_a_time_and_tells_the_others(engine: Engine) -> None:
    clock = StoppedClock(1000.0)
    looks = Looks(engine, clock=clock)

    def begin(owner: str) -> bool:
        return looks.begin(owner, seconds=40.0, every=8.0)

    assert looks.absence() is None
    assert begin("a")
    # also another thread of the same process
    for owner in "ab":
        with pytest.raises(LeaseLostError, match="a asks openQA"):
            begin(owner)
    looks.end("a", "no connection")
    assert looks.absence() == "no connection"
    clock.now += 7.0
    assert not begin("b")
    clock.now += 1.0
    assert begin("b")
    looks.end("b", None)
    assert looks.absence() is None


def test_who_lost_the_lease_of_a_look_does_not_say_what_came_of_it(engine: Engine) -> None:
    clock = StoppedClock(1000.0)
    looks = Looks(engine, clock=clock)
    assert looks.begin("a", seconds=40.0, every=8.0)
    clock.now += 40.0
    assert looks.begin("b", seconds=40.0, every=8.0)
    looks.end("a", "no answer in time")
    assert looks.absence() is None
    looks.end("b", None)
    # the clock was wrong
    clock.now -= 3600.0
    assert looks.begin("b", seconds=40.0, every=8.0)
