"""Measures how long the report on a compose of many jobs takes, compared with the one before."""

import os
import statistics
import tempfile
import time
from pathlib import Path

from bench.measuring import COMMAND, DELAY, run
from bench.tables import Row, show
from tests.check_compose.serving import JOBS, fill
from tests.support.jobs import BUILD
from tests.support.web import Answer, Request, serve

#: jobs of each compose with system data
WITH_DATA = 8
CONFIG = """\
[openqa]
hostname = "{url}"

[scheduling]
allowed_hosts = ["{host}"]

[greenwave]
url = "{url}"

[sweep]
composes_url = "{url}/compose"
"""


ROUNDS = 3


def check_compose() -> None:
    rounds = [measure() for _ in range(ROUNDS)]
    show(
        f"a compose check of {JOBS} + {JOBS} jobs, {WITH_DATA} of each with system data,"
        f" {DELAY * 1000:.0f} ms added to each request; median of {ROUNDS} rounds",
        [
            Row("time", f"{statistics.median(seconds for seconds, _ in rounds):.2f} s"),
            Row("requests", str(rounds[0][1])),
        ],
    )


def measure() -> tuple[float, int]:
    """Run a check; return its seconds and its number of requests."""
    with tempfile.TemporaryDirectory() as name, serve() as web:
        fill(web, with_data=WITH_DATA)
        web.answers = {path: later(answer) for path, answer in web.answers.items()}
        config = Path(name) / "config.toml"
        config.write_text(CONFIG.format(url=web.url, host=web.host))
        # without the API keys of the user
        environ = {**os.environ, "FEDORA_OPENQA_CONFIG": str(config), "OPENQA_CONFIG": name}
        seconds = run((*COMMAND, "check-compose", BUILD), environ)
        return seconds, len(web.requests)


def later(answer: Answer) -> Answer:
    def wait(request: Request) -> None:
        time.sleep(DELAY)
        answer(request)

    return wait
