"""Small pictures as inline SVG, each with its text: strips of runs, sparklines, badges."""

from collections import defaultdict
from collections.abc import Sequence

from markupsafe import Markup, escape

#: result to the class and the height of its bar of 12: it is told apart without colours, too
BARS = {
    "passed": ("passed", 5),
    "softfailed": ("softfailed", 8),
    "failed": ("failed", 12),
    "incomplete": ("failed", 12),
    "timeout_exceeded": ("failed", 12),
}

#: of what else a run can end with
OTHER = ("other", 2)

#: tone of a badge to its colour
COLOURS = {"good": "#1e6b34", "bad": "#b3261e", "warn": "#6b4e00", "plain": "#4a4a4f"}

#: pixels of a character of a badge, about
CHARACTER = 7


def strip(results: Sequence[str]) -> Markup:
    """Return a bar for each run, the newest first, and the number of those that passed."""
    paths: dict[str, list[str]] = defaultdict(list)
    for number, result in enumerate(results):
        kind, height = BARS.get(result, OTHER)
        paths[kind].append(f"M{5 * number} {12 - height}h4v{height}h-4z")
    shapes = (
        Markup('<path class="{}" d="{}"/>').format(kind, "".join(parts))
        for kind, parts in paths.items()
    )
    passed = sum(result in {"passed", "softfailed"} for result in results)
    # an alternative of the newest alone is short enough to be listened to
    return Markup(
        '<svg role="img" aria-label="newest run: {}" width="{}" height="12">{}</svg> {}/{}'
    ).format(
        results[0] if results else "none",
        5 * len(results),
        Markup("").join(shapes),
        passed,
        len(results),
    )


def sparkline(values: Sequence[float], label: str, *, width: int = 120, height: int = 24) -> Markup:
    """Return a line through values, the oldest first.

    :param label: what it shows, in words
    """
    most = max(values, default=0.0) or 1.0
    step = width / max(len(values) - 1, 1)
    points = " ".join(
        f"{number * step:.1f},{height - 1 - (height - 2) * max(value, 0.0) / most:.1f}"
        for number, value in enumerate(values)
    )
    return Markup(
        '<svg role="img" aria-label="{}" width="{}" height="{}"><polyline points="{}"/></svg>'
    ).format(label, width, height, points)


def badge(label: str, value: str, tone: str) -> str:
    """Return a whole SVG document: a label and a value side by side.

    :param tone: ``"good"``, ``"bad"``, ``"warn"`` or ``"plain"``
    """
    left, right = (CHARACTER * len(text) + 12 for text in (label, value))
    return Markup(
        '<svg xmlns="http://www.w3.org/2000/svg" width="{w}" height="20" role="img"'
        ' aria-label="{l}: {v}"><title>{l}: {v}</title>'
        '<rect width="{a}" height="20" fill="#4a4a4f"/>'
        '<rect x="{a}" width="{b}" height="20" fill="{c}"/>'
        '<g fill="#fff" font-family="Verdana,DejaVu Sans,sans-serif" font-size="11">'
        '<text x="6" y="14">{l}</text><text x="{x}" y="14">{v}</text></g></svg>'
    ).format(
        w=left + right,
        a=left,
        b=right,
        x=left + 6,
        c=COLOURS[tone],
        l=escape(label),
        v=escape(value),
    )
