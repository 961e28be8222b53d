"""The Ansible role: its variables, modules and templates."""

import re
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import yaml
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from fedora_openqa.config import load_config
from tests.deploy.commands import DEPLOY, assert_understood

ROLE = DEPLOY / "ansible/roles/fedora_openqa"
PLAYBOOK = DEPLOY / "ansible/playbook.example.yml"


def read(path: Path) -> Any:  # noqa: ANN401 - YAML
    return yaml.safe_load(path.read_text())


def render(template: str, variables: dict[str, Any]) -> str:
    environment = Environment(
        loader=FileSystemLoader(ROLE / "templates"),
        undefined=StrictUndefined,
        trim_blocks=True,
        autoescape=False,  # noqa: S701 - TOML and INI
    )
    environment.filters["to_json"] = environment.filters["tojson"]
    environment.filters["urlsplit"] = lambda url, part: getattr(urlsplit(url), part)
    return environment.get_template(template).render(
        {"ansible_managed": "Ansible managed", **variables}
    )


def example() -> dict[str, Any]:
    (play,) = read(PLAYBOOK)
    (role,) = play["roles"]
    assert role["role"] == ROLE.name
    return {**read(ROLE / "defaults/main.yml"), **role["vars"]}


def test_every_variable_has_a_default_and_is_used() -> None:
    texts = [path.read_text() for path in ROLE.rglob("*") if path.is_file()]
    used = {name for text in texts for name in re.findall(r"\bfedora_openqa_\w+", text)}
    registered = {task["register"] for task in read(ROLE / "tasks/main.yml") if "register" in task}
    assert used - registered == set(read(ROLE / "defaults/main.yml"))
    assert set(example()) <= used


def test_notified_handlers_exist() -> None:
    handlers = {handler["name"] for handler in read(ROLE / "handlers/main.yml")}
    for task in read(ROLE / "tasks/main.yml"):
        notified = task.get("notify", [])
        assert {*([notified] if isinstance(notified, str) else notified)} <= handlers


def test_tasks_with_passwords_are_not_logged() -> None:
    for task in read(ROLE / "tasks/main.yml"):
        if re.search("password|secret|amqp_url", str(task)):
            assert task["no_log"], task["name"]


def test_commands_are_understood() -> None:
    commands = [
        task["ansible.builtin.command"]["cmd"].split()
        for task in read(ROLE / "tasks/main.yml")
        if "ansible.builtin.command" in task
    ]
    assert commands
    for command in commands:
        assert_understood(command)


def test_the_configuration_that_it_writes_is_ours(tmp_path: Path) -> None:
    path = tmp_path / "config.toml"
    path.write_text(render("config.toml.j2", example()))
    config = load_config(path, environ={})
    assert config.openqa.hostname == "https://openqa.example.org"
    assert config.worker.threads == 0


def test_the_key_stands_below_the_host_that_clients_look_for() -> None:
    assert "[openqa.example.org]\n" in render("client.conf.j2", example())
    bare = {**example(), "fedora_openqa_config": {}}
    bare["fedora_openqa_config"] = {"openqa": {"hostname": "openqa.example.org"}}
    assert "[openqa.example.org]\n" in render("client.conf.j2", bare)
