"""What Greenwave answers by results and waivers: the embedded one, and a real one if named.

The real Greenwave must ask the real ResultsDB and WaiverDB that are named, too, and must have the
policies of tests/data/gating/contract.yaml.
"""

import uuid
from collections.abc import Iterator
from typing import Any

import pytest

from tests.contract.gates import (
    CONTAINER,
    GREENWAVE,
    RESULTSDB,
    VERSION,
    WAIVERDB,
    Gates,
    embedded,
    load_policies,
    new_subject,
    real,
)
from tests.contract.json_types import Json

SERVER = "fedora.Server-dvd-iso.x86_64.64bit"


@pytest.fixture(
    scope="module",
    params=[
        "embedded",
        *(
            [pytest.param("real", marks=pytest.mark.service)]
            if GREENWAVE and RESULTSDB and WAIVERDB
            else []
        ),
    ],
)
def gates(request: pytest.FixtureRequest) -> Iterator[Gates]:
    if request.param == "real":
        yield real()
    else:
        with embedded() as servers:
            yield servers


@pytest.fixture
def subject() -> str:
    return new_subject()


def requirements(body: Json, testcase: str = "update.podman") -> list[Json]:
    rows = body["unsatisfied_requirements"] + body["satisfied_requirements"]
    return [row for row in rows if row["testcase"] == testcase]


def podman(gates: Gates, subject: str) -> str:
    """Return how the requirement of podman stands."""
    [row] = requirements(gates.decide(subject))
    return str(row["type"])


# results


