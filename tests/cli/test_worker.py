"""``fedora-openqa worker`` as a process: what stops one lane, what stops it, and what it leaves."""

import json
import random
import resource
import signal
import subprocess
import time
from collections import Counter
from pathlib import Path
from urllib.request import urlopen

import pytest

from fedora_openqa.errors import MAY_PASS, WRONG_DEPLOYMENT
from fedora_openqa.model.deliveries import Sink, WantedDelivery
from fedora_openqa.model.work import SubjectState
from fedora_openqa.policy.effects import REPORT
from fedora_openqa.sandbox.faults import Kind, Rule
from fedora_openqa.sandbox.finishing import Script
from fedora_openqa.store.deliveries import Deliveries
from tests.cli.conftest import CommandOnSandbox
from tests.cli.workers import UPDATES, Place, Run, place, run, wait_for

__all__ = ["place", "run"]

#: the compose of the sandbox
COMPOSE = "Fedora-Rawhide-20261120.n.0"

#: products of ``UPDATES[0]``, and how many are posted at once
FLAVORS, POSTS = 11, 4

#: how often a worker is ended in one test
ENDS = 30


def test_reports_that_are_not_mailed_are_logged_by_a_worker(place: Place, run: Run) -> None:
    config = place.cli.config.read_text()
    place.cli.config.write_text(config.replace("[mail]\nenabled = true", "[mail]\nenabled = false"))
    assert place.cli.compose().status == 0
    place.cli.sandbox.finish(COMPOSE, Script())
    Deliveries(place.engine).want([WantedDelivery(sink=Sink.MAIL, build=COMPOSE, item=REPORT)])
    worker = run()
    wait_for(lambda: "would mail" in place.log, worker, place)
    wait_for(lambda: place.states() == {SubjectState.REPORTED}, worker, place)
    assert place.cli.sandbox.mail.messages() == ()


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_sigterm_at_any_moment_parks_nothing_loses_nothing_and_keeps_no_lease(
    place: Place, run: Run
) -> None:
    chance = random.Random(20261126)
    place.cli.sandbox.faults.add(Rule(Kind.DELAY, path="/api/v1/isos", seconds=0.05))
    for _ in range(ENDS):
        place.want(*UPDATES, again=True)
        worker = run("--only", "scheduling")
        begun = len(place.cli.sandbox.requests.all())
        # most of them are ended in the middle of something
        if chance.random() < 0.9:
            while len(place.cli.sandbox.requests.all()) == begun:
                assert worker.poll() is None, place.log
                time.sleep(0.01)
        time.sleep(chance.uniform(0.0, 0.3))
        worker.terminate()
        # one that does not listen to signals yet has begun nothing
        assert place.ended(worker) in (0, -signal.SIGTERM), place.log
        assert place.states() <= {SubjectState.WANTED, SubjectState.SCHEDULED}, place.log
        # what was begun was ended, what was not is free: no worker waits for a lease
        lanes = {lane["kind"]: lane for lane in place.status()["lanes"]}
        assert lanes["update"]["leased"] == 0
    worker = run("--only", "scheduling")
    wait_for(lambda: place.states() == {SubjectState.SCHEDULED}, worker, place)
    with urlopen(f"{place.cli.sandbox.url}/api/v1/jobs?latest=1") as answer:  # noqa: S310 - ours
        jobs = json.load(answer)["jobs"]
    assert {f"FEDORA-{job['settings']['BUILD'].split('-', 2)[2]}" for job in jobs} == set(UPDATES)


@pytest.mark.slow
@pytest.mark.parametrize("status", [401, 403, 302])
def test_a_sink_that_refuses_us_stops_no_other_lane_and_is_tried_again(
    place: Place, run: Run, status: int
) -> None:
    assert place.cli.compose().status == 0
    (job, *_) = place.cli.get("jobs")["jobs"]
    place.cli.sandbox.faults.add(Rule(Kind.ANSWER, path="/resultsdb/", status=status))
    place.report(job["id"], sink=Sink.RESULTSDB)
    worker = run()
    wait_for(lambda: bool(place.status()["away"]), worker, place)
    place.want(UPDATES[1])
    wait_for(lambda: place.update(UPDATES[1]).state is SubjectState.SCHEDULED, worker, place)
    (away,) = place.status()["away"]
    assert away["lane"] == "resultsdb"
    assert away["since"]
    assert away["again"]
    assert "resultsdb" in away["error"]
    shown = place.cli.run("status").out
    assert f"Lane resultsdb waits since {away['since']}, tried again " in shown
    explained = place.cli.run("explain", "resultsdb:B", "--offline").out
    assert "Lane resultsdb waits since" in explained
    place.cli.sandbox.faults.clear()
    wait_for(lambda: not place.status()["away"], worker, place)
    assert SubjectState.PARKED not in place.states()
    worker.terminate()
    assert worker.wait(60) == 0


