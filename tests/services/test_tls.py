"""PostgreSQL and RabbitMQ with certificates of an authority of our own."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import pytest

from consumers.files import read_consumer_file
from fedora_openqa.config import Config
from fedora_openqa.errors import ServiceUnavailableError
from fedora_openqa.model.work import Change, Wanted
from fedora_openqa.store.copies import Copies
from fedora_openqa.store.engine import open_engine, reading
from fedora_openqa.store.subjects import Subjects
from tests.services.consuming import Consuming, consuming
from tests.services.installed import skip_or_fail
from tests.services.postgresql import running_postgresql
from tests.services.processes import free_port
from tests.services.rabbitmq import running_rabbitmq
from tests.support.certificates import Authority, Certificate
from tests.support.waiting import wait_for

pytestmark = pytest.mark.service

#: the status of fedora-messaging if the first connection fails
BROKER_REFUSED = 14

UPDATE = Wanted(key="update:U", lane="update", request={})


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    return Authority(tmp_path)


@pytest.fixture
def other_authority(tmp_path: Path) -> Authority:
    (tmp_path / "other").mkdir()
    return Authority(tmp_path / "other")


@pytest.fixture
def database(authority: Authority) -> Iterator[str]:
    """Return the URL of an empty database of a server that is called localhost."""
    port = free_port()
    with ExitStack() as stack:
        with skip_or_fail():
            server = stack.enter_context(
                running_postgresql(certificate=authority.sign("db", "localhost"), port=port)
            )
        server.create("store")
        yield f"postgresql+psycopg://tests@localhost:{port}/store?sslmode=verify-full"


def test_a_store_is_used_and_backed_up_over_tls(
    database: str, authority: Authority, tmp_path: Path
) -> None:
    url = f"{database}&sslrootcert={authority.file}"
    engine = open_engine(url)
    assert Subjects(engine).want(UPDATE, message_id=None) is Change.NEW
    with reading(engine) as connection:
        encrypted = "SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()"
        assert connection.exec_driver_sql(encrypted).scalar_one()
    Copies(url).back_up(tmp_path / "backup", force=False)
    engine.dispose()
    Copies(url).restore(tmp_path / "backup", force=True)
    assert Subjects(open_engine(url)).find(UPDATE.key)


def test_a_database_of_another_authority_or_name_is_refused(
    database: str, authority: Authority, other_authority: Authority
) -> None:
    with pytest.raises(ServiceUnavailableError, match="certificate verify failed"):
        open_engine(f"{database}&sslrootcert={other_authority.file}")
    other_name = database.replace("@localhost", "@127.0.0.1")
    with pytest.raises(ServiceUnavailableError, match="does not match host name"):
        open_engine(f"{other_name}&sslrootcert={authority.file}")


@dataclass(frozen=True)
class Broker:
    """A consumer that is not started yet, and the port of its broker for TLS."""

    consumer: Consuming
    port: int

    @property
    def file(self) -> Path:
        return self.consumer.directory / "scheduler.toml"

    def ask(self) -> str:
        """Try the broker as `fedora-openqa config check --connect` does."""
        return read_consumer_file(self.file, Config()).ask_broker()

    def configure(self, client: Certificate, authority: Authority) -> None:
        file = self.file
        plain = f"{self.consumer.rabbitmq.url}%2F"
        encrypted = f"amqps://localhost:{self.port}/%2F"
        file.write_text(
            file.read_text().replace(plain, encrypted) + f'\n[tls]\nca_cert = "{authority.file}"\n'
            f'certfile = "{client.file}"\nkeyfile = "{client.key}"\n'
        )


@pytest.fixture
def broker(authority: Authority, tmp_path: Path) -> Iterator[Broker]:
    port = free_port()
    (tmp_path / "consumer").mkdir()
    with ExitStack() as stack:
        with skip_or_fail():
            rabbitmq = stack.enter_context(running_rabbitmq(authority=authority, tls_port=port))
        yield Broker(stack.enter_context(consuming(rabbitmq, tmp_path / "consumer")), port)


def test_a_consumer_takes_messages_over_tls(broker: Broker, authority: Authority) -> None:
    broker.configure(authority.sign("guest"), authority)
    assert broker.ask() == "logged in"
    consumer = broker.consumer
    consumer.start()
    location = consumer.sandbox.compose_location
    compose_id = location.split("/")[-2]
    body = {"status": "FINISHED", "compose_id": compose_id, "location": location}
    consumer.publish("org.fedoraproject.prod.pungi.compose.status.change", body)
    subjects = Subjects(open_engine(consumer.store_url))
    wait_for(lambda: subjects.find(f"compose:{compose_id}"))
    assert consumer.stop() == 0


def test_a_broker_of_another_authority_is_refused(
    broker: Broker, authority: Authority, other_authority: Authority
) -> None:
    broker.configure(authority.sign("guest"), other_authority)
    with pytest.raises(ServiceUnavailableError, match="certificate verify failed"):
        broker.ask()
    command = [str(Path(sys.executable).with_name("fedora-messaging")), "--conf"]
    command += [str(broker.consumer.directory / "scheduler.toml"), "consume"]
    with (broker.consumer.directory / "consumer.log").open("ab") as log:
        ended = subprocess.run(
            command,
            check=False,
            env=os.environ | broker.consumer.environ,
            stdout=log,
            stderr=log,
            timeout=100,
        )
    # fedora-messaging's own status
    assert ended.returncode == BROKER_REFUSED
    assert "certificate verify failed" in broker.consumer.log
    assert "connected to the broker" not in broker.consumer.log
    assert "Unhandled error" not in broker.consumer.log