def test_a_result_that_is_missing_has_no_id(gates: Gates, subject: str) -> None:
    body = gates.decide(subject)
    assert not body["policies_satisfied"]
    assert body["summary"] == "Of 2 required tests, 2 results missing"
    assert body["applicable_policies"] == ["contract_update"]
    [row] = requirements(body)
    assert row == {
        "type": "test-result-missing",
        "testcase": "update.podman",
        "source": None,
        "scenario": CONTAINER,
        "item": {"item": subject, "type": "bodhi_update"},
        "subject_type": "bodhi_update",
        "subject_identifier": subject,
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
def test_outcomes_are_judged(
    gates: Gates, subject: str, outcome: str, kind: str, summary: str
) -> None:
    number = gates.report(subject, "update.podman", outcome, error_reason="of the data")
    body = gates.decide(subject)
    [row] = requirements(body)
    assert (row["type"], row["result_id"], row["scenario"]) == (kind, number, CONTAINER)
    assert ("item" in row) == (kind != "test-result-passed")
    # ResultsDB 2.2 has no reason beside the outcome
    assert ("error_reason" in row) == (kind == "test-result-errored")
    assert row.get("error_reason") is None
    assert body["summary"] == summary


def test_the_newest_result_of_the_scenario_counts(gates: Gates, subject: str) -> None:
    gates.report(subject, "update.podman", "FAILED")
    gates.report(subject, "update.podman", "PASSED")
    gates.report(subject, "update.podman", "FAILED", scenario="fedora.updates-server.x86_64.64bit")
    assert podman(gates, subject) == "test-result-passed"


@pytest.mark.parametrize("key", ["scenario", "system_architecture", "system_variant"])
def test_results_that_differ_in_system_or_scenario_are_all_judged(
    gates: Gates, subject: str, key: str
) -> None:
    gates.report(subject, "update.any", "FAILED", **{key: "a"})
    gates.report(subject, "update.any", "PASSED", **{key: "b"})
    body = gates.decide(subject)
    assert body["summary"] == "Of 3 required tests, 1 result missing, 1 test failed"
    assert {(row["type"], row[key]) for row in requirements(body, "update.any")} == {
        ("test-result-failed", "a"),
        ("test-result-passed", "b"),
    }


def test_a_result_of_another_type_does_not_count(gates: Gates, subject: str) -> None:
    gates.report(subject, "update.podman", "PASSED", type="koji_build")
    assert "result_id" not in requirements(gates.decide(subject))[0]


def test_a_compose_is_named_by_its_id(gates: Gates) -> None:
    compose = f"Fedora-Rawhide-{uuid.uuid4().hex[:8]}.n.0"
    about: dict[str, Any] = {"decision_context": "contract_sync", "subject_type": "compose"}
    [row] = requirements(gates.decide(compose, **about), "compose.podman")
    assert row["item"] == {"productmd.compose.id": compose}
    assert (row["subject_type"], row["subject_identifier"]) == ("compose", compose)
    more = {"productmd.compose.id": compose, "scenario": SERVER, "type": "compose"}
    gates.report("an-image.iso", "compose.podman", "PASSED", **more)
    assert gates.decide(compose, **about)["policies_satisfied"]


def test_several_subjects_may_be_asked_about_at_once(gates: Gates, subject: str) -> None:
    build = f"package-{uuid.uuid4().hex[:8]}-1.fc43"
    gates.report(build, "ci.tier0", "FAILED", type="koji_build")
    asked = [{"item": build, "type": "koji_build"}, {"item": subject, "type": "bodhi_update"}]
    body = gates.decide(subject, subject=asked)
    assert body["summary"] == "Of 3 required tests, 1 test failed, 2 results missing"
    assert sorted(body["applicable_policies"]) == ["contract_build", "contract_update"]
    [row] = requirements(body, "ci.tier0")
    assert (row["type"], row["subject_type"], row["subject_identifier"]) == (
        *("test-result-failed", "koji_build"),
        build,
    )
    # a waiver of the update is none of its build
    gates.waive(subject, "ci.tier0")
    assert requirements(gates.decide(subject, subject=asked), "ci.tier0")[0]["type"].endswith(
        "failed"
    )
    gates.waive(build, "ci.tier0", subject_type="koji_build")
    assert requirements(gates.decide(subject, subject=asked), "ci.tier0")[0]["type"].endswith(
        "waived"
    )


# waivers


def test_what_is_waived_is_satisfied(gates: Gates, subject: str) -> None:
    result = gates.report(subject, "update.podman", "QUEUED")
    number = gates.waive(subject, scenario=CONTAINER)["id"]
    gates.waive(subject, "update.any")
    body = gates.decide(subject)
    assert body["policies_satisfied"]
    assert body["summary"] == "All required tests (2 total) have passed or been waived"
    [queued], [missing] = (requirements(body, f"update.{name}") for name in ("podman", "any"))
    assert (queued["type"], queued["result_id"]) == ("test-result-missing-waived", result)
    assert queued["waiver_id"] == number
    assert "item" not in queued
    assert "result_id" not in missing


@pytest.mark.parametrize(
    "changes",
    [
        {"product_version": "contract-2"},
        {"subject_identifier": "FEDORA-2026-0000000000"},
        {"subject_type": "koji_build"},
        {"scenario": "elsewhere"},
        {"testcase": "update.other"},
    ],
)
def test_a_waiver_of_something_else_is_none(
    gates: Gates, subject: str, changes: dict[str, str]
) -> None:
    gates.waive(subject, **changes)
    assert podman(gates, subject) == "test-result-missing"


ALL, HERE = {"scenario": None}, {"scenario": CONTAINER}


@pytest.mark.parametrize(
    ("waived", "withdrawn", "kind"),
    [
        (ALL, ALL, "test-result-missing"),
        (HERE, HERE, "test-result-missing"),
        # it is withdrawn only by the same test case, scenario and version
        (ALL, HERE, "test-result-missing-waived"),
        (HERE, ALL, "test-result-missing-waived"),
        (ALL, {**ALL, "product_version": "contract-2"}, "test-result-missing-waived"),
    ],
)
def test_a_waiver_is_withdrawn_by_its_like_only(
    gates: Gates, subject: str, waived: dict[str, object], withdrawn: dict[str, object], kind: str
) -> None:
    gates.waive(subject, **waived)
    gates.waive(subject, **withdrawn, waived=False)
    assert podman(gates, subject) == kind


def test_an_empty_scenario_is_all_scenarios(gates: Gates, subject: str) -> None:
    gates.waive(subject, scenario="")
    assert podman(gates, subject) == "test-result-missing-waived"


def test_verbose_shows_the_newest_results_and_the_waivers_in_force(
    gates: Gates, subject: str
) -> None:
    gates.report(subject, "update.podman", "FAILED")
    newest = gates.report(subject, "update.podman", "FAILED")
    gates.waive(subject, "update.any")
    gates.waive(subject, "update.any", waived=False)
    gates.waive(subject)
    waiver = gates.waive(subject)["id"]
    assert {"results", "waivers"}.isdisjoint(gates.decide(subject))
    body = gates.decide(subject, verbose=True)
    [result] = body["results"]
    assert result["id"] == newest
    keys = {"data", "groups", "href", "id", "note", "outcome", "ref_url", "submit_time", "testcase"}
    assert result.keys() == keys
    assert result["testcase"].keys() == {"href", "name", "ref_url"}
    assert result["data"]["item"] == [subject]
    assert [row["id"] for row in body["waivers"]] == [waiver]


# questions


@pytest.mark.parametrize(
    "changes",
    [
        {"wibble": 1},
        {"rules": []},
        {"decision_context": "contract_push"},
        {"decision_context": ["contract_push_other", "unknown"]},
    ],
)
def test_what_is_no_parameter_is_ignored(
    gates: Gates, subject: str, changes: dict[str, object]
) -> None:
    assert gates.decide(subject, **changes)["summary"] == "Of 2 required tests, 2 results missing"


@pytest.mark.parametrize(
    "changes",
    [{"product_version": "fedora-43"}, {"decision_context": "x"}, {"decision_context": 7}],
)
def test_an_update_that_no_policy_applies_to_needs_no_test(
    gates: Gates, subject: str, changes: dict[str, object]
) -> None:
    body = gates.decide(subject, **changes)
    assert body["policies_satisfied"]
    assert (body["summary"], body["applicable_policies"]) == ("No tests are required", [])


@pytest.mark.parametrize("kind", ["compose", "koji_build"])
def test_another_subject_that_no_policy_applies_to_is_unknown(
    gates: Gates, subject: str, kind: str
) -> None:
    answer = gates.post_question(subject, subject_type=kind, decision_context=["a", "b"])
    assert (answer.status_code, answer.json()) == (
        404,
        {
            "message": f"Found no applicable policies for {kind} subjects at gating point(s) a b"
            f" in {VERSION}"
        },
    )


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"product_version": None}, "Missing required product version"),
        ({"decision_context": []}, "Either decision_context or rules is required."),
        ({"decision_context": None}, "Either decision_context or rules is required."),
    ],
)
def test_an_incomplete_question_is_refused(
    gates: Gates, subject: str, changes: dict[str, object], message: str
) -> None:
    answer = gates.post_question(subject, **changes)
    assert (answer.status_code, answer.json()) == (400, {"message": message})


