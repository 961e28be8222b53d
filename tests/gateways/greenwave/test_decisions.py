import contextlib
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fedora_openqa.errors import (
    AmbiguousWriteError,
    ConfigError,
    FedoraOpenQAError,
    RequestRefusedError,
    ServiceUnavailableError,
    SubjectError,
)
from fedora_openqa.gateways.greenwave.decisions import GreenwaveDecisions, read_decision
from fedora_openqa.gateways.http.client import Reply
from fedora_openqa.gateways.http.transport import Limits
from fedora_openqa.model.gating import (
    Decision,
    GatingQuestion,
    Requirement,
    RequirementState,
)
from fedora_openqa.policy.gating import join_decisions
from fedora_openqa.texts import QUOTE_SIZE
from tests.support.limits import LIMITS, limits_for
from tests.support.web import Answer, Web, drop, hang, html, in_turn, text, truncated

SAMPLE = (Path(__file__).parent.parent.parent / "data/gating/decision.json").read_text()
PATH = "POST /api/v1.0/decision"
QUESTION = GatingQuestion(
    product_version="fedora-43",
    contexts=("bodhi_update_push_stable_core_critpath", "bodhi_update_push_stable"),
    subject_type="bodhi_update",
    subject="FEDORA-2025-1bd5f4a0c2",
)
NOTHING: dict[str, Any] = {
    "policies_satisfied": True,
    "summary": "No tests are required",
    "applicable_policies": [],
    "satisfied_requirements": [],
    "unsatisfied_requirements": [],
}
CONTAINER = "fedora.updates-container.x86_64.64bit"
EVERYTHING = "fedora.updates-everything-boot-iso.x86_64"


def decide(web: Web, limits: Limits = LIMITS) -> Decision:
    return GreenwaveDecisions(limits, f"{web.url}/").decide(QUESTION)


def test_a_decision_is_read(web: Web) -> None:
    web.answers[PATH] = text(SAMPLE)
    found = decide(web)
    assert not found.satisfied
    assert (
        found.summary == "Of 5 required tests, 1 result missing, 1 test failed, 1 test incomplete"
    )
    assert {(it.subject_type, it.subject) for it in found.requirements} == {
        ("bodhi_update", QUESTION.subject)
    }
    assert tuple(replace(it, subject_type="", subject="") for it in found.requirements) == (
        Requirement(
            RequirementState.FAILED,
            *("test-result-failed", "update.podman_client", CONTAINER, 71234502),
        ),
        Requirement(
            RequirementState.RUNNING,
            *("test-result-missing", "update.installer_build", f"{EVERYTHING}.64bit", 71234503),
        ),
        Requirement(
            RequirementState.MISSING,
            *("test-result-missing", "update.install_default_update_netinst", f"{EVERYTHING}.bios"),
        ),
        Requirement(
            RequirementState.PASSED,
            *("test-result-passed", "update.podman", CONTAINER, 71234501),
        ),
        Requirement(
            RequirementState.WAIVED,
            *("test-result-missing-waived", "update.kiwi_build", CONTAINER),
            waiver_id=50123,
        ),
    )
    assert dict(found.ref_urls)[71234502] == "https://openqa.fedoraproject.org/tests/3912402"
    assert found.policies[0] == "bodhiupdate_bodhipush_no_requirements"


def test_the_question_is_asked_once(web: Web) -> None:
    web.answers[PATH] = text(SAMPLE)
    decide(web)
    assert web.requests == [PATH]
    assert json.loads(web.bodies[0]) == {
        "product_version": "fedora-43",
        "decision_context": ["bodhi_update_push_stable_core_critpath", "bodhi_update_push_stable"],
        "subject_type": "bodhi_update",
        "subject_identifier": "FEDORA-2025-1bd5f4a0c2",
        "verbose": False,
    }


BUILDS = tuple(f"package-{number}-1.fc43" for number in range(20))


def test_an_update_is_asked_about_as_bodhi_asks(web: Web) -> None:
    web.answers[PATH] = text(json.dumps(NOTHING))
    decisions = GreenwaveDecisions(LIMITS, web.url)
    assert decisions.decide(replace(QUESTION, builds=BUILDS), verbose=True).satisfied
    bodies = [json.loads(body) for body in web.bodies]
    assert [len(body["subject"]) for body in bodies] == [8, 8, 5]
    subjects = [one for body in bodies for one in body.pop("subject")]
    builds = [{"item": nvr, "type": "koji_build"} for nvr in BUILDS]
    assert subjects == [*builds, {"item": QUESTION.subject, "type": "bodhi_update"}]
    assert (
        bodies
        == [
            {
                "product_version": "fedora-43",
                "decision_context": list(QUESTION.contexts),
                "verbose": True,
            }
        ]
        * 3
    )


