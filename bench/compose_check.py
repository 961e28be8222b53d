"""Measures how long the report on a compose of many jobs takes, compared with the one before."""

import os
import tempfile
import time
from pathlib import Path

from bench.measuring import COMMAND, DELAY, run
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


def check_compose() -> None:
    with tempfile.TemporaryDirectory() as name, serve() as web:
        fill(web, with_data=WITH_DATA)
        web.answers = {path: later(answer) for path, answer in web.answers.items()}
        config = Path(name) / "config.toml"
        config.write_text(CONFIG.format(url=web.url, host=web.host))
        # without the API keys of the user
        environ = {**os.environ, "FEDORA_OPENQA_CONFIG": str(config), "OPENQA_CONFIG": name}
        seconds = run((*COMMAND, "check-compose", BUILD), environ)
        print(
            f"a compose check of {JOBS} + {JOBS} jobs, {WITH_DATA} of each with system data,"
            f" {DELAY * 1000:.0f} ms added to each request:"
            f" {seconds:.2f} s, {len(web.requests)} requests"
        )


def later(answer: Answer) -> Answer:
    def wait(request: Request) -> None:
        time.sleep(DELAY)
        answer(request)

    return wait
