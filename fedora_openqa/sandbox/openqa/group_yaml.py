"""Job templates in openQA's YAML, one text for each job group.

Like openQA's for groups that were loaded from JSON, with the defaults taken out
(`JobGroups::to_template` in openQA 4.6).
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any

import yaml

from fedora_openqa.sandbox.openqa.templates import JobTemplate, Templates

Json = dict[str, Any]

#: defaults of a new group
DEFAULT_PRIORITY = 50


def group_texts(templates: Templates, groups: Iterable[str]) -> dict[str, str]:
    """Return the text of each group, also of those without templates."""
    numbers = {suite.name: number for number, suite in enumerate(templates.suites)}
    texts = {}
    for group in groups:
        rows = [row for row in templates.job_templates if row.group == group]
        rows.sort(key=lambda row: numbers[row.suite.name])
        texts[group] = as_yaml(_group(rows))
    return texts


def as_yaml(content: Json | dict[str, str]) -> str:
    """Return YAML."""
    text: str = yaml.safe_dump(content, allow_unicode=True)
    return text


def _group(rows: Sequence[JobTemplate]) -> Json:
    group: Json = {"products": {}, "scenarios": {}}
    for row in rows:
        group["products"][row.product.label] = {
            "distri": row.product.distri,
            "flavor": row.product.flavor,
            "version": row.product.version,
        }
    for arch in sorted({row.product.arch for row in rows}):
        of_arch = [row for row in rows if row.product.arch == arch]
        machine = _usual_machine(of_arch)
        defaults = group.setdefault("defaults", {})
        defaults[arch] = {"machine": machine, "priority": DEFAULT_PRIORITY}
        group["scenarios"][arch] = _scenarios(of_arch, usual_machine=machine)
    return group


def _usual_machine(rows: Iterable[JobTemplate]) -> str:
    machines = Counter(row.machine.name for row in rows)
    return max(machines, key=lambda name: (machines[name], name))


def _scenarios(rows: Sequence[JobTemplate], *, usual_machine: str) -> Json:
    times = Counter(row.suite.name for row in rows)
    scenarios: dict[str, list[str | Json]] = {}
    for row in rows:
        attributes: Json = {}
        if row.machine.name != usual_machine or times[row.suite.name] > 1:
            attributes["machine"] = row.machine.name
        if row.priority and row.priority != DEFAULT_PRIORITY:
            attributes["priority"] = row.priority
        if row.settings:
            attributes["settings"] = dict(row.settings)
        test = {row.suite.name: attributes} if attributes else row.suite.name
        scenarios.setdefault(row.product.label, []).append(test)
    return scenarios
