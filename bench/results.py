"""Measures the delivery of the results of a compose to ResultsDB.

Three clients take turns, each as a process of its own:

- ours: the real worker, whose store has the messages of all jobs
- the same requests: as many as ours, sent one at a time by a client that has the results already
- a message at a time: a client that has the results already, and reads the metadata of the image
  for each of them, as resultsdb_conventions does for a reporter of single messages

The first two differ in what is sent side by side, the last two in the number of requests. The
wait of ``resultsdb.gather`` is left out.
"""

import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from openqa_client.client import OpenQA_Client

from bench.measuring import COMMAND, DELAY, run
from bench.tables import Row, at_most, show
from fedora_openqa.sandbox.config_files import write_config_files
from fedora_openqa.sandbox.faults import LoggedRequest
from fedora_openqa.sandbox.running import Sandbox

ROUNDS = 3
RESULTS = 100
#: ended jobs; some have no result for ResultsDB
JOBS = 200
#: seconds until a measurement is given up
PATIENCE = 120.0
#: wanted: requests of ours for each result
LIMIT_REQUESTS = 1.1
DONE = "org.fedoraproject.prod.openqa.job.done"
WORKER = (*COMMAND, "worker", "--only", "resultsdb")
ONE_BY_ONE = (sys.executable, "-m", "bench.one_by_one")

#: method, URL, JSON body
Request = tuple[str, str, Any]


@dataclass(frozen=True)
class Site:
    """A sandbox whose compose has ended, and what ResultsDB should have of it."""

    sandbox: Sandbox
    folder: Path
    environ: Mapping[str, str]
    build: str
    #: results for ResultsDB by job id
    bodies: Mapping[int, Any]


@dataclass(frozen=True)
class Measured:
    """A measured process."""

    seconds: float
    requests: Sequence[LoggedRequest]


def deliver_results() -> None:
    ours, same, single = [], [], []
    for number in range(ROUNDS):
        print(f"results: round {number + 1} of {ROUNDS}", file=sys.stderr)
        ours.append(measure(None))
        same.append(measure(partial(the_same, sent=ours[-1].requests)))
        single.append(measure(message_at_a_time))
    rows = [
        row("ours: fedora-openqa worker", ours),
        row("the same requests, one at a time", same),
        row("a message at a time", single),
        times("side by side: the same requests / ours", same, ours),
        times("fewer requests: a message at a time / the same requests", single, same),
        times("both: a message at a time / ours", single, ours),
        at_most(
            "requests of ours for each result", len(ours[0].requests) / RESULTS, LIMIT_REQUESTS
        ),
    ]
    show(
        f"{RESULTS} results of a compose to ResultsDB, {DELAY * 1000:.0f} ms added to each request;"
        f" medians of {ROUNDS} rounds",
        rows,
    )


def row(name: str, measured: Sequence[Measured]) -> Row:
    seconds = statistics.median(one.seconds for one in measured)
    return Row(name, f"{seconds:.2f} s, {len(measured[0].requests)} requests")


def times(name: str, longer: Sequence[Measured], shorter: Sequence[Measured]) -> Row:
    ratios = [a.seconds / b.seconds for a, b in zip(longer, shorter, strict=True)]
    return Row(name, f"{statistics.median(ratios):.1f} times")


def the_same(site: Site, sent: Sequence[LoggedRequest]) -> Iterable[Request]:
    """Return what our worker sent, with the results of this sandbox."""
    bodies = iter(site.bodies.values())
    for request in sent:
        url = f"{site.sandbox.url}{request.path}{'?' if request.query else ''}{request.query}"
        yield request.method, url, next(bodies) if request.method == "POST" else None


def message_at_a_time(site: Site) -> Iterable[Request]:
    """Return four requests for the metadata and one POST for each result."""
    location = site.sandbox.compose_location
    for body in site.bodies.values():
        # the existence of the compose, its status, its id, its images
        yield "HEAD", f"{location}/metadata/composeinfo.json", None
        for path in ("../STATUS", "metadata/composeinfo.json", "metadata/images.json"):
            yield "GET", f"{location}/{path}", None
        yield "POST", f"{site.sandbox.resultsdb_url}/results", body


def measure(plan: Callable[[Site], Iterable[Request]] | None) -> Measured:
    """Measure a client that sends these requests; None: our worker."""
    with tempfile.TemporaryDirectory() as name, Sandbox() as sandbox:
        folder = Path(name)
        # each process has a store of its own
        environ = {
            **os.environ,
            **write_config_files(folder, sandbox),
            "STATE_DIRECTORY": str(folder / "state"),
        }
        build = sandbox.compose_location.split("/")[-2]
        bodies = finished_results(sandbox, build, environ)
        site = Site(sandbox, folder, environ, build, bodies)
        file = folder / "requests.json"
        if plan:
            file.write_text(json.dumps(list(plan(site))))
        else:
            store_messages(site)
            # until `resultsdb.gather` is over
            time.sleep(1.0)
        before = len(sandbox.requests.all())
        sandbox.faults.delay = DELAY
        seconds = run((*ONE_BY_ONE, str(file)), environ) if plan else work(site)
        stored = len(sandbox.results.all())
        if stored != RESULTS:
            raise SystemExit(f"{stored} results are stored instead of {RESULTS}")
        return Measured(seconds, sandbox.requests.all()[before:])


def finished_results(sandbox: Sandbox, build: str, environ: Mapping[str, str]) -> Mapping[int, Any]:
    """End the jobs of a compose; return their results for ResultsDB by job id."""
    run((*COMMAND, "compose", "--arches", "", sandbox.compose_location), environ)
    openqa = OpenQA_Client(server=sandbox.url)
    openqa.session.headers["X-API-Key"] = sandbox.key
    openqa.apisecret = sandbox.secret
    jobs = openqa.openqa_request("GET", "jobs", params={"build": build})["jobs"][:JOBS]
    for job in jobs:
        openqa.openqa_request("POST", f"jobs/{job['id']}/set_done", params={"result": "passed"})
    ended = {job["id"] for job in jobs}
    command = (*COMMAND, "report", build, "--resultsdb", "--dry-run", "--format", "json")
    rows = json.loads(subprocess.check_output(command, env=environ))
    results = [row for row in rows if "result" in row and row["job"] in ended]
    return {row["job"]: row["result"] for row in results[:RESULTS]}


def store_messages(site: Site) -> None:
    """Store the effects of a message about the end of each job, as from the bus."""
    folder = site.folder / "messages"
    folder.mkdir()
    for job_id in site.bodies:
        body = {"id": job_id, "BUILD": site.build, "remaining": 0, "result": "passed"}
        message = {"topic": DONE, "id": f"done-{job_id}", "body": body}
        (folder / f"{job_id}.json").write_text(json.dumps(message))
    run((*COMMAND, "replay", str(folder)), site.environ)


def work(site: Site) -> float:
    """Start the worker; return the seconds until all results are delivered."""
    start = time.perf_counter()
    worker = subprocess.Popen(WORKER, env=site.environ, stderr=subprocess.DEVNULL)
    try:
        while len(site.sandbox.results.all()) < RESULTS and time.perf_counter() - start < PATIENCE:
            time.sleep(0.01)
        return time.perf_counter() - start
    finally:
        worker.terminate()
        worker.wait()
