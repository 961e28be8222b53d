"""The configurations in fedmsg.d: callbacks that exist, topics that are understood."""

import tomllib
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
from fedora_messaging.config import LazyConfig

from consumers.base import Consumer
from fedora_openqa.config import Config, consumer_config, load_config
from fedora_openqa.events import understands
from fedora_openqa.model.deliveries import Sink
from fedora_openqa.wiring.deliver import enabled_sinks

FOLDER = Path(__file__).parent.parent.parent / "fedmsg.d"

#: the settings that all processes of a deployment read
SHARED = (FOLDER / "config.toml", FOLDER / "config.stg.toml")

#: the configurations of consumers
FILES = sorted({*FOLDER.glob("*.toml")} - {*SHARED})


def read(path: Path) -> dict[str, Any]:
    return tomllib.loads(path.read_text())


def test_there_is_one_for_each_environment() -> None:
    both = {
        f"{consumer}{environment}.toml"
        for consumer in (
            "scheduler",
            "resultsdb_reporter",
            "wiki_reporter",
            "autocloud_reporter",
            "compose_checker",
        )
        for environment in ("", ".stg")
    }
    assert {path.name for path in FILES} == {*both, "scheduler.private.toml"}


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_fedora_messaging_accepts_it(path: Path) -> None:
    LazyConfig().load_config(str(path))


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_its_callback_is_one_of_our_consumers(path: Path) -> None:
    module, _, name = read(path)["callback"].partition(":")
    assert issubclass(getattr(import_module(module), name), Consumer)


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_every_routing_key_is_understood(path: Path) -> None:
    for binding in read(path)["bindings"]:
        assert binding["routing_keys"]
        for key in binding["routing_keys"]:
            assert understands(key), key


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_its_queue_outlives_the_consumer(path: Path) -> None:
    for queue in read(path)["queues"].values():
        assert (queue["durable"], queue["auto_delete"], queue["exclusive"]) == (True, False, False)


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_only_the_private_one_has_settings_of_its_own(path: Path) -> None:
    settings = read(path).get("consumer_config", {})
    assert bool(settings) == (".private." in path.name)
    assert consumer_config(settings, Config()).worker.threads >= 1


@pytest.mark.parametrize("path", SHARED, ids=lambda path: path.name)
def test_the_settings_of_a_deployment_are_ours(path: Path) -> None:
    production = ".stg." not in path.name
    enabled = enabled_sinks(load_config(path))
    assert enabled == (set(Sink) if production else {Sink.RESULTSDB})


def test_only_the_private_one_makes_its_queue() -> None:
    for path in FILES:
        passive = read(path).get("passive_declares", False)
        assert passive == (".private." not in path.name), path.name


def test_fedoras_production_tests_updates_on_the_arches_that_gating_requires() -> None:
    arches = {path.name: load_config(path).scheduling.update_arches for path in SHARED}
    assert arches == {"config.toml": ("aarch64", "x86_64"), "config.stg.toml": ("x86_64",)}
