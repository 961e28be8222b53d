"""The workflow that waives, on fakes of all that it asks."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

import pytest

from fedora_openqa.errors import (
    AmbiguousWriteError,
    ConfigError,
    FedoraOpenQAError,
    RequestRefusedError,
    ServiceUnavailableError,
    SubjectError,
)
from fedora_openqa.gateways.waiverdb import DryRunWaivers
from fedora_openqa.model.gating import (
    KOJI_BUILD,
    Decision,
    GatingQuestion,
    GatingRule,
    PolicyRules,
    Requirement,
    RequirementState,
    Waiver,
    WaiverRequest,
)
from fedora_openqa.model.subjects import Update
from fedora_openqa.ports import Waivers
from fedora_openqa.workflows.waive import Waiving
from tests.support.fakes import FakeBodhi
from tests.support.gating import FakeGating, FakeUpdates
from tests.support.packages import CORE_UPDATE

ALIAS = CORE_UPDATE.alias
KERNEL, HEADERS = CORE_UPDATE.nvrs
COMPOSE = "Fedora-Rawhide-20261120.n.0"
SCENARIO = "fedora.updates-server.x86_64.64bit"
TIER0 = "fedora-ci.koji-build.tier0.functional"
AWAY = ServiceUnavailableError("GET /: 502")
LOST = AmbiguousWriteError("POST /waivers/: no answer in time")
WAIVER = Waiver("bodhi_update", ALIAS, "update.podman", "fedora-43", "known flake")
REQUEST = WaiverRequest(subject=ALIAS, test="podman", comment="known flake")


class FakeWaivers:
    """Stores waivers, and may answer badly after or before."""

    def __init__(
        self, *, before: FedoraOpenQAError | None = None, after: FedoraOpenQAError | None = None
    ) -> None:
        self.before = before
        self.after = after
        self.stored: list[Waiver] = []
        self.posts = 0
        self.finds = 0

    def post(self, waiver: Waiver) -> int:
        self.posts += 1
        if self.before:
            raise self.before
        self.stored.append(waiver)
        if self.after:
            raise self.after
        return len(self.stored)

    def body(self, waiver: Waiver) -> Mapping[str, object]:
        return {"testcase": waiver.testcase}

    def find(self, waiver: Waiver) -> int | None:
        self.finds += 1
        same = [number for number, one in enumerate(self.stored, 1) if one == waiver]
        return max(same, default=None)


@dataclass
class FakePolicies:
    rules: tuple[GatingRule, ...] = ()

    def load(self) -> PolicyRules:
        return PolicyRules(self.rules)


@dataclass
class FakeTestCases:
    known: tuple[str, ...] = ()
    asked: list[str] = field(default_factory=list)

    def has(self, testcase: str) -> bool:
        self.asked.append(testcase)
        return testcase in self.known


def required(
    testcase: str, *, of: str = "", scenario: str | None = None, kind: str = KOJI_BUILD
) -> Requirement:
    return Requirement(
        RequirementState.FAILED,
        "test-result-failed",
        testcase,
        scenario,
        subject_type=kind if of else "",
        subject=of,
    )


PODMAN = required("update.podman", of=ALIAS, scenario=SCENARIO, kind="bodhi_update")


def waiving(
    *requirements: Requirement,
    waivers: Waivers | None = None,
    update: Update | FedoraOpenQAError = CORE_UPDATE,
    decision: FedoraOpenQAError | None = None,
    policies: Iterable[GatingRule] = (),
    testcases: tuple[str, ...] = (),
) -> Waiving:
    def decide(_question: GatingQuestion) -> Decision | FedoraOpenQAError:
        return decision or Decision(satisfied=False, summary="S", requirements=requirements)

    return Waiving(
        bodhi=FakeBodhi(update),
        updates=FakeUpdates([update] if isinstance(update, Update) else []),
        gating=FakeGating(decide),
        policies=FakePolicies(tuple(policies)),
        testcases=FakeTestCases(testcases),
        waivers=waivers or FakeWaivers(),
    )


def test_a_waiver_is_completed_from_the_update() -> None:
    assert waiving(PODMAN).plan(REQUEST) == (WAIVER, "")


def test_the_product_version_is_the_long_name_of_the_release() -> None:
    update = replace(CORE_UPDATE, long_name="Fedora 43 Flatpaks")
    waiver, _ = waiving(PODMAN, update=update).plan(REQUEST)
    assert waiver.product_version == "fedora-43-flatpaks"


def test_what_a_person_says_is_taken_as_it_is() -> None:
    request = WaiverRequest(
        subject=f"https://bodhi.example/updates/{ALIAS}",
        test=TIER0,
        comment="x",
        scenario="a.b",
        product_version="fedora-44",
    )
    # nobody is asked for anything
    planned = waiving(update=AWAY, decision=AWAY).plan_unasked(request)
    assert (planned.subject, planned.testcase) == (ALIAS, TIER0)
    assert (planned.product_version, planned.scenario) == ("fedora-44", "a.b")


def test_a_test_of_a_compose_is_waived_without_bodhi() -> None:
    request = WaiverRequest(subject=COMPOSE, test="podman", comment="x")
    one = required("compose.podman", of=COMPOSE, kind="compose")
    planned, doubt = waiving(one, update=AWAY).plan(request)
    assert (planned.testcase, doubt) == ("compose.podman", "")
    assert (planned.subject_type, planned.product_version) == ("compose", "fedora-rawhide")


@pytest.mark.parametrize("subject", [ALIAS, KERNEL])
def test_a_requirement_of_a_build_is_waived_for_the_build(subject: str) -> None:
    request = WaiverRequest(subject=subject, test=TIER0, comment="x")
    planned, doubt = waiving(PODMAN, required(TIER0, of=KERNEL)).plan(request)
    assert (planned.subject_type, planned.subject, doubt) == (KOJI_BUILD, KERNEL, "")
    assert planned.product_version == "fedora-43"


def test_of_several_builds_one_has_to_be_named() -> None:
    world = waiving(required(TIER0, of=KERNEL), required(TIER0, of=HEADERS))
    request = WaiverRequest(subject=ALIAS, test=TIER0, comment="x")
    with pytest.raises(SubjectError, match=f"several builds.*{KERNEL}, {HEADERS}"):
        world.plan(request)
    planned, doubt = world.plan(replace(request, subject=HEADERS))
    assert (planned.subject, doubt) == (HEADERS, "")


def test_the_one_build_whose_requirement_is_not_satisfied_is_meant() -> None:
    passed = replace(required(TIER0, of=KERNEL), state=RequirementState.PASSED)
    request = WaiverRequest(subject=ALIAS, test=TIER0, comment="x")
    planned, _ = waiving(passed, required(TIER0, of=HEADERS)).plan(request)
    assert planned.subject == HEADERS
    planned, _ = waiving(passed).plan(request)
    assert planned.subject == KERNEL
    # a person who names a build means it
    named = replace(request, subject=KERNEL)
    planned, _ = waiving(passed, required(TIER0, of=HEADERS)).plan(named)
    assert planned.subject == KERNEL


def test_a_required_test_case_without_a_dot_is_taken_as_it_is() -> None:
    one = required("rpminspect", of=ALIAS, kind="bodhi_update")
    request = WaiverRequest(subject=ALIAS, test="rpminspect", comment="x")
    planned, doubt = waiving(one).plan(request)
    assert (planned.testcase, doubt) == ("rpminspect", "")


def test_a_build_that_no_update_has_cannot_be_waived() -> None:
    request = WaiverRequest(subject="bash-5.3-1.fc43", test=TIER0, comment="x")
    with pytest.raises(SubjectError, match=r"no update with a build bash-5\.3-1\.fc43"):
        waiving().plan(request)


@pytest.mark.parametrize(
    ("changes", "doubt"),
    [
        (
            {"test": "podmann"},
            "no gating policy and no result in ResultsDB is about update.podmann",
        ),
        (
            {"test": "other", "scenario": "a.b"},
            "no gating policy and no result in ResultsDB is about update.other in a.b",
        ),
        (
            {"scenario": "a.b"},
            f"gating requires update.podman elsewhere only: in {SCENARIO} of {ALIAS}",
        ),
        (
            {"subject": KERNEL, "test": "update.podman"},
            f"gating requires update.podman elsewhere only: in {SCENARIO} of {ALIAS}",
        ),
    ],
)
def test_a_test_that_does_not_exist_is_doubted(changes: dict[str, str], doubt: str) -> None:
    request = replace(REQUEST, **changes)
    assert waiving(PODMAN, testcases=("update.other",)).plan(request)[1] == doubt


RULE = GatingRule("P", ("fedora-*",), ("C",), "bodhi_update", "update.other", "a.b")


def test_a_test_that_is_not_required_may_have_results_or_be_in_a_policy() -> None:
    other = replace(REQUEST, test="other")
    assert waiving(PODMAN, testcases=("update.other",)).plan(other)[1] == ""
    assert waiving(PODMAN, policies=[RULE]).plan(other)[1] == ""
    assert waiving(PODMAN, policies=[RULE]).plan(replace(other, scenario="a.b"))[1] == ""
    assert waiving(PODMAN, policies=[RULE]).plan(replace(other, scenario="c.d"))[1]
    nothing = SubjectError("Found no applicable policies")
    assert waiving(decision=nothing, testcases=("update.other",)).plan(other)[1] == ""


def test_not_being_told_whether_a_test_exists_is_no_answer() -> None:
    with pytest.raises(ServiceUnavailableError):
        waiving(decision=AWAY).plan(REQUEST)


LONG = "x" * 300


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"scenario": ""}, "scenario: WaiverDB takes an empty scenario for all"),
        ({"scenario": LONG}, "scenario: it has 300 characters, WaiverDB stores 255"),
        ({"product_version": LONG}, "product version: it has 300 characters, WaiverDB stores 200"),
        ({"product_version": "fedora\0"}, "product version: .*cannot be printed"),
        ({"test": "a.\x1b[2J"}, "testcase: .*cannot be printed"),
        ({"comment": "half \ud800"}, "comment: .*cannot be printed"),
        ({"comment": "\n"}, "comment: it is empty"),
    ],
)
def test_what_waiverdb_cannot_store_is_not_sent(changes: dict[str, str], reason: str) -> None:
    waivers = FakeWaivers()
    world = waiving(PODMAN, waivers=waivers)
    request = replace(REQUEST, **changes)
    for plan in (world.plan, world.plan_unasked):
        with pytest.raises(SubjectError, match=reason):
            plan(request)
    test = changes.get("test")
    changes = {name: text for name, text in changes.items() if name != "test"}
    with pytest.raises(SubjectError, match=reason):
        world.waive(replace(WAIVER, **changes, **({"testcase": test} if test else {})))
    assert waivers.posts == 0


def test_the_longest_texts_that_fit_and_comments_of_several_lines_are_sent() -> None:
    waiver = replace(
        WAIVER, scenario="s" * 255, product_version="v" * 200, comment="a\nb", testcase="t" * 999
    )
    assert waiving().waive(waiver).id == 1


def test_a_waiver_that_was_stored_without_an_answer_is_found() -> None:
    waivers = FakeWaivers(after=LOST)
    assert waiving(waivers=waivers).waive(WAIVER).id == 1
    assert waivers.posts == 1


def test_a_waiver_that_was_there_before_is_not_taken_for_ours() -> None:
    waivers = FakeWaivers(before=LOST)
    waivers.stored.append(WAIVER)
    with pytest.raises(AmbiguousWriteError, match="does not have the waiver now"):
        waiving(waivers=waivers).waive(WAIVER)
    again = FakeWaivers(after=LOST)
    again.stored.append(WAIVER)
    assert waiving(waivers=again).waive(WAIVER).id == 2


def test_a_waiver_that_is_not_there_may_still_come() -> None:
    waivers = FakeWaivers(before=LOST)
    with pytest.raises(AmbiguousWriteError, match="does not have the waiver now"):
        waiving(waivers=waivers).waive(WAIVER)
    assert waivers.posts == 1


def test_when_waiverdb_does_not_say_whether_it_is_stored_it_may_be() -> None:
    class Silent(FakeWaivers):
        def find(self, waiver: Waiver) -> int | None:
            if self.posts:
                raise AWAY
            return super().find(waiver)

    with pytest.raises(AmbiguousWriteError, match=r"may be waived: .*no answer in time; .*502"):
        waiving(waivers=Silent(after=LOST)).waive(WAIVER)


@pytest.mark.parametrize("error", [ConfigError("token"), RequestRefusedError("403"), AWAY])
def test_a_refused_waiver_is_not_looked_for(error: FedoraOpenQAError) -> None:
    waivers = FakeWaivers(before=error)
    with pytest.raises(type(error)):
        waiving(waivers=waivers).waive(WAIVER)
    assert (waivers.posts, waivers.finds) == (1, 1)


def test_a_dry_run_stores_no_waiver_and_says_what_would_be_sent() -> None:
    waivers = FakeWaivers()
    waived = waiving(waivers=DryRunWaivers(waivers)).waive(WAIVER)
    assert (waived.id, waived.body) == (0, {"testcase": "update.podman"})
    assert waivers.posts == 0
