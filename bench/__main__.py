"""Runs all benchmarks, or those that are named: ``python -m bench messages reports``.

Each is a module of this package and a process of its own. What follows a name and is none goes to
its benchmark: ``python -m bench forecast FILE…``.
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
    "present",
    "growth",
    "forecast",
    "causes",
    "flakes",
    "history",
    "intake",
    "pages",
)


def main(names: list[str]) -> int:
    """Run benchmarks one after the other; return the highest exit status."""
    statuses = []
    calls: list[list[str]] = []
    for name in names or BENCHMARKS:
        if name.isidentifier():
            calls.append([name])
        else:
            calls[-1].append(name)
    for name, *arguments in calls:
        print(f"\n== {name}", flush=True)
        command = [sys.executable, "-m", f"bench.{name}", *arguments]
        done = subprocess.run(command, check=False)
        statuses.append(done.returncode)
    return max(statuses)


sys.exit(main(sys.argv[1:]))
