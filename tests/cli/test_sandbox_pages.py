"""``fedora-openqa sandbox --keep``: a month of made-up jobs, and pages that show them."""

import os
import re
import signal
import subprocess
import sys
from pathlib import Path
from urllib.request import urlopen

import pytest

from tests.support.pages import Html
from tests.support.waiting import wait_for


@pytest.mark.slow
def test_the_sandbox_keeps_pages_with_a_month_of_jobs_until_a_signal(tmp_path: Path) -> None:
    out = tmp_path / "out.log"
    with out.open("wb") as file:
        process = subprocess.Popen(
            [sys.executable, "-m", "fedora_openqa", "sandbox", "--keep", "--directory", tmp_path],
            env={**os.environ, "PYTHONUNBUFFERED": "1"},
            stdout=file,
            stderr=subprocess.STDOUT,
        )
    try:
        wait_for(lambda: "Ctrl-C ends it." in out.read_text() or process.poll() is not None, 120.0)
        text = out.read_text()
        made = re.search(r"The store has ([0-9]+) made-up jobs", text)
        address = re.search(r"The pages are at (http://\S+)", text)
        assert made, text
        assert address, text
        assert int(made[1]) > 4000
        # where commands link to
        assert f'url = "{address[1]}"' in (tmp_path / "config.toml").read_text()
        for path, words in (
            ("/", "Newest composes: "),
            ("/subjects?kind=compose", "Fedora-Rawhide-"),
            ("/subjects?kind=update", "FEDORA-"),
        ):
            with urlopen(f"{address[1]}{path}", timeout=60) as answer:  # noqa: S310 - ours
                assert words in Html(answer.read().decode()).text, path
    finally:
        process.send_signal(signal.SIGINT)
        assert process.wait(60) == 0
    assert "Traceback" not in out.read_text()
