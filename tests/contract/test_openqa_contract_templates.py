"""What products and job templates openQA says it has."""

import yaml

from fedora_openqa.gateways.http.client import Reader
from fedora_openqa.gateways.openqa.templates import RestTemplates
from fedora_openqa.model.templates import JobTemplate, ProductName
from tests.contract.json_types import Json
from tests.contract.signed import OpenQA
from tests.contract.templates import PRODUCTS, ROW_GROUP, ROWS
from tests.support.limits import limits_with

PATH = "job_templates_scheduling"


def groups(openqa: OpenQA) -> dict[str, Json]:
    texts = yaml.safe_load(openqa.get(PATH).text)
    return {name: yaml.safe_load(texts[name]) for name in ("contract", "contract two")}


def test_the_templates_are_yaml_unless_json_is_asked_for(openqa: OpenQA) -> None:
    answer = openqa.get(PATH)
    assert answer.headers["Content-Type"].startswith("text/yaml")
    headers = {"Accept": "application/json"}
    as_json = openqa.session.get(answer.url, headers=headers, timeout=60).json()
    assert as_json == yaml.safe_load(answer.text)
    assert set(as_json) >= {"contract", "contract two", ROW_GROUP}


def test_a_group_names_products_and_the_usual_machine(openqa: OpenQA) -> None:
    group = groups(openqa)["contract"]
    assert group["defaults"] == {"x86_64": {"machine": "64bit", "priority": 50}}
    assert group["products"]["fedora-42-Server-dvd-iso-x86_64"] == {
        "distri": "fedora",
        "flavor": "Server-dvd-iso",
        "version": "42",
    }
    assert set(group) == {"defaults", "products", "scenarios"}


def test_a_test_says_what_is_unusual_about_it(openqa: OpenQA) -> None:
    scenarios = groups(openqa)["contract"]["scenarios"]["x86_64"]
    assert scenarios["fedora-*-Server-dvd-iso-x86_64"] == [
        {"install": {"machine": "64bit", "priority": 10}},
        {"install": {"machine": "uefi", "priority": 30}},
    ]
    assert {"wrong_machine": {"machine": "uefi", "priority": 20}} in scenarios[
        "fedora-*-typing-errors-x86_64"
    ]
    assert scenarios["fedora-*-classes-x86_64"] == [
        {"classy": {"machine": "tap", "priority": 20}},
        {"plain": {"machine": "bare", "priority": 20}},
    ]


def test_the_last_by_name_of_equally_usual_machines_goes_without_saying(openqa: OpenQA) -> None:
    group = groups(openqa)["contract two"]
    assert group["defaults"]["x86_64"]["machine"] == "bare"
    assert group["scenarios"]["x86_64"] == {
        "fedora-*-Server-dvd-iso-x86_64": [{"lonely": {"machine": "64bit", "priority": 20}}],
        "fedora-*-plain-x86_64": ["plain"],
    }


def test_we_read_all_of_it(openqa: OpenQA) -> None:
    templates = RestTemplates(Reader(limits_with()), openqa.url).load()
    assert templates.products >= {ProductName(flavor, "x86_64") for flavor, _ in PRODUCTS}
    expected = {
        JobTemplate(ProductName(flavor, "x86_64"), test, machine)
        for flavor, _, machine, test, _, _ in ROWS
    } | {JobTemplate(ProductName("row-settings", "x86_64"), "install", "64bit")}
    assert expected <= templates.job_templates
    assert templates.products - templates.scheduling >= {ProductName("no-templates", "x86_64")}
