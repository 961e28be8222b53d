"""The histories that people see."""

from dataclasses import replace

import pytest
from sqlalchemy import Engine

from fedora_openqa.model.products import ProductState
from fedora_openqa.model.stories import LaneStatus, SeenMessage
from fedora_openqa.model.work import SubjectState, Wanted
from fedora_openqa.store.stories import Stories
from tests.store.timed import TimedSubjects
from tests.store.work import DVD, LEASE, LIVE, UPDATE, leased, result, subject


@pytest.fixture
def stories(engine: Engine) -> Stories:
    return Stories(engine)


def test_an_empty_store_has_nothing_to_tell(stories: Stories) -> None:
    assert stories.lanes(now=0.0) == ()
    assert stories.last_message() is None
    assert stories.find("update:unknown") == ()


def test_lanes_are_counted(subjects: TimedSubjects, stories: Stories) -> None:
    for name in ("leased", "late", "scheduled", "skipped", "parked"):
        subjects.at(0.0).want(subject(name, priority=5), message_id=None)
    for state in ("scheduled", "skipped", "parked"):
        subjects.at(1.0).finish(leased(subjects), SubjectState(state), reason=None)
    subjects.at(1.0).postpone(leased(subjects), error="503", delay=899.0)
    leased(subjects)
    subjects.at(2.0).want(subject("due"), message_id=None)
    subjects.at(3.0).want(UPDATE, message_id=None)
    compose = LaneStatus(
        lane="compose",
        due=1,
        waiting=1,
        leased=1,
        reported=0,
        scheduled=1,
        skipped=1,
        parked=1,
        oldest=0.0,
    )
    update = LaneStatus(
        lane="update",
        due=1,
        waiting=0,
        leased=0,
        reported=0,
        scheduled=0,
        skipped=0,
        parked=0,
        oldest=3.0,
    )
    assert stories.lanes(now=4.0) == (compose, update)
    # the lease of a dead worker ends
    assert stories.lanes(now=LEASE)[0].leased == 0


def test_a_lane_with_nothing_to_do_has_no_oldest(subjects: TimedSubjects, stories: Stories) -> None:
    subjects.at(3.0).want(UPDATE, message_id=None)
    subjects.at(4.0).finish(leased(subjects, now=3.0), SubjectState.SCHEDULED, reason=None)
    assert [lane.oldest for lane in stories.lanes(now=5.0)] == [None]


def test_a_story_has_all_messages_and_the_products_of_all_requests(
    subjects: TimedSubjects, stories: Stories
) -> None:
    subjects.at(1.0).want(UPDATE, message_id="m1")
    first = leased(subjects, now=1.0)
    ledger = subjects.at(2.0).ledger(first)
    ledger.record(result(DVD, ProductState.POSTED, 11, 12))
    subjects.at(2.0).finish(first, SubjectState.SCHEDULED, reason=None)
    subjects.at(3.0).want(UPDATE, message_id="m2")
    subjects.at(4.0).want(replace(UPDATE, digest="two"), message_id="m3")
    second = leased(subjects, now=5.0)
    subjects.at(6.0).ledger(second).intend(LIVE, newest_job=12)

    (story,) = stories.find(UPDATE.key)
    assert story.messages == (
        SeenMessage("m1", 1.0),
        SeenMessage("m2", 3.0),
        SeenMessage("m3", 4.0),
    )
    assert (story.subject.number, story.subject.message_id, story.asked) == (2, "m3", 4.0)
    assert story.leased == ("a", 5.0 + LEASE)
    assert [
        (product.number, product.flavor, product.build, product.state, product.job_ids)
        for product in story.products
    ] == [
        (1, "Server-dvd-iso", "B", "posted", (11, 12)),
        (2, "Workstation-live-iso", "B", "intended", ()),
    ]


@pytest.mark.parametrize(
    ("name", "family", "keys"),
    [
        (UPDATE.key, False, [UPDATE.key]),
        ("m1", False, [UPDATE.key]),
        ("m2", False, [UPDATE.key]),
        ("bad", False, ["message:bad"]),
        ("message:bad", False, ["message:bad"]),
        ("coreos:45.1", True, ["coreos:45.1:aarch64", "coreos:45.1:x86_64"]),
        ("coreos:45.1", False, []),
        ("coreos:45", True, []),
        ("coreos:4%", True, []),
        ("update", False, []),
    ],
)
def test_a_story_is_found_by_key_message_or_family(
    subjects: TimedSubjects, stories: Stories, name: str, *, family: bool, keys: list[str]
) -> None:
    subjects.at(0.0).want(UPDATE, message_id="m1")
    subjects.at(0.0).want(UPDATE, message_id="m2")
    subjects.at(0.0).park_message("bad", {"topic": "t", "body": "{}"}, reason="?")
    for arch in ("aarch64", "x86_64"):
        wanted = Wanted(key=f"coreos:45.1:{arch}", lane="coreos", request={})
        subjects.at(0.0).want(wanted, message_id=None)
    assert [story.subject.key for story in stories.find(name, family=family)] == keys


def test_the_last_message_is_the_last_that_was_stored(
    subjects: TimedSubjects, stories: Stories
) -> None:
    subjects.at(7.0).want(UPDATE, message_id="m2")
    subjects.at(5.0).want(subject("a"), message_id="m1")
    assert stories.last_message() == 7.0
