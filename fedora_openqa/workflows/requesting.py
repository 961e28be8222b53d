"""Finds the subject that a person asks to test, as a message about it would name it.

Knows ports, never gateways.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace

from fedora_openqa import ports
from fedora_openqa.errors import NotFoundError
from fedora_openqa.model.composes import ComposeName
from fedora_openqa.model.events import ComposeFinished, SubjectEvent, UpdateReady
from fedora_openqa.model.subjects import Kind
from fedora_openqa.model.tables import FlavorTable
from fedora_openqa.model.work import Ignored, Wanted
from fedora_openqa.policy.subject_names import parse_name
from fedora_openqa.policy.wanted import subject_wanted


@dataclass(frozen=True, slots=True)
class Requesting:
    """Composes and updates that people ask for."""

    inbox: ports.Inbox
    bodhi: ports.Bodhi
    #: returns the URL of the folder of a compose, by its id; empty: Fedora keeps it nowhere
    location_of: Callable[[str], str]
    #: returns the compose whose folder a URL names; None: none; raises `SubjectError`
    name_in: Callable[[str], ComposeName | None]
    #: the flavors that test updates
    table: FlavorTable

    def wanted(self, subject: str, *, again: bool) -> Wanted | Ignored:
        """Return the subject that should be scheduled, or why none should.

        :param subject: the id or URL of a compose or an update
        :param again: also if it was scheduled before

        Raises:
            NotFoundError: it is neither, or does not exist.
            SubjectError: its URL is none of ours.
            RequestRefusedError, ServiceUnavailableError: Bodhi does not answer.
        """
        wanted = subject_wanted(self._event(subject, again=again), self.table)
        if isinstance(wanted, Wanted) and again:
            return replace(wanted, again=True)
        return wanted

    def _event(self, subject: str, *, again: bool) -> SubjectEvent:
        name = parse_name(subject)
        if name.kind is Kind.UPDATE:
            return UpdateReady(self.bodhi.load(name.bare), again=again)
        if name.kind is not Kind.COMPOSE:
            raise NotFoundError(f"{subject!r} is neither a compose nor an update")
        location = subject if "://" in subject else self.location_of(name.bare)
        compose = self.name_in(location) if location else None
        if compose is None:
            raise NotFoundError(f"{name.bare}: Fedora keeps no such compose")
        return ComposeFinished(compose, location, label=None)
