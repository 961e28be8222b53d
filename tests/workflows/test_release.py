"""Releasing and dropping a parked subject that another person has released meanwhile."""

import pytest

from fedora_openqa.data import load_flavor_tables
from fedora_openqa.errors import SubjectError
from fedora_openqa.model.deliveries import Absence
from fedora_openqa.model.stories import LaneStatus, ParkedPage, Story
from fedora_openqa.model.sweeps import SweepMark
from fedora_openqa.model.work import StoredSubject, SubjectState, Wanted
from fedora_openqa.workflows.intake import Intake
from fedora_openqa.workflows.release import Releaser
from tests.support.fakes import NoDeliveries

KEY = "update:FEDORA-2026-1bd5f4a0c2"


class OneParked:
    """`fedora_openqa.ports.Stories` of one subject."""

    def now(self) -> float:
        raise NotImplementedError

    def lanes(self, *, now: float) -> tuple[LaneStatus, ...]:
        raise NotImplementedError

    def last_message(self) -> float | None:
        raise NotImplementedError

    def sweeps(self) -> tuple[SweepMark, ...]:
        return ()

    def find(self, name: str, *, family: bool = False, build: str = "") -> tuple[Story, ...]:  # noqa: ARG002
        subject = StoredSubject(
            key=name,
            lane="update",
            request={},
            number=1,
            state=SubjectState.PARKED,
            reason="404",
            due=0.0,
            attempts=1,
            last_error=None,
            message_id=None,
            created=0.0,
            updated=0.0,
        )
        return (Story(subject=subject, asked=0.0, leased=None, messages=(), products=()),)

    def parked(self, *, limit: int, page: int) -> ParkedPage:
        raise NotImplementedError

    def absences(self) -> tuple[Absence, ...]:
        return ()


class TooLate:
    """`fedora_openqa.ports.Parking` after somebody else's decision."""

    def release(self, key: str, *, by: str) -> bool:  # noqa: ARG002
        return False

    def drop(self, key: str, *, reason: str) -> bool:  # noqa: ARG002
        return False


class NoInbox:
    """`fedora_openqa.ports.Inbox` that must not be needed."""

    def want(self, wanted: Wanted, *, message_id: str | None) -> None:
        raise NotImplementedError

    def park_message(self, name: str, content: object, *, reason: str) -> None:
        raise NotImplementedError


@pytest.mark.parametrize("decide", ["release", "drop"])
def test_what_somebody_else_let_go_is_said(decide: str) -> None:
    intake = Intake(
        inbox=NoInbox(),  # type: ignore[arg-type] # never asked
        deliveries=NoDeliveries(),
        table=load_flavor_tables(None).fedora,
    )
    releaser = Releaser(stories=OneParked(), parking=TooLate(), intake=intake, by="ada")
    with pytest.raises(SubjectError, match=f"{KEY} is not parked any more"):
        getattr(releaser, decide)(KEY)
