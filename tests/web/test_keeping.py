"""What is kept for all visitors."""

import threading
from dataclasses import dataclass, field

import pytest

from fedora_openqa.errors import ServiceUnavailableError
from fedora_openqa.web.keeping import Kept


@dataclass
class Source:
    now: float = 0.0
    reads: int = 0
    away: bool = False
    begun: threading.Event = field(default_factory=threading.Event)
    go_on: threading.Event = field(default_factory=threading.Event)

    def read(self) -> int:
        self.begun.set()
        assert self.go_on.wait(60)
        if self.away:
            raise ServiceUnavailableError("away")
        self.reads += 1
        return self.reads

    @property
    def kept(self) -> Kept[int]:
        return Kept(self.read, 15.0, clock=lambda: self.now)


@pytest.fixture
def source() -> Source:
    source = Source()
    source.go_on.set()
    return source


def test_an_answer_is_read_again_once_it_is_old_or_forgotten(source: Source) -> None:
    kept = source.kept
    assert [kept.get(), kept.get()] == [1, 1]
    source.now = 14.0
    assert kept.get() == 1
    source.now = 15.0
    assert kept.get() == 2
    kept.forget()
    assert kept.get() == 3


def test_an_error_is_raised_and_not_kept(source: Source) -> None:
    kept = source.kept
    source.away = True
    for _ in range(2):
        with pytest.raises(ServiceUnavailableError):
            kept.get()
    source.away = False
    assert kept.get() == 1


def test_while_one_reads_the_others_get_the_answer_before(source: Source) -> None:
    kept = source.kept
    kept.get()
    source.now = 20.0
    source.begun.clear()
    source.go_on.clear()
    reader = threading.Thread(target=kept.get)
    reader.start()
    assert source.begun.wait(60)
    assert kept.get() == 1
    source.go_on.set()
    reader.join()
    assert kept.get() == 2


def test_the_first_visitors_wait_for_one_reader(source: Source) -> None:
    kept = source.kept
    source.go_on.clear()
    found: list[int] = []
    visitors = [threading.Thread(target=lambda: found.append(kept.get())) for _ in range(5)]
    for visitor in visitors:
        visitor.start()
    assert source.begun.wait(60)
    source.go_on.set()
    for visitor in visitors:
        visitor.join()
    assert found == [1] * 5
