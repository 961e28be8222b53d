"""What the page of an update says of waivers and of earlier builds."""

from dataclasses import replace

import pytest

from fedora_openqa.model.asked import Asked
from fedora_openqa.model.gating import (
    Decision,
    Gated,
    GatedUpdate,
    GivenWaiver,
    Remedy,
    Requirement,
    RequirementState,
    Standing,
)
from fedora_openqa.model.stories import StoredProduct
from fedora_openqa.policy.gating import question_about_update
from fedora_openqa.policy.verdicts import summarise
from fedora_openqa.views.updates import update_view
from tests.support.packages import CORE_UPDATE
from tests.support.stored_jobs import build_of, product, stored, story

ALIAS = CORE_UPDATE.alias
WAIVED = Requirement(
    RequirementState.WAIVED, "test-result-failed-waived", "update.base_selinux", None, waiver_id=3
)
GATED = Gated(
    question_about_update(CORE_UPDATE),
    Decision(satisfied=True, summary="all waived", requirements=(WAIVED,)),
    (Standing(WAIVED, Remedy.NOTHING),),
)


@pytest.mark.parametrize(("given", "covers"), [(10.0, False), (60.0, True), (90.0, True)])
def test_a_waiver_covers_the_newest_job_if_it_was_given_after_its_end(
    *, given: float, covers: bool
) -> None:
    asked = Asked(GatedUpdate(GATED, {3: GivenWaiver(3, "ada", "flake", given)}), 100.0)
    summary = summarise(build_of(stored(7, outcome="done/failed")), ())
    (one,) = update_view(ALIAS, summary, (), asked).decision.requirements
    assert one.waiver
    assert (one.waiver.by, one.waiver.covers_newest) == ("ada", covers)
    assert one.since == "1970-01-01T00:01:00Z"


def test_a_waiver_of_which_no_job_is_known_covers_nothing_for_sure() -> None:
    asked = Asked(GatedUpdate(GATED, {3: GivenWaiver(3, "ada", "flake", 1.0)}), 100.0)
    (one,) = update_view(ALIAS, summarise(build_of(), ()), (), asked).decision.requirements
    assert one.waiver
    assert one.waiver.covers_newest is None
    unknown = replace(asked, answer=GatedUpdate(GATED, {}))
    (one,) = update_view(ALIAS, summarise(build_of(), ()), (), unknown).decision.requirements
    assert (one.waiver, one.requirement.waiver) == (None, 3)


def test_builds_of_earlier_requests_are_older_builds() -> None:
    def request(number: int, nvr: str) -> StoredProduct:
        return replace(product(number, number=number), settings={"ADVISORY_NVRS_1": nvr})

    products = [request(1, "a-1-1"), request(2, "a-2-1"), request(3, "a-3-1")]
    one = story(*products, number=3, key=f"update:{ALIAS}")
    view = update_view(ALIAS, summarise(build_of(), [one]), [one], Asked(problem="not known"))
    assert view.builds == ("a-3-1",)
    assert [(it.request, it.builds) for it in view.older] == [(2, ("a-2-1",)), (1, ("a-1-1",))]
    assert (view.decision.satisfied, view.decision.problem) == (None, "not known")
