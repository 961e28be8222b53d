"""Waives tests for people: completes a waiver, checks that its test is known, stores it once.

Knows ports, never gateways.
"""

import logging
from dataclasses import dataclass, replace

from fedora_openqa import ports
from fedora_openqa.errors import AmbiguousWriteError, FedoraOpenQAError, SubjectError
from fedora_openqa.model.gating import (
    KOJI_BUILD,
    Decision,
    GatingQuestion,
    Waived,
    Waiver,
    WaiverRequest,
)
from fedora_openqa.policy.gating import question_about_update, waivable_subject_of, whole_testcase
from fedora_openqa.policy.waivers import check_waiver, doubt_about, for_its_build, is_gated
from fedora_openqa.workflows.gating import question_about

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Waiving:
    """Completes waivers that people ask for, and stores them."""

    bodhi: ports.Bodhi
    updates: ports.GatedUpdates
    gating: ports.Gating
    policies: ports.GatingPolicies
    testcases: ports.TestCases
    waivers: ports.Waivers

    def plan(self, request: WaiverRequest) -> tuple[Waiver, str]:
        """Return the complete waiver, and a reason to doubt it.

        The waiver is for a build if gating requires the test of the build. The reason is empty
        if gating requires the test, or if ResultsDB or a policy has the test.

        Raises:
            SubjectError: there is no such subject, or WaiverDB could not store the waiver.
            RequestRefusedError, ServiceUnavailableError: a service does not answer.
        """
        question = self._question(request)
        waiver = self._waiver(request, question.product_version)
        try:
            decision = self.gating.decide(question)
        except SubjectError:
            # no policy applies to the subject
            decision = Decision(satisfied=True, summary="", requirements=())
        if request.test in {one.testcase for one in decision.requirements}:
            waiver = replace(waiver, testcase=request.test)
        waiver = for_its_build(waiver, decision)
        doubt = doubt_about(waiver, decision.requirements)
        return waiver, self._doubt_about_unrequired(waiver) if doubt is None else doubt

    def plan_unasked(self, request: WaiverRequest) -> Waiver:
        """Return the complete waiver, without a check that its test is known.

        Raises: as `plan`.
        """
        version = request.product_version or self._question(request).product_version
        return self._waiver(request, version)

    def waive(self, waiver: Waiver) -> Waived:
        """Store a waiver, once.

        Raises:
            ConfigError: there is no usable token.
            SubjectError: WaiverDB could not store it.
            RequestRefusedError, ServiceUnavailableError: nothing was stored.
            AmbiguousWriteError: it may be stored, or WaiverDB may store it later.
        """
        check_waiver(waiver)
        body = self.waivers.body(waiver)
        before = self.waivers.find(waiver)
        try:
            return Waived(waiver, self.waivers.post(waiver), body)
        except AmbiguousWriteError as exc:
            log.warning("%s; asking whether it is stored", exc)
            return Waived(waiver, self._stored_since(before, waiver, exc), body)

    def _question(self, request: WaiverRequest) -> GatingQuestion:
        subject_type, identifier = waivable_subject_of(request.subject)
        if subject_type != KOJI_BUILD:
            return question_about(request.subject, push=None, bodhi=self.bodhi)
        update = self.updates.with_build(identifier)
        if update is None:
            raise SubjectError(f"Bodhi has no update with a build {identifier}")
        return replace(question_about_update(update), builds=(identifier,))

    def _waiver(self, request: WaiverRequest, product_version: str) -> Waiver:
        subject_type, identifier = waivable_subject_of(request.subject)
        waiver = Waiver(
            subject_type=subject_type,
            subject=identifier,
            testcase=whole_testcase(request.test, subject_type),
            product_version=request.product_version or product_version,
            comment=request.comment,
            scenario=request.scenario,
        )
        check_waiver(waiver)
        return waiver

    def _doubt_about_unrequired(self, waiver: Waiver) -> str:
        if waiver.scenario is None and self.testcases.has(waiver.testcase):
            return ""
        if is_gated(waiver, self.policies.load().rules):
            return ""
        where = f" in {waiver.scenario}" if waiver.scenario else ""
        return f"no gating policy and no result in ResultsDB is about {waiver.testcase}{where}"

    def _stored_since(
        self, before: int | None, waiver: Waiver, unanswered: AmbiguousWriteError
    ) -> int:
        try:
            found = self.waivers.find(waiver)
        except FedoraOpenQAError as exc:
            raise AmbiguousWriteError(f"it may be waived: {unanswered}; {exc}") from exc
        if found is None or found == before:
            raise AmbiguousWriteError(
                f"{unanswered}; WaiverDB does not have the waiver now, but may store it yet"
            ) from unanswered
        return found