@pytest.mark.slow
def test_an_openqa_that_refuses_our_key_makes_scheduling_wait(place: Place, run: Run) -> None:
    conf = place.cli.directory / "client.conf"
    right = conf.read_text()
    conf.write_text(right.replace(f"secret = {place.cli.sandbox.secret}", "secret = 00"))
    place.want(UPDATES[1])
    worker = run("--only", "scheduling")
    wait_for(lambda: bool(place.status()["away"]), worker, place)
    (away,) = place.status()["away"]
    assert away["lane"] == "update"
    worker.terminate()
    assert worker.wait(60) == 0
    conf.write_text(right)
    worker = run("--only", "scheduling")
    wait_for(lambda: place.states() == {SubjectState.SCHEDULED}, worker, place)
    assert place.status()["away"] == []


@pytest.mark.slow
@pytest.mark.timeout(600)
@pytest.mark.parametrize("limit", [resource.RLIMIT_NOFILE, resource.RLIMIT_AS])
def test_a_shortage_of_the_machine_parks_nothing(place: Place, run: Run, limit: int) -> None:
    worker = run("--only", "scheduling", "--threads", "2")
    place.want(UPDATES[1])
    wait_for(lambda: place.states() == {SubjectState.SCHEDULED}, worker, place)
    before = resource.prlimit(worker.pid, limit)
    resource.prlimit(worker.pid, limit, (_used(worker.pid, limit), before[1]))
    place.want(*UPDATES, again=True)
    time.sleep(3)
    if worker.poll() is None:
        resource.prlimit(worker.pid, limit, before)
    else:
        # to end is right, too, if systemd sees that something was wrong
        assert worker.returncode != 0
        worker = run("--only", "scheduling")
    assert SubjectState.PARKED not in place.states(), place.log
    place.want(*UPDATES, again=True)
    wait_for(lambda: place.states() == {SubjectState.SCHEDULED}, worker, place)


def _used(pid: int, limit: int) -> int:
    """Return what a process uses of a resource."""
    if limit == resource.RLIMIT_NOFILE:
        return sum(1 for _ in Path(f"/proc/{pid}/fd").iterdir())
    pages = int(Path(f"/proc/{pid}/statm").read_text().split()[0])
    return pages * resource.getpagesize()


@pytest.mark.parametrize(
    ("text", "status", "reason"),
    [
        ("[openqa]\nhost = 1\n", WRONG_DEPLOYMENT, "unknown field `host`"),
        ('[store]\nurl = "postgresql+psycopg://x@127.0.0.1:9/x"\n', MAY_PASS, "database: "),
    ],
)
def test_the_status_says_whether_a_start_may_succeed_later(
    cli: CommandOnSandbox, text: str, status: int, reason: str
) -> None:
    cli.config.write_text(text)
    ended = cli.run("worker")
    assert (ended.status, ended.out) == (status, "")
    assert ended.err.startswith("Error: ")
    assert ended.err.count("\n") == 1
    assert reason in ended.err


def freeze_posts(place: Place, run: Run, kind: Kind = Kind.HANG) -> subprocess.Popen[bytes]:
    """Start a worker that waits for the answers to POSTs of products of ``UPDATES[0]``."""
    place.cli.sandbox.faults.add(Rule(kind, path="/api/v1/isos$"))
    place.want(UPDATES[0])
    worker = run("--only", "scheduling")
    wait_for(lambda: products(place)["intended"] == POSTS, worker, place)
    return worker


def products(place: Place) -> Counter[str]:
    """Count the stored products of each state."""
    with place.engine.connect() as connection:
        return Counter(connection.exec_driver_sql("SELECT state FROM product").scalars())


