"""The reporter to ResultsDB: killed, failed by ResultsDB, and told of jobs that are run again."""

import random
import time
from typing import Any

import pytest

from fedora_openqa.model.deliveries import Sink
from fedora_openqa.sandbox.faults import Kind, Rule
from tests.services.postgresql import PostgreSQL
from tests.services.reporting_site import Reporter, ReportingSite, wait_for

pytestmark = pytest.mark.service

RESULTSDB = "/resultsdb/api/v2.0/results"

#: what part of the requests to ResultsDB fail, and the ways in which they do
SHARE = 0.3
WAYS = (
    Kind.ANSWER,
    Kind.ANSWER_AFTER,
    Kind.DROP,
    Kind.DROP_AFTER,
    Kind.HANG,
    Kind.HANG_AFTER,
    Kind.CUT,
)

#: requests that are never answered do not hold up the others for long
IMPATIENT = {"http": {"connect_timeout": 5.0, "read_timeout": 2.0, "total_timeout": 3.0}}

RESULTS = ("passed", "softfailed", "passed", "incomplete", "failed")


@pytest.mark.timeout(600)
def test_a_reporter_that_is_killed_while_resultsdb_fails_loses_and_doubles_nothing(
    reporting: ReportingSite,
) -> None:
    with reporting.reporter("resultsdb_reporter", IMPATIENT) as reporter:
        kill_again_and_again(reporting, reporter, kills=10)


@pytest.mark.timeout(600)
def test_the_same_holds_for_two_reporters_on_postgresql(
    reporting: ReportingSite, real_postgresql: PostgreSQL
) -> None:
    url = real_postgresql.create()
    with reporting.reporter(
        "resultsdb_reporter", IMPATIENT, store_url=url, processes=2
    ) as reporter:
        kill_again_and_again(reporting, reporter, kills=6)


def kill_again_and_again(site: ReportingSite, reporter: Reporter, *, kills: int) -> None:
    """Kill reporters at random moments; in the end ResultsDB has each outcome, and once."""
    chance = random.Random(20261121)
    # the chance of each rule is that of what the ones before it leave
    for number, kind in enumerate(WAYS):
        share = SHARE / (len(WAYS) - number * SHARE)
        site.sandbox.faults.add(Rule(kind, path=RESULTSDB, status=500, share=share))
    build = site.make_compose()
    jobs = site.schedule(build, "Server-dvd-iso")
    chance.shuffle(jobs)
    for process in reporter.processes:
        process.start()
    for number in range(kills):
        for place, job in enumerate(jobs[number::kills]):
            others = [*job["children"].values(), job["parents"]["Parallel"]]
            site.finish(job["id"], "passed" if any(others) else RESULTS[place % len(RESULTS)])
        process = reporter.processes[number % len(reporter.processes)]
        process.wait_until_it_listens()
        time.sleep(chance.uniform(0.0, 1.5))
        assert process.is_alive, process.log
        process.kill()
        process.start()
    outcomes = site.outcomes(build)
    told = {job_id: outcomes[job_id] for job_id in site.reported(build)}
    assert len(set(told.values())) > 2
    wait_for(lambda: last_of(site.stored()) == told, site.stored, seconds=400)
    site.settle(reporter, Sink.RESULTSDB, build)
    # what was still on its way when the job ended is not told any more
    for job_id, stored in site.stored().items():
        assert stored in (["QUEUED", told[job_id]], [told[job_id]])


def last_of(stored: dict[int, list[str]]) -> dict[int, str]:
    return {job_id: outcomes[-1] for job_id, outcomes in stored.items()}


def test_a_failed_parent_and_its_children_are_reported_once_and_their_copies_too(
    reporting: ReportingSite,
) -> None:
    site, build = reporting, reporting.make_compose()
    with site.reporter("resultsdb_reporter") as reporter:
        reporter.start()
        parent = schedule_queued(site, build, "Workstation-live-iso")
        reported = site.reported(build)

        # openQA says nothing of the children, which never run
        site.finish(parent["id"], "failed")
        ended = {job["id"] for job in site.jobs(build) if job["result"] != "none"}
        assert ended >= {parent["id"], *parent["children"]["Chained"]}
        assert len(ended & reported) > 10
        told = {
            job_id: ["QUEUED", "FAILED"] if job_id in ended else ["QUEUED"] for job_id in reported
        }
        wait_for(lambda: site.stored() == told, site.stored)

        copies = site.restart(parent["id"])
        assert {*copies} == ended
        again = site.reported(build) - reported
        assert len(again) == len(ended & reported)
        told |= {job_id: ["QUEUED"] for job_id in again}
        wait_for(lambda: site.stored() == told, site.stored)
        for job_id in copies.values():
            site.finish(job_id)
        told |= {job_id: ["QUEUED", "PASSED"] for job_id in again}
        wait_for(lambda: site.stored() == told, site.stored)
        site.settle(reporter, Sink.RESULTSDB, build)
    assert site.stored() == told


def test_jobs_that_would_have_run_beside_its_children_are_reported_too(
    reporting: ReportingSite,
) -> None:
    site, build = reporting, reporting.make_compose()
    with site.reporter("resultsdb_reporter") as reporter:
        reporter.start()
        parent = schedule_queued(site, build, "Server-dvd-iso")
        site.finish(parent["id"], "failed")
        wait_for(lambda: ["QUEUED", "FAILED"] in site.stored().values(), site.stored)
        site.settle(reporter, Sink.RESULTSDB, build)
    # openQA has cancelled them with the children, and says nothing of them either
    ended = {job["id"] for job in site.jobs(build) if job["result"] != "none"}
    told = {job_id for job_id, outcomes in site.stored().items() if outcomes[-1] == "FAILED"}
    assert told == ended & site.reported(build)


def schedule_queued(site: ReportingSite, build: str, flavor: str) -> dict[str, Any]:
    """Schedule jobs, wait until ResultsDB knows that, and give the one most others need."""
    jobs = site.schedule(build, flavor)
    queued = {job_id: ["QUEUED"] for job_id in site.reported(build)}
    wait_for(lambda: site.stored() == queued, site.stored)
    return max(jobs, key=lambda job: len(job["children"]["Chained"]))
