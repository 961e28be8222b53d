"""The places that CONTRIBUTING.md and docs/architecture.md name exist."""

import re
from pathlib import Path

import pytest

from fedora_openqa import errors

ROOT = Path(__file__).parent.parent
CONTRIBUTING = (ROOT / "CONTRIBUTING.md").read_text()
ARCHITECTURE = (ROOT / "docs/architecture.md").read_text()

#: a path below the top, or a file at it
PLACE = re.compile(r"`([\w.]+(?:/[\w.]*)+|[\w.-]+\.(?:md|toml|cfg))`")


def places(text: str) -> list[str]:
    return PLACE.findall(text)


def lists() -> dict[str, list[str]]:
    """Return the lists of files to touch, by heading."""
    parts = CONTRIBUTING.split("\n### ")[1:]
    return {
        heading: re.findall(r"^- `(.+?)`", part, flags=re.MULTILINE)
        for heading, _, part in (part.partition("\n") for part in parts)
    }


def test_every_place_of_contributing_exists() -> None:
    named = [*places(CONTRIBUTING), *(place for part in lists().values() for place in part)]
    assert len(named) > 30
    assert [place for place in named if not (ROOT / place).exists()] == []


@pytest.mark.parametrize(("heading", "most"), [("A kind of subject", 10), ("A sink", 8)])
def test_a_kind_and_a_sink_touch_few_files(heading: str, most: int) -> None:
    assert 1 < len(lists()[heading]) <= most


def test_every_place_of_the_architecture_exists() -> None:
    folders = (ROOT, ROOT / "fedora_openqa")
    gone = [
        place
        for place in places(ARCHITECTURE)
        if not any((folder / place).exists() for folder in folders)
    ]
    assert gone == []


def test_the_tree_of_the_architecture_is_the_tree() -> None:
    (tree,) = re.findall(r"## The rooms\n\n```text\n(.*?)```", ARCHITECTURE, flags=re.DOTALL)
    top, ours = re.split(r"^fedora_openqa/\n", tree, flags=re.MULTILINE)
    named = set(
        re.findall(r"^ +((?:[a-z_]+/|[a-z_]+\.py)(?:  [a-z_]+\.py)*)", ours, flags=re.MULTILINE)
    )
    rooms = {one.rstrip("/") for names in named for one in names.split()}
    there = {
        path.name
        for path in (ROOT / "fedora_openqa").iterdir()
        if not path.name.startswith(("__", "py.typed"))
    }
    assert rooms == there
    beside = re.findall(
        r"(?:^|  )([a-z_.]+)/", top + ours.partition("\nconsumers/")[2], flags=re.MULTILINE
    )
    assert [name for name in ("consumers", *beside) if not (ROOT / name).is_dir()] == []
    assert {"check_compose", "autocloudreporter", "fedmsg.d", "tests", "bench"} <= {*beside}


def test_every_error_is_in_the_tree_of_errors() -> None:
    names = {
        name
        for name, value in vars(errors).items()
        if isinstance(value, type) and issubclass(value, errors.FedoraOpenQAError)
    }
    assert {name for name in names if not re.search(rf"\b{name}\b", ARCHITECTURE)} == set()


def test_test_files_share_by_support_only() -> None:
    #: two files about one thing, side by side
    pairs = {"tests.sandbox.test_bodhi_queries", "tests.test_imports"}
    found = {
        (str(path.relative_to(ROOT)), module)
        for path in (ROOT / "tests").rglob("*.py")
        for module in re.findall(
            r"^from (tests\.(?:\w+\.)*test_\w+) import", path.read_text(), flags=re.MULTILINE
        )
        if module not in pairs
    }
    assert found == set()
