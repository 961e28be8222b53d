"""Greenwave's decisions: whether a subject passes gating, and which requirements are missing."""

from typing import Any

import msgspec
from typing_extensions import override

from fedora_openqa import ports
from fedora_openqa.errors import AmbiguousWriteError, ServiceUnavailableError, SubjectError
from fedora_openqa.gateways.http.answers import UNREADABLE, repeated
from fedora_openqa.gateways.http.client import Poster, Reply
from fedora_openqa.gateways.http.transport import Limits
from fedora_openqa.model.gating import (
    Decision,
    GatingQuestion,
    Requirement,
    RequirementState,
)
from fedora_openqa.policy.gating import join_decisions
from fedora_openqa.texts import first_line

PATH = "api/v1.0/decision"

#: subjects of one request, as Bodhi asks by default
SUBJECTS_AT_ONCE = 8

#: statuses of Greenwave when ResultsDB or WaiverDB do not answer it
UPSTREAM = frozenset({502, 504})

#: types of unsatisfied requirements about a test; other types are about a gating.yaml
UNSATISFIED = {
    "test-result-failed": RequirementState.FAILED,
    "test-result-errored": RequirementState.ERRORED,
    "test-result-missing": RequirementState.MISSING,
}
WAIVED = "-waived"


class _Requirement(msgspec.Struct, frozen=True):
    type: str
    # None: the requirement is about a gating.yaml
    testcase: str | None = None
    scenario: str | None = None
    result_id: int | None = None
    waiver_id: int | None = None
    subject_type: str | None = None
    subject_identifier: str | None = None


class _Result(msgspec.Struct, frozen=True):
    id: int
    ref_url: str | None = None


class _Decision(msgspec.Struct, frozen=True):
    policies_satisfied: bool
    summary: str
    satisfied_requirements: list[_Requirement]
    unsatisfied_requirements: list[_Requirement]
    applicable_policies: list[str] = []
    results: list[_Result] = []


class GreenwaveDecisions(ports.Gating):
    """The decisions of a Greenwave server; up to eight subjects in a request."""

    def __init__(self, limits: Limits, url: str) -> None:
        """Use the Greenwave at ``url``."""
        self._limits = limits
        self._url = f"{url.rstrip('/')}/{PATH}"
        self._poster = Poster(limits)

    @override
    def decide(self, question: GatingQuestion, *, verbose: bool = False) -> Decision:
        return join_decisions(
            [self._ask(body | {"verbose": verbose}) for body in request_bodies(question)]
        )

    def _ask(self, body: dict[str, Any]) -> Decision:
        return repeated(lambda: self._ask_once(body), limits=self._limits)

    def _ask_once(self, body: dict[str, Any]) -> Decision:
        try:
            reply = self._poster.post(self._url, body)
            if reply.status == 404:  # noqa: PLR2004 - HTTP: not found
                message = _message(reply) or "not there: is this the URL of Greenwave?"
                raise SubjectError(f"POST {self._url}: {message}")
            if reply.status in UPSTREAM and _message(reply):
                raise ServiceUnavailableError(
                    f"Greenwave cannot reach ResultsDB or WaiverDB: POST {self._url}:"
                    f" {reply.status}"
                )
            return read_decision(reply)
        except AmbiguousWriteError as exc:
            # this POST changes nothing and may be repeated
            raise ServiceUnavailableError(str(exc), retry_after=exc.retry_after) from exc


def request_bodies(question: GatingQuestion) -> list[dict[str, Any]]:
    """Return the bodies of the requests for a question, in batches as Bodhi sends them."""
    common: dict[str, Any] = {
        "product_version": question.product_version,
        "decision_context": list(question.contexts),
    }
    if not question.builds:
        subject = {
            "subject_type": question.subject_type,
            "subject_identifier": question.subject,
        }
        return [common | subject]
    subjects = [{"item": item, "type": kind} for kind, item in question.subjects]
    return [
        common | {"subject": subjects[start : start + SUBJECTS_AT_ONCE]}
        for start in range(0, len(subjects), SUBJECTS_AT_ONCE)
    ]


def read_decision(reply: Reply) -> Decision:
    """Return the decision in an answer.

    Raises:
        RequestRefusedError: the answer is not a success.
        AmbiguousWriteError: the answer has no decision, for example a proxy's page.
    """
    return _as_decision(reply.decode(_Decision))


def _message(reply: Reply) -> str:
    """Return Greenwave's error message; empty: the answer is not Greenwave's."""
    try:
        return first_line(str(msgspec.json.decode(reply.content, type=dict[str, Any])["message"]))
    except (*UNREADABLE, KeyError):
        return ""


def _as_decision(answer: _Decision) -> Decision:
    return Decision(
        satisfied=answer.policies_satisfied,
        summary=first_line(answer.summary),
        requirements=(
            *(_as_requirement(one, _unsatisfied(one)) for one in answer.unsatisfied_requirements),
            *(_as_requirement(one, _satisfied(one)) for one in answer.satisfied_requirements),
        ),
        policies=tuple(answer.applicable_policies),
        ref_urls=tuple((result.id, result.ref_url or "") for result in answer.results),
    )


def _as_requirement(one: _Requirement, state: RequirementState) -> Requirement:
    return Requirement(
        state=state,
        type=one.type,
        testcase=one.testcase or "",
        scenario=one.scenario,
        result_id=one.result_id,
        waiver_id=one.waiver_id,
        subject_type=one.subject_type or "",
        subject=one.subject_identifier or "",
    )


def _satisfied(one: _Requirement) -> RequirementState:
    # other types: the package is excluded, or its gating.yaml was read
    waived = one.type.endswith(WAIVED)
    return RequirementState.WAIVED if waived else RequirementState.PASSED


def _unsatisfied(one: _Requirement) -> RequirementState:
    state = UNSATISFIED.get(one.type, RequirementState.OTHER)
    if state is RequirementState.MISSING and one.result_id is not None:
        # Greenwave calls a result with outcome QUEUED or RUNNING missing
        return RequirementState.RUNNING
    return state
