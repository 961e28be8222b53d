"""A consumer beside a store that later versions migrate."""

from pathlib import Path

import pytest

from fedora_openqa.errors import WRONG_DEPLOYMENT
from fedora_openqa.store.engine import open_engine
from fedora_openqa.store.subjects import Subjects
from fedora_openqa.store.upgrading import Upgrader
from tests.services.consuming import consuming
from tests.services.rabbitmq import RabbitMQ
from tests.support.migrations import CONTRACTING, EXPANDING, with_next
from tests.support.waiting import wait_for

pytestmark = pytest.mark.service


def test_a_consumer_goes_on_beside_an_expanded_store_and_ends_beside_a_contracted_one(
    real_rabbitmq: RabbitMQ, tmp_path: Path
) -> None:
    with consuming(real_rabbitmq, tmp_path) as consumer:
        # one that only takes messages in, and touches the store for little else
        file = tmp_path / "scheduler.toml"
        file.write_text(file.read_text().replace("threads = 1", "threads = 0"))
        consumer.start()
        upgrade(consumer.store_url, tmp_path / "expanded", EXPANDING)
        location = consumer.sandbox.compose_location
        compose_id = location.split("/")[-2]
        body = {"status": "FINISHED", "compose_id": compose_id, "location": location}
        consumer.publish("org.fedoraproject.prod.pungi.compose.status.change", body)
        subjects = Subjects(open_engine(consumer.store_url))
        wait_for(lambda: subjects.find(f"compose:{compose_id}"))
        upgrade(consumer.store_url, tmp_path / "contracted", EXPANDING, CONTRACTING)
        assert consumer.process
        assert consumer.process.wait(100) == WRONG_DEPLOYMENT
        assert "the store has schema 0003 of fedora-openqa" in consumer.log


def upgrade(url: str, folder: Path, *texts: str) -> None:
    for _ in Upgrader(url, with_next(folder, *texts)).upgrade():
        pass
