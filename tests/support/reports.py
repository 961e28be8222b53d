"""Reports by the real command and worker on the sandbox."""

import json
import re
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from tests.cli.conftest import CommandOnSandbox

DONE = "org.fedoraproject.prod.openqa.job.done"
RESULTS = ("passed", "passed", "failed", "softfailed", "incomplete")
RESULTSDB = "/resultsdb/api/v2.0/results"
POSTS = f"{RESULTSDB}$"


#: seconds in which ResultsDB stores what was posted, also on a slow machine
SETTLES = 5.0

#: settings that make time pass quickly
HURRY = f"""
[http]
read_timeout = {SETTLES}
attempts = 1

[worker]
lease = 1.0
"""


def configure(cli: CommandOnSandbox, *, settles_after: float = 45.0) -> None:
    """Let the sandbox's ResultsDB be told as soon as can be."""
    text = cli.config.read_text()
    cli.config.write_text(
        re.sub(r"gather = 1.0", f"gather = 0.1\nsettles_after = {settles_after}\nhold = 0.1", text)
    )


def jobs_of(cli: CommandOnSandbox, build: str) -> list[dict[str, object]]:
    jobs: list[dict[str, object]] = cli.get("jobs", build=build)["jobs"]
    return jobs


def build_of(cli: CommandOnSandbox) -> str:
    return cli.sandbox.compose_location.split("/")[-2]


def finish(cli: CommandOnSandbox, build: str, most: int) -> dict[int, str]:
    """End some jobs, this way and that; gives their ids and results."""
    for number, job in enumerate(jobs_of(cli, build)[:most]):
        cli.post(f"jobs/{job['id']}/set_done?result={RESULTS[number % len(RESULTS)]}")
    return {int(str(job["id"])): str(job["result"]) for job in jobs_of(cli, build)[:most]}


def replay(cli: CommandOnSandbox, build: str, job_ids: Sequence[int]) -> None:
    """Let messages say that jobs have ended."""
    folder = cli.directory / "messages"
    folder.mkdir(exist_ok=True)
    for job_id in job_ids:
        body = {"id": job_id, "BUILD": build, "remaining": 0, "result": "passed"}
        message = {"topic": DONE, "id": f"done-{job_id}", "body": body}
        (folder / f"{job_id}.json").write_text(json.dumps(message))
    assert cli.run("replay", str(folder)).status == 0


@contextmanager
def worker(cli: CommandOnSandbox) -> Iterator[subprocess.Popen[bytes]]:
    """Run the real worker, for ResultsDB only."""
    command = [sys.executable, "-m", "fedora_openqa", "worker", "--only", "resultsdb"]
    with (Path(cli.directory) / "worker.log").open("ab") as log:
        process = subprocess.Popen(command, env=cli.whole_environ, stderr=log)
    try:
        yield process
    finally:
        process.kill()
        process.wait()
