"""The report as JSON: everything that the text form has, for programs."""

import json
from collections.abc import Iterable

from check_compose.counting import Scenario
from check_compose.facts import ImageKind
from check_compose.report import CheckedTest, GatingReport, Past, Report, SystemReport
from fedora_openqa.model.buckets import Bucket


def render_json(report: Report) -> str:
    """Return a report as JSON."""
    return json.dumps(_report(report), indent=2, ensure_ascii=False) + "\n"


def _report(report: Report) -> dict[str, object]:
    return {
        "subject": report.title,
        "compose": report.compose,
        "location": report.location,
        "previous": report.previous,
        "images": {
            "missing": _images(report.missing_images),
            "added": _images(report.added_images),
            "removed": _images(report.removed_images),
        },
        "gating": _gating(report.gating, report) if report.gating else None,
        "totals": {
            arch: {"all": total} | {str(it): _count(report, it, arch) for it in Bucket}
            for arch, total in report.totals.items()
        },
        "jobs": {"all": report.jobs, "earlier_runs": report.earlier_runs},
        "tests": [_test(test) for test in report.tests],
        "system_changes": [_system(system) for system in report.systems],
        "project_url": report.project_url,
        # a deployment without pages has no such key, nor have its tests
        **({"page_url": report.page_url} if report.page_url else {}),
    }


def _images(images: Iterable[ImageKind] | None) -> list[dict[str, str]] | None:
    if images is None:
        return None
    return [{"subvariant": it.subvariant, "type": it.type, "arch": it.arch} for it in images]


def _gating(gating: GatingReport, report: Report) -> dict[str, object]:
    return {
        "name": gating.name,
        "state": gating.state,
        "summary": gating.summary,
        "unmapped": [
            {"type": it.type, "testcase": it.testcase, "scenario": it.scenario}
            for it in gating.unmapped
        ],
        "tests": [test.id for test in report.tests if test.gating],
    }


def _count(report: Report, outcome: Bucket, arch: str) -> int:
    return sum(test.scenario.arch == arch for test in report.having(outcome))


def _scenario(scenario: Scenario) -> dict[str, str]:
    return {
        "arch": scenario.arch,
        "flavor": scenario.flavor,
        "suite": scenario.suite,
        "machine": scenario.machine,
    }


def _test(test: CheckedTest) -> dict[str, object]:
    return {
        "id": test.id,
        "url": test.url,
        **_scenario(test.scenario),
        "outcome": test.outcome,
        "end": test.end,
        "reason": test.reason,
        "waits_for": test.waits_for,
        "before": test.before,
        "new": test.is_new,
        "new_image": test.is_of_new_image,
        "required": test.required,
        "gating": test.gating,
        **({"past": _past(test.past)} if test.past else {}),
        **({"page_url": test.page_url} if test.page_url else {}),
    }


def _past(past: Past) -> dict[str, object]:
    return {
        "last_runs": past.strip,
        "unchanged_builds": {"failed": past.unchanged_failed, "runs": past.unchanged_of},
        "same_cause": past.same_cause,
    }


def _system(system: SystemReport) -> dict[str, object]:
    return {
        **_scenario(system.scenario),
        "changes": [
            {"text": change.text, "names": list(change.names)} for change in system.changes
        ],
        "previous_url": system.previous_url,
        "current_url": system.current_url,
    }
