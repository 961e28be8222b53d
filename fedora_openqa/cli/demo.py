"""What a newcomer sees first: the real command at work on the sandbox."""

import json
import os
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlencode
from urllib.request import urlopen

import click

from fedora_openqa.sandbox.running import Sandbox

#: an update of the sandbox's Bodhi, in the group critical-path-gnome
UPDATE = "FEDORA-2026-5d02b7e318"

#: another one, in the groups critical-path-apps and others
OTHER_UPDATE = "FEDORA-2026-77e9c41fa0"

BODHI_TOPIC = "org.fedoraproject.prod.bodhi.update.status.testing.koji-build-group.build.complete"

#: seconds to wait for the worker
PATIENCE = 60

#: jobs shown of one product
SHOWN = 12


def show_demo(sandbox: Sandbox, environ: Mapping[str, str]) -> None:
    """Schedule the sandbox's compose with the real command, and show what came of it."""
    compose = sandbox.compose_location
    click.echo(
        "A sandbox is running: an openQA server with its test plan, and a nightly compose at"
    )
    click.echo(compose)
    _title("What would be scheduled for its Server DVD?")
    _run(environ, "compose", compose, "--flavors", "Server-dvd-iso", "--dry-run")
    _title("Schedule all that is wanted for x86_64")
    _run(environ, "compose", compose)
    _title("The jobs openQA made of it")
    _show_jobs(sandbox)
    _title("The same again: a message may come twice, a person may be unsure")
    _run(environ, "compose", compose)
    _title("A critical path update: every flavor of its critical path groups")
    _run(environ, "update", UPDATE)
    _title("A message about another update: stored first, worked on afterwards")
    _show_message(sandbox, environ)
    _title("What to type next")
    click.echo(
        "  . .venv/bin/activate\n"
        "  fedora-openqa sandbox          keeps such a sandbox running, and says how to use it\n"
        "  fedora-openqa --help           all it can do\n"
        "  make test                      the tests"
    )


def _show_message(sandbox: Sandbox, environ: Mapping[str, str]) -> None:
    with urlopen(f"{sandbox.url}/bodhi/updates/{OTHER_UPDATE}", timeout=30) as answer:  # noqa: S310
        found = json.load(answer)["update"]
    message = Path(environ["XDG_STATE_HOME"]) / "message.json"
    message.parent.mkdir(parents=True, exist_ok=True)
    body = {"update": found, "agent": "bodhi", "re-trigger": False}
    message.write_text(json.dumps({"topic": BODHI_TOPIC, "id": "demo", "body": body}))
    _run(environ, "replay", str(message))
    click.echo("$ fedora-openqa worker &")
    worker = subprocess.Popen(
        [sys.executable, "-m", "fedora_openqa", "worker"], env=os.environ | environ
    )
    try:
        build = urlencode({"build": f"Update-{OTHER_UPDATE}"})
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline and worker.poll() is None:
            with urlopen(f"{sandbox.url}/api/v1/jobs?{build}", timeout=30) as answer:  # noqa: S310
                if json.load(answer)["jobs"]:
                    break
            time.sleep(0.1)
    finally:
        # it ends after the subject it is at
        worker.terminate()
        worker.wait(PATIENCE)
    _run(environ, "explain", OTHER_UPDATE)


def _title(text: str) -> None:
    click.echo(f"\n== {text}\n")


def _run(environ: Mapping[str, str], *arguments: str) -> None:
    click.echo(f"$ fedora-openqa {' '.join(arguments)}")
    # what the command prints must come after what was printed here
    sys.stdout.flush()
    command = [sys.executable, "-m", "fedora_openqa", *arguments]
    ended = subprocess.run(command, env=os.environ | environ, check=False)  # noqa: S603
    click.echo(f"(exit status {ended.returncode})")


def _show_jobs(sandbox: Sandbox) -> None:
    query = urlencode({"build": sandbox.compose_location.split("/")[-2]})
    with urlopen(f"{sandbox.url}/api/v1/jobs?{query}", timeout=30) as answer:  # noqa: S310 - ours
        jobs: list[dict[str, Any]] = json.load(answer)["jobs"]
    jobs.sort(key=lambda job: int(job["id"]))
    names = {job["id"]: f"{job['test']}@{job['settings']['MACHINE']}" for job in jobs}
    flavors = {job["settings"]["FLAVOR"] for job in jobs}
    # the one in which most jobs wait for another
    children = Counter(job["settings"]["FLAVOR"] for job in jobs if job["has_parents"])
    flavor = children.most_common(1)[0][0]
    of_flavor = [job for job in jobs if job["settings"]["FLAVOR"] == flavor]
    click.echo(f"{len(jobs)} jobs of {len(flavors)} flavors. {flavor} has {len(of_flavor)}:")
    for job in of_flavor[:SHOWN]:
        parents = [names[parent] for parent in job["parents"]["Chained"]]
        after = f"  after {', '.join(parents)}" if parents else ""
        click.echo(f"  {job['id']:4} {job['state']:10} {names[job['id']]}{after}")
    click.echo(f"  … and {len(of_flavor) - SHOWN} more")
