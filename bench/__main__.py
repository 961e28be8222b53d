"""Runs all benchmarks, or those that are named: ``python -m bench messages reports``.

Each is a module of this package and a process of its own.
"""

import subprocess
import sys

BENCHMARKS = (
    "scheduling",
    "messages",
    "reports",
    "sweeps",
    "bombs",
    "walks",
    "growth",
)


def main(names: list[str]) -> int:
    """Run benchmarks one after the other; return the highest exit status."""
    statuses = []
    for name in names or BENCHMARKS:
        print(f"\n== {name}", flush=True)
        done = subprocess.run([sys.executable, "-m", f"bench.{name}"], check=False)
        statuses.append(done.returncode)
    return max(statuses)


sys.exit(main(sys.argv[1:]))
