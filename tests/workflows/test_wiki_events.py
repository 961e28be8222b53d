import pytest

from fedora_openqa.errors import SubjectError
from fedora_openqa.model.wiki import WikiEvent
from fedora_openqa.workflows.wiki_events import WikiEvents
from tests.support.fakes import FakeLabels, FakeReleases


def test_a_compose_without_pages_is_an_error_and_nothing_is_read() -> None:
    labels = FakeLabels()
    with pytest.raises(SubjectError, match="no compose with result pages"):
        WikiEvents(labels, FakeReleases()).of("Fedora-ELN-20261120.n.0")
    assert labels.asked == []


def test_a_production_compose_without_a_label_has_no_event() -> None:
    with pytest.raises(SubjectError, match="without a label"):
        WikiEvents(FakeLabels(None), FakeReleases()).of("Fedora-44-20261118.0")


def test_the_event_of_a_compose_is_determined_once() -> None:
    labels = FakeLabels()
    events = WikiEvents(labels, FakeReleases())
    cid = "Fedora-44-20261118.0"
    assert events.of(cid) == events.of(cid) == WikiEvent("Fedora", "44", "RC", "1.6")
    assert labels.asked == [cid]
