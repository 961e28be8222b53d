"""Mails a report on each compose once its tests have ended.

Callback ``consumers.compose_checker:ComposeChecker``; configured by ``[consumer_config]``.
"""

from consumers.reporters import Reporter
from fedora_openqa.config import Config
from fedora_openqa.model.deliveries import Sink


class ComposeChecker(Reporter):
    """Mails a report on each compose; where mail is not switched on, the report is logged."""

    sink = Sink.MAIL

    def stores(self, config: Config) -> bool:  # noqa: ARG002
        """Say that they have: one report a compose is logged, too, and the store remembers it."""
        return True
