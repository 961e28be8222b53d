"""The stored waivers of a WaiverDB; it must not know HTTP."""

import threading
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

Json = dict[str, Any]

#: of waivers with equal values here, only the newest counts
_KEY = (
    "subject_type",
    "subject_identifier",
    "testcase",
    "scenario",
    "username",
    "product_version",
)


@dataclass
class Waivers:
    """The JSON of all waivers of one WaiverDB; from any thread."""

    _rows: list[Json] = field(default_factory=list)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def newest_first(self) -> tuple[Json, ...]:
        """Return all waivers."""
        with self._lock:
            return tuple(reversed(self._rows))

    def in_force(self) -> tuple[Json, ...]:
        """Return the waivers without a newer one for the same, the newest first."""
        return without_obsolete(self.newest_first())

    def add(self, fields: Mapping[str, Any], *, username: str, now: float) -> Json:
        """Store a waiver and return it."""
        moment = datetime.fromtimestamp(now, tz=UTC).replace(tzinfo=None)
        with self._lock:
            added = {
                "id": len(self._rows) + 1,
                **fields,
                "subject": _subject(fields["subject_type"], fields["subject_identifier"]),
                "username": username,
                "proxied_by": None,
                "timestamp": moment.isoformat(),
            }
            self._rows.append(added)
        return added


def without_obsolete(newest_first: Iterable[Json]) -> tuple[Json, ...]:
    """Return the newest waiver of each user, subject, test case, scenario and version."""
    newest: dict[tuple[Any, ...], Json] = {}
    for row in newest_first:
        newest.setdefault(tuple(row[name] for name in _KEY), row)
    return tuple(newest.values())


def _subject(kind: str, identifier: str) -> Json:
    if kind == "compose":
        return {"productmd.compose.id": identifier}
    return {"item": identifier, "type": kind}
