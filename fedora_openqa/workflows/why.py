"""Asks why an update is not tested: what the rules say of it as Bodhi has it now.

Knows ports, never gateways.
"""

from dataclasses import dataclass

from fedora_openqa import ports
from fedora_openqa.model.events import UpdateReady
from fedora_openqa.model.tables import FlavorTable
from fedora_openqa.model.work import Ignored
from fedora_openqa.policy.wanted import subject_wanted


@dataclass(frozen=True, slots=True)
class UpdateRule:
    """Applies the rules for messages about updates."""

    bodhi: ports.Bodhi
    #: the flavors that test updates of Fedora
    table: FlavorTable

    def reason(self, alias: str) -> str:
        """Return why a message about an update asks for no tests; empty: it does.

        Raises:
            SubjectError: there is no such update.
            RequestRefusedError, ServiceUnavailableError: Bodhi does not answer.
        """
        event = UpdateReady(self.bodhi.load(alias), again=False)
        wanted = subject_wanted(event, self.table)
        return wanted.reason if isinstance(wanted, Ignored) else ""
