"""The stored results, with their test cases and groups.

Results are only added, never changed or deleted. It must not check its input; `bodies` does.
Everything may be called from any thread.
"""

import threading
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import Enum, auto
from re import Pattern
from typing import TypeAlias


class Field(Enum):
    """The fields of a result beside its data."""

    OUTCOME = auto()
    TESTCASE = auto()
    GROUP = auto()


#: a field, or a key of the data
Name: TypeAlias = Field | str


@dataclass(frozen=True, slots=True)
class Filed:
    """A test case or a group."""

    #: of a group: its uuid
    name: str
    ref_url: str | None = None
    #: of groups only
    description: str | None = None


@dataclass(frozen=True, slots=True)
class Mention:
    """A test case or a group in a request, with its properties."""

    field: Field
    name: str
    #: ``ref_url`` and ``description``; each replaces the stored one
    changes: Mapping[str, str | None]

    @property
    def key(self) -> tuple[Field, str]:
        """Return the key that is unique."""
        return self.field, self.name


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """A result in a request."""

    #: ``"PASSED"``
    outcome: str
    testcase: Mention
    groups: tuple[Mention, ...]
    note: str | None
    ref_url: str | None
    data: Mapping[str, tuple[str, ...]]
    #: UTC without a zone; None: now
    submit_time: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """A stored result."""

    id: int
    outcome: str
    #: ``"compose.install_default_upload"``
    testcase: str
    #: uuids of its groups
    groups: tuple[str, ...]
    note: str | None
    ref_url: str | None
    #: ``{"item": ("FEDORA-2026-1bd5f4a0c2",)}``
    data: Mapping[str, tuple[str, ...]]
    submit_time: datetime

    def values(self, name: Name) -> tuple[str, ...]:
        """Return the values of a field or of a key of the data."""
        match name:
            case Field.OUTCOME:
                return (self.outcome,)
            case Field.TESTCASE:
                return (self.testcase,)
            case Field.GROUP:
                return self.groups
            case str():
                return self.data.get(name, ())


@dataclass(frozen=True, slots=True)
class Condition:
    """A condition of a search: one of these values, or one that matches these patterns."""

    name: Name
    values: frozenset[str]
    patterns: tuple[Pattern[str], ...] = ()

    def passes(self, row: Result) -> bool:
        """Return whether a result meets the condition."""
        return any(
            value in self.values or any(pattern.fullmatch(value) for pattern in self.patterns)
            for value in row.values(self.name)
        )


class Results:
    """The contents of a ResultsDB."""

    def __init__(self) -> None:
        """Start without results."""
        self._lock = threading.Lock()
        self._last_id = 0
        self._rows: dict[int, Result] = {}
        self._index: dict[tuple[Name, str], list[Result]] = {}
        self._filed: dict[tuple[Field, str], Filed] = {}

    def all(self) -> tuple[Result, ...]:
        """Return all results, in the order in which they were stored."""
        with self._lock:
            return tuple(self._rows.values())

    def result(self, number: int) -> Result | None:
        """Return the result with an id; None: there is none."""
        with self._lock:
            return self._rows.get(number)

    def select(self, conditions: Sequence[Condition]) -> list[Result]:
        """Return the results that meet all conditions, the newest first."""
        with self._lock:
            candidates = self._candidates(conditions)
        rows = [row for row in candidates if all(one.passes(row) for one in conditions)]
        return sorted(rows, key=lambda row: (row.submit_time, row.id), reverse=True)

    def filed(self, field: Field, name: str) -> Filed | None:
        """Return a test case or a group; None: there is none."""
        with self._lock:
            return self._filed.get((field, name))

    def all_filed(self, field: Field) -> list[Filed]:
        """Return all test cases or groups, by name."""
        with self._lock:
            found = [filed for (kind, _), filed in self._filed.items() if kind is field]
        return sorted(found, key=lambda filed: filed.name)

    def count(self, field: Field, name: str) -> int:
        """Return the number of results of a test case or a group."""
        with self._lock:
            return len(self._index.get((field, name), ()))

    def mention(self, mention: Mention) -> Filed:
        """Store a test case or a group, or its new properties."""
        with self._lock:
            return self._mention(mention)

    def add(self, report: Report, *, now: datetime) -> Result:
        """Store a result, its test case and its groups."""
        with self._lock:
            for mention in (report.testcase, *report.groups):
                self._mention(mention)
            # PostgreSQL's sequences have gaps: clients must not rely on the next id
            self._last_id += 2 if self._last_id % 5 == 3 else 1  # noqa: PLR2004 - any would do
            row = Result(
                id=self._last_id,
                outcome=report.outcome,
                testcase=report.testcase.name,
                groups=tuple(dict.fromkeys(group.name for group in report.groups)),
                note=report.note,
                ref_url=report.ref_url,
                data=report.data,
                submit_time=report.submit_time or now,
            )
            self._rows[row.id] = row
            for name in (*Field, *row.data):
                for value in row.values(name):
                    self._index.setdefault((name, value), []).append(row)
            return row

    def _mention(self, mention: Mention) -> Filed:
        known = self._filed.get(mention.key, Filed(mention.name))
        filed = Filed(
            mention.name,
            ref_url=mention.changes.get("ref_url", known.ref_url),
            description=mention.changes.get("description", known.description),
        )
        self._filed[mention.key] = filed
        return filed

    def _candidates(self, conditions: Sequence[Condition]) -> Iterable[Result]:
        found = [
            [self._index.get((one.name, value), []) for value in one.values]
            for one in conditions
            if not one.patterns
        ]
        if not found:
            return tuple(self._rows.values())
        fewest = min(found, key=lambda lists: sum(map(len, lists)))
        # a result can have several of the values
        return {row.id: row for rows in fewest for row in rows}.values()
