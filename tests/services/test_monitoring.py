"""The HTTP port and the log of a real consumer, while its broker comes and goes."""

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.request import urlopen

import pytest

from tests.services.consuming import Consuming, consuming
from tests.services.rabbitmq import RabbitMQ
from tests.support.messages import PUNGI
from tests.support.waiting import wait_for

pytestmark = pytest.mark.service

NAME = PUNGI.split(".", 3)[-1]


def get(running: Consuming, path: str) -> tuple[int, str]:
    found = re.search(r"monitoring on (http://\S+)", running.log)
    assert found, running.log
    try:
        with urlopen(f"{found.group(1)}{path}", timeout=30) as answer:  # noqa: S310 - ours
            return answer.status, answer.read().decode()
    except HTTPError as exc:
        return exc.code, exc.read().decode()


def status(running: Consuming) -> Any:  # noqa: ANN401 - JSON
    ended = subprocess.run(
        [sys.executable, "-m", "fedora_openqa", "status", "--format", "json"],
        env={**running.environ, "FEDORA_OPENQA_CONFIG": str(running.directory / "config.toml")},
        capture_output=True,
        check=True,
    )
    return json.loads(ended.stdout)


@pytest.mark.timeout(600)
def test_a_consumer_is_ready_while_it_is_connected(
    private_rabbitmq: RabbitMQ, tmp_path: Path
) -> None:
    with consuming(private_rabbitmq, tmp_path) as running:
        with (tmp_path / "scheduler.toml").open("a") as config:
            config.write('\n[consumer_config.monitoring]\nlisten = ":0"\n')
        with (tmp_path / "config.toml").open("a") as config:
            config.write(f'\n[store]\nurl = "{running.store_url}"\n')
        running.start()
        wait_for(lambda: "monitoring on " in running.log)
        wait_for(lambda: get(running, "/ready") == (200, "ready\n"))
        running.publish(PUNGI, {"status": "STARTED"})
        counted = f'fedora_openqa_messages_total{{topic="{NAME}",verdict="ignored"}} 1.0\n'
        wait_for(lambda: counted in get(running, "/metrics")[1])
        # one line about the message, from us
        assert len(re.findall(r"ignored: it is about nothing", running.log)) == 1
        assert "Consuming message" not in running.log
        assert 'last_message_timestamp_seconds{topic="' + NAME in get(running, "/metrics")[1]
        wait_for(lambda: status(running)["processes"][0]["topics"][NAME])
        (process,) = status(running)["processes"]
        assert (process["role"], process["lanes"].keys()) == (
            "scheduler",
            {"compose", "update", "coreos"},
        )
        private_rabbitmq.stop()
        reason = "the consumer is not connected to its broker\n"
        wait_for(lambda: get(running, "/ready") == (503, reason))
        assert get(running, "/live")[0] == 200
        private_rabbitmq.start()
        wait_for(lambda: get(running, "/ready") == (200, "ready\n"), 240)
