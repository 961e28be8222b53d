from urllib.parse import quote_plus

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fedora_openqa.sandbox.openqa.auth import ApiKey, digest, refusal, signed_target

KNOWN = ApiKey("KEY", "SECRET")
NOW = 1_795_000_000.0
TEXT = st.text(st.characters(exclude_characters="~", exclude_categories=["Cs"]))


def headers(
    target: str, *, key: str = KNOWN.key, secret: str = KNOWN.secret, at: str = str(NOW)
) -> dict[str, str]:
    return {
        "X-API-Key": key,
        "X-API-Microtime": at,
        "X-API-Hash": digest(secret, target, at),
    }


@given(TEXT)
def test_a_signature_over_the_usual_spelling_is_accepted(value: str) -> None:
    target = f"/api/v1/jobs?build={quote_plus(value, safe='*')}"
    assert refusal(headers(target), target, known=KNOWN, now=NOW) is None


@given(TEXT, TEXT)
def test_nothing_is_accepted_with_another_secret(value: str, secret: str) -> None:
    if secret == KNOWN.secret:
        return
    target = f"/api/v1/jobs?build={quote_plus(value)}"
    assert refusal(headers(target, secret=secret), target, known=KNOWN, now=NOW) is not None


@given(st.text(), st.text(), st.text())
def test_any_headers_get_an_answer(key: str, microtime: str, signature: str) -> None:
    given_headers = {"X-API-Key": key, "X-API-Microtime": microtime, "X-API-Hash": signature}
    assert refusal(given_headers, "/x", known=KNOWN, now=NOW) is not None


@given(TEXT)
def test_the_spelling_of_a_target_is_stable(value: str) -> None:
    once = signed_target(f"/a?{value}")
    assert signed_target(once) == once


@pytest.mark.parametrize(
    ("at", "expected"),
    [
        (NOW - 300, None),
        (NOW - 302, "timestamp mismatch"),
        (NOW + 9999, None),
    ],
)
def test_the_age_of_a_signature(at: float, expected: str | None) -> None:
    assert refusal(headers("/x", at=str(at)), "/x", known=KNOWN, now=NOW) == expected


@pytest.mark.parametrize(
    ("raw", "spelt"),
    [
        ("/a", "/a"),
        ("/a?", "/a?"),
        ("/a?b=c%20d", "/a?b=c+d"),
        ("/a?b=c~d", "/a?b=c%7Ed"),
        ("/a?b=%2A", "/a?b=*"),
        ("/a?b", "/a?b="),
    ],
)
def test_how_openqa_spells_a_target(raw: str, spelt: str) -> None:
    assert signed_target(raw) == spelt