def freeze_and_end(place: Place, run: Run, kind: Kind) -> None:
    """Let a worker wait for an openQA that does not answer, end it, and let openQA answer."""
    text = place.cli.config.read_text()
    place.cli.config.write_text(text.replace("stop = 300", "stop = 1"))
    worker = freeze_posts(place, run, kind)
    worker.terminate()
    assert place.ended(worker) == 0, place.log
    assert f"update:{UPDATES[0]} is not finished, and given back" in place.log
    place.cli.sandbox.faults.clear()


def test_what_may_still_arrive_is_not_posted_by_the_next_worker_and_the_rest_is(
    place: Place, run: Run
) -> None:
    freeze_and_end(place, run, Kind.HANG)
    worker = run("--only", "scheduling")
    # the lease was for ten minutes
    wait_for(lambda: products(place)["posted"] == FLAVORS - POSTS, worker, place)
    wait_for(lambda: "openQA may still be scheduling it" in place.log, worker, place)
    assert products(place)["intended"] == POSTS


def test_what_has_arrived_without_an_answer_is_found_by_the_next_worker(
    place: Place, run: Run
) -> None:
    freeze_and_end(place, run, Kind.HANG_AFTER)
    worker = run("--only", "scheduling")
    wait_for(lambda: place.states() == {SubjectState.SCHEDULED}, worker, place)
    assert products(place) == {"posted": FLAVORS}
    with urlopen(f"{place.cli.sandbox.url}/api/v1/jobs") as answer:  # noqa: S310 - ours
        names = Counter(job["name"] for job in json.load(answer)["jobs"])
    assert set(names.values()) == {1}


def test_a_second_interrupt_does_not_wait_for_the_subject(place: Place, run: Run) -> None:
    worker = freeze_posts(place, run)
    worker.send_signal(signal.SIGINT)
    while worker.poll() is None:
        time.sleep(0.2)
        worker.send_signal(signal.SIGINT)
    assert worker.returncode == 130, place.log


def test_sighup_ends_nothing_and_says_what_to_do(place: Place, run: Run) -> None:
    worker = run("--only", "scheduling")
    place.want(UPDATES[1])
    wait_for(lambda: place.states() == {SubjectState.SCHEDULED}, worker, place)
    worker.send_signal(signal.SIGHUP)
    wait_for(lambda: "SIGHUP is ignored: restart the process" in place.log, worker, place)
    worker.terminate()
    assert place.ended(worker) == 0


def test_a_fault_of_ours_in_the_loop_ends_the_process_with_a_status(place: Place, run: Run) -> None:
    # the store answers something that no version of ours has
    place.want(UPDATES[0])
    with place.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE subject SET request = 'no json'")
    worker = run("--only", "scheduling")
    assert worker.wait(60) == 1
    assert "a worker ended" in place.log


def test_a_store_that_everybody_can_read_is_warned_of_once(place: Place, run: Run) -> None:
    place.cli.directory.chmod(0o755)
    store = place.cli.directory / "store.db"
    store.chmod(0o644)
    worker = run()
    place.want(UPDATES[1])
    wait_for(lambda: place.states() == {SubjectState.SCHEDULED}, worker, place)
    assert place.log.count("can be read by everybody") == 1
    assert f"{store} can be read by everybody on this host (mode 0644): chmod o= {store}" in (
        place.log
    )


def test_a_password_file_that_everybody_can_read_is_refused(place: Place, run: Run) -> None:
    place.cli.directory.chmod(0o755)
    secret = place.cli.directory / "secret"
    secret.write_text("hush\n")
    secret.chmod(0o644)
    text = place.cli.config.read_text()
    named = f'[resultsdb]\nusername = "u"\npassword_file = "{secret}"\n'
    place.cli.config.write_text(text.replace("[resultsdb]\n", named))
    assert run().wait(60) == WRONG_DEPLOYMENT
    assert place.log.endswith(
        f"Error: {secret} can be read by everybody on this host (mode 0644): chmod o= {secret}\n"
    )


def test_a_new_store_is_private(cli: CommandOnSandbox) -> None:
    assert cli.run("sweep", environ={"XDG_STATE_HOME": str(cli.directory / "state")})
    folder = cli.directory / "state/fedora-openqa"
    modes = Counter(oct(one.stat().st_mode & 0o777) for one in folder.iterdir())
    assert set(modes) == {"0o600"}
    assert folder.stat().st_mode & 0o777 == 0o700
