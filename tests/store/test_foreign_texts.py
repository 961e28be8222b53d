"""Foreign texts that databases and terminals do not like, in every place where one is stored."""

import json
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Engine, String, Text
from sqlalchemy.engine.default import DefaultDialect

from fedora_openqa.model.deliveries import (
    Delivered,
    DeliveryStep,
    Later,
    Parked,
    Sink,
    Skipped,
    WantedDelivery,
)
from fedora_openqa.model.products import ProductState
from fedora_openqa.model.stories import Pause
from fedora_openqa.model.work import Away, SubjectState, Wanted
from fedora_openqa.store.columns import TEXT_SIZE, Facts, Name, Prose
from fedora_openqa.store.deliveries import Deliveries
from fedora_openqa.store.parking import Parking
from fedora_openqa.store.pauses import Pauses
from fedora_openqa.store.schema import metadata
from fedora_openqa.store.stories import Stories
from fedora_openqa.store.subjects import Subjects
from fedora_openqa.texts import one_line
from tests.store.work import DVD, KINDS, LANE_DELAY, LEASE, result

DIALECT = DefaultDialect()

TEXTS = {
    "NUL": "a\0b",
    "half surrogate": "a\ud800b",
    "ANSI": "a\x1b[2J\x1b]52;c;eA==\x07b",
    "lines": "a\r\nb\u2028c",
    "right to left": "a\u202eb",
    "10 MB": "x" * 10_000_000,
    "3 MB of what takes three bytes": "\u20ac" * 1_000_000,
}

text = pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS)


@text
def test_a_subject_of_any_text_is_stored_leased_and_ended(engine: Engine, text: str) -> None:
    subjects = Subjects(engine)
    for number, kind in enumerate(KINDS):
        wanted = Wanted(
            f"{kind}:{text}", kind, {"text": text, text: [text, {text: 1}]}, digest=text
        )
        subjects.want(wanted, message_id=f"{number}{text}")
        # what is found under a text is what was stored under it
        assert subjects.find(wanted.key)
    first = subjects.lease(text, KINDS, seconds=LEASE)
    second = subjects.lease(text, KINDS, seconds=LEASE)
    third = subjects.lease(text, KINDS, seconds=LEASE)
    assert first
    assert second
    assert third
    ledger = subjects.ledger(first)
    product = replace(DVD, settings={**DVD.settings, "TEXT": text})
    ledger.intend(product, newest_job=0)
    ledger.record(replace(result(product, ProductState.FAILED), reason=text))
    assert subjects.postpone(first, error=text, delay=0.0)
    assert subjects.finish(second, SubjectState.PARKED, reason=text)
    assert subjects.postpone_lane(third, Away(text), delay=LANE_DELAY)
    assert Parking(engine).release(second.key, by=text)
    subjects.park_message(text, {"topic": text, "body": text}, reason=text)
    assert Parking(engine).drop(f"message:{text}", reason=text)
    Pauses(engine).pause(Pause(lane=text, by=text, reason=text, since=0.0))
    assert_shown(engine)


@text
@pytest.mark.parametrize("step", ["delivered", "skipped", "parked", "later"])
def test_a_delivery_of_any_text_is_stored_and_settled(engine: Engine, text: str, step: str) -> None:
    steps: dict[str, DeliveryStep] = {
        "delivered": Delivered(text, text, text),
        "skipped": Skipped(text),
        "parked": Parked(text),
        "later": Later(0.0, text),
    }
    deliveries, subjects = Deliveries(engine), Subjects(engine)
    report = WantedDelivery(sink=Sink.RESULTSDB, build=text, item=text, facts={text: text})
    deliveries.want([report], message_id=text)
    # the second time it is the same
    deliveries.want([report], message_id=text)
    (row,) = deliveries.all(report.key)
    lease = subjects.lease("a", [Sink.RESULTSDB], seconds=LEASE)
    assert lease
    ledger = deliveries.ledger(lease)
    ledger.intend({row.item: text})
    ledger.record([(row, steps[step])])
    assert subjects.close_build(lease, reached=True)
    assert_shown(engine)


def assert_shown(engine: Engine) -> None:
    """Check that whatever is stored for people is printable and bounded."""
    stories = Stories(engine)
    for one in Subjects(engine).all():
        for story in stories.find(one.key):
            json.dumps(one.request).encode()
            said = [one.key, one.reason, one.last_error, *(it.reason for it in story.products)]
            said += [it.reason for it in story.deliveries]
            said += [it.last_error for it in story.deliveries]
            assert all(it.isprintable() and len(it) <= TEXT_SIZE for it in said if it)
    assert all(it.error.isprintable() for it in stories.absences())


anything = st.text(st.characters(), max_size=400)


@given(anything, anything)
def test_names_that_differ_do_so_when_stored(one: str, other: str) -> None:
    stored = [Name(200).process_bind_param(it, DIALECT) for it in (one, other)]
    assert all(it is not None and len(it) <= 200 and one_line(it) == it for it in stored)
    assert (stored[0] == stored[1]) is (one == other)


@given(anything)
def test_what_was_stored_is_stored_the_same_again(text: str) -> None:
    for column in (Name(200), Prose(200)):
        once = column.process_bind_param(text, DIALECT)
        assert column.process_bind_param(once, DIALECT) == once


def test_every_column_of_text_is_of_such_a_type() -> None:
    """A column of SQLAlchemy's own types would take what PostgreSQL does not."""
    for table in metadata.tables.values():
        for column in table.columns:
            if isinstance(column.type, (String, Text)) or column.type.python_type in (str, dict):
                assert isinstance(column.type, (Name, Prose, Facts)), column
