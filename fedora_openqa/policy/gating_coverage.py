"""Compares the tests that gating policies require with the tests that are scheduled."""

import re
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass

from fedora_openqa.model.findings import Finding, FindingKind
from fedora_openqa.model.gating import GatingRule, PolicyRules
from fedora_openqa.model.tables import FlavorTable, FlavorTables
from fedora_openqa.model.templates import JobTemplate, ProductName, Templates
from fedora_openqa.policy.flavors import PREFIX

#: decision contexts of Bodhi's questions: with a critical path group, for critical updates
#: without known groups, and for all updates
CONTEXT = re.compile(
    r"bodhi_update_push_(testing|stable)((_(?P<group>.+))?(?P<critical>_critpath))?"
)

#: the scenario in results of openQA; flavors may have dots, arches have none
SCENARIO = re.compile(r"fedora\.(?P<flavor>.+)\.(?P<arch>[^.]+)\.(?P<machine>[^.]+)")

#: Greenwave's subject type to the prefix of openQA's test cases
TESTCASES = {"bodhi_update": "update.", "compose": "compose."}


@dataclass(frozen=True, slots=True)
class Automatic:
    """The products that are scheduled without a person."""

    composes: Collection[ProductName]
    tables: FlavorTables
    #: the arches that updates are tested on
    update_arches: Collection[str]


@dataclass(frozen=True, slots=True)
class _Gap:
    """A required test that is not scheduled in one context."""

    kind: FindingKind
    testcase: str
    #: ``"updates-server"``, ``"updates-server machine uefi"``
    flavor: str
    arch: str
    #: the subjects of the rule: a critical path group, ``"composes"``, ``"all updates"``
    whose: str = ""


@dataclass(frozen=True, slots=True)
class _Gated:
    """A rule about a test of openQA, with its scenario parsed."""

    rule: GatingRule
    product: ProductName
    machine: str

    @property
    def template(self) -> JobTemplate:
        test = self.rule.testcase.partition(".")[2]
        return JobTemplate(product=self.product, test=test, machine=self.machine)

    def gap(self, kind: FindingKind, *, whose: str = "", machine: str = "") -> _Gap:
        flavor = self.product.flavor
        return _Gap(
            kind,
            self.rule.testcase,
            f"{flavor} machine {machine}" if machine else flavor,
            self.product.arch,
            whose,
        )


def compare_gating(
    policies: PolicyRules, automatic: Automatic, templates: Templates | None = None
) -> tuple[Finding, ...]:
    """Find required tests that are never scheduled; one finding for each test case and kind.

    Rules about tests of other systems are left out.

    :param templates: openQA's templates, to compare them, too; None: do not
    """
    gaps: list[_Gap] = []
    unreadable: dict[str, None] = {}
    for rule in policies.rules:
        if not _is_of_openqa(rule):
            continue
        gated = _read(rule)
        if gated is None:
            about = f"{rule.testcase} in policy {rule.policy}: {rule.scenario or 'any scenario'}"
            unreadable[about] = None
            continue
        found = list(_never_scheduled(gated, automatic))
        gaps += found
        if templates and not any(gap.kind is FindingKind.GATED_NEVER_SCHEDULED for gap in found):
            gaps += _without_template(gated, templates)
    return (
        *_grouped(gaps),
        *(Finding(FindingKind.UNREADABLE_SCENARIO, about) for about in unreadable),
        *(Finding(FindingKind.GATING_LEFT_OUT, about) for about in policies.left_out),
    )


def _grouped(gaps: Iterable[_Gap]) -> Iterator[Finding]:
    """Yield one finding for all gaps of a kind that a test case has."""
    by_test: dict[tuple[FindingKind, str], list[_Gap]] = {}
    for gap in gaps:
        by_test.setdefault((gap.kind, gap.testcase), []).append(gap)
    for (kind, testcase), found in by_test.items():
        yield Finding(kind, f"{testcase}: {'; '.join(_places(found))}")


def _places(gaps: Iterable[_Gap]) -> Iterator[str]:
    """Yield a text for each flavor: the arches and the subjects without its test."""
    whose: dict[tuple[str, str], dict[str, None]] = {}
    for gap in gaps:
        whose.setdefault((gap.flavor, gap.arch), {})[gap.whose] = None
    arches: dict[tuple[str, str], list[str]] = {}
    for (flavor, arch), names in whose.items():
        arches.setdefault((flavor, ", ".join(filter(None, names))), []).append(arch)
    for (flavor, subjects), some in arches.items():
        yield f"{flavor} on {', '.join(some)}" + (f" for {subjects}" if subjects else "")


def _is_of_openqa(rule: GatingRule) -> bool:
    prefix = TESTCASES.get(rule.subject_type)
    return prefix is not None and rule.testcase.startswith(prefix)


def _read(rule: GatingRule) -> _Gated | None:
    match = SCENARIO.fullmatch(rule.scenario or "")
    if match is None:
        return None
    return _Gated(
        rule=rule,
        product=ProductName(flavor=match["flavor"], arch=match["arch"]),
        machine=match["machine"],
    )


def _never_scheduled(gated: _Gated, automatic: Automatic) -> Iterator[_Gap]:
    if gated.rule.subject_type == "compose":
        if gated.product not in automatic.composes:
            yield gated.gap(FindingKind.GATED_NEVER_SCHEDULED, whose="composes")
        return
    table = _table(gated.rule, automatic.tables)
    # contexts of other systems are not compared
    for context in filter(None, map(CONTEXT.fullmatch, gated.rule.contexts)):
        group = context["group"]
        flavors = table.all_flavors if group is None else table.groups.get(group, ())
        if not _is_scheduled(gated.product, flavors, automatic.update_arches):
            every = "critical updates" if context["critical"] else "all updates"
            yield gated.gap(FindingKind.GATED_NEVER_SCHEDULED, whose=group or every)
        elif not context["critical"]:
            # Bodhi asks about this context for updates of no critical path group, too
            yield gated.gap(FindingKind.GATED_FOR_ALL)


def _table(rule: GatingRule, tables: FlavorTables) -> FlavorTable:
    versions = rule.product_versions
    return tables.eln if versions and all(v.endswith("eln") for v in versions) else tables.fedora


def _is_scheduled(product: ProductName, flavors: Collection[str], arches: Collection[str]) -> bool:
    return product.arch in arches and any(f"{PREFIX}{name}" == product.flavor for name in flavors)


def _without_template(gated: _Gated, templates: Templates) -> list[_Gap]:
    # a product without any template is another finding
    if gated.product not in templates.scheduling or gated.template in templates.job_templates:
        return []
    return [gated.gap(FindingKind.GATED_NO_JOB_TEMPLATE, machine=gated.machine)]
