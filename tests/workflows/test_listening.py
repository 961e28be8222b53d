"""The listener of a process: wakes workers, and listens again after a failure."""

import errno
import threading
from dataclasses import dataclass, field

import pytest

from fedora_openqa.errors import ServiceUnavailableError
from fedora_openqa.workflows.listening import Listener


@dataclass
class Arrivals:
    """`fedora_openqa.ports.Arrivals`: answers as the test says, then ends the listener."""

    answers: list[bool | Exception]
    stopped: threading.Event = field(default_factory=threading.Event)

    def wait(self, seconds: float) -> bool:  # noqa: ARG002
        answer = self.answers.pop(0)
        if not self.answers:
            self.stopped.set()
        if isinstance(answer, Exception):
            raise answer
        return answer


def calls(answers: list[bool | Exception]) -> int:
    """Return how often workers were woken."""
    arrivals, found = Arrivals([*answers, False]), list[None]()
    Listener(arrivals, lambda: found.append(None), rest=0.0, pause=0.0).run(arrivals.stopped)
    return len(found)


def test_workers_are_woken_for_each_arrival() -> None:
    assert calls([False, True, False, True]) == 2


@pytest.mark.parametrize(
    "failure",
    [ServiceUnavailableError("database: gone"), OSError(errno.EMFILE, "Too many open files")],
)
def test_a_failure_is_logged_once_and_ends_nothing(
    failure: Exception, caplog: pytest.LogCaptureFixture
) -> None:
    # workers look by themselves meanwhile
    assert calls([failure, failure, True]) == 3
    assert caplog.text.count("new work is found late") == 1


def test_a_fault_of_ours_ends_the_process() -> None:
    with pytest.raises(ZeroDivisionError):
        calls([ZeroDivisionError()])
