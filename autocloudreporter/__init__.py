"""The callback of the tool autocloudreporter, for configurations that still have it."""

from collections.abc import Mapping
from typing import Any

from consumers.autocloud_reporter import AutocloudReporter as NewAutocloudReporter


class AutocloudReporter(NewAutocloudReporter):
    """The old name of the Autocloud reporter; it reported without a `do_report`."""

    def settings(self) -> Mapping[str, Any]:
        """Return ``[consumer_config]``, with reports enabled."""
        return {"do_report": True, **super().settings()}
