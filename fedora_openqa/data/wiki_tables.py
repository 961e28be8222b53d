"""The tables of the wiki's result pages: the test cases of each suite, and their places."""

from pathlib import Path
from typing import TypeVar

import msgspec

from fedora_openqa.data.files import File, Word, distinct, read
from fedora_openqa.model.wiki import PLACEHOLDER, SuiteRow, WikiCase, WikiTables

T = TypeVar("T")
U = TypeVar("U")

SUITES = "testsuites.toml"
CASES = "testcases.toml"


class _Row(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A part of a file."""


class _Conditional(_Row, frozen=True):
    testcase: Word
    requires_modules: tuple[Word, ...] = ()
    requires_suites: tuple[Word, ...] = ()


class _Suites(_Row, frozen=True):
    # rows are converted one by one: msgspec names no keys of dictionaries in its errors
    suites: dict[str, object]
    apps: dict[str, Word] = {}
    passes_nothing: frozenset[Word] = frozenset()


class _Case(_Row, frozen=True):
    type: Word
    env: Word
    section: Word = ""
    name: Word = ""


class _Cases(_Row, frozen=True):
    testcases: dict[str, object]


def load_wiki_tables(directory: Path | None = None) -> WikiTables:
    """Load the tables of suites and test cases.

    :param directory: may have files ``testsuites.toml`` and ``testcases.toml`` that replace ours

    Raises:
        ConfigError: a file has another shape; with file, line and what is expected.
    """
    suites = read(SUITES, directory, _Suites)
    cases = read(CASES, directory, _Cases)
    both = sorted(suites.content.passes_nothing & suites.content.suites.keys())
    if both:
        raise suites.error(both[0], "a suite of passes_nothing, which passes no test case")
    return WikiTables(
        suites={name: _suite(suites, name, rows) for name, rows in suites.content.suites.items()},
        cases={name: _case(cases, name, row) for name, row in cases.content.testcases.items()},
        apps=suites.content.apps,
        passes_nothing=suites.content.passes_nothing,
    )


def _suite(file: File[_Suites], name: str, content: object) -> tuple[SuiteRow, ...]:
    rows = _converted(file, name, content, list[Word | _Conditional])
    if not rows:
        raise file.error(name, "at least one test case is expected")
    return distinct(
        f"{file.name}: {name}",
        (
            SuiteRow(row)
            if isinstance(row, str)
            else SuiteRow(row.testcase, row.requires_modules, row.requires_suites)
            for row in rows
        ),
    )


def _case(file: File[_Cases], name: str, content: object) -> WikiCase:
    row = _converted(file, name, content, _Case)
    for text in (row.type, row.env, row.section, row.name):
        if "$" in PLACEHOLDER.sub("", text):
            raise file.error(name, f"unknown placeholder in {text!r}")
    return WikiCase(testtype=row.type, env=row.env, section=row.section, name=row.name)


def _converted(file: File[T], key: str, content: object, shape: type[U]) -> U:
    try:
        return msgspec.convert(content, shape)
    except msgspec.ValidationError as exc:
        raise file.error(key, str(exc)) from exc
