import pytest

from fedora_openqa.model.findings import FindingKind
from fedora_openqa.model.gating import GatingRule, PolicyRules
from fedora_openqa.model.tables import FlavorTable, FlavorTables
from fedora_openqa.model.templates import JobTemplate, ProductName, Templates
from fedora_openqa.policy.gating_coverage import Automatic, compare_gating

CORE = "bodhi_update_push_stable_core_critpath"
AUTOMATIC = Automatic(
    composes={ProductName("Server-raw_xz-raw.xz", "aarch64")},
    tables=FlavorTables(
        fedora=FlavorTable(
            groups={"core": ("server", "kde"), "critical-path-kde": ("kde",)}, packages={}
        ),
        eln=FlavorTable(groups={"core": ("boot",)}, packages={}),
    ),
    update_arches=("x86_64",),
)


def rule(
    testcase: str,
    scenario: str | None,
    *contexts: str,
    subject_type: str = "bodhi_update",
    versions: tuple[str, ...] = ("fedora-43",),
) -> GatingRule:
    return GatingRule("policy", versions, contexts or (CORE,), subject_type, testcase, scenario)


def found(*rules: GatingRule, templates: Templates | None = None) -> list[str]:
    findings = compare_gating(PolicyRules(rules), AUTOMATIC, templates)
    return [str(finding) for finding in findings]


@pytest.mark.parametrize(
    "fine",
    [
        rule("update.cli", "fedora.updates-server.x86_64.64bit"),
        rule("update.cli", "fedora.updates-kde.x86_64.uefi", CORE, CORE.replace("core", "critical-path-kde")),
        rule("update.cli", "fedora.updates-boot.x86_64.64bit", versions=("fedora-eln",)),
        rule("update.cli", "fedora.updates-kde.x86_64.64bit", "bodhi_update_push_testing_critpath"),
        rule("compose.cli", "fedora.Server-raw_xz-raw.xz.aarch64.aarch64", "x", subject_type="compose"),
        # tests, subjects and contexts of others
        rule("fedora-ci.tier0", None),
        rule("compose.cli", "fedora.updates-iot.x86_64.64bit"),
        rule("update.cli", "fedora.updates-iot.x86_64.64bit", subject_type="koji_build"),
        rule("update.cli", "fedora.updates-iot.x86_64.64bit", "bodhi_update_push_elsewhere"),
    ],
)  # fmt: skip
def test_what_is_scheduled_and_what_is_not_ours_is_fine(fine: GatingRule) -> None:
    assert found(fine) == []


@pytest.mark.parametrize(
    ("gated", "text"),
    [
        (
            rule("update.cli", "fedora.updates-iot.x86_64.64bit"),
            "update.cli: updates-iot on x86_64 for core",
        ),
        (
            rule("update.cli", "fedora.updates-server.aarch64.aarch64"),
            "update.cli: updates-server on aarch64 for core",
        ),
        (
            rule("update.cli", "fedora.updates-server.x86_64.64bit", CORE.replace("core", "new")),
            "update.cli: updates-server on x86_64 for new",
        ),
        (
            rule("update.cli", "fedora.server.x86_64.64bit"),
            "update.cli: server on x86_64 for core",
        ),
        (
            rule("update.cli", "fedora.updates-server.x86_64.64bit", versions=("fedora-eln",)),
            "update.cli: updates-server on x86_64 for core",
        ),
        (
            rule("update.cli", "fedora.updates-iot.x86_64.64bit", "bodhi_update_push_stable"),
            "update.cli: updates-iot on x86_64 for all updates",
        ),
        (
            rule("update.cli", "fedora.updates-iot.x86_64.64bit", "bodhi_update_push_stable_critpath"),
            "update.cli: updates-iot on x86_64 for critical updates",
        ),
        (
            rule("compose.cli", "fedora.Server-raw_xz-raw.xz.x86_64.64bit", "x", subject_type="compose"),
            "compose.cli: Server-raw_xz-raw.xz on x86_64 for composes",
        ),
    ],
)  # fmt: skip
def test_what_is_gated_but_never_scheduled_is_a_problem(gated: GatingRule, text: str) -> None:
    assert found(gated) == [f"gated but never scheduled: {text}"]
    (finding,) = compare_gating(PolicyRules((gated,)), AUTOMATIC)
    assert finding.is_problem


def test_testing_and_stable_make_one_finding() -> None:
    contexts = CORE, CORE.replace("stable", "testing")
    assert len(found(rule("update.cli", "fedora.updates-iot.x86_64.64bit", *contexts))) == 1


def test_a_test_case_makes_one_finding_with_all_flavors_arches_and_groups() -> None:
    kde = CORE.replace("core", "critical-path-kde")
    rules = [
        rule("update.cli", f"fedora.updates-{flavor}.{arch}.64bit", CORE, kde)
        for flavor in ("iot", "cloud")
        for arch in ("x86_64", "aarch64")
    ]
    other = rule("update.other", "fedora.updates-iot.x86_64.64bit", CORE)
    server = rule("update.cli", "fedora.updates-server.x86_64.64bit", CORE, kde)
    assert found(*rules, other, server, *rules) == [
        (
            "gated but never scheduled: update.cli:"
            " updates-iot on x86_64, aarch64 for core, critical-path-kde;"
            " updates-cloud on x86_64, aarch64 for core, critical-path-kde;"
            " updates-server on x86_64 for critical-path-kde"
        ),
        "gated but never scheduled: update.other: updates-iot on x86_64 for core",
    ]


def test_what_is_not_compared_is_named() -> None:
    policies = PolicyRules((), left_out=("policy P: RemoteRule: x", "policy Q: no type of subject"))
    findings = compare_gating(policies, AUTOMATIC)
    assert [finding.about for finding in findings] == list(policies.left_out)
    assert not any(finding.is_problem for finding in findings)


def test_a_rule_for_every_update_is_a_notice() -> None:
    gated = rule("update.cli", "fedora.updates-kde.x86_64.64bit", "bodhi_update_push_stable")
    (finding,) = compare_gating(PolicyRules((gated,)), AUTOMATIC)
    assert finding.kind is FindingKind.GATED_FOR_ALL
    assert not finding.is_problem


@pytest.mark.parametrize("scenario", [None, "", "fedora", "fedora.x86_64", "opensuse.a.b.c"])
def test_a_scenario_that_cannot_be_read_is_a_notice(scenario: str | None) -> None:
    (finding,) = compare_gating(PolicyRules((rule("update.cli", scenario),)), AUTOMATIC)
    assert finding.kind is FindingKind.UNREADABLE_SCENARIO
    assert not finding.is_problem
    assert finding.about == f"update.cli in policy policy: {scenario or 'any scenario'}"


def test_a_gated_test_needs_its_job_template() -> None:
    server, kde = ProductName("updates-server", "x86_64"), ProductName("updates-kde", "x86_64")
    templates = Templates(
        products=frozenset({server, kde}),
        job_templates=frozenset({JobTemplate(server, "cli", "64bit")}),
    )
    rules = [
        rule("update.cli", "fedora.updates-server.x86_64.64bit"),
        rule("update.cli", "fedora.updates-server.x86_64.uefi"),
        rule("update.other", "fedora.updates-server.x86_64.64bit"),
        # found without looking at the rule: the product has no templates at all
        rule("update.cli", "fedora.updates-kde.x86_64.64bit"),
    ]
    start = "gated but openQA has no such job template"
    assert found(*rules, templates=templates) == [
        f"{start}: update.cli: updates-server machine uefi on x86_64",
        f"{start}: update.other: updates-server machine 64bit on x86_64",
    ]
