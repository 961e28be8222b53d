"""Configurations of the existing tools' consumers, as they are, with our code."""

import logging
from collections.abc import Callable, Iterator
from importlib import import_module
from pathlib import Path

import pytest
from fedora_messaging.config import LazyConfig, conf

from consumers.base import Consumer, role_of
from consumers.reporters import Reporter
from consumers.resultsdb_reporter import ResultsDBReporter
from consumers.scheduler import Scheduler
from consumers.wiki_reporter import WikiReporter
from fedora_openqa.model.deliveries import Sink
from fedora_openqa.sandbox.config_files import write_config_files
from fedora_openqa.sandbox.running import Sandbox
from fedora_openqa.workflows.deliver.preview import Preview
from fedora_openqa.workflows.intake import Intake
from fedora_openqa.workflows.service import Service

FILES = sorted((Path(__file__).parent.parent / "data/old_config").glob("*.toml"))
UUID = "00000000-0000-0000-0000-000000000000"
LOSES = (
    f"queue {UUID} loses what is published while nothing listens to it:"
    " durable = false, auto_delete = true, exclusive = true"
)

Open = Callable[[str], Consumer]


@pytest.fixture
def open_old(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Open]:
    """Construct the callback of an old file as fedora-messaging does."""
    made: list[Service] = []
    with Sandbox() as sandbox:
        for name, value in write_config_files(tmp_path, sandbox).items():
            monkeypatch.setenv(name, value)
        monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
        monkeypatch.setenv("OPENQA_API_KEY", "A")
        monkeypatch.setenv("OPENQA_API_SECRET", "B")

        def open_(name: str) -> Consumer:
            (path,) = (path for path in FILES if path.stem == name)
            loaded = LazyConfig()
            loaded.load_config(str(path))
            for key in ("callback", "queues", "bindings", "consumer_config"):
                monkeypatch.setitem(conf, key, loaded[key])
            module, _, callback = conf["callback"].partition(":")
            consumer = getattr(import_module(module), callback)()
            assert isinstance(consumer, Scheduler | Reporter)
            if consumer.service:
                made.append(consumer.service)
            return consumer

        yield open_
        for service in made:
            service.end()


def warnings(caplog: pytest.LogCaptureFixture) -> list[str]:
    return [
        record.getMessage() for record in caplog.records if record.name == "consumers.configuration"
    ]


def test_there_is_a_file_for_each_of_them() -> None:
    assert len(FILES) == 4


def test_the_scheduler(open_old: Open, caplog: pytest.LogCaptureFixture) -> None:
    consumer = open_old("fedora_openqa_scheduler")
    assert isinstance(consumer, Scheduler)
    assert role_of(consumer) == "scheduler"
    assert warnings(caplog) == [
        f"callback {conf['callback']} is an old name of consumers.scheduler:Scheduler",
        "[consumer_config] openqa_hostname is an old name of openqa.hostname",
        "[consumer_config] update_arches is an old name of scheduling.update_arches",
        LOSES,
        "routing key org.fedoraproject.prod.odcs.compose.state-changed is retired: delete it",
    ]


def test_the_resultsdb_reporter(open_old: Open, caplog: pytest.LogCaptureFixture) -> None:
    consumer = open_old("fedora_openqa_resultsdb_reporter")
    assert isinstance(consumer, ResultsDBReporter)
    # do_report is true
    assert isinstance(consumer.service.intake, Intake)
    logged = warnings(caplog)
    assert "[consumer_config] do_report is an old name of resultsdb.enabled" in logged
    assert "exchange zmq.topic is retired: delete the binding" in logged


def test_the_wiki_reporter(open_old: Open, caplog: pytest.LogCaptureFixture) -> None:
    consumer = open_old("fedora_openqa_wiki_reporter")
    assert isinstance(consumer, WikiReporter)
    # do_report is false: what would be filed is logged, nothing is stored
    assert isinstance(consumer.service.intake, Preview)
    assert "[consumer_config] do_report is an old name of wiki.enabled" in warnings(caplog)


def test_the_autocloud_reporter_reports_without_do_report(
    open_old: Open, caplog: pytest.LogCaptureFixture
) -> None:
    consumer = open_old("autocloudreporter")
    assert isinstance(consumer, Reporter)
    assert consumer.sink is Sink.RESULTSDB
    assert isinstance(consumer.service.intake, Intake)
    assert warnings(caplog)[0] == (
        "callback autocloudreporter:AutocloudReporter is an old name of"
        " consumers.autocloud_reporter:AutocloudReporter"
    )


@pytest.mark.parametrize("environment", ["", "Production", "Staging", "Test"])
@pytest.mark.parametrize("present", [Scheduler, ResultsDBReporter, WikiReporter])
def test_every_old_name_is_a_present_callback(environment: str, present: type) -> None:
    name = f"OpenQA{environment}{present.__name__}"
    assert issubclass(getattr(import_module("fedora_openqa.consumer"), name), present)


def test_present_names_and_durable_queues_are_not_warned_of(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    loaded = LazyConfig()
    loaded.load_config(str(Path(__file__).parent.parent.parent / "fedmsg.d/scheduler.toml"))
    for key in ("queues", "bindings", "consumer_config"):
        monkeypatch.setitem(conf, key, loaded[key])
    with Sandbox() as sandbox:
        for name, value in write_config_files(tmp_path, sandbox).items():
            monkeypatch.setenv(name, value)
        monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
        monkeypatch.setenv("OPENQA_API_KEY", "A")
        monkeypatch.setenv("OPENQA_API_SECRET", "B")
        caplog.set_level(logging.INFO)
        consumer = Scheduler()
        consumer.service.end()
    assert warnings(caplog) == []
