"""Parses the bodies of requests to ResultsDB; it must not store anything.

A body can be wrong in two ways: ResultsDB's models refuse it (400, all fields at once), or they
accept it and the database refuses it (500, on every repetition).
"""

import json
import zlib
from collections.abc import Callable, Collection, Mapping
from contextlib import suppress
from datetime import UTC, datetime
from typing import TypeAlias, TypeVar
from uuid import uuid1

from fedora_openqa.sandbox.resultsdb.refusals import Problem, internal_error, invalid, refused
from fedora_openqa.sandbox.resultsdb.results import Field, Mention, Report

Body: TypeAlias = Mapping[str, object]
_Kind = TypeVar("_Kind", str, dict[str, object], list[object])

#: most characters of the column
_UUID_LENGTH = 36
#: most bytes of a row of the index on data
_INDEX_ROW = 8191
_KINDS = {str: "string_type", dict: "dict_type", list: "list_type"}
#: the fields of a report
_CHANGES = {
    Field.TESTCASE: frozenset({"ref_url"}),
    Field.GROUP: frozenset({"ref_url", "description"}),
}
#: ResultsDB refuses a time without a fraction of a second
_TIME = "%Y-%m-%dT%H:%M:%S.%f"


def parse_json(content: bytes) -> Body:
    """Parse a body.

    Raises:
        RefusalError: it is not JSON, or not an object.
    """
    try:
        body = json.loads(content)
    except ValueError:
        raise refused("Bad request") from None
    except RecursionError:
        raise internal_error() from None
    if not isinstance(body, dict):
        raise internal_error()
    return body


def parse_report(body: Body, *, outcomes: Collection[str]) -> Report:
    """Parse a result.

    Raises:
        RefusalError: ResultsDB does not take it.
    """
    fields = _Fields(body)
    outcome = fields.filled("outcome", lambda text: text.strip().upper())
    if outcome and outcome not in outcomes:
        fields.refuse("outcome", f"must be one of: {', '.join(outcomes)}")
    testcase = fields.testcase()
    groups = fields.optional("groups", list)
    note, ref_url = fields.optional("note", str), fields.optional("ref_url", str)
    data = fields.optional("data", dict)
    submit_time = fields.submit_time()
    fields.check()
    return Report(
        outcome=outcome,
        testcase=_mention(Field.TESTCASE, testcase, name="name"),
        groups=tuple(_group(group) for group in groups or ()),
        note=_storable_or_none(note),
        ref_url=_storable_or_none(ref_url),
        data=_data(data or {}),
        submit_time=submit_time,
    )


def parse_group(body: Body) -> Mention:
    """Parse a group.

    Raises:
        RefusalError: ResultsDB does not take it.
    """
    fields = _Fields(body)
    given = {name: fields.optional(name, str) for name in ("uuid", "ref_url", "description")}
    fields.check()
    return _group({name: value for name, value in given.items() if value is not None})


def parse_testcase(body: Body) -> Mention:
    """Parse a test case.

    Raises:
        RefusalError: ResultsDB does not take it.
    """
    fields = _Fields(body)
    name, ref_url = fields.filled("name"), fields.optional("ref_url", str)
    fields.check()
    changes = {} if ref_url is None else {"ref_url": _storable(ref_url)}
    return Mention(Field.TESTCASE, _storable(name), changes)


