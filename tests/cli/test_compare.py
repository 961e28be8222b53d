"""``fedora-openqa compare``: the tests of two builds, by stored jobs."""

from collections.abc import Sequence
from dataclasses import replace

import pytest
from sqlalchemy import Engine

from fedora_openqa.model.history import StoredJob
from fedora_openqa.model.work import Wanted
from fedora_openqa.store.engine import open_engine
from fedora_openqa.store.jobs import JobHistory
from fedora_openqa.store.subjects import Subjects
from tests.cli.conftest import CommandOnSandbox
from tests.support.stored_jobs import stored
from tests.support.stores import copy_store

NIGHTLY = "Fedora-Rawhide-202611{:02}.n.0"
TODAY, YESTERDAY = NIGHTLY.format(20), NIGHTLY.format(19)


@pytest.fixture
def store(cli: CommandOnSandbox) -> Engine:
    url = copy_store(cli.directory / "compared.db")
    cli.configure(f'[store]\nurl = "{url}"\n')
    return open_engine(url)


def remember(store: Engine, build: str, *jobs: StoredJob) -> None:
    JobHistory(store).remember([replace(job, build=build) for job in jobs])


def listed(found: Sequence[dict[str, str]]) -> dict[str, str]:
    return {one["test"]: one["category"] for one in found}


@pytest.fixture
def two_days(store: Engine) -> None:
    remember(
        store,
        YESTERDAY,
        stored(1, "base_selinux"),
        stored(2, "podman", "done/failed", modules=["podman"]),
        stored(3, "base_update"),
    )
    remember(
        store,
        TODAY,
        stored(11, "base_selinux", "done/failed", modules=["_boot", "base_selinux"]),
        stored(12, "podman"),
        stored(13, "base_update", "done/softfailed"),
        stored(14, "desktop_login", "running"),
    )


@pytest.mark.usefixtures("two_days")
def test_regressions_come_first_with_what_failed(cli: CommandOnSandbox) -> None:
    shown = cli.run("compare", TODAY)
    assert (shown.status, shown.err) == (3, "")
    place = "x86_64 Server-dvd-iso"
    assert shown.out.splitlines() == [
        "Regression:",
        f"  {place} base_selinux@64bit: passed (job 1, 1 min) → failed in _boot (job 11, 1 min)",
        "Fixed:",
        f"  {place} podman@64bit: failed in podman (job 2, 1 min) → passed (job 12, 1 min)",
        "Not yet:",
        f"  {place} desktop_login@64bit: not there → running (job 14)",
        "Soft failed now:",
        f"  {place} base_update@64bit, job 13",
        f"{TODAY}, compared with {YESTERDAY}: 1 regression, 1 fixed, 1 not yet, 1 still passing",
    ]
    assert "Still passing:" in cli.run("compare", TODAY, "--all").out
    assert not cli.sandbox.requests.all()


@pytest.mark.usefixtures("two_days")
def test_json_has_all_tests(cli: CommandOnSandbox) -> None:
    shown = cli.run("compare", YESTERDAY, TODAY, "--format", "json").json
    assert (shown["build"], shown["other"]) == (YESTERDAY, TODAY)
    assert listed(shown["tests"]) == {
        "base_selinux": "fixed",
        "podman": "regression",
        "base_update": "still passing",
        "desktop_login": "disappeared",
    }
    assert shown["counts"]["regression"] == 1
    (podman,) = (one for one in shown["tests"] if one["test"] == "podman")
    assert podman["after"] == {
        "id": 2,
        "end": "failed",
        "soft_failed": False,
        "module": "podman",
        "reason": None,
        "seconds": 60.0,
    }


def test_the_build_before_has_ended_and_is_of_the_same_series(
    cli: CommandOnSandbox, store: Engine
) -> None:
    remember(store, NIGHTLY.format(15), stored(1), stored(2, "podman"))
    remember(store, NIGHTLY.format(16), stored(3), stored(4, "podman", "done/failed"))
    remember(store, NIGHTLY.format(17), stored(5, outcome="running"))
    remember(store, "Fedora-Rawhide-20261118.0", stored(6))
    remember(store, "Fedora-IoT-Rawhide-20261118.n.0", stored(7))
    remember(store, TODAY, stored(8), stored(9, "podman"))
    remember(store, NIGHTLY.format(21), stored(10))
    for word, build in (("previous", NIGHTLY.format(16)), ("last-good", NIGHTLY.format(15))):
        assert cli.run("compare", TODAY, word, "--format", "json").json["other"] == build


@pytest.mark.usefixtures("two_days")
@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        ([YESTERDAY], f"none of the 0 builds before {YESTERDAY} is finished"),
        ([TODAY, "last-good"], f"none of the 1 builds before {TODAY} is good"),
        (["Update-FEDORA-2026-1bd5f4a0c2"], "is no compose: name the build to compare with"),
        ([TODAY, NIGHTLY.format(1)], f"no job of {NIGHTLY.format(1)} is known to the store"),
        (["nothing", TODAY], "no job of nothing is known to the store"),
    ],
)
def test_what_is_not_there_is_said(
    cli: CommandOnSandbox, arguments: Sequence[str], reason: str
) -> None:
    shown = cli.run("compare", *arguments)
    assert (shown.status, shown.out) == (1, "")
    assert reason in shown.err


def test_while_a_compose_is_scheduled_its_tests_may_follow(
    cli: CommandOnSandbox, store: Engine
) -> None:
    remember(store, YESTERDAY, stored(1), stored(2, "podman"))
    remember(store, TODAY, stored(11))
    key = f"compose:{TODAY}"
    Subjects(store).want(Wanted(key=key, lane="compose", request={}), message_id="m")
    shown = cli.run("compare", TODAY, "--format", "json")
    assert shown.status == 0
    assert listed(shown.json["tests"])["podman"] == "not yet"


def test_names_of_others_are_one_printable_line(cli: CommandOnSandbox, store: Engine) -> None:
    odd = "base\x1b[31m\nselinux"
    remember(store, YESTERDAY, stored(1, odd))
    remember(store, TODAY, stored(2, odd, "done/failed", modules=["a\nb\x1b[0m"]))
    shown = cli.run("compare", TODAY)
    assert "\x1b" not in shown.out
    assert len(shown.out.splitlines()) == 3
