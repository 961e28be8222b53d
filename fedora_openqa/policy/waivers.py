"""Waivers: whether WaiverDB can store one, and whether it has an effect on gating."""

from collections.abc import Iterable
from dataclasses import replace

from fedora_openqa.errors import SubjectError
from fedora_openqa.model.gating import KOJI_BUILD, Decision, GatingRule, Requirement, Waiver
from fedora_openqa.texts import one_line

#: size of WaiverDB's columns in characters; a longer text is an error 500
MOST = {"scenario": 255, "product_version": 200}

#: a placeholder in commands, which a person replaces
COMMENT = "WHY"


def command_for(subject: str, testcase: str, scenario: str | None) -> tuple[str, ...]:
    """Return the arguments of the command that waives a test; a person says why."""
    where = ("--scenario", scenario) if scenario else ()
    return ("waive", subject, testcase, *where, "--comment", COMMENT)


def reason_not_to_store(field: str, text: str) -> str | None:
    """Return why WaiverDB cannot store a text as it is meant; None: it can.

    :param field: of a `Waiver`: ``"scenario"``
    """
    if not text.strip():
        if field == "scenario":
            return "WaiverDB takes an empty scenario for all scenarios: leave it out to waive all"
        return "it is empty"
    if len(text) > MOST.get(field, len(text)):
        return f"it has {len(text)} characters, WaiverDB stores {MOST[field]}"
    # a comment may have several lines
    shown = text.replace("\n", " ") if field == "comment" else text
    if one_line(shown) != shown:
        return "it has characters that cannot be printed"
    return None


def check_waiver(waiver: Waiver) -> None:
    """Check that WaiverDB can store a waiver as it is meant.

    Raises:
        SubjectError: it cannot, with the name of the field.
    """
    for field in ("subject", "testcase", "scenario", "product_version", "comment"):
        text = getattr(waiver, field)
        if text is not None and (reason := reason_not_to_store(field, text)):
            raise SubjectError(f"cannot waive: {field.replace('_', ' ')}: {reason}")


def for_its_build(waiver: Waiver, decision: Decision) -> Waiver:
    """Return the waiver for the build that has the requirement; else the waiver itself.

    Greenwave does not apply a waiver for an update to the requirements of its builds.

    Raises:
        SubjectError: several builds have such a requirement.
    """
    if waiver.subject_type == KOJI_BUILD:
        return waiver
    # satisfied requirements are considered only if no unsatisfied one fits
    for requirements in (decision.unsatisfied, decision.requirements):
        about = [one for one in requirements if _fits(waiver, one)]
        if any(_is_of_subject(waiver, one) for one in about):
            return waiver
        builds = tuple(
            dict.fromkeys(one.subject for one in about if one.subject_type == KOJI_BUILD)
        )
        if len(builds) > 1:
            raise SubjectError(
                f"{waiver.testcase} is required of several builds, waive it for one:"
                f" {', '.join(builds)}"
            )
        if builds:
            return replace(waiver, subject_type=KOJI_BUILD, subject=builds[0])
    return waiver


def doubt_about(waiver: Waiver, requirements: Iterable[Requirement]) -> str | None:
    """Return why a waiver has no effect on these requirements.

    Empty: it has an effect. None: no requirement is about its test case.
    """
    about = [one for one in requirements if one.testcase == waiver.testcase]
    if any(_fits(waiver, one) and _is_of_subject(waiver, one) for one in about):
        return ""
    if not about:
        return None
    others = sorted({f"{one.scenario or 'any scenario'} of {one.subject}" for one in about})
    return f"gating requires {waiver.testcase} elsewhere only: in {', in '.join(others)}"


def is_gated(waiver: Waiver, rules: Iterable[GatingRule]) -> bool:
    """Return whether a rule of a policy requires the test case in the waiver's scenario."""
    return any(
        rule.testcase == waiver.testcase
        and (waiver.scenario is None or rule.scenario in {None, waiver.scenario})
        for rule in rules
    )


def _fits(waiver: Waiver, one: Requirement) -> bool:
    return one.testcase == waiver.testcase and waiver.scenario in {None, one.scenario}


def _is_of_subject(waiver: Waiver, one: Requirement) -> bool:
    # without a subject Greenwave means the one that it was asked about
    return one.subject in {"", waiver.subject}
