"""Prints what was measured beside what is wanted."""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Row:
    """One measured figure."""

    name: str
    #: with its unit: "1.5 ms"
    measured: str
    #: the same for the figure that is wanted; empty: none is
    wanted: str = ""
    #: whether the measured figure is as wanted; None: nothing is wanted
    holds: bool | None = None


def at_most(name: str, measured: float, limit: float, *, unit: str = "") -> Row:
    """Return the row of a figure that must not be above a limit."""
    return Row(name, f"{measured:.2f}{unit}", f"≤ {limit:g}{unit}", measured <= limit)


def at_least(name: str, measured: float, limit: float, *, unit: str = "") -> Row:
    """Return the row of a figure that must not be below a limit."""
    return Row(name, f"{measured:.3f}{unit}", f"≥ {limit:g}{unit}", measured >= limit)


def show(title: str, rows: Sequence[Row]) -> None:
    """Print a table: name, measured, wanted, and whether it is as wanted."""
    cells = [("", "measured", "wanted", "")]
    cells += [(row.name, row.measured, row.wanted, _answer(row)) for row in rows]
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    print(title)
    for name, *others in cells:
        right = "  ".join(cell.rjust(width) for cell, width in zip(others, widths[1:], strict=True))
        print(f"  {name.ljust(widths[0])}  {right}".rstrip())


def _answer(row: Row) -> str:
    return "" if row.holds is None else "yes" if row.holds else "NO"