class _Fields:
    """The fields of a body, and their errors."""

    def __init__(self, body: Body) -> None:
        self._body = body
        self._problems: list[Problem] = []

    def has(self, name: str) -> bool:
        """Return whether a required field is there; remember the error if not."""
        if name not in self._body:
            self._problems.append(Problem(name, "missing", self._body))
        return name in self._body

    def filled(self, name: str, change: Callable[[str], str] = str) -> str:
        """Return a text that must not be empty; empty: it is wrong."""
        if not self.has(name):
            return ""
        given = self._body[name]
        text = change(given) if isinstance(given, str) else ""
        if not text:
            self.refuse(name, "string_too_short" if isinstance(given, str) else "string_type")
        return text

    def optional(self, name: str, kind: type[_Kind]) -> _Kind | None:
        """Return a field that may be missing or null; None: it is, or it is wrong."""
        given = self._body.get(name)
        if given is None or isinstance(given, kind):
            return given
        self.refuse(name, _KINDS[kind])
        return None

    def refuse(self, name: str, what: str) -> None:
        """Remember the error of a field."""
        self._problems.append(Problem(name, what, self._body.get(name)))

    def check(self) -> None:
        """Raise the remembered errors, if any."""
        if self._problems:
            raise invalid(self._problems)

    def testcase(self) -> Body:
        """Return the test case, which may be a name only; an empty name: it is wrong."""
        if not self.has("testcase"):
            return {}
        given = self._body["testcase"]
        testcase = {"name": given} if isinstance(given, str) else given
        if not testcase or (isinstance(testcase, dict) and not testcase.get("name")):
            self.refuse("testcase", "testcase name must be non-empty")
        elif isinstance(testcase, dict):
            return testcase
        else:
            self.refuse("testcase", _KINDS[dict])
        return {}

    def submit_time(self) -> datetime | None:
        """Return the time of the result; None: its sender did not set one."""
        given = self._body.get("submit_time")
        if given is None:
            return None
        with suppress(ValueError, OverflowError, OSError):
            return _moment(given)
        self.refuse(
            "submit_time",
            "Expected timestamp in milliseconds or datetime"
            f" (in format YYYY-MM-DDTHH:MM:SS.ffffff), got {given!r}",
        )
        return None


def _moment(given: object) -> datetime:
    if isinstance(given, str) and not given.isdecimal():
        try:
            return datetime.strptime(given, _TIME)  # noqa: DTZ007 - all of ResultsDB's are naive UTC
        except ValueError:
            return datetime.strptime(given, f"{_TIME}Z")  # noqa: DTZ007 - the same
    if isinstance(given, str | int | float):
        return datetime.fromtimestamp(float(given) / 1000, UTC).replace(tzinfo=None)
    raise ValueError(given)


def _group(given: object) -> Mention:
    group = {"uuid": given} if isinstance(given, str) else given
    if not isinstance(group, dict):
        raise internal_error()
    mention = _mention(Field.GROUP, {"uuid": str(uuid1()), **group}, name="uuid")
    if len(mention.name) > _UUID_LENGTH:
        raise internal_error()
    return mention


def _mention(field: Field, given: Body, *, name: str) -> Mention:
    known = _CHANGES[field] & given.keys()
    return Mention(
        field, _storable(given[name]), {key: _storable_or_none(given[key]) for key in known}
    )


def _data(given: Body) -> Mapping[str, tuple[str, ...]]:
    if wrong := [key for key in given if ":" in key]:
        raise refused(f"Colon not allowed in key name: {wrong}")
    data = {_storable(key): _values(value) for key, value in given.items()}
    return {key: values for key, values in data.items() if values}


def _values(given: object) -> tuple[str, ...]:
    # ResultsDB stores any value as Python's str of it
    several = given if isinstance(given, list) else [given]
    values = tuple(_storable(str(value)) for value in several)
    if any(_index_row(value) > _INDEX_ROW for value in values):
        raise internal_error()
    return values


def _index_row(value: str) -> int:
    content = value.encode()
    if len(content) <= _INDEX_ROW:
        return len(content)
    # like PostgreSQL, compress repetitions; with Z_FIXED rare letters do not become longer
    packer = zlib.compressobj(strategy=zlib.Z_FIXED)
    return len(packer.compress(content) + packer.flush())


def _storable_or_none(given: object) -> str | None:
    return None if given is None else _storable(given)


def _storable(given: object) -> str:
    # PostgreSQL's texts cannot contain NUL, nor UTF-8 lone surrogates
    if not isinstance(given, str) or "\0" in given:
        raise internal_error()
    try:
        given.encode()
    except UnicodeEncodeError:
        raise internal_error() from None
    return given
