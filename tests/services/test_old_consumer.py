"""The old scheduler's configuration on a real RabbitMQ."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from fedora_openqa.sandbox.updates import load_updates
from fedora_openqa.store.engine import open_engine
from fedora_openqa.store.subjects import Subjects
from tests.services.consuming import Consuming, consuming
from tests.services.rabbitmq import RabbitMQ
from tests.support.waiting import wait_for

pytestmark = pytest.mark.service

OLD = Path(__file__).parent.parent / "data/old_config/fedora_openqa_scheduler.toml"
BODHI = "org.fedoraproject.prod.bodhi.update.status.testing.koji-build-group.build.complete"


@pytest.fixture
def running(real_rabbitmq: RabbitMQ, tmp_path: Path) -> Iterator[Consuming]:
    with consuming(real_rabbitmq, tmp_path) as running:
        old = OLD.read_text()
        # the addresses of this site, and nothing else
        for line, here in (
            ('amqp_url = "', f'amqp_url = "{real_rabbitmq.url}%2F"'),
            ('openqa_hostname = "', f'openqa_hostname = "{running.openqa.url}"'),
        ):
            start = old.index(line)
            old = old[:start] + here + old[old.index("\n", start) :]
        tls = old.index("[tls]")
        old = old[:tls] + old[old.index("[client_properties]") :]
        (tmp_path / "scheduler.toml").write_text(old)
        with (tmp_path / "config.toml").open("a") as config:
            config.write(f'\n[store]\nurl = "{running.store_url}"\n')
        yield running


def test_the_old_scheduler_schedules_what_messages_name(running: Consuming) -> None:
    running.start()
    update = next(one for one in load_updates().updates if one.critpath)
    body = {
        "agent": "bodhi",
        "re-trigger": False,
        "update": {
            "alias": update.alias,
            "builds": [{"nvr": nvr} for nvr in update.nvrs],
            "release": {"version": "43", "id_prefix": "FEDORA"},
            "critpath": True,
            "critpath_groups": "core critical-path-base",
        },
    }
    running.publish(BODHI, body)
    subjects = Subjects(open_engine(running.store_url))
    wait_for(lambda: [one.state for one in subjects.all()] == ["scheduled"])
    assert running.sandbox.requests.all(method="POST", path="/api/v1/isos$")
    assert "is an old name of consumers.scheduler:Scheduler" in running.log
    assert "loses what is published while nothing listens to it" in running.log
    assert running.stop() == 0
