"""Several processes, one database."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.store import leasing_process

ROOT = Path(__file__).parent.parent.parent
SUBJECTS = 200
PROCESSES = 3


@pytest.mark.slow
def test_each_subject_is_leased_by_one_process(url: str) -> None:
    command = [sys.executable, "-m", leasing_process.__name__, url, str(SUBJECTS)]
    processes = [
        subprocess.Popen(
            command,
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for _ in range(PROCESSES)
    ]
    for process in processes:
        assert process.stdin
        process.stdin.write("begin\n")
        process.stdin.flush()
    outputs = [process.communicate(timeout=100) for process in processes]
    assert [errors for _, errors in outputs if errors] == []
    leased = [key for keys, _ in outputs for key in keys.split()]
    assert sorted(leased) == sorted(f"compose:{number}" for number in range(SUBJECTS))
