"""Shared by all measurements: the delay, the command, the duration of a process."""

import subprocess
import sys
import time
from collections.abc import Mapping, Sequence

#: seconds added to every request
DELAY = 0.05
COMMAND = (sys.executable, "-m", "fedora_openqa")


def run(command: Sequence[str], environ: Mapping[str, str]) -> float:
    """Run a process; return its duration, seconds."""
    start = time.perf_counter()
    subprocess.run(command, env=environ, check=True, stdout=subprocess.DEVNULL)
    return time.perf_counter() - start
