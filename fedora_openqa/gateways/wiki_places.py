"""Where on a result page a pass goes: its row and column.

wikitcms takes rows whose test cases only contain the wanted one, a row of another section if
there is one row only, and the only column whatever it is called; it drops results for columns
that a row does not have. Here these are told, and nothing is guessed. Sends nothing.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import TypeVar

from wikitcms.helpers import normalize
from wikitcms.result import Result, ResultRow

from fedora_openqa.model.reports import WikiPass

T = TypeVar("T")

#: what a cell without results has
NOTHING = str(Result().result_template)

#: what is reported; nothing else is
PASS = "pass"  # noqa: S105 - a status

#: the column of tables that know no environments, whatever it is called
ONLY_COLUMN = "Result"


@dataclass(frozen=True, slots=True)
class Row:
    """A row of results, and where it is in the page's text."""

    start: int
    parsed: ResultRow

    @property
    def section(self) -> str:
        """The heading that it is below."""
        return str(self.parsed.section)

    @property
    def testcase(self) -> str:
        """What its first link leads to."""
        return str(self.parsed.testcase)

    @property
    def name(self) -> str:
        """What the link is called; like the test case if the page does not say."""
        return str(self.parsed.name)

    @property
    def envs(self) -> tuple[str, ...]:
        """Its columns."""
        return tuple(self.parsed.results)


@dataclass(frozen=True, slots=True)
class Cell:
    """A place for results of one environment."""

    row: Row
    env: str

    def passed(self, user: str) -> bool:
        """Tell whether somebody has reported a pass there."""
        return any(
            (result.status or "").lower() == PASS and (result.user or "").lower() == user
            for result in self.row.parsed.results[self.env]
        )

    def span(self) -> tuple[int, int]:
        """Give where in the page's text a further result goes: what it replaces, or nothing."""
        parts = self.row.parsed.origtext.split("\n|")
        number = self.row.parsed.columns.index(self.env)
        start = self.row.start + sum(len(part) + len("\n|") for part in parts[:number])
        nothing = parts[number].find(NOTHING)
        if nothing >= 0:
            return start + nothing, start + nothing + len(NOTHING)
        end = start + len(parts[number].rstrip())
        return end, end


def find_place(wanted: WikiPass, rows: Sequence[Row]) -> Cell | str:
    """Find the one cell of a pass among the rows of its page, or say what the page lacks."""
    below = f" in section {wanted.section!r}" if wanted.section else ""
    if wanted.section and not _called(wanted.section, rows, lambda row: row.section):
        return f"no section {wanted.section!r} with results"
    rows = [row for row in rows if normalize(row.testcase) == normalize(wanted.testcase)]
    if wanted.section:
        rows = _called(wanted.section, rows, lambda row: row.section)
    if not rows:
        return f"no row for {wanted.testcase}{below}"
    if wanted.testname:
        rows = _called(wanted.testname, rows, lambda row: row.name)
        if not rows:
            return f"no row {wanted.testname!r} for {wanted.testcase}{below}"
    cells = [Cell(row, env) for row in rows for env in _columns(wanted.env, row)]
    if not cells:
        return f"no column {wanted.env!r} for {wanted.testcase}{below}"
    if len(cells) > 1:
        return f"more than one place for {wanted.testcase}{below}"
    return cells[0]


def _called(wanted: str, candidates: Iterable[T], name: Callable[[T], str]) -> Sequence[T]:
    """Choose those of that name; without any, those whose names contain it, as the library does."""
    named = [(one, name(one)) for one in candidates]
    plain = normalize(wanted)
    exact = [one for one, found in named if normalize(found) == plain]
    # "Release-blocking" is not in "Non release-blocking"
    partial = [one for one, found in named if wanted in found]
    return exact or partial or [one for one, found in named if plain in normalize(found)]


def _columns(wanted: str, row: Row) -> Sequence[str]:
    envs = [env for env in row.parsed.columns if env in row.envs]
    if wanted == ONLY_COLUMN and len(envs) == 1:
        return envs
    return _called(wanted, envs, str)
