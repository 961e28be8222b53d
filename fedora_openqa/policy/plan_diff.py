"""Compares two plans of the same messages, to show the effect of a change of tables or code."""

from collections.abc import Iterable

from fedora_openqa.model.jobs import Settings
from fedora_openqa.model.recordings import PlanChange, PlannedProduct


def compare_plans(
    old: Iterable[PlannedProduct], new: Iterable[PlannedProduct]
) -> tuple[PlanChange, ...]:
    """Return the products that only one plan has, or that have other settings."""
    before = {(p.subject, p.flavor, p.arch): p.settings for p in old}
    after = {(p.subject, p.flavor, p.arch): p.settings for p in new}
    changes = []
    for subject, flavor, arch in sorted(before | after):
        name = (subject, flavor, arch)
        if name not in before:
            changes.append(PlanChange(subject, flavor, arch, "+"))
        elif name not in after:
            changes.append(PlanChange(subject, flavor, arch, "-"))
        elif differing := _differing(before[name], after[name]):
            changes.append(PlanChange(subject, flavor, arch, "~", differing))
    return tuple(changes)


def _differing(old: Settings, new: Settings) -> tuple[str, ...]:
    return tuple(name for name in sorted({**old, **new}) if old.get(name) != new.get(name))
