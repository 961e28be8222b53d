"""The Kubernetes manifests fit together, and what they run is understood."""

import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from fedora_messaging.config import LazyConfig

from fedora_openqa.config import load_config
from tests.deploy.commands import DEPLOY, assert_understood

FOLDER = DEPLOY / "kubernetes"


def documents() -> Iterator[dict[str, Any]]:
    for path in sorted(FOLDER.glob("*.yaml")):
        yield from yaml.safe_load_all(path.read_text())


def named(kind: str, name: str) -> dict[str, Any]:
    (found,) = (
        document
        for document in documents()
        if document["kind"] == kind and document["metadata"]["name"] == name
    )
    return found


WORKLOADS = [each for each in documents() if each["kind"] in {"Deployment", "Job"}]
PODS = [each["spec"]["template"]["spec"] for each in WORKLOADS]
CONTAINERS = [container for pod in PODS for container in pod["containers"]]


def ids(container: dict[str, Any]) -> str:
    return str(container["name"])


def test_every_manifest_is_applied_or_an_example() -> None:
    applied = yaml.safe_load((FOLDER / "kustomization.yaml").read_text())["resources"]
    others = {"kustomization.yaml", "secrets.example.yaml"}
    assert {*applied, *others} == {path.name for path in FOLDER.iterdir()}


@pytest.mark.parametrize("container", CONTAINERS, ids=ids)
def test_commands_are_understood(container: dict[str, Any]) -> None:
    assert_understood([*container.get("command", ["fedora-openqa"]), *container["args"]])


@pytest.mark.parametrize("container", CONTAINERS, ids=ids)
def test_containers_run_as_any_user_on_a_root_that_is_read_only(container: dict[str, Any]) -> None:
    context = container["securityContext"]
    assert context["readOnlyRootFilesystem"]
    assert not context["allowPrivilegeEscalation"]
    assert context["capabilities"] == {"drop": ["ALL"]}
    assert "runAsUser" not in context


@pytest.mark.parametrize("pod", PODS, ids=lambda pod: str(pod["containers"][0]["name"]))
def test_pods_are_not_root_and_mount_what_exists(pod: dict[str, Any]) -> None:
    assert pod["securityContext"]["runAsNonRoot"]
    assert not pod["automountServiceAccountToken"]
    volumes = {volume["name"]: volume for volume in pod["volumes"]}
    for volume in volumes.values():
        if "configMap" in volume:
            named("ConfigMap", volume["configMap"]["name"])
        if "secret" in volume:
            named("Secret", volume["secret"]["secretName"])
    for container in pod["containers"]:
        assert {mount["name"] for mount in container["volumeMounts"]} <= set(volumes)
        for variable in container.get("env", []):
            key = variable["valueFrom"]["secretKeyRef"]
            assert key["key"] in named("Secret", key["name"])["stringData"]


def test_the_configuration_is_ours(tmp_path: Path) -> None:
    path = tmp_path / "config.toml"
    path.write_text(named("ConfigMap", "fedora-openqa")["data"]["config.toml"])
    config = load_config(path, environ={})
    assert config.store.url.startswith("postgresql+psycopg://")
    assert "@" in config.store.url
    assert config.worker.threads == 0


def test_the_example_of_a_consumer_is_a_configuration_of_fedora_messaging(tmp_path: Path) -> None:
    path = tmp_path / "scheduler.toml"
    path.write_text(named("Secret", "fedora-openqa-consumers")["stringData"]["scheduler.toml"])
    loaded = LazyConfig()
    loaded.load_config(str(path))
    assert loaded["callback"] == "consumers.scheduler:Scheduler"
    assert loaded["queues"]["openqa_scheduler"]["durable"]


def test_probes_ask_the_ports_that_processes_listen_on() -> None:
    (worker,) = (each for each in CONTAINERS if each["name"] == "worker")
    (port,) = worker["ports"]
    config = tomllib.loads(named("ConfigMap", "fedora-openqa")["data"]["config.toml"])
    assert config["monitoring"]["listen"].endswith(f":{port['containerPort']}")
    assert worker["livenessProbe"]["httpGet"] == {"path": "/live", "port": port["name"]}
    assert worker["readinessProbe"]["httpGet"] == {"path": "/ready", "port": port["name"]}
    (scheduler,) = (each for each in CONTAINERS if each["name"] == "scheduler")
    text = named("Secret", "fedora-openqa-consumers")["stringData"]["scheduler.toml"]
    listen = tomllib.loads(text)["consumer_config"]["monitoring"]["listen"]
    assert listen.endswith(f":{scheduler['livenessProbe']['httpGet']['port']}")


def test_the_pages_are_reached_by_their_service() -> None:
    (web,) = (each for each in CONTAINERS if each["name"] == "web")
    service = named("Service", "fedora-openqa-web")["spec"]
    (port,) = service["ports"]
    ports = {each["name"]: each["containerPort"] for each in web["ports"]}
    assert ports[port["targetPort"]] == port["port"]
    assert web["args"] == ["web", "--listen", f"0.0.0.0:{port['port']}"]
    pod = named("Deployment", "fedora-openqa-web")["spec"]["template"]["metadata"]
    assert service["selector"] == pod["labels"]
    # a process that listens beyond the loopback interface does not start otherwise
    config = tomllib.loads(named("ConfigMap", "fedora-openqa")["data"]["config.toml"])
    assert config["web"]["actions"] is False


def test_consumers_of_one_pod_listen_on_ports_of_their_own() -> None:
    (pod,) = (pod for pod in PODS if len(pod["containers"]) > 1)
    ports = [each["readinessProbe"]["httpGet"]["port"] for each in pod["containers"]]
    assert len(set(ports)) == len(ports)
