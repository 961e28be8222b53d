"""``fedora-openqa now`` and ``capacity`` on the sandbox: what the watch of openQA saw."""

import re
import time
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import pytest
from sqlalchemy import insert, update

from fedora_openqa.model.history import Scenario, StoredJob
from fedora_openqa.model.work import Wanted
from fedora_openqa.sandbox.openqa.workers import Workers
from fedora_openqa.store.engine import transaction
from fedora_openqa.store.jobs import JobHistory
from fedora_openqa.store.schema import mark, prediction, snapshot
from tests.cli.conftest import CommandOnSandbox
from tests.cli.workers import UPDATES, Place, Run, place, run, wait_for
from tests.support.watched import watch_into

__all__ = ["place", "run"]

#: an update of the sandbox's Bodhi, and its BUILD
UPDATE = UPDATES[0]
BUILD = f"Update-{UPDATE}"

#: requests of a look that nothing else makes: workers and counts
READS = 2


@dataclass
class Shown:
    """A store whose openQA is watched, and the commands that show it."""

    place: Place

    @property
    def cli(self) -> CommandOnSandbox:
        return self.place.cli

    def schedule(self) -> None:
        """Schedule an update, as a worker would on a message."""
        assert self.cli.run("update", UPDATE).status == 0
        wanted = Wanted(key=f"update:{UPDATE}", lane="update", request={"update": UPDATE})
        self.place.subjects.remember(wanted, reason="scheduled")

    def look(self) -> None:
        with transaction(self.place.engine) as connection:
            connection.execute(update(mark).values(at=None))
        watch_into(self.place.engine, self.cli.sandbox.url).look()

    def teach(self, seconds: float) -> None:
        """Let the tests of the update have taken some seconds before."""
        jobs = self.cli.get("jobs", build=BUILD)["jobs"]
        JobHistory(self.place.engine).remember(
            [
                StoredJob(
                    number,
                    "Earlier",
                    "43",
                    Scenario(
                        one["test"], *(one["settings"][it] for it in ("FLAVOR", "ARCH", "MACHINE"))
                    ),
                    state="done",
                    result="passed",
                    started=1.0,
                    finished=1.0 + seconds,
                )
                for number, one in enumerate(jobs, start=700_000)
            ]
        )

    def json(self, command: str) -> Any:  # noqa: ANN401 - it is
        found = self.cli.run(command, "--format", "json")
        assert found.status == 0
        return found.json

    def text(self, command: str) -> str:
        found = self.cli.run(command)
        assert found.status == 0
        return found.out


@pytest.fixture
def shown(place: Place) -> Shown:
    return Shown(place)


def test_that_openqa_was_never_read_is_said(shown: Shown) -> None:
    for command in ("now", "capacity"):
        assert "was never read: openqa.watch reads it" in shown.text(command)
        assert shown.json(command)["stale"]


def test_what_runs_and_waits_is_shown_without_a_request(shown: Shown) -> None:
    shown.schedule()
    shown.teach(600.0)
    ids = sorted(job["id"] for job in shown.cli.get("jobs", build=BUILD)["jobs"])
    shown.cli.sandbox.with_workers(lambda workers: workers.begin(ids[0], 1))
    assert shown.cli.compose().status == 0
    shown.look()
    asked = len(shown.cli.sandbox.requests.all())
    found = shown.json("now")
    ours = next(one for one in found["subjects"] if one["build"] == BUILD)
    assert (ours["key"], ours["state"]) == (f"update:{UPDATE}", "running")
    assert (ours["done"], ours["running"]) == (0, 1)
    assert ours["running"] + ours["waiting"] == len(ids)
    assert ours["eta"]["not_before"] > found["now"]
    assert ours["eta"]["usually_by"] is None
    assert any("of class" in why for why in ours["waits"])
    # the compose was scheduled by hand, and its tests never ran
    other = next(one for one in found["subjects"] if one["build"] != BUILD)
    assert (other["key"], other["state"]) == (None, "waiting")
    assert other["asked_by"] == "a person or another tool"
    text = shown.text("now")
    assert f"  update:{UPDATE}: 0 done, 1 running" in text
    assert "not before 20" in text
    assert "usually by" not in text
    explained = shown.cli.run("explain", UPDATE, "--offline", "--format", "json").json
    assert explained["eta"] == ours["eta"]
    story = shown.cli.run("explain", UPDATE, "--offline").out
    assert f"Forecast of {BUILD}: not before {ours['eta']['not_before']}\n" in story
    assert len(shown.cli.sandbox.requests.all()) == asked


