"""Every body is either stored as it was sent, or refused."""

import json
from collections.abc import Callable
from typing import TypeVar

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fedora_openqa.sandbox.resultsdb.bodies import (
    parse_group,
    parse_json,
    parse_report,
    parse_testcase,
)
from fedora_openqa.sandbox.resultsdb.refusals import RefusalError

_Read = TypeVar("_Read")

OUTCOMES = ("PASSED", "FAILED")
SURROGATES = st.characters(categories=["Cs"])
TEXTS = st.text(st.characters() | SURROGATES | st.just("\0"), max_size=40)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | TEXTS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3),
    max_leaves=6,
)
FIELDS = ("outcome", "testcase", "groups", "note", "data", "ref_url", "submit_time", "uuid", "name")
BODIES = st.dictionaries(st.sampled_from(FIELDS), VALUES)
GOOD = {"outcome": "PASSED", "testcase": "x"}
#: values that can be stored
PLAIN = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=40)


def tried(parse: Callable[[], _Read]) -> _Read | RefusalError:
    try:
        return parse()
    except RefusalError as refusal:
        return refusal


def assert_can_be_answered(refusal: RefusalError) -> None:
    assert refusal.status in (400, 500)
    json.dumps(refusal.body)


@given(BODIES | BODIES.map(lambda body: {**body, **GOOD}))
def test_any_result_is_read_or_refused(body: dict[str, object]) -> None:
    read = tried(lambda: parse_report(body, outcomes=OUTCOMES))
    if isinstance(read, RefusalError):
        assert_can_be_answered(read)
    else:
        assert read.outcome in OUTCOMES
        assert read.testcase.name
        values = (value for values in read.data.values() for value in values)
        for text in (read.note or "", read.ref_url or "", *read.data, *values):
            assert b"\0" not in text.encode()


@given(BODIES)
def test_any_group_is_read_or_refused(body: dict[str, object]) -> None:
    read = tried(lambda: parse_group(body))
    if isinstance(read, RefusalError):
        assert_can_be_answered(read)
    else:
        assert read.name == body.get("uuid") or body.get("uuid") is None


@given(BODIES)
def test_any_test_case_is_read_or_refused(body: dict[str, object]) -> None:
    read = tried(lambda: parse_testcase(body))
    if isinstance(read, RefusalError):
        assert_can_be_answered(read)
    else:
        assert read.name == body["name"] != ""


@given(st.binary(max_size=40) | VALUES.map(lambda value: json.dumps(value).encode()))
def test_any_content_is_an_object_or_refused(content: bytes) -> None:
    read = tried(lambda: parse_json(content))
    if isinstance(read, RefusalError):
        assert_can_be_answered(read)
    else:
        # compared as text: NaN is not equal to itself
        assert json.dumps(read) == json.dumps(json.loads(content))


def test_json_that_is_nested_too_deep_is_an_internal_error() -> None:
    with pytest.raises(RefusalError) as refusal:
        parse_json(b"[" * 100_000)
    assert refusal.value.status == 500


@given(
    PLAIN,
    st.dictionaries(PLAIN.filter(lambda key: ":" not in key), PLAIN | st.lists(PLAIN)),
    st.lists(st.text("abc", max_size=36)),
)
def test_valid_values_are_stored_unchanged(
    note: str, data: dict[str, str | list[str]], groups: list[str]
) -> None:
    body = {**GOOD, "note": note, "data": data, "groups": groups}
    report = parse_report(body, outcomes=OUTCOMES)
    assert report.note == note
    assert [group.name for group in report.groups] == groups
    kept = {key: [value] if isinstance(value, str) else value for key, value in data.items()}
    assert {key: list(values) for key, values in report.data.items()} == {
        key: values for key, values in kept.items() if values
    }


@pytest.mark.parametrize("given", [float("nan"), 10**30, -(10**30), "9" * 40, ""])
def test_a_time_that_is_none_is_refused(given: object) -> None:
    with pytest.raises(RefusalError) as refusal:
        parse_report({**GOOD, "submit_time": given}, outcomes=OUTCOMES)
    assert refusal.value.status == 400
