"""The embedded Greenwave and WaiverDB, as our own gateways and others see them."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
import requests
from aiohttp import web

from fedora_openqa.config import Http
from fedora_openqa.errors import ConfigError, SubjectError
from fedora_openqa.gateways.decisions import GreenwaveDecisions
from fedora_openqa.gateways.greenwave import GreenwaveServer
from fedora_openqa.gateways.http import Reader
from fedora_openqa.gateways.waiverdb import RestWaivers
from fedora_openqa.model.gating import GatingQuestion, Waiver
from fedora_openqa.sandbox.gating_policies import Policy, Rule
from fedora_openqa.sandbox.greenwave import add_greenwave, summarize
from fedora_openqa.sandbox.waiverdb import TOKEN, Waivers, add_waiverdb
from tests.sandbox.serving import serving

ALIAS = "FEDORA-2026-3c1e7a90d2"
CONTAINER = "fedora.updates-container.x86_64.64bit"
QUESTION: dict[str, Any] = {
    "product_version": "fedora-43",
    "decision_context": ["push"],
    "subject_type": "bodhi_update",
    "subject_identifier": ALIAS,
}
RULES = (Rule("update.podman", CONTAINER), Rule("update.podman_client", CONTAINER))


def policy(*rules: Rule, versions: str = "fedora-4?", context: str = "push") -> Policy:
    return Policy("p", (versions,), (context,), "bodhi_update", rules)


@dataclass
class Row:
    id: int
    testcase: str
    outcome: str
    data: dict[str, tuple[str, ...]]
    ref_url: str | None = None


@dataclass
class Town:
    policies: tuple[Policy, ...] = (policy(*RULES),)
    #: the newest first
    results: list[Row] = field(default_factory=list)
    waivers: Waivers = field(default_factory=Waivers)
    url: str = ""

    def add(self, outcome: str, test: str = "podman", scenario: str = CONTAINER) -> None:
        data: dict[str, tuple[str, ...]] = {"item": (ALIAS,), "scenario": (scenario,)}
        row = Row(len(self.results) + 1, f"update.{test}", outcome, data, "https://x/tests/1")
        self.results.insert(0, row)

    def found(self, key: str, value: str) -> list[Row]:
        return [row for row in self.results if value in row.data.get(key, ())]

    def ask(self, **changes: object) -> requests.Response:
        address = f"{self.url}/greenwave/api/v1.0/decision"
        return requests.post(address, json=QUESTION | changes, timeout=10)

    def decide(self, **changes: object) -> dict[str, Any]:
        reply = self.ask(**changes)
        assert reply.status_code == 200, reply.text
        return dict(reply.json())

    def types(self) -> list[tuple[str, str]]:
        body = self.decide()
        rows = body["unsatisfied_requirements"] + body["satisfied_requirements"]
        return [(row["testcase"], row["type"]) for row in rows]

    def waive(self, testcase: str = "update.podman", **changes: object) -> int:
        body = {
            "subject_type": "bodhi_update",
            "subject_identifier": ALIAS,
            "testcase": testcase,
            "product_version": "fedora-43",
            "comment": "x",
        }
        reply = requests.post(
            f"{self.url}/waiverdb/api/v1.0/waivers/",
            json=body | changes,
            headers={"Authorization": f"Bearer {TOKEN}"},
            timeout=10,
        )
        assert reply.status_code == 201, reply.text
        return int(reply.json()["id"])


@pytest.fixture
def town() -> Iterator[Town]:
    town = Town()
    app = web.Application()
    add_greenwave(
        app, results=town.found, waivers=town.waivers.newest_first, policies=town.policies
    )
    add_waiverdb(app, town.waivers, clock=lambda: 1_795_200_000.0)
    with serving(app) as url:
        town.url = url
        yield town


def test_a_result_that_is_missing_has_no_id(town: Town) -> None:
    body = town.decide()
    assert not body["policies_satisfied"]
    assert body["summary"] == "Of 2 required tests, 2 results missing"
    assert body["unsatisfied_requirements"][0] == {
        "type": "test-result-missing",
        "testcase": "update.podman",
        "source": None,
        "scenario": CONTAINER,
        "item": {"item": ALIAS, "type": "bodhi_update"},
        "subject_type": "bodhi_update",
        "subject_identifier": ALIAS,
    }


@pytest.mark.parametrize(
    ("outcome", "kind", "summary"),
    [
        ("PASSED", "test-result-passed", "Of 2 required tests, 1 result missing"),
        ("INFO", "test-result-passed", "Of 2 required tests, 1 result missing"),
        ("FAILED", "test-result-failed", "Of 2 required tests, 1 result missing, 1 test failed"),
        ("NEEDS_INSPECTION", "test-result-failed", "Of 2 required tests, 1 result missing, 1 test failed"),
        ("CRASHED", "test-result-failed", "Of 2 required tests, 1 result missing, 1 test failed"),
        ("QUEUED", "test-result-missing", "Of 2 required tests, 1 result missing, 1 test incomplete"),
        ("RUNNING", "test-result-missing", "Of 2 required tests, 1 result missing, 1 test incomplete"),
        ("ERROR", "test-result-errored", "Of 2 required tests, 1 result missing, 1 test errored"),
    ],
)  # fmt: skip
def test_outcomes_are_judged(town: Town, outcome: str, kind: str, summary: str) -> None:
    town.add(outcome)
    body = town.decide()
    rows = body["unsatisfied_requirements"] + body["satisfied_requirements"]
    [row] = [row for row in rows if row["testcase"] == "update.podman"]
    assert (row["type"], row["result_id"], row["scenario"]) == (kind, 1, CONTAINER)
    assert ("item" in row) == (kind != "test-result-passed")
    assert ("error_reason" in row) == (kind == "test-result-errored")
    assert body["summary"] == summary


def test_the_newest_result_of_the_scenario_counts(town: Town) -> None:
    town.add("FAILED")
    town.add("PASSED")
    town.add("FAILED", scenario="fedora.updates-server.x86_64.64bit")
    assert ("update.podman", "test-result-passed") in town.types()


def test_a_rule_of_any_scenario_judges_each(town: Town) -> None:
    town.add("FAILED", scenario="a")
    town.add("PASSED", scenario="b")
    app = web.Application()
    any_scenario = (policy(Rule("update.podman")),)
    add_greenwave(app, results=town.found, waivers=tuple, policies=any_scenario)
    with serving(app) as url:
        town.url = url
        assert [kind for _, kind in town.types()] == ["test-result-failed", "test-result-passed"]


def test_what_is_waived_is_satisfied(town: Town) -> None:
    town.add("QUEUED")
    number = town.waive()
    town.waive("update.podman_client", scenario=CONTAINER)
    body = town.decide(verbose=True)
    assert body["policies_satisfied"]
    assert body["summary"] == "All required tests (2 total) have passed or been waived"
    queued, missing = body["satisfied_requirements"]
    assert (queued["type"], queued["result_id"]) == ("test-result-missing-waived", 1)
    assert queued["waiver_id"] == number
    assert "item" not in queued
    assert "result_id" not in missing
    assert [row["id"] for row in body["waivers"]] == [2, 1]


@pytest.mark.parametrize(
    "changes",
    [
        {"product_version": "fedora-42"},
        {"subject_identifier": "FEDORA-2026-0000000000"},
        {"subject_type": "koji_build"},
        {"scenario": "elsewhere"},
        {"testcase": "update.other"},
    ],
)
def test_a_waiver_of_something_else_is_none(town: Town, changes: dict[str, str]) -> None:
    town.waive(**changes)
    assert town.types() == [(rule.testcase, "test-result-missing") for rule in RULES]


def test_a_waiver_can_be_taken_back(town: Town) -> None:
    town.waive()
    town.waive(waived=False)
    assert ("update.podman", "test-result-missing") in town.types()


def test_an_update_no_policy_is_about_needs_nothing(town: Town) -> None:
    body = town.decide(product_version="fedora-eln")
    assert body["policies_satisfied"]
    assert (body["summary"], body["applicable_policies"]) == ("No tests are required", [])


def test_a_compose_no_policy_is_about_is_unknown(town: Town) -> None:
    reply = town.ask(subject_type="compose")
    assert reply.status_code == 404
    assert reply.json()["message"].startswith("Found no applicable policies for compose subjects")
    asked = GatingQuestion("fedora-rawhide", ("x",), "compose", "Fedora-Rawhide-20261120.n.0")
    with pytest.raises(SubjectError, match="Found no applicable policies"):
        GreenwaveDecisions(Http(), f"{town.url}/greenwave").decide(asked)


@pytest.mark.parametrize(
    "changes",
    [{"product_version": None}, {"decision_context": 7}, {"rules": []}, {"when": "2026-11-20"}],
)
def test_a_question_it_does_not_understand_is_refused(
    town: Town, changes: dict[str, object]
) -> None:
    reply = town.ask(**changes)
    assert reply.status_code == 400
    assert reply.json().keys() == {"message"}


@pytest.mark.parametrize(
    ("words", "required", "summary"),
    [
        ([], 0, "No tests are required"),
        ([], 1, "All required tests (1 total) have passed or been waived"),
        (["failed"], 1, "Of 1 required test, 1 test failed"),
        (["missing", "incomplete", "failed", "missing", "failed"], 9, "Of 9 required tests, 1 test incomplete, 2 results missing, 2 tests failed"),
        (["failed", "incomplete", "missing"], 5, "Of 5 required tests, 1 result missing, 1 test failed, 1 test incomplete"),
    ],
)  # fmt: skip
def test_the_summary_counts_in_alphabetical_order(
    words: list[str], required: int, summary: str
) -> None:
    assert summarize(words, required) == summary


def test_the_policies_are_those_of_the_decisions(town: Town) -> None:
    rules = GreenwaveServer(Reader(Http()), f"{town.url}/greenwave").load()
    assert [(rule.testcase, rule.scenario) for rule in rules] == [
        (rule.testcase, rule.scenario) for rule in RULES
    ]


def test_a_waiver_is_posted_and_found_by_our_own_gateway(town: Town) -> None:
    waivers = RestWaivers(Http(), f"{town.url}/waiverdb/api/v1.0", token=TOKEN)
    waiver = Waiver("bodhi_update", ALIAS, "update.podman", "fedora-43", "x", CONTAINER)
    assert waivers.find(waiver) is None
    assert waivers.post(waiver) == waivers.find(waiver) == 1
    assert town.waivers.newest_first()[0] | {"id": 0} == {
        "id": 0,
        "subject_type": "bodhi_update",
        "subject_identifier": ALIAS,
        "subject": {"item": ALIAS, "type": "bodhi_update"},
        "testcase": "update.podman",
        "scenario": CONTAINER,
        "product_version": "fedora-43",
        "waived": True,
        "username": "sandbox",
        "proxied_by": None,
        "comment": "x",
        "timestamp": "2026-11-20T18:40:00",
    }


def test_nobody_waives_without_the_token(town: Town) -> None:
    waivers = RestWaivers(Http(), f"{town.url}/waiverdb/api/v1.0", token=f"not {TOKEN}")
    with pytest.raises(ConfigError, match="token is refused"):
        waivers.post(Waiver("bodhi_update", ALIAS, "update.podman", "fedora-43", "x"))
    assert town.waivers.newest_first() == ()


@pytest.mark.parametrize("body", [b"", b"[", b"{}", b'[{"comment": ""}]'])
def test_what_is_no_waiver_is_refused(town: Town, body: bytes) -> None:
    reply = requests.post(
        f"{town.url}/waiverdb/api/v1.0/waivers/",
        data=body,
        headers={"Authorization": f"Bearer {TOKEN}"},
        timeout=10,
    )
    assert (reply.status_code, reply.json().keys()) == (400, {"message"})


def test_several_waivers_may_be_posted_at_once(town: Town) -> None:
    town.waive()
    [row] = town.waivers.newest_first()
    names = ("subject_type", "subject_identifier", "testcase", "product_version", "comment")
    body = {name: row[name] for name in names}
    reply = requests.post(
        f"{town.url}/waiverdb/api/v1.0/waivers/",
        json=[body, body],
        headers={"Authorization": f"Bearer {TOKEN}"},
        timeout=10,
    )
    assert [row["id"] for row in reply.json()] == [2, 3]
