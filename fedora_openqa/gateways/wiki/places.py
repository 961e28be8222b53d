"""Finds the row and column of a pass on a result page.

wikitcms accepts rows whose test case only contains the wanted one, the only row even in another
section, and the only column under any name; it drops results for columns that a row does not have.
Here all of these are reported as missing. Sends nothing.
"""

from collections.abc import Callable, Iterable, Sequence
from typing import TypeVar

from wikitcms.helpers import normalize

from fedora_openqa.gateways.wiki.rows import Cell, Row
from fedora_openqa.model.wiki import WikiPass

T = TypeVar("T")

#: the environment of passes for tables with a single column, which may have any title
ONLY_COLUMN = "Result"


def find_place(wanted: WikiPass, rows: Sequence[Row]) -> Cell | str:
    """Return the cell of a pass among the rows of its page, or what the page lacks for it."""
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
    """Return the candidates of a name; if there are none, those whose names contain it."""
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
