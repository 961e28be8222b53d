from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest

from fedora_openqa.errors import ConfigError
from fedora_openqa.sandbox.openqa import load_templates, parse_templates
from fedora_openqa.sandbox.running import TEMPLATES

PRODUCT = {"arch": "x86_64", "distri": "fedora", "flavor": "dvd", "version": "*"}
ROW = {
    "group_name": "fedora",
    "machine": {"name": "64bit"},
    "prio": 20,
    "product": PRODUCT,
    "test_suite": {"name": "install"},
    "settings": [{"key": "NUMBER", "value": 2}],
}
TABLES: dict[str, list[dict[str, Any]]] = {
    "Machines": [{"name": "64bit", "backend": "qemu", "settings": []}],
    "Products": [PRODUCT],
    "TestSuites": [{"name": "install"}],
    "JobTemplates": [ROW],
}


def test_rows_are_joined() -> None:
    [row] = parse_templates(TABLES).job_templates
    assert (row.machine.name, row.suite.name, row.product.label) == (
        "64bit",
        "install",
        "fedora-*-dvd-x86_64",
    )
    assert (row.priority, row.settings) == (20, {"NUMBER": "2"})


@pytest.mark.parametrize(
    ("given", "expected"), [(None, None), ("inherit", None), (0, None), ("7", 7)]
)
def test_a_priority_may_be_left_to_the_group(given: object, expected: int | None) -> None:
    tables = {**TABLES, "JobTemplates": [{**ROW, "prio": given}]}
    assert parse_templates(tables).job_templates[0].priority == expected


@pytest.mark.parametrize(
    ("table", "change", "text"),
    [
        ("JobTemplates", {"machine": {"name": "x"}}, 'JobTemplates[0]: no machine "x"'),
        ("JobTemplates", {"test_suite": {"name": "x"}}, 'JobTemplates[0]: no test suite "x"'),
        (
            "JobTemplates",
            {"product": {**PRODUCT, "arch": "x"}},
            'JobTemplates[0]: no product "fedora-*-dvd-x"',
        ),
        ("JobTemplates", {"machine": "64bit"}, "JobTemplates[0]: machine: expected an object"),
        ("JobTemplates", {"prio": "soon"}, "JobTemplates[0]: prio: expected a number"),
        ("JobTemplates", {"group_name": ""}, "JobTemplates[0]: group_name: expected a text"),
        ("Machines", {"name": 3}, "Machines[0]: name: expected a text"),
        ("Machines", {"settings": {"A": "1"}}, "Machines[0]: settings: expected a list of"),
        ("Products", {"version": None}, "Products[0]: version: expected a text"),
    ],
)
def test_a_wrong_row_is_named(table: str, change: dict[str, Any], text: str) -> None:
    tables = deepcopy(TABLES)
    tables[table][0].update(change)
    with pytest.raises(ConfigError) as problem:
        parse_templates(tables)
    assert str(problem.value).startswith(text)


@pytest.mark.parametrize("table", sorted(TABLES))
def test_a_row_may_not_be_there_twice(table: str) -> None:
    with pytest.raises(ConfigError, match=rf"{table}\[1\]: .* is there twice"):
        parse_templates({**TABLES, table: TABLES[table] * 2})


@pytest.mark.parametrize("data", [[], None, {"Machines": {}}, {"Machines": ["64bit"]}])
def test_tables_of_another_shape_are_refused(data: object) -> None:
    with pytest.raises(ConfigError):
        parse_templates(data)


@pytest.mark.parametrize(("content", "text"), [("{", "not JSON"), ("[]", "expected an object")])
def test_a_file_is_named_in_one_line(tmp_path: Path, content: str, text: str) -> None:
    path = tmp_path / "templates.json"
    path.write_text(content)
    with pytest.raises(ConfigError, match=text) as problem:
        load_templates(path)
    assert str(path) in str(problem.value)
    assert "\n" not in str(problem.value)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="No such file"):
        load_templates(tmp_path / "none.json")


def test_the_sandbox_has_templates_that_are_sound() -> None:
    assert load_templates(TEMPLATES).job_templates
