from dataclasses import replace

import pytest

from fedora_openqa.data import load_flavor_tables
from fedora_openqa.model.composes import ComposeName
from fedora_openqa.model.events import (
    ComposeFinished,
    CoreOSBuildFinished,
    SubjectEvent,
    UpdateReady,
)
from fedora_openqa.model.jobs import Job
from fedora_openqa.model.sweeps import Seen, Sighting
from fedora_openqa.model.work import Known
from fedora_openqa.policy.sweeping import has_jobs, subjects_seen, undone
from fedora_openqa.policy.wanted import NORMAL, SOON
from tests.support.composes import LOCATION, RAWHIDE
from tests.support.packages import update

TABLE = load_flavor_tables().fedora

COMPOSE = ComposeFinished(name=RAWHIDE, location=LOCATION, label=None)
UPDATE = UpdateReady(update=update("kernel-1-1.fc43"), again=False)
EDITED = UpdateReady(update=update("kernel-2-1.fc43"), again=False)
COREOS = CoreOSBuildFinished(buildid="45.20261119.91.0", arch="x86_64", url="https://x/x86_64")
UPDATES_COMPOSE = ComposeFinished(
    name=ComposeName(
        id="Fedora-43-updates-20261120.0", short="Fedora", release="43", release_type="updates"
    ),
    location=LOCATION,
    label=None,
)


def seen(*events: SubjectEvent, current: bool = True) -> tuple[Seen, ...]:
    return subjects_seen([Sighting(event, current=current) for event in events], TABLE)[0]


@pytest.mark.parametrize(
    ("event", "key", "build", "arch"),
    [
        (COMPOSE, f"compose:{RAWHIDE.id}", RAWHIDE.id, None),
        (UPDATE, "update:FEDORA-2026-1bd5f4a0c2", "Update-FEDORA-2026-1bd5f4a0c2", None),
        (COREOS, "coreos:45.20261119.91.0:x86_64", "Fedora-CoreOS-45.20261119.91.0", "x86_64"),
    ],
)
def test_a_subject_is_known_to_openqa_by_its_build(
    event: SubjectEvent, key: str, build: str, arch: str | None
) -> None:
    (one,) = seen(event)
    assert (one.wanted.key, one.build, one.arch) == (key, build, arch)


def test_a_subject_that_several_tell_of_is_one() -> None:
    assert len(seen(COMPOSE, UPDATE, COMPOSE, UPDATE, COREOS)) == 3


def test_what_is_not_tested_is_ignored_with_its_reason_once() -> None:
    found, ignored = subjects_seen([Sighting(UPDATES_COMPOSE, current=True)] * 2, TABLE)
    assert found == ()
    assert len(ignored) == 1
    assert "updates are tested one by one" in ignored[0]


def test_the_first_of_two_messages_counts() -> None:
    assert seen(EDITED, UPDATE, current=False) == seen(EDITED, current=False)


@pytest.mark.parametrize("turned", [False, True])
def test_what_is_so_now_counts_more_than_any_message(*, turned: bool) -> None:
    sightings = [Sighting(UPDATE, current=False), Sighting(EDITED, current=True)]
    found, _ = subjects_seen(sightings[::-1] if turned else sightings, TABLE)
    assert found == seen(EDITED)


def test_a_candidate_is_urgent_although_its_folder_has_no_label() -> None:
    found = seen(COMPOSE, replace(COMPOSE, label="RC-1.6"))
    assert [one.wanted.priority for one in found] == [SOON]
    assert [one.wanted.priority for one in seen(COMPOSE)] == [NORMAL]


def test_a_person_who_asked_once_is_not_answered_with_each_sweep() -> None:
    assert not seen(UpdateReady(update=update(), again=True))[0].wanted.again


def digest(event: SubjectEvent) -> str:
    return seen(event)[0].wanted.digest


@pytest.mark.parametrize(
    ("stored", "current", "expected"),
    [
        (None, True, "new"),
        (None, False, "new"),
        (digest(UPDATE), True, "known"),
        (digest(UPDATE), False, "known"),
        (digest(EDITED), True, "changed"),
        # an old message must not bring back what the update once was
        (digest(EDITED), False, "known"),
    ],
)
def test_an_update_is_undone_where_the_store_lacks_it(
    stored: str | None, expected: str, *, current: bool
) -> None:
    found = seen(UPDATE, current=current)
    left = undone(found, {} if stored is None else {found[0].wanted.key: Known(stored)})
    assert (len(left.new), len(left.changed), left.known) == (
        int(expected == "new"),
        int(expected == "changed"),
        int(expected == "known"),
    )


def test_a_location_that_fails_is_replaced_by_another_one() -> None:
    found = seen(COMPOSE)
    key, request = found[0].wanted.key, found[0].wanted.request
    assert undone(found, {key: Known("", failing=request)}).changed == ()
    assert undone(found, {key: Known("", failing={"location": "https://y"})}).changed == found
    assert undone(found, {key: Known("")}).changed == ()


@pytest.mark.parametrize(
    ("nvrs", "expected"),
    [
        (["kernel-1-1.fc43"], True),
        (["kernel-0-1.fc43"], False),
        (["kernel-0-1.fc43", "kernel-1-1.fc43"], True),
        # it does not say what it tested
        ([""], True),
    ],
)
def test_jobs_of_other_builds_are_no_jobs_of_an_update(nvrs: list[str], *, expected: bool) -> None:
    jobs = [
        Job(number, "x", "x86_64", "done", "passed", settings={"ADVISORY_NVRS_1": nvr})
        for number, nvr in enumerate(nvrs)
    ]
    assert has_jobs(seen(UPDATE)[0], jobs) is expected


def test_the_most_urgent_comes_first_and_else_the_order_stays() -> None:
    found = undone(seen(COREOS, COMPOSE, UPDATE), {}).new
    assert [one.wanted.lane for one in found] == ["update", "coreos", "compose"]


@pytest.mark.parametrize(
    ("event", "arches", "expected"),
    [
        (COMPOSE, [], False),
        (COMPOSE, ["aarch64"], True),
        (COREOS, ["aarch64"], False),
        (COREOS, ["aarch64", "x86_64"], True),
    ],
)
def test_jobs_of_another_arch_are_no_jobs_of_a_coreos_build(
    event: SubjectEvent, arches: list[str], *, expected: bool
) -> None:
    jobs = [Job(id=1, flavor="x", arch=arch, state="scheduled", result="none") for arch in arches]
    assert has_jobs(seen(event)[0], jobs) is expected
