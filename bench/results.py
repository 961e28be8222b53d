"""Measures the delivery of the results of a compose to ResultsDB.

Compares the real worker, whose store has the messages of all jobs, with a client that sends the
same results one at a time, each as a process of its own. The wait of ``resultsdb.gather`` is left
out.
"""

import json
import os
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from openqa_client.client import OpenQA_Client

from bench.measuring import COMMAND, DELAY, run
from fedora_openqa.sandbox.config_files import write_config_files
from fedora_openqa.sandbox.running import Sandbox

RESULTS = 250
#: ended jobs; some have no result for ResultsDB
JOBS = 400
#: seconds until a measurement is given up
PATIENCE = 120.0
DONE = "org.fedoraproject.prod.openqa.job.done"
WORKER = (*COMMAND, "worker", "--only", "resultsdb")
ONE_AT_A_TIME = (sys.executable, "-m", "bench.results_one_at_a_time")


@dataclass(frozen=True)
class Measured:
    """A measured process."""

    seconds: float
    #: HTTP method to number of requests
    requests: Mapping[str, int]


def deliver_results() -> None:
    ours = measure(one_at_a_time=False)
    theirs = measure(one_at_a_time=True)
    print(f"{RESULTS} results of a compose, {DELAY * 1000:.0f} ms added to each request")
    show("fedora-openqa worker", ours)
    show("one at a time", theirs)
    print(f"one at a time takes {theirs.seconds / ours.seconds:.1f} times as long")


def show(name: str, measured: Measured) -> None:
    requests = " + ".join(f"{number} {method}" for method, number in measured.requests.items())
    total = sum(measured.requests.values())
    print(f"{name}: {measured.seconds:.2f} s, {total} requests: {requests}")


def measure(*, one_at_a_time: bool) -> Measured:
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
        if one_at_a_time:
            file = folder / "bodies.json"
            file.write_text(json.dumps(list(bodies.values())))
            command = (*ONE_AT_A_TIME, str(file), sandbox.compose_location, sandbox.resultsdb_url)
        else:
            store_messages(folder / "messages", build, bodies, environ)
            # until `resultsdb.gather` is over
            time.sleep(1.0)
        before = len(sandbox.requests.all())
        sandbox.faults.delay = DELAY
        seconds = run(command, environ) if one_at_a_time else work(sandbox, environ)
        stored = len(sandbox.results.all())
        if stored != RESULTS:
            raise SystemExit(f"{stored} results are stored instead of {RESULTS}")
        requests = sandbox.requests.all()[before:]
        return Measured(seconds, Counter(request.method for request in requests))


def finished_results(
    sandbox: Sandbox, build: str, environ: Mapping[str, str]
) -> Mapping[int, object]:
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


def store_messages(
    folder: Path, build: str, job_ids: Iterable[int], environ: Mapping[str, str]
) -> None:
    """Store the effects of a message about the end of each job, as from the bus."""
    folder.mkdir()
    for job_id in job_ids:
        body = {"id": job_id, "BUILD": build, "remaining": 0, "result": "passed"}
        message = {"topic": DONE, "id": f"done-{job_id}", "body": body}
        (folder / f"{job_id}.json").write_text(json.dumps(message))
    run((*COMMAND, "replay", str(folder)), environ)


def work(sandbox: Sandbox, environ: Mapping[str, str]) -> float:
    """Start the worker; return the seconds until all results are delivered."""
    start = time.perf_counter()
    worker = subprocess.Popen(WORKER, env=environ, stderr=subprocess.DEVNULL)
    try:
        while len(sandbox.results.all()) < RESULTS and time.perf_counter() - start < PATIENCE:
            time.sleep(0.01)
        return time.perf_counter() - start
    finally:
        worker.terminate()
        worker.wait()
