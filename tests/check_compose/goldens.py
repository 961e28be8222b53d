"""The golden reports: the exact texts of the reports on `tests.check_compose.cases`.

Write them anew, and look at each that changes: ``python -m tests.check_compose.goldens``
"""

import hashlib
from collections.abc import Callable, Mapping
from pathlib import Path

from check_compose.compare import compare
from check_compose.facts import Facts
from check_compose.json_form import render_json
from check_compose.mails import subject_line
from check_compose.render import FollowUp, render_follow_up, render_html, render_text
from check_compose.verdicts import verdict_of
from tests.check_compose.cases import CASES

GOLDENS = Path(__file__).parent.parent / "data" / "check_compose"

FORMS: Mapping[str, Callable[[Facts], str]] = {
    "txt": lambda facts: render_text(compare(facts)),
    "html": lambda facts: render_html(compare(facts)),
    "json": lambda facts: render_json(compare(facts)),
}

#: the cases of the first report and of the follow-up
FOLLOW_UP = ("gating_fails", "gating_passes")


def follow_up() -> FollowUp:
    first, later = (compare(CASES[case]) for case in FOLLOW_UP)
    found = render_follow_up(verdict_of(first), later, title=subject_line(later, follow_up=True))
    assert found
    return found


def goldens() -> dict[str, str]:
    """Return all golden texts by file name; the largest case only as text, because of its size."""
    made = {f"{case}.{form}": FORMS[form](CASES[case]) for case in CASES for form in FORMS}
    for form in ("html", "json"):
        content = made.pop(f"many.{form}")
        digest = hashlib.sha256(content.encode()).hexdigest()
        made[f"many.{form}.sha256"] = f"{digest} {len(content)}\n"
    return made | {"follow_up.txt": follow_up().text, "follow_up.html": follow_up().html}


if __name__ == "__main__":
    GOLDENS.mkdir(exist_ok=True)
    for old in GOLDENS.iterdir():
        old.unlink()
    for name, content in goldens().items():
        (GOLDENS / name).write_text(content)
