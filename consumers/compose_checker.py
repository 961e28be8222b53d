"""Mails a check report on each compose once its tests have ended.

Callback ``consumers.compose_checker:ComposeChecker``; configured by ``[consumer_config]``.
"""

from consumers.reporters import Reporter
from fedora_openqa.config import Config
from fedora_openqa.model.deliveries import Sink


class ComposeChecker(Reporter):
    """Mails a check report on each compose; where mail is disabled, logs it."""

    sink = Sink.MAIL

    def stores(self, config: Config) -> bool:  # noqa: ARG002
        """Return True: reports are logged once per compose, too, so the store must know them."""
        return True
