"""Answers of services for pages: asked for once, waited for a moment, kept with their age."""

import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

from fedora_openqa.errors import ServiceUnavailableError, SubjectError
from fedora_openqa.model.asked import Asked
from fedora_openqa.web.asking import Cached
from tests.support.waiting import wait_for


@dataclass
class Service:
    """A service that answers when it is let."""

    answers: threading.Event = field(default_factory=threading.Event)
    asked: list[str] = field(default_factory=list)
    fails: Exception | None = None

    def read(self, key: str) -> str:
        self.asked.append(key)
        self.answers.wait(60)
        if self.fails:
            raise self.fails
        return f"{key} {len(self.asked)}"


@dataclass
class Clock:
    now: float = 1000.0

    def __call__(self) -> float:
        return self.now


def answering() -> Service:
    service = Service()
    service.answers.set()
    return service


def cached(service: Service, clock: Clock, *, wait: float = 30.0) -> Cached[str]:
    return Cached(service.read, "Greenwave", wait=wait, clock=clock)


def test_an_answer_is_kept_for_a_minute_with_its_time() -> None:
    service, clock = answering(), Clock()
    reader = cached(service, clock)
    assert reader.get("a") == Asked("a 1", 1000.0)
    clock.now += 59
    assert reader.get("a") == Asked("a 1", 1000.0)
    clock.now += 1
    assert reader.get("a") == Asked("a 2", 1060.0)


def test_what_is_forgotten_is_asked_for_anew_and_kept_for_failures() -> None:
    service, clock = answering(), Clock()
    reader = cached(service, clock)
    reader.get("a")
    reader.forget()
    assert reader.get("a") == Asked("a 2", 1000.0)
    assert reader.get("a") == Asked("a 2", 1000.0)
    reader.forget()
    service.fails = SubjectError("no such update")
    assert reader.get("a") == Asked("a 2", 1000.0, "not known: no such update")


def test_an_answer_that_was_asked_for_before_does_not_count_as_new() -> None:
    service = Service()
    reader = cached(service, Clock(), wait=0.0)
    reader.get("a")
    wait_for(lambda: service.asked)
    reader.forget()
    service.answers.set()
    wait_for(lambda: reader.get("a").answer == "a 2")
    assert service.asked == ["a", "a"]


def test_twenty_visitors_make_one_request_and_all_get_its_answer() -> None:
    service = Service()
    reader = cached(service, Clock())
    with ThreadPoolExecutor(20) as visitors:
        found = [visitors.submit(reader.get, "a") for _ in range(20)]
        wait_for(lambda: service.asked)
        service.answers.set()
        assert {one.result(60) for one in found} == {Asked("a 1", 1000.0)}
    assert service.asked == ["a"]


def test_nobody_waits_for_a_service_that_does_not_answer() -> None:
    service, clock = Service(), Clock()
    reader = cached(service, clock, wait=0.01)
    silent: Asked[str] = Asked(problem="not known; Greenwave did not answer")
    assert [reader.get("a") for _ in range(3)] == [silent] * 3
    assert service.asked == ["a"]
    # the answer that comes late is for the next visitor
    service.answers.set()
    wait_for(lambda: reader.get("a").answer == "a 1")
    assert service.asked == ["a"]


def test_an_old_answer_is_shown_as_such_while_no_newer_one_comes() -> None:
    service, clock = answering(), Clock()
    reader = cached(service, clock)
    reader.get("a")
    clock.now += 100
    service.fails = ServiceUnavailableError("POST decision: 502")
    old = Asked("a 1", 1000.0, "not known; Greenwave did not answer")
    assert reader.get("a") == old
    assert reader.get("a") == old
    assert len(service.asked) == 2
    # a failure is not kept for as long
    clock.now += 15
    service.fails = None
    assert reader.get("a").answer == "a 3"


def test_what_the_service_refuses_is_said_in_its_words() -> None:
    service = answering()
    service.fails = SubjectError("no such update")
    assert cached(service, Clock()).get("a").problem == "not known: no such update"


def test_a_fault_of_ours_reaches_no_visitor() -> None:
    service = answering()
    service.fails = KeyError("secret")
    found = cached(service, Clock()).get("a")
    assert (found.answer, "secret" in found.problem) == (None, False)


def test_few_subjects_are_asked_about_side_by_side() -> None:
    service = Service()
    reader = cached(service, Clock(), wait=0.01)
    for number in range(20):
        assert reader.get(str(number)).answer is None
    assert len(service.asked) <= reader.at_once
    service.answers.set()


def test_what_is_kept_has_an_end() -> None:
    service = answering()
    reader = Cached(service.read, "Greenwave", wait=30.0, most=3)
    for number in range(10):
        reader.get(str(number))
    reader.get("9")
    assert len(service.asked) == 10
    reader.get("0")
    assert len(service.asked) == 11
