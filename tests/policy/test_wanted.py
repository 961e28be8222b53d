import pytest

from fedora_openqa.data import load_flavor_tables
from fedora_openqa.model.composes import ComposeName
from fedora_openqa.model.events import (
    ComposeFinished,
    CoreOSBuildFinished,
    SubjectEvent,
    UpdateReady,
)
from fedora_openqa.model.work import Ignored, Wanted
from fedora_openqa.policy.wanted import NORMAL, SOON, UPDATE, subject_wanted
from tests.support.packages import update

TABLE = load_flavor_tables().fedora
NIGHTLY = ComposeName("Fedora-Rawhide-20261120.n.0", "Fedora", "Rawhide", "ga")


def wanted(event: SubjectEvent) -> Wanted | Ignored:
    return subject_wanted(event, TABLE)


def test_a_compose_is_wanted_and_a_candidate_sooner() -> None:
    assert wanted(ComposeFinished(NIGHTLY, "https://x/compose", None)) == Wanted(
        key="compose:Fedora-Rawhide-20261120.n.0",
        lane="compose",
        request={"location": "https://x/compose", "compose_id": "Fedora-Rawhide-20261120.n.0"},
        priority=NORMAL,
    )
    candidate = wanted(ComposeFinished(NIGHTLY, "https://x/compose", "RC-1.2"))
    assert isinstance(candidate, Wanted)
    assert candidate.priority == SOON


def test_a_coreos_build_is_wanted() -> None:
    assert wanted(CoreOSBuildFinished("45.1", "x86_64", "https://x")) == Wanted(
        key="coreos:45.1:x86_64",
        lane="coreos",
        request={"url": "https://x", "buildid": "45.1", "arch": "x86_64"},
    )


def test_an_update_is_known_by_its_builds_in_any_order() -> None:
    first = wanted(UpdateReady(update("a-1-1.fc43", "b-1-1.fc43"), again=False))
    second = wanted(UpdateReady(update("b-1-1.fc43", "a-1-1.fc43"), again=False))
    other = wanted(UpdateReady(update("a-1-2.fc43", "b-1-1.fc43"), again=True))
    assert isinstance(first, Wanted)
    assert isinstance(other, Wanted)
    assert first == second
    assert first.digest != other.digest
    assert (first.again, other.again) == (False, True)
    assert first.priority == SOON
    assert first.request == {
        "update": "FEDORA-2026-1bd5f4a0c2",
        "everything": False,
        "content": ["a-1-1.fc43", "b-1-1.fc43"],
    }


def test_an_update_of_a_listed_package_is_wanted_without_a_group() -> None:
    listed = update("ghostscript-10-1.fc43", critical=False, groups=())
    found = wanted(UpdateReady(listed, again=False))
    assert isinstance(found, Wanted)
    assert found.priority == UPDATE


@pytest.mark.parametrize(
    ("event", "reason"),
    [
        (
            ComposeFinished(
                ComposeName("Fedora-43-updates-20261120.0", "Fedora", "43", "updates"), "x", None
            ),
            "updates",
        ),
        (UpdateReady(update(id_prefix="FEDORA-EPEL"), again=True), "FEDORA-EPEL"),
        (UpdateReady(update(release="eln"), again=True), "ELN"),
        (UpdateReady(update(critical=False, groups=()), again=False), "no critical path group"),
        (UpdateReady(update(groups=("x", "y")), again=False), "(unknown: x, y)"),
    ],
)
def test_the_rest_is_ignored_with_a_reason(event: SubjectEvent, reason: str) -> None:
    found = wanted(event)
    assert isinstance(found, Ignored)
    assert reason in found.reason
