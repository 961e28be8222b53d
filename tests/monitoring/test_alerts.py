"""The alert rules and the dashboard: every metric exists, every alert is explained and tested."""

import re
from typing import Any

import pytest

from tests.support.alerts import FOLDER, METRIC, ROOT, alerts, expressions, panels
from tests.support.deployment import everything


@pytest.fixture(scope="module")
def names(tmp_path_factory: pytest.TempPathFactory) -> set[str]:
    """Return the names of all metrics that a process serves."""
    return {line.split("{")[0].split()[0] for line in everything(tmp_path_factory.mktemp("store"))}


def test_every_metric_that_rules_and_dashboard_name_exists(names: set[str]) -> None:
    named = {name for expression in expressions() for name in METRIC.findall(expression)}
    assert named <= names


def test_the_dashboard_shows_every_metric(names: set[str]) -> None:
    shown = {
        name
        for panel in panels()
        for target in panel["targets"]
        for name in METRIC.findall(target["expr"])
    }
    # of histograms the buckets are shown
    left = {name for name in names if not name.endswith(("_sum", "_count"))}
    assert left <= shown


def test_the_guide_lists_every_metric(names: set[str]) -> None:
    guide = (ROOT / "docs/operating.md").read_text()
    for name in names:
        short = re.sub(r"_(bucket|sum|count)$", "", name.removeprefix("fedora_openqa_"))
        assert re.search(rf"`{short}(`|{{)", guide), name


@pytest.mark.parametrize("alert", alerts(), ids=lambda alert: str(alert["alert"]))
def test_every_alert_is_explained_and_tested(alert: dict[str, Any]) -> None:
    file, _, anchor = alert["annotations"]["runbook"].partition("#")
    headings = re.findall(r"^#+ (.*)$", (ROOT / file).read_text(), flags=re.MULTILINE)
    assert anchor in {heading.lower().replace(" ", "-") for heading in headings}
    assert alert["alert"].lower() == f"fedoraopenqa{anchor}"
    assert f'"{alert["alert"]}"' in (FOLDER / "alerts_test.yml").read_text()
