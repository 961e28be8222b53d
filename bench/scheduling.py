"""Measures how long it takes to schedule a compose, with 50 ms added to every request.

Compares the real command with a client that sends the same requests one at a time, each as a
process of its own.
"""

import os
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from bench.measuring import COMMAND, DELAY, run
from fedora_openqa.sandbox.config_files import write_config_files
from fedora_openqa.sandbox.running import Sandbox

ROUNDS = 5
COMPOSE = [*COMMAND, "compose", "--arches", ""]
ONE_AT_A_TIME = [sys.executable, "-m", "bench.one_at_a_time"]


@dataclass(frozen=True)
class Measured:
    """A measured process."""

    seconds: float
    products: int
    requests: int


def main() -> None:
    ours, theirs = [], []
    for number in range(ROUNDS):
        print(f"round {number + 1} of {ROUNDS}", file=sys.stderr)
        ours.append(schedule(one_at_a_time=False))
        theirs.append(schedule(one_at_a_time=True))
    print(f"a compose of {ours[0].products} products, {DELAY * 1000:.0f} ms added to each request")
    show("fedora-openqa compose", ours)
    show("one at a time", theirs)
    ratio = median(theirs) / median(ours)
    print(f"one at a time takes {ratio:.1f} times as long")
    helps = [run([*COMMAND, "--help"], os.environ) for _ in range(ROUNDS * 2)]
    print(f"fedora-openqa --help: {statistics.median(helps):.3f} s")


def schedule(*, one_at_a_time: bool) -> Measured:
    with tempfile.TemporaryDirectory() as name, Sandbox() as sandbox:
        directory = Path(name)
        environ = os.environ | write_config_files(directory, sandbox)
        command = [*COMPOSE, sandbox.compose_location]
        if one_at_a_time:
            settings = directory / "settings.json"
            plan = [*command, "--dry-run", "--format", "json"]
            settings.write_bytes(subprocess.check_output(plan, env=environ))
            command = [*ONE_AT_A_TIME, str(settings), sandbox.compose_location]
        before = len(sandbox.requests.all())
        sandbox.faults.delay = DELAY
        seconds = run(command, environ)
        requests = sandbox.requests.all()[before:]
        posts = [request for request in requests if request.path == "/api/v1/isos"]
        return Measured(seconds, len(posts), len(requests))


def median(measured: Sequence[Measured]) -> float:
    return statistics.median(one.seconds for one in measured)


def show(name: str, measured: Sequence[Measured]) -> None:
    seconds = [one.seconds for one in measured]
    first = measured[0]
    print(
        f"{name}: {median(measured):.2f} s"
        f" ({min(seconds):.2f} to {max(seconds):.2f} s in {len(seconds)} rounds),"
        f" {first.requests} requests: {first.products} + {first.requests - first.products}"
    )


main()
