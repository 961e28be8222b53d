"""The alert rules and the dashboard in deploy/monitoring."""

import json
import re
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).parent.parent.parent
FOLDER = ROOT / "deploy/monitoring"

METRIC = re.compile(r"\bfedora_openqa_[a-z_]+")


def alerts() -> list[dict[str, Any]]:
    (group,) = yaml.safe_load((FOLDER / "alerts.yml").read_text())["groups"]
    rules: list[dict[str, Any]] = group["rules"]
    return rules


def panels() -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads((FOLDER / "dashboard.json").read_text())["panels"]
    return found


def expressions() -> list[str]:
    return [
        *(alert["expr"] for alert in alerts()),
        *(target["expr"] for panel in panels() for target in panel["targets"]),
    ]
