from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fedora_openqa.errors import SubjectError
from fedora_openqa.model.gating import (
    KOJI_BUILD,
    Decision,
    GatingRule,
    Requirement,
    RequirementState,
    Waiver,
)
from fedora_openqa.policy.waivers import (
    check_waiver,
    doubt_about,
    for_its_build,
    is_gated,
    reason_not_to_store,
)

UPDATE, SCENARIO = "FEDORA-2026-1bd5f4a0c2", "fedora.updates-server.x86_64.64bit"
WAIVER = Waiver("bodhi_update", UPDATE, "update.podman", "fedora-43", "known flake")
FIELDS = ("subject", "testcase", "scenario", "product_version", "comment")


@pytest.mark.parametrize(
    ("field", "text", "reason"),
    [
        ("scenario", "s" * 255, None),
        ("scenario", "s" * 256, "it has 256 characters, WaiverDB stores 255"),
        ("scenario", "", "WaiverDB takes an empty scenario for all scenarios: leave it out to waive all"),
        ("scenario", " ", "WaiverDB takes an empty scenario for all scenarios: leave it out to waive all"),
        ("product_version", "v" * 200, None),
        ("product_version", "v" * 201, "it has 201 characters, WaiverDB stores 200"),
        ("product_version", "", "it is empty"),
        ("testcase", "t" * 5000, None),
        ("testcase", "a\nb", "it has characters that cannot be printed"),
        ("comment", "a\nb", None),
        ("comment", "a\0b", "it has characters that cannot be printed"),
        ("comment", "a\x1b]52;c;x\x07", "it has characters that cannot be printed"),
        ("comment", "\ud800", "it has characters that cannot be printed"),
        ("comment", "\u202e", "it has characters that cannot be printed"),
        ("comment", "naïve 測試 \U0001f427", None),
    ],
)  # fmt: skip
def test_only_what_waiverdb_stores_as_it_is_meant_is_sent(
    field: str, text: str, reason: str | None
) -> None:
    assert reason_not_to_store(field, text) == reason


@given(st.sampled_from(FIELDS), st.text(st.characters(), max_size=300))
def test_a_waiver_is_checked_in_each_of_its_texts(field: str, text: str) -> None:
    waiver = replace(WAIVER, **{field: text})
    reason = reason_not_to_store(field, text)
    if reason is None:
        check_waiver(waiver)
        # what PostgreSQL and its columns take
        assert "\0" not in text
        text.encode()
        assert len(text) <= {"scenario": 255, "product_version": 200}.get(field, 300)
        return
    with pytest.raises(SubjectError) as failure:
        check_waiver(waiver)
    assert reason in str(failure.value)


def requirement(
    subject: str, state: str = "failed", testcase: str = "update.podman"
) -> Requirement:
    return Requirement(
        RequirementState(state),
        "T",
        testcase,
        SCENARIO,
        subject_type="bodhi_update" if subject == UPDATE else KOJI_BUILD,
        subject=subject,
    )


@pytest.mark.parametrize(
    ("requirements", "subject"),
    [
        ([], UPDATE),
        ([requirement(UPDATE)], UPDATE),
        ([requirement(UPDATE), requirement("a-1-1")], UPDATE),
        ([requirement("a-1-1")], "a-1-1"),
        ([requirement("a-1-1", "passed"), requirement("b-1-1")], "b-1-1"),
        ([requirement("a-1-1", "waived")], "a-1-1"),
        ([requirement("a-1-1", testcase="update.other")], UPDATE),
        # Greenwave names no subject
        ([replace(requirement("a-1-1"), subject="", subject_type="")], UPDATE),
    ],
)
def test_a_waiver_is_for_the_subject_that_has_the_requirement(
    requirements: list[Requirement], subject: str
) -> None:
    decision = Decision(satisfied=False, summary="", requirements=tuple(requirements))
    found = for_its_build(WAIVER, decision)
    kind = WAIVER.subject_type if subject == UPDATE else KOJI_BUILD
    assert found == replace(WAIVER, subject=subject, subject_type=kind)
    of_build = replace(WAIVER, subject="c-1-1", subject_type=KOJI_BUILD)
    assert for_its_build(of_build, decision) == of_build


def test_a_waiver_for_one_of_several_builds_is_not_guessed() -> None:
    both = (requirement("a-1-1"), requirement("b-1-1"))
    with pytest.raises(SubjectError, match="several builds, waive it for one: a-1-1, b-1-1"):
        for_its_build(WAIVER, Decision(satisfied=False, summary="", requirements=both))


@pytest.mark.parametrize(
    ("scenario", "requirements", "doubt"),
    [
        (None, [], None),
        (None, [requirement(UPDATE, testcase="update.other")], None),
        (None, [requirement(UPDATE)], ""),
        (SCENARIO, [requirement(UPDATE)], ""),
        ("x", [requirement(UPDATE)], f"elsewhere only: in {SCENARIO} of {UPDATE}"),
        (None, [requirement("a-1-1")], f"elsewhere only: in {SCENARIO} of a-1-1"),
    ],
)
def test_a_waiver_without_effect_is_doubted(
    scenario: str | None, requirements: list[Requirement], doubt: str | None
) -> None:
    found = doubt_about(replace(WAIVER, scenario=scenario), requirements)
    assert (found == doubt) if not doubt else str(found).endswith(doubt)


@pytest.mark.parametrize(
    ("testcase", "of_rule", "scenario", "gated"),
    [
        ("update.podman", SCENARIO, None, True),
        ("update.podman", SCENARIO, SCENARIO, True),
        ("update.podman", None, SCENARIO, True),
        ("update.podman", "x", SCENARIO, False),
        ("update.other", None, None, False),
    ],
)
def test_a_rule_is_about_a_waiver_in_its_scenario(
    testcase: str, of_rule: str | None, scenario: str | None, *, gated: bool
) -> None:
    rule = GatingRule("P", ("fedora-*",), ("C",), "bodhi_update", testcase, of_rule)
    assert is_gated(replace(WAIVER, scenario=scenario), [rule]) is gated
