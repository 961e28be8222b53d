"""The filters of `GET jobs` and `GET jobs/overview` of openQA 4.6.

It must not write anything. As in openQA, unknown filters are ignored:
`hdd_2=…` and `page=…` match everything.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from multidict import MultiMapping

from fedora_openqa.sandbox.openqa.database import Database, Row
from fedora_openqa.sandbox.openqa.states import OBSOLETED, PENDING_STATES

SCENARIO = ("DISTRI", "VERSION", "BUILD", "TEST", "FLAVOR", "ARCH", "MACHINE")
_NUMBER = re.compile(r"-?[0-9]+")
_COLUMNS = ("distri", "version", "flavor", "arch", "test", "machine", "build")
_SETTINGS = ("ISO", "HDD_1", "WORKER_CLASS")


class InvalidParameterError(Exception):
    """A parameter that openQA refuses with 400; the text is its `error`."""


class UnreadableValueError(Exception):
    """A value that openQA's database refuses: openQA answers 500 in HTML."""


@dataclass(frozen=True)
class Page:
    """A part of a list."""

    rows: tuple[Row, ...]
    limit: int
    offset: int
    has_more: bool
    #: with `latest`, openQA does not split the list
    is_paged: bool


@dataclass
class _Where:
    conditions: list[str] = field(default_factory=list)
    values: list[object] = field(default_factory=list)

    def add(self, condition: str, *values: object) -> None:
        self.conditions.append(condition)
        self.values += values

    def add_in(self, column: str, values: Sequence[object]) -> None:
        self.add(f"{column} IN ({','.join('?' * len(values))})", *values)

    @property
    def text(self) -> str:
        return " AND ".join(self.conditions) or "1"


def list_jobs(
    database: Database, query: MultiMapping[str], *, default_limit: int, max_limit: int
) -> Page:
    """Return the newest jobs that match, within the limits.

    Raises:
        InvalidParameterError: a number or scope that openQA refuses.
        UnreadableValueError: an id that is not a number.
    """
    # openQA checks for a limit of 0 first
    limit = min(max_limit, _number(query, "limit", default=default_limit, lenient=True))
    if not limit:
        raise InvalidParameterError("Limit exceeds maximum")
    _check(query)
    offset = _number(query, "offset", default=0)
    if offset < 0:
        raise UnreadableValueError(str(offset))
    where = _filters(query)
    if "latest" in query:
        rows = database.rows(_select(where, limit + 1, offset), where.values)
        return Page(_newest_of_scenarios(rows), limit, offset, has_more=False, is_paged=False)
    rows = database.rows(_select(where, limit + 1, offset), where.values)
    has_more = len(rows) > limit
    return Page(tuple(rows[:limit]), limit, offset, has_more=has_more, is_paged=True)


def overview(database: Database, query: MultiMapping[str]) -> tuple[Row, ...]:
    """Return the newest job of each scenario of a build, newest first.

    openQA looks at neither `arch` nor `machine` here.
    """
    where = _Where()
    where.add("clone_id IS NULL")
    for name in ("distri", "version", "flavor", "test"):
        if values := [value for value in query.getall(name, []) if value]:
            where.add_in(name, values)
    groups = _groups(database, query)
    if groups:
        where.add_in("group_id", groups)
    limit = _last(query, "limit")
    builds = [value for value in query.getall("build", []) if value]
    if not builds and not limit:
        builds = _latest_builds(database, where, groups)
    if builds:
        where.add_in("BUILD", builds)
    size = int(limit) if limit and limit.isdecimal() else 0
    rows = _newest_of_scenarios(database.rows(_select(where, size or -1, 0), where.values))
    states, results = _split(query, "state"), _split(query, "result")
    return tuple(
        row
        for row in rows
        if (not states or row["state"] in states) and (not results or row["result"] in results)
    )


def _select(where: _Where, limit: int, offset: int) -> str:
    return f"SELECT * FROM job WHERE {where.text} ORDER BY id DESC LIMIT {limit} OFFSET {offset}"  # noqa: S608 - values are passed apart


def _filters(query: MultiMapping[str]) -> _Where:
    where = _Where()
    _add_modules(where, query)
    for name in ("state", "result"):
        if values := _split(query, name):
            where.add_in(name, values)
    _add_scope(where, _last(query, "scope"))
    for name, sign in (("before", "<"), ("after", ">")):
        if value := _last(query, name):
            where.add(f"id {sign} ?", _integer(value))
    _add_group(where, query)
    if "ids" in query:
        where.add_in("id", [_integer(value) for value in _split(query, "ids") or [""]])
    else:
        _add_settings(where, query)
    return where