def test_tests_without_a_known_duration_are_named(shown: Shown) -> None:
    shown.schedule()
    shown.look()
    (ours,) = shown.json("now")["subjects"]
    assert ours["eta"]["unknown"] == "no duration of any test is known"
    shown.teach(600.0)
    with transaction(shown.place.engine) as connection:
        connection.exec_driver_sql("DELETE FROM job WHERE id >= 700001")
    shown.look()
    (ours,) = shown.json("now")["subjects"]
    assert ours["eta"]["not_before"]
    assert ours["eta"]["assumptions"]
    assert "duration not known, as other tests" in shown.text("now")


def test_without_a_worker_of_a_class_a_build_is_never_done(shown: Shown) -> None:
    shown.schedule()
    shown.teach(600.0)

    def break_all(workers: Workers) -> None:
        for number in range(1, 13):
            workers.report(number, error="no \x1b[31mKVM")

    shown.cli.sandbox.with_workers(break_all)
    shown.look()
    (ours,) = shown.json("now")["subjects"]
    assert ours["eta"]["never"]
    assert "never done, while no worker of class qemu_x86_64" in shown.text("now")
    text = shown.text("capacity")
    assert "broken worker qa01:1 (qemu_x86_64,tap,tpm): no \ufffd[31mKVM" in text


def test_what_was_read_long_ago_says_nothing_of_the_present(shown: Shown) -> None:
    shown.schedule()
    shown.teach(600.0)
    shown.look()
    seen = shown.json("now")["as_of"]
    with transaction(shown.place.engine) as connection:
        connection.execute(update(snapshot).values(at=snapshot.c.at - 3600.0))
        connection.exec_driver_sql(
            "UPDATE snapshot SET facts = json_set(facts, '$.at', json_extract(facts, '$.at') - 3600)"
            " WHERE name = 'forecast'"
        )
    found = shown.json("now")
    assert found["stale"]
    assert found["as_of"] < seen
    (ours,) = found["subjects"]
    assert ours["eta"]["not_before"] is None
    assert "not read in the last five minutes" in shown.text("now")
    assert "openQA was read 1 h ago, which says nothing about the present" in shown.text("capacity")


def test_why_tests_are_not_scheduled_yet_is_said(shown: Shown) -> None:
    key = f"update:{UPDATE}"
    shown.place.subjects.want(
        Wanted(key=key, lane="update", request={"update": UPDATE}), message_id="m-1"
    )
    (one,) = shown.json("now")["subjects"]
    assert (one["key"], one["state"], one["asked_by"]) == (key, "unposted", "message m-1")
    assert one["waits"] == ["it is due, and waits for a worker of ours"]
    lease = shown.place.subjects.lease("qa01", ["update"], seconds=600.0)
    assert lease
    assert shown.json("now")["subjects"][0]["waits"] == ["its tests are being scheduled"]
    shown.place.subjects.postpone(lease, error="503 away", delay=600.0, counts=True)
    assert "it is tried again later: 503 away" in shown.text("now")
    assert shown.cli.run("pause", "update", "--reason", "mass rebuild").status == 0
    assert ": mass rebuild" in shown.text("now")


