"""Questions made from the description: every answer is as it says, and none is a fault."""

from typing import Any

import schemathesis
from hypothesis import given, settings
from schemathesis.core.result import Ok
from schemathesis.specs.openapi.checks import positive_data_acceptance, unsupported_method

from tests.support.pages import Pages


def test_whatever_is_asked_the_answer_is_as_described(pages: Pages) -> None:
    described = schemathesis.openapi.from_wsgi("/api/v1/openapi.json", pages.app)
    asked = set()
    for found in described.get_all_operations():
        assert isinstance(found, Ok)
        operation = found.ok()

        @settings(max_examples=15, deadline=None, derandomize=True, database=None)
        @given(case=operation.as_strategy())
        def ask(case: schemathesis.Case[Any]) -> None:
            # most of what fits the description is about nothing that is there
            case.call_and_validate(excluded_checks=[positive_data_acceptance, unsupported_method])
            asked.add(case.path)

        ask()
    # it asks no questions about the description itself
    assert asked | {"/api/v1/openapi.json"} == described.raw_schema["paths"].keys()