def _add_scope(where: _Where, scope: str | None) -> None:
    if scope == "current":
        where.add("clone_id IS NULL")
    elif scope == "relevant":
        marks = ",".join("?" * len(PENDING_STATES))
        pending = f"SELECT id FROM job WHERE state IN ({marks})"  # noqa: S608 - only marks
        where.add(f"(clone_id IS NULL OR clone_id IN ({pending}))", *PENDING_STATES)
        where.add("result != ?", OBSOLETED)


def _add_group(where: _Where, query: MultiMapping[str]) -> None:
    number, name = _last(query, "groupid"), _last(query, "group")
    if number is not None:
        where.add("group_id IS ?", (_integer(number) or None) if number else None)
    elif name and name != "0":
        where.add("group_id IN (SELECT id FROM job_group WHERE name = ?)", name)


def _add_modules(where: _Where, query: MultiMapping[str]) -> None:
    # name and result must be those of one module
    module = _Where()
    for column, name in (("name", "modules"), ("result", "modules_result")):
        if _last(query, name):
            module.add_in(column, _split(query, name))
    if module.conditions:
        statement = f"SELECT job_id FROM module WHERE {module.text}"  # noqa: S608 - only question marks are put in
        where.add(f"id IN ({statement})", *module.values)


def _add_settings(where: _Where, query: MultiMapping[str]) -> None:
    wanted = [(key, value) for key in _SETTINGS if (value := _last(query, key.lower()))]
    if len(wanted) == 1:
        where.add("id IN (SELECT job_id FROM setting WHERE key = ? AND value = ?)", *wanted[0])
    elif wanted:
        # openQA looks for a row of settings that has both values, and finds none
        where.add("0")
    for name in _COLUMNS:
        value = _last(query, name)
        if value and value != "0":
            where.add(f"{name} = ?", value)


def _check(query: MultiMapping[str]) -> None:
    wrong = []
    scope = _last(query, "scope")
    if scope is not None and scope not in ("current", "relevant"):
        wrong.append("scope")
    latest = _last(query, "latest")
    if latest is not None and not (_NUMBER.fullmatch(latest) and int(latest) >= 1):
        wrong.append("latest")
    for name in ("limit", "offset"):
        value = _last(query, name)
        if value is not None and not _NUMBER.fullmatch(value):
            wrong.append(name)
    if wrong:
        names = ", ".join(f"{name} invalid" for name in sorted(wrong))
        raise InvalidParameterError(f"Erroneous parameters ({names})")


def _number(query: MultiMapping[str], name: str, *, default: int, lenient: bool = False) -> int:
    value = _last(query, name)
    if value is None or (lenient and not _NUMBER.fullmatch(value)):
        return default
    return int(value)


def _integer(value: str) -> int:
    if not _NUMBER.fullmatch(value):
        raise UnreadableValueError(value)
    return int(value)


def _last(query: MultiMapping[str], name: str) -> str | None:
    values: list[str] = query.getall(name, [])
    return values[-1] if values else None


def _split(query: MultiMapping[str], name: str) -> list[str]:
    values: list[str] = query.getall(name, [])
    if values and "," in values[-1]:
        return [value for value in values[-1].split(",") if value]
    return values


def _newest_of_scenarios(rows: Sequence[Row]) -> tuple[Row, ...]:
    newest: dict[tuple[str, ...], Row] = {}
    for row in sorted(rows, key=lambda row: -row["id"]):
        newest.setdefault(tuple(row[key] or "" for key in SCENARIO), row)
    return tuple(newest.values())


def _groups(database: Database, query: MultiMapping[str]) -> list[int]:
    numbers, names = query.getall("groupid", []), query.getall("group", [])
    return [
        number
        for number, name in database.groups().items()
        if str(number) in numbers or name in names
    ]


def _latest_builds(database: Database, where: _Where, groups: Sequence[int]) -> list[str]:
    found = []
    searched: Sequence[int | None] = groups or [None]
    for group in searched:
        condition = "1" if group is None else "group_id = ?"
        values = where.values if group is None else [*where.values, group]
        statement = f"SELECT BUILD FROM job WHERE {where.text} AND {condition} ORDER BY id DESC"  # noqa: S608 - values are passed apart
        row = database.row(statement, values)
        if row is not None and row["BUILD"]:
            found.append(row["BUILD"])
    return found