@pytest.mark.parametrize(
    ("body", "content_type"),
    [("x", "text/plain"), ("{}", "application/json"), ("[]", "application/json")],
)
def test_a_question_without_json_is_refused(gates: Gates, body: str, content_type: str) -> None:
    headers = {"Content-Type": content_type}
    url = f"{gates.greenwave}/api/v1.0/decision"
    answer = gates.ask("POST", url, data=body, headers=headers)
    assert (answer.status_code, answer.json().keys()) == (415, {"message"})


# the rest


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [("GET", "nonesuch", 404), ("GET", "decision", 405), ("POST", "policies", 405)],
)
def test_what_is_not_there_is_said_in_json(
    gates: Gates, method: str, path: str, status: int
) -> None:
    answer = gates.ask(method, f"{gates.greenwave}/api/v1.0/{path}")
    assert (answer.status_code, answer.json().keys()) == (status, {"message"})


def test_it_says_its_version(gates: Gates) -> None:
    answer = gates.ask("GET", f"{gates.greenwave}/api/v1.0/about")
    assert (answer.status_code, "version" in answer.json()) == (200, True)
    assert gates.ask("GET", f"{gates.greenwave}/api/v1.0/version").status_code == 302


def test_policies_are_shown_with_all_their_keys(gates: Gates) -> None:
    answer = gates.ask("GET", f"{gates.greenwave}/api/v1.0/policies")
    assert answer.headers["Content-Type"] == "application/json"
    assert "Strict-Transport-Security" in answer.headers
    shown = {policy["id"]: policy for policy in answer.json()["policies"]}
    for policy in load_policies():
        assert shown[policy.id].keys() == {
            "id",
            "product_versions",
            "decision_context",
            "decision_contexts",
            "subject_type",
            "subject_types",
            "excluded_packages",
            "packages",
            "relevance_key",
            "relevance_value",
            "rules",
        }
        assert shown[policy.id]["decision_contexts"] == list(policy.contexts)
        assert shown[policy.id]["rules"] == [rule.as_json() for rule in policy.rules]
