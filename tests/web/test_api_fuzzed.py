"""Requests made from the description: every answer is as it says, and none is a fault."""

from typing import Any

import pytest
import schemathesis
from flask import Flask
from hypothesis import given, settings
from schemathesis.core.result import Ok
from schemathesis.specs.openapi.checks import positive_data_acceptance, unsupported_method

from tests.cli.conftest import CommandOnSandbox
from tests.support.acting import LOCAL, ActingSite
from tests.support.pages import Pages

#: where the description is
DESCRIPTION = "/api/v1/openapi.json"


def ask_all(app: Flask, *, changes: bool, token: str = "") -> None:
    """Make requests of all operations that change something, or of all others."""
    described = schemathesis.openapi.from_wsgi(DESCRIPTION, app)
    headers = {"Authorization": f"Bearer {token}"} if token else None
    expected, asked = set(), set()
    for found in described.get_all_operations():
        assert isinstance(found, Ok)
        operation = found.ok()
        if (operation.method == "get") is changes:
            continue
        expected.add(operation.label)

        @settings(max_examples=15, deadline=None, derandomize=True, database=None)
        @given(case=operation.as_strategy())
        def ask(case: schemathesis.Case[Any]) -> None:
            # most of what fits the description is about nothing that is there
            case.call_and_validate(
                headers=headers, excluded_checks=[positive_data_acceptance, unsupported_method]
            )
            asked.add(case.operation.label)

        ask()
    # it asks no questions about the description itself
    assert asked | {f"GET {DESCRIPTION}"} == expected | {f"GET {DESCRIPTION}"}
    assert asked


def test_whatever_is_asked_the_answer_is_as_described(pages: Pages) -> None:
    ask_all(pages.app, changes=False)


def test_whatever_a_program_does_the_answer_is_as_described(
    cli: CommandOnSandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in cli.environ.items():
        monkeypatch.setenv(name, value)
    site = ActingSite(cli.sandbox, cli.config, "", LOCAL)
    ask_all(site.app, changes=True, token=site.program().token)