def test_before_its_tests_are_scheduled_a_subject_is_compared_with_earlier_builds(
    shown: Shown,
) -> None:
    now = time.time()
    values = {"number": 1, "kind": "update", "at": now - 9000.0, "expected": now, "not_before": now}
    rows = [
        {**values, "key": f"update:{it}", "build": f"B{it}", "ended": now - 9000.0 + 600.0 * it}
        for it in range(1, 11)
    ]
    with transaction(shown.place.engine) as connection:
        connection.execute(insert(prediction), rows)
    key = f"update:{UPDATE}"
    shown.place.subjects.want(Wanted(key=key, lane="update", request={}), message_id="m-1")
    assert shown.json("now")["subjects"][0]["eta"] is None
    shown.look()
    (one,) = shown.json("now")["subjects"]
    assert one["state"] == "unposted"
    assumed = "it takes as long as 10 builds of its kind in the last month"
    assert one["eta"]["assumptions"] == [assumed]
    least, most = (
        datetime.fromisoformat(one["eta"][name]).timestamp() - now
        for name in ("not_before", "usually_by")
    )
    assert 599.0 <= least < 4000.0
    assert most - least == pytest.approx(7 * 600.0, abs=2.0)
    text = shown.text("now")
    assert "usually by" in text
    assert f"assumed: {assumed}" in text
    assert "0 done" not in text
    # nobody knows until when
    assert shown.cli.run("pause", "update", "--reason", "mass rebuild").status == 0
    assert shown.json("now")["subjects"][0]["eta"] is None


def test_workers_and_what_waits_are_shown_by_class(shown: Shown) -> None:
    shown.schedule()
    first = min(job["id"] for job in shown.cli.get("jobs", build=BUILD)["jobs"])
    shown.cli.sandbox.with_workers(lambda workers: workers.begin(first, 12))
    shown.cli.sandbox.with_workers(lambda workers: workers.report(11, dead=True))
    shown.look()
    found = shown.json("capacity")
    rows = {one["name"]: one for one in found["classes"]}
    plain = rows["qemu_x86_64"]
    assert (plain["online"], plain["busy"], plain["dead"]) == (11, 1, 1)
    assert plain["waiting"] > 0
    assert plain["oldest"] <= found["now"]
    assert rows["tpm"]["online"] == 8
    assert (plain["usual_wait"], plain["drain"]) == (None, None)
    assert [one["name"] for one in found["lost"]] == ["qa02:3"]
    assert found["running"] == 1
    assert len(found["series"]) == 1
    assert "dead worker qa02:3 (qemu_x86_64)" in shown.text("capacity")
    (line,) = [it for it in shown.text("capacity").splitlines() if it.startswith("qemu_x86_64 ")]
    assert line.split()[-2:] == ["unknown", "unknown"]


def test_the_usual_wait_and_when_the_queue_is_drained_are_shown(shown: Shown) -> None:
    shown.schedule()
    shown.teach(600.0)
    shown.look()
    waiting = [job["id"] for job in shown.cli.get("jobs", build=BUILD)["jobs"]]
    shown.cli.sandbox.with_workers(lambda workers: workers.begin(min(waiting), 12))
    shown.look()
    found = {one["name"]: one for one in shown.json("capacity")["classes"]}
    drain = found["qemu_x86_64"]["drain"]
    assert drain["soonest"] <= drain["latest"]
    assert drain["never"] == []
    assert [one["usual_wait"] for one in found.values()].count(None) == len(found) - 1
    text = shown.text("capacity")
    assert re.search(r"^qemu_x86_64 .* in \d+ (s|min|h)", text, re.MULTILINE)


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_of_two_processes_one_reads_openqa(place: Place, run: Run) -> None:
    def reads() -> int:
        # lists of jobs are read for other reasons, too
        return len(place.cli.sandbox.requests.all(method="GET", path="workers$|influxdb"))

    processes = [run("--only", "scheduling"), run("--only", "scheduling")]
    wait_for(lambda: reads() >= READS, processes[0], place)
    # both have had their turn by now
    time.sleep(20.0)
    assert reads() == READS
    for process in processes:
        process.terminate()
        assert place.ended(process) == 0
