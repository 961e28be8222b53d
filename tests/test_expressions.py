"""No regular expression of ours takes time by the square of a foreign text's length."""

import importlib
import pkgutil
import re
from collections.abc import Iterator
from types import ModuleType

import pytest

import autocloudreporter
import check_compose
import fedora_openqa

#: expressions that search in a text; all others match the whole of one
SEARCHED = {
    "check_compose.system_data.IDLE",
    "check_compose.system_data.LOAD",
    "fedora_openqa.config.old_files.CALLBACK",
    "fedora_openqa.gateways.wiki.rows.SEPARATOR",
    "fedora_openqa.gateways.wiki.rows.TESTCASE",
    "fedora_openqa.policy.results.NOT_IN_TESTCASE",
    "fedora_openqa.policy.reruns.NAMED_JOB",
}

#: parts that texts of hostile people repeat
PARTS = ["a", "0", "-", ".", "_", "-0", "-a", "a-", "a.", ".a", "0.", "a-20261120.", "-20261120", "Fedora-", "FEDORA-A-2026-",
         "QA:Test", "|-", "|", "\n", " ", "\t", "load average: ", "9.9 id", "job 1", "@a", "a@", "=", "<!--", "{{result", "é", "\x1b"]  # fmt: skip
SIZE = 100_000


def modules(package: ModuleType) -> Iterator[ModuleType]:
    yield package
    for found in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
        # a server for tests speaks to tests only, the others run when they are imported
        if not any(part in found.name for part in (".sandbox", ".__main__", ".migrations")):
            yield importlib.import_module(found.name)


EXPRESSIONS = {
    f"{module.__name__}.{name}": value
    for package in (fedora_openqa, check_compose, autocloudreporter)
    for module in modules(package)
    for name, value in vars(module).items()
    if isinstance(value, re.Pattern)
}


def test_there_are_expressions_to_look_at() -> None:
    assert EXPRESSIONS.keys() >= SEARCHED
    assert len(EXPRESSIONS) > 20


@pytest.mark.timeout(300)
@pytest.mark.parametrize("name", EXPRESSIONS)
def test_an_expression_ends_in_time(name: str) -> None:
    pattern = EXPRESSIONS[name]
    for part in PARTS:
        for start in ("", "Fedora", "FEDORA-2026-", "bodhi_update_push_testing_", "fedora."):
            text = start + part * (SIZE // len(part)) + "\x00"
            if name in SEARCHED:
                for _found in pattern.finditer(text):
                    pass
            else:
                pattern.fullmatch(text)