def test_one_unsatisfied_batch_is_enough(web: Web) -> None:
    failed = {
        "type": "test-result-failed",
        "testcase": "fedora-ci.x",
        "subject_type": "koji_build",
        "subject_identifier": BUILDS[9],
        "result_id": 7,
    }
    passed = failed | {"type": "test-result-passed", "subject_identifier": BUILDS[0]}
    web.answers[PATH] = in_turn(
        text(json.dumps(NOTHING | {"summary": "A", "satisfied_requirements": [passed]})),
        text(
            json.dumps(
                NOTHING
                | {
                    "policies_satisfied": False,
                    "summary": "B",
                    "unsatisfied_requirements": [failed],
                    "applicable_policies": ["P"],
                    "results": [{"id": 7, "ref_url": "https://ci.example/7"}],
                }
            )
        ),
        text(json.dumps(NOTHING | {"applicable_policies": ["P", "Q"]})),
    )
    found = GreenwaveDecisions(LIMITS, web.url).decide(replace(QUESTION, builds=BUILDS))
    assert (found.satisfied, found.summary) == (False, "A; B")
    assert [(it.state, it.subject_type, it.subject) for it in found.requirements] == [
        (RequirementState.FAILED, "koji_build", BUILDS[9]),
        (RequirementState.PASSED, "koji_build", BUILDS[0]),
    ]
    assert (found.policies, found.ref_urls) == (("P", "Q"), ((7, "https://ci.example/7"),))


def reply(answer: object) -> Reply:
    return Reply(PATH, 200, json.dumps(answer).encode())


def test_a_summary_is_one_bounded_line() -> None:
    found = read_decision(reply(NOTHING | {"summary": "No\x1b[31m\ntests" + "x" * 1_000_000}))
    assert found.summary.startswith("No\ufffd[31m testsx")
    assert len(found.summary) == QUOTE_SIZE + 1


def states(*, satisfied: tuple[str, ...] = (), unsatisfied: tuple[str, ...] = ()) -> list[str]:
    answer = NOTHING | {
        "satisfied_requirements": [{"type": kind} for kind in satisfied],
        "unsatisfied_requirements": [{"type": kind} for kind in unsatisfied],
    }
    found = join_decisions([read_decision(reply(answer))])
    return [str(it.state) for it in found.requirements]


@pytest.mark.parametrize(
    ("kind", "state"),
    [
        ("test-result-passed", "passed"),
        ("excluded", "passed"),
        ("fetched-gating-yaml", "passed"),
        ("test-result-failed-waived", "waived"),
        ("test-result-errored-waived", "waived"),
        ("missing-gating-yaml-waived", "waived"),
    ],
)
def test_what_satisfies_is_passed_or_waived(kind: str, state: str) -> None:
    assert states(satisfied=(kind,)) == [state]


@pytest.mark.parametrize(
    ("kind", "state"),
    [
        ("test-result-failed", "failed"),
        ("test-result-errored", "errored"),
        ("test-result-missing", "missing"),
        ("missing-gating-yaml", "other"),
        ("failed-fetch-gating-yaml", "other"),
        ("invalid-gating-yaml", "other"),
        ("something new", "other"),
    ],
)
def test_what_is_wanted_is_told_apart(kind: str, state: str) -> None:
    assert states(unsatisfied=(kind,)) == [state]


def test_a_test_that_two_policies_ask_for_is_one_requirement() -> None:
    assert states(unsatisfied=("test-result-missing",) * 2) == ["missing"]


@pytest.mark.parametrize(
    ("answer", "error", "reason"),
    [
        (
            text('{"message": "Found no applicable policies for x"}', status=404),
            SubjectError,
            "decision: Found no applicable policies for x$",
        ),
        (html(status=404), SubjectError, "is this the URL of Greenwave"),
        (text("[7]", status=404), SubjectError, "is this the URL of Greenwave"),
        (text('{"message": "Bad"}', status=400), RequestRefusedError, "400 .*Bad"),
        (text("", status=302, headers={"Location": "/"}), ConfigError, "redirected"),
        (html(), ServiceUnavailableError, "not the answer of this service"),
        (text("[" * 5000), ServiceUnavailableError, "not the answer of this service"),
        (truncated(SAMPLE), ServiceUnavailableError, "POST"),
        (text("", status=502), ServiceUnavailableError, "502"),
        (
            text(
                '{"message": "ConnectionError: HTTPConnectionPool(host=\'resultsdb\'"}', status=502
            ),
            ServiceUnavailableError,
            "^Greenwave cannot reach ResultsDB or WaiverDB: POST .*: 502$",
        ),
        (text("", status=504), ServiceUnavailableError, "504"),
        (drop, ServiceUnavailableError, "closed connection"),
        (hang, ServiceUnavailableError, "no answer in time"),
    ],
)
def test_what_greenwave_does_not_say_is_an_error(
    web: Web, answer: Answer, error: type[FedoraOpenQAError], reason: str
) -> None:
    web.answers[PATH] = answer
    with pytest.raises(error, match=reason) as failure:
        decide(web, limits_for(answer))
    assert "\n" not in str(failure.value)


def test_a_question_may_be_asked_again(web: Web) -> None:
    web.answers[PATH] = in_turn(text("", status=504), text(json.dumps(NOTHING)))
    assert decide(web).satisfied
    assert len(web.requests) == 2


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["type", "testcase", "scenario", "id", "result_id"]), inner
        )
    ),
    max_leaves=10,
)


@given(JSON, st.dictionaries(st.sampled_from([*NOTHING, "results"]), JSON))
def test_any_answer_is_a_decision_or_refused(other: object, changes: dict[str, object]) -> None:
    for answer in (other, NOTHING | changes):
        with contextlib.suppress(AmbiguousWriteError):
            found = join_decisions([read_decision(reply(answer))])
            assert len(set(found.requirements)) == len(found.requirements)
