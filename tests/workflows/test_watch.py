"""Watching openQA: the sandbox's queue, in a store."""

import threading
from dataclasses import replace

from fedora_openqa.model.history import Scenario
from fedora_openqa.policy.queue import is_stale, load_of
from fedora_openqa.sandbox.faults import Kind, Rule
from fedora_openqa.store.snapshots import Snapshots
from tests.support.waiting import wait_for
from tests.support.watched import BUILD, Site, site

__all__ = ["site"]

READS = 4


def test_a_look_is_four_requests_and_remembers_the_jobs(site: Site) -> None:
    ids = site.schedule()
    assert site.watch().look()
    assert site.reads == READS
    seen = site.snapshots.observed()
    assert sorted(job.id for job in seen.jobs) == ids
    assert len(seen.workers.facts or ()) == 12
    assert seen.counts.facts
    assert seen.counts.facts.scheduled + seen.counts.facts.blocked == len(ids)
    (run,) = site.history.runs(
        Scenario("install_default_upload", "Server-dvd-iso", "x86_64", "64bit"), most=5
    )
    assert (run.build, run.state) == (BUILD, "scheduled")


def test_a_job_waits_since_it_was_first_seen(site: Site) -> None:
    first, *_ = site.schedule()
    watch = site.watch()
    watch.look()
    site.sandbox.with_workers(lambda workers: workers.begin(first, 1))
    site.clock.now += 600.0
    assert watch.look()
    seen = site.snapshots.observed()
    (running,) = [job for job in seen.jobs if job.runs]
    assert (running.id, running.worker_id) == (first, 1)
    load = load_of(seen, now=site.clock.now)
    assert max(load.oldest_scheduled.values()) == 600.0
    assert load.workers["tap", "running"] == 1
    # nothing is said of the present when what was seen is old
    assert load_of(seen, now=site.clock.now + 3600.0).workers == {}


def test_the_host_of_a_running_job_is_remembered_without_another_request(site: Site) -> None:
    first, *_ = site.schedule()
    watch = site.watch()
    scenario = Scenario("install_default_upload", "Server-dvd-iso", "x86_64", "64bit")
    watch.look()
    (waiting,) = site.history.runs(scenario, most=5)
    assert waiting.worker_host == ""
    site.sandbox.with_workers(lambda workers: workers.begin(first, 1))
    site.clock.now += 60.0
    before = site.reads
    watch.look()
    assert site.reads == before + READS
    host = next(it.host for it in site.snapshots.observed().workers.facts or () if it.id == 1)
    (running,) = site.history.runs(scenario, most=5)
    assert (running.id, running.state, running.worker_host) == (first, "running", host)
    assert host
    # a message about its end does not have it
    site.history.remember([replace(running, state="done", result="failed", worker_host="")])
    (ended,) = site.history.runs(scenario, most=5)
    assert (ended.result, ended.worker_host) == ("failed", host)


def test_two_processes_read_as_often_as_one(site: Site) -> None:
    one, other = site.watch("a"), site.watch("b")
    one.every = other.every = 0.2
    one.first_after = other.first_after = 0.0
    site.snapshots = one.snapshots = other.snapshots = Snapshots(site.engine)
    stopped = threading.Event()
    threads = [threading.Thread(target=it.run, args=(stopped,)) for it in (one, other)]
    for thread in threads:
        thread.start()
    wait_for(lambda: site.reads >= 3 * READS)
    stopped.set()
    for thread in threads:
        thread.join(60)
    assert site.reads % READS == 0
    # the lease is free
    site.snapshots.begin("c", seconds=1.0, every=0.0)


def test_an_openqa_that_is_away_is_said_and_what_was_seen_stays(site: Site) -> None:
    ids = site.schedule()
    watch = site.watch()
    watch.look()
    site.sandbox.faults.add(Rule(Kind.ANSWER, path="/api/v1/workers", status=503))
    site.clock.now += 60.0
    before = site.reads
    watch.look()
    assert site.reads == before + READS
    seen = site.snapshots.observed()
    assert len(seen.jobs) == len(ids)
    (error,) = seen.errors
    assert "503" in error
    assert seen.at == site.clock.now - 60.0
    assert not is_stale(seen, now=site.clock.now)
    site.clock.now += 300.0
    assert is_stale(seen, now=site.clock.now)
