"""Whether the tests that Greenwave waits for are ever scheduled."""

import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass

from fedora_openqa.model.findings import Finding, FindingKind, distinct
from fedora_openqa.model.gating import GatingRule
from fedora_openqa.model.tables import FlavorTable, FlavorTables
from fedora_openqa.model.templates import JobTemplate, ProductName, Templates
from fedora_openqa.policy.flavors import PREFIX

#: the contexts that Bodhi asks about: with a critical path group, for critical updates
#: where groups are not known, and for all updates
CONTEXT = re.compile(
    r"bodhi_update_push_(testing|stable)((_(?P<group>.+))?(?P<critical>_critpath))?"
)

#: how results of openQA name their scenario; flavors may have dots, arches have none
SCENARIO = re.compile(r"fedora\.(?P<flavor>.+)\.(?P<arch>[^.]+)\.(?P<machine>[^.]+)")

#: what a test case is called when openQA ran it, by what it is about
TESTCASES = {"bodhi_update": "update.", "compose": "compose."}


@dataclass(frozen=True, slots=True)
class Automatic:
    """What is scheduled without anybody asking for it."""

    composes: Collection[ProductName]
    tables: FlavorTables
    #: arches that updates are tested on
    update_arches: Collection[str]


@dataclass(frozen=True, slots=True)
class _Gated:
    """A rule about a test of openQA, with its scenario taken apart."""

    rule: GatingRule
    product: ProductName
    machine: str

    @property
    def template(self) -> JobTemplate:
        test = self.rule.testcase.partition(".")[2]
        return JobTemplate(product=self.product, test=test, machine=self.machine)

    def __str__(self) -> str:
        return f"{self.rule.testcase} in flavor {self.product.flavor} on {self.product.arch}"


def compare_gating(
    rules: Iterable[GatingRule], automatic: Automatic, templates: Templates | None = None
) -> tuple[Finding, ...]:
    """Find the tests that are waited for in vain; rules about tests of others are left out.

    :param templates: what openQA has, if that is to be compared, too
    """
    findings: list[Finding] = []
    for rule in rules:
        if not _is_of_openqa(rule):
            continue
        gated = _read(rule)
        if gated is None:
            about = f"{rule.testcase} in policy {rule.policy}: {rule.scenario or 'any scenario'}"
            findings.append(Finding(FindingKind.UNREADABLE_SCENARIO, about))
            continue
        found = _never_scheduled(gated, automatic)
        findings += found
        if templates and not any(finding.is_problem for finding in found):
            findings += _without_template(gated, templates)
    return distinct(findings)


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


def _never_scheduled(gated: _Gated, automatic: Automatic) -> list[Finding]:
    if gated.rule.subject_type == "compose":
        if gated.product in automatic.composes:
            return []
        return [Finding(FindingKind.GATED_NEVER_SCHEDULED, f"composes: {gated}")]
    table = _table(gated.rule, automatic.tables)
    contexts = (CONTEXT.fullmatch(context) for context in gated.rule.contexts)
    findings = []
    for context in contexts:
        # contexts of others are not for us to judge
        if context is None:
            continue
        group = context["group"]
        flavors = table.all_flavors if group is None else table.groups.get(group, ())
        whose = f"group {group}" if group else "updates"
        if not _is_scheduled(gated.product, flavors, automatic.update_arches):
            findings.append(Finding(FindingKind.GATED_NEVER_SCHEDULED, f"{whose}: {gated}"))
        elif not context["critical"]:
            # Bodhi asks about this context for updates of no critical path group, too
            findings.append(Finding(FindingKind.GATED_FOR_ALL, f"{gated}"))
    return findings


def _table(rule: GatingRule, tables: FlavorTables) -> FlavorTable:
    versions = rule.product_versions
    return tables.eln if versions and all(v.endswith("eln") for v in versions) else tables.fedora


def _is_scheduled(product: ProductName, flavors: Collection[str], arches: Collection[str]) -> bool:
    return product.arch in arches and any(f"{PREFIX}{name}" == product.flavor for name in flavors)


def _without_template(gated: _Gated, templates: Templates) -> list[Finding]:
    # a product without any is a finding of its own
    if gated.product not in templates.scheduling or gated.template in templates.job_templates:
        return []
    return [Finding(FindingKind.GATED_NO_JOB_TEMPLATE, f"{gated} on machine {gated.machine}")]
