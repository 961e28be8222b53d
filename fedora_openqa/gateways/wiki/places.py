"""Where on a result page a pass goes: its row and column.

wikitcms takes rows whose test cases only contain the wanted one, a row of another section if
there is one row only, and the only column whatever it is called; it drops results for columns
that a row does not have. Here these are told, and nothing is guessed. Sends nothing.
"""

from collections.abc import Callable, Iterable, Sequence
from typing import TypeVar

from wikitcms.helpers import normalize

from fedora_openqa.gateways.wiki.rows import Cell, Row
from fedora_openqa.model.wiki import WikiPass

T = TypeVar("T")

#: the column of tables that know no environments, whatever it is called
ONLY_COLUMN = "Result"


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
    envs = [env for _number, env in row.cells]
    if wanted == ONLY_COLUMN and len(envs) == 1:
        return envs
    return _called(wanted, envs, str)
