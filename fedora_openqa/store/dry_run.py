"""A store that a dry run may look into: it has no way to write."""

from collections.abc import Collection, Mapping
from pathlib import Path

from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError

from fedora_openqa import ports
from fedora_openqa.model.work import Change, Wanted
from fedora_openqa.store.engine import open_engine
from fedora_openqa.store.subjects import Subjects


class DryRunRegister:
    """`fedora_openqa.ports.Register`: answers as the real one, and forgets what it is told."""

    def __init__(self, register: ports.Register | None) -> None:
        """Look into a store; none: there is none yet."""
        self._register = register

    def digests(self, keys: Collection[str]) -> Mapping[str, str]:
        """Give what the store has."""
        return self._register.digests(keys) if self._register else {}

    def want(self, wanted: Wanted, *, message_id: str | None, now: float) -> Change:  # noqa: ARG002
        """Say what would change."""
        known = self.digests([wanted.key])
        if wanted.key not in known:
            return Change.NEW
        again = wanted.again or known[wanted.key] != wanted.digest
        return Change.AGAIN if again else Change.NOTHING

    def swept(self, *, now: float) -> None:
        """Forget it."""

    def remember(self, wanted: Wanted, *, reason: str, now: float) -> None:
        """Forget it."""

    def park_message(
        self, name: str, content: Mapping[str, str], *, reason: str, now: float
    ) -> None:
        """Forget it."""


def look_into(url: str) -> DryRunRegister:
    """Open a store for a dry run, but make none.

    Raises: as `open_engine`.
    """
    try:
        parsed = make_url(url)
    except ArgumentError:
        # `open_engine` says what is wrong with it
        return DryRunRegister(Subjects(open_engine(url)))
    is_file = parsed.get_backend_name() == "sqlite"
    if is_file and not Path(parsed.database or "").exists():
        return DryRunRegister(None)
    return DryRunRegister(Subjects(open_engine(url)))
