"""Writes measured figures as a plot."""

from collections.abc import Mapping, Sequence
from html import escape
from math import ceil, floor, log10
from pathlib import Path

#: of a panel and of its margins, pixels
WIDTH, HEIGHT, LEFT, TOP, LEGEND = 420, 420, 60, 40, 220

COLOURS = ("#1f77b4", "#d62728", "#2ca02c", "#9467bd", "#ff7f0e", "#17becf", "#8c564b", "#e377c2")


def write_plot(
    path: Path, sizes: Sequence[int], panels: Mapping[str, Mapping[str, Sequence[float]]]
) -> None:
    """Write an SVG with a panel for each database and a line for each operation.

    :param panels: database -> operation -> milliseconds in a store of each size; all positive
    """
    times = [time for lines in panels.values() for figures in lines.values() for time in figures]
    low, high = floor(log10(min(times))), ceil(log10(max(times)))
    width, height = len(panels) * (LEFT + WIDTH + LEGEND), TOP + HEIGHT + TOP
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}">',
        "<style>text { font: 11px sans-serif }</style>",
        f'<rect width="{width}" height="{height}" fill="white"/>',
    ]
    for number, (name, lines) in enumerate(panels.items()):
        left = number * (LEFT + WIDTH + LEGEND) + LEFT
        parts += _panel(left, name, sizes, lines, (low, high))
    path.write_text("\n".join([*parts, "</svg>\n"]))


def _panel(
    left: int,
    name: str,
    sizes: Sequence[int],
    lines: Mapping[str, Sequence[float]],
    powers: tuple[int, int],
) -> list[str]:
    """Return a panel whose axes are logarithmic, from one power of ten to another."""
    low, high = powers

    def across(size: int) -> float:
        steps = log10(sizes[-1] / sizes[0]) or 1
        return left + WIDTH * log10(size / sizes[0]) / steps

    def down(time: float) -> float:
        return TOP + HEIGHT * (high - log10(time)) / (high - low)

    parts = [_text(left, TOP - 15, f"{name}: ms of an operation, by subjects in the store")]
    for power in range(low, high + 1):
        at = down(10.0**power)
        parts.append(_line([(left, at), (left + WIDTH, at)], "#ddd"))
        parts.append(_text(left - 45, at + 4, f"{10.0**power:g}"))
    parts += [_text(across(size) - 20, TOP + HEIGHT + 18, f"{size:,}") for size in sizes]
    for number, (operation, times) in enumerate(lines.items()):
        colour = COLOURS[number % len(COLOURS)]
        dashed = number >= len(COLOURS)
        points = [(across(size), down(time)) for size, time in zip(sizes, times, strict=True)]
        parts.append(_line(points, colour, dashed=dashed))
        at = TOP + 10 + 18 * number
        sample = left + WIDTH + 15
        parts.append(_line([(sample, at), (sample + 25, at)], colour, dashed=dashed))
        parts.append(_text(sample + 32, at + 4, operation))
    return parts


def _line(points: Sequence[tuple[float, float]], colour: str, *, dashed: bool = False) -> str:
    places = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
    dashes = ' stroke-dasharray="5 3"' if dashed else ""
    return f'<polyline points="{places}" fill="none" stroke="{colour}"{dashes}/>'


def _text(x: float, y: float, text: str) -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}">{escape(text)}</text>'
