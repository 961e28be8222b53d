"""From a message to a row, on a real store."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from typing_extensions import override

from fedora_openqa.data import load_flavor_tables
from fedora_openqa.measures import Measures, measure_with
from fedora_openqa.model.work import SubjectState
from fedora_openqa.store.subjects import Subjects
from fedora_openqa.workflows.intake import Intake
from tests.support.fakes import NoDeliveries
from tests.support.messages import PUNGI
from tests.support.stores import new_store

BODHI = "org.fedoraproject.prod.bodhi.update.status.testing.koji-build-group.build.complete"
ALIAS = "FEDORA-2026-1bd5f4a0c2"


def body(*nvrs: str, **changes: Any) -> dict[str, Any]:  # noqa: ANN401
    update = {
        "alias": ALIAS,
        "builds": [{"nvr": nvr} for nvr in nvrs or ("kernel-6-1.fc43",)],
        "release": {"version": "43", "id_prefix": "FEDORA"},
        "critpath": True,
        "critpath_groups": "core",
    }
    return {"update": update} | changes


@pytest.fixture
def subjects(tmp_path: Path) -> Subjects:
    return Subjects(new_store(tmp_path / "store.db"))


@pytest.fixture
def intake(subjects: Subjects) -> Intake:
    return Intake(
        inbox=subjects,
        deliveries=NoDeliveries(),
        table=load_flavor_tables().fedora,
    )


def test_what_is_new_is_work_and_what_is_known_is_not(intake: Intake, subjects: Subjects) -> None:
    assert intake.take(BODHI, body(), message_id="1")
    assert not intake.take(BODHI, body(), message_id="1")
    assert not intake.take(BODHI, body(), message_id="2")
    assert intake.take(BODHI, body("kernel-7-1.fc43"), message_id="3")
    assert intake.take(BODHI, body("kernel-7-1.fc43", **{"re-trigger": True}), message_id="4")
    (found,) = subjects.all()
    assert (found.key, found.number, found.state) == (f"update:{ALIAS}", 3, SubjectState.WANTED)
    assert found.message_id == "4"


class Verdicts(Measures):
    def __init__(self) -> None:
        self.found: list[tuple[str, str]] = []

    @override
    def message(self, topic: str, verdict: str) -> None:
        self.found.append((topic, verdict))


def test_each_message_of_ours_is_measured_once(intake: Intake) -> None:
    measure_with(verdicts := Verdicts())
    try:
        for message in (body(), body(), body("kernel-7-1.fc43"), {}):
            intake.take(BODHI, message, message_id=None)
        intake.take("org.fedoraproject.prod.copr.build.end", {}, message_id="foreign")
        intake.take(PUNGI, {"status": "STARTED"}, message_id="started")
    finally:
        measure_with(Measures())
    topics = {topic for topic, _ in verdicts.found}
    assert topics == {BODHI.split(".", 3)[-1], PUNGI.split(".", 3)[-1]}
    assert [verdict for _, verdict in verdicts.found] == [
        "new",
        "nothing",
        "again",
        "parked",
        "ignored",
    ]


@pytest.mark.parametrize(
    "topic", ["", "x", "org.fedoraproject.prod.openqa.comment.create", f"{BODHI}.more"]
)
def test_other_topics_write_nothing(intake: Intake, subjects: Subjects, topic: str) -> None:
    assert not intake.take(topic, {"update": 7}, message_id="1")
    assert subjects.all() == ()


@pytest.mark.parametrize("message_id", ["1", None, "x" * 5000, "a\x00b", "ä"])
@pytest.mark.parametrize(
    "broken",
    [
        {},
        {"update": None},
        {"update": {"alias": "\x00"}},
        {"update": {"alias": "\ud800"}},
        {"update": "x" * 200_000},
        {"topic": BODHI, "msg": {"update": {}}},
        [],
    ],
    ids=["empty", "null", "NUL", "half a surrogate", "huge", "wrapped", "no object"],
)
def test_a_broken_message_is_parked_once(
    intake: Intake, subjects: Subjects, broken: Mapping[str, Any], message_id: str | None
) -> None:
    for _ in range(2):
        assert not intake.take(BODHI, broken, message_id=message_id)
    (found,) = subjects.all()
    assert (found.lane, found.state) == ("message", SubjectState.PARKED)
    assert BODHI in (found.reason or "")
    assert len(found.key) <= 300
    assert found.request["topic"] == BODHI
