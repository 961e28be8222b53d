"""Greenwave's decisions: whether something is let through, and for want of what it is not."""

from typing import Any

import msgspec

from fedora_openqa.config import Http
from fedora_openqa.errors import AmbiguousWriteError, ServiceUnavailableError, SubjectError
from fedora_openqa.gateways.http import repeated
from fedora_openqa.gateways.json_posts import Poster
from fedora_openqa.model.gating import (
    Decision,
    GatingQuestion,
    Requirement,
    RequirementState,
)
from fedora_openqa.texts import first_line

PATH = "api/v1.0/decision"

#: Greenwave's words for what is wanted; others are about no result of a test
UNSATISFIED = {
    "test-result-failed": RequirementState.FAILED,
    "test-result-errored": RequirementState.ERRORED,
    "test-result-missing": RequirementState.MISSING,
}
WAIVED = "-waived"


class _Requirement(msgspec.Struct, frozen=True):
    type: str
    # what is wrong with a gating.yaml names no test
    testcase: str | None = None
    scenario: str | None = None
    result_id: int | None = None
    waiver_id: int | None = None


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


class GreenwaveDecisions:
    """`fedora_openqa.ports.Gating`, over HTTP."""

    def __init__(self, limits: Http, url: str) -> None:
        """Ask the Greenwave at ``url``."""
        self._limits = limits
        self._url = f"{url.rstrip('/')}/{PATH}"
        self._poster = Poster(limits)

    def decide(self, question: GatingQuestion) -> Decision:
        """Ask whether something is let through, and for want of what it is not.

        Raises:
            ConfigError: the URL leads elsewhere.
            SubjectError: no policy is about that.
            RequestRefusedError: Greenwave does not take the question.
            ServiceUnavailableError: no answer, or another one, as often as we tried.
        """
        return repeated(lambda: self._ask(question), limits=self._limits)

    def _ask(self, question: GatingQuestion) -> Decision:
        body = {
            "product_version": question.product_version,
            "decision_context": list(question.contexts),
            "subject_type": question.subject_type,
            "subject_identifier": question.subject,
            # with the results, which say where they lead to
            "verbose": True,
        }
        try:
            reply = self._poster.post(self._url, body)
            if reply.status == 404:  # noqa: PLR2004 - HTTP: not found
                raise SubjectError(f"POST {self._url}: {_message(reply.content)}")
            content = reply.require_success()
        except AmbiguousWriteError as exc:
            # a question changes nothing, however often it is asked
            raise ServiceUnavailableError(str(exc)) from exc
        try:
            return read_decision(content)
        except ServiceUnavailableError as exc:
            raise ServiceUnavailableError(f"POST {self._url}: {exc}") from exc


def read_decision(content: bytes) -> Decision:
    """Read Greenwave's answer.

    Raises:
        ServiceUnavailableError: it is none, for instance a page of a proxy.
    """
    try:
        return _as_decision(msgspec.json.decode(content, type=_Decision))
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as exc:
        reason = first_line(str(exc))
        raise ServiceUnavailableError(f"not an answer of Greenwave: {reason}") from exc


def _message(content: bytes) -> str:
    """Give Greenwave's own words; a server that is no Greenwave has others."""
    try:
        message = msgspec.json.decode(content, type=dict[str, Any])["message"]
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError, KeyError):
        return "not there: is this the URL of Greenwave?"
    return first_line(str(message))


def _as_decision(answer: _Decision) -> Decision:
    # those of two policies that ask for the same test are one
    requirements = dict.fromkeys(
        [_as_requirement(one, _unsatisfied(one)) for one in answer.unsatisfied_requirements]
        + [_as_requirement(one, _satisfied(one)) for one in answer.satisfied_requirements]
    )
    return Decision(
        satisfied=answer.policies_satisfied,
        summary=answer.summary,
        requirements=tuple(requirements),
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
    )


def _satisfied(one: _Requirement) -> RequirementState:
    # passed, excluded, a gating.yaml that was read: nothing more is wanted
    waived = one.type.endswith(WAIVED)
    return RequirementState.WAIVED if waived else RequirementState.PASSED


def _unsatisfied(one: _Requirement) -> RequirementState:
    state = UNSATISFIED.get(one.type, RequirementState.OTHER)
    if state is RequirementState.MISSING and one.result_id is not None:
        # a result with outcome QUEUED or RUNNING is as good as none to Greenwave
        return RequirementState.RUNNING
    return state
