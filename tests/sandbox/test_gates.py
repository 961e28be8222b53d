"""Behaviour of the embedded Greenwave and WaiverDB that the contract with real ones cannot test."""

from collections.abc import Iterator

import pytest

from fedora_openqa.sandbox.decisions import summarize
from fedora_openqa.sandbox.faults import Kind as FaultKind
from fedora_openqa.sandbox.faults import Rule as FaultRule
from fedora_openqa.sandbox.openqa import OpenQAOptions, Templates
from fedora_openqa.sandbox.running import Sandbox, SandboxOptions
from fedora_openqa.sandbox.waiverdb import TOKEN, WaiverDBOptions
from tests.contract.gates import Gates, new_subject, waiver

#: a build whose package has a gating.yaml, and one whose package has none
GHOSTSCRIPT, COWSAY = "ghostscript-10.06.1-1.fc43", "cowsay-3.8.4-2.fc43"
TIER0 = "fedora-ci.koji-build.tier0.functional"


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    options = SandboxOptions(
        openqa=OpenQAOptions(templates=Templates()),
        waiverdb=WaiverDBOptions(permitted=("update.podman", "")),
    )
    with Sandbox(options) as running:
        yield running


@pytest.fixture
def gates(sandbox: Sandbox) -> Gates:
    return Gates(
        resultsdb=sandbox.resultsdb_url,
        waiverdb=f"{sandbox.url}/waiverdb/api/v1.0",
        greenwave=f"{sandbox.url}/greenwave",
        token=TOKEN,
    )


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


def test_a_build_has_the_requirements_of_its_packages_gating_yaml(gates: Gates) -> None:
    asked = {"product_version": "fedora-43", "decision_context": "bodhi_update_push_stable"}
    subjects = [{"item": nvr, "type": "koji_build"} for nvr in (GHOSTSCRIPT, COWSAY)]
    body = gates.decide("", subject=subjects, **asked)
    assert body["summary"] == "Of 1 required test, 1 result missing"
    [missing] = body["unsatisfied_requirements"]
    assert (missing["testcase"], missing["subject_identifier"]) == (TIER0, GHOSTSCRIPT)
    [fetched] = body["satisfied_requirements"]
    assert (fetched["type"], fetched["source"]) == ("fetched-gating-yaml", missing["source"])
    assert body["applicable_policies"] == ["sandbox_builds"]
    policies = gates.ask("GET", f"{gates.greenwave}/api/v1.0/policies").json()["policies"]
    [rule] = next(one["rules"] for one in policies if one["id"] == "sandbox_builds")
    assert rule == {"rule": "RemoteRule", "required": False, "sources": []}


@pytest.mark.parametrize("changes", [{"when": "2026-11-20"}, {"ignore_result": [1]}])
def test_a_parameter_that_only_a_real_one_understands_is_refused(
    gates: Gates, changes: dict[str, object]
) -> None:
    answer = gates.post_question(new_subject(), **changes)
    assert (answer.status_code, answer.json().keys()) == (400, {"message"})


def test_some_test_cases_may_be_waived_by_others_only(gates: Gates) -> None:
    answer = gates.post_waiver(waiver(new_subject(), testcase="update.other"))
    assert answer.status_code == 403
    assert answer.json() == {
        "message": "User sandbox is not authorized to submit results for the test case update.other"
    }


def test_a_waiver_without_type_of_subject_breaks_every_list_that_has_it(gates: Gates) -> None:
    subject = new_subject()
    answer = gates.post_waiver(waiver(subject, subject_type=""))
    assert answer.status_code == 500
    for query in ("", f"?subject_identifier={subject}"):
        assert gates.ask("GET", f"{gates.waiverdb}/waivers/{query}").status_code == 500
    assert gates.waivers(subject_identifier=new_subject())["data"] == []


PODMAN = {
    "product_version": "fedora-43",
    "decision_context": "bodhi_update_push_stable_core_critpath",
}


@pytest.mark.parametrize("service", ["/resultsdb/", "/waiverdb/"])
def test_greenwave_answers_502_if_a_service_that_it_has_to_ask_is_away(
    sandbox: Sandbox, gates: Gates, service: str
) -> None:
    sandbox.faults.add(FaultRule(FaultKind.DROP, path=service))
    answer = gates.post_question(new_subject(), **PODMAN)
    assert (answer.status_code, answer.json().keys()) == (502, {"message"})
    # this context has no requirements
    no_tests = PODMAN | {"decision_context": "bodhi_update_push_stable"}
    assert gates.decide(new_subject(), **no_tests)["policies_satisfied"]
    assert gates.post_question(new_subject(), **no_tests, verbose=True).status_code == 502
