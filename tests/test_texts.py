import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fedora_openqa.errors import ERROR_SIZE, PermanentError, TemporaryError
from fedora_openqa.texts import SETTING_SIZE, UNPRINTABLE, first_line, reason_unfit, shown_url

#: everything that JSON can bring, half surrogates too
foreign = st.text(st.characters(), max_size=300)


@given(text=foreign)
def test_the_first_line_of_any_text_is_one_printable_line(text: str) -> None:
    line = first_line(text)
    assert len(line.splitlines()) <= 1
    assert not any(unicodedata.category(c) in UNPRINTABLE for c in line)
    line.encode()


@given(text=foreign)
def test_every_error_is_one_line_whatever_it_quotes(text: str) -> None:
    for error in (PermanentError(f"GET x: {text}"), TemporaryError(text, retry_after=3.0)):
        assert len(str(error).splitlines()) <= 1
        assert "\x00" not in str(error)
        str(error).encode()


def test_an_error_is_bounded() -> None:
    assert len(str(PermanentError("x" * 10_000_000))) == ERROR_SIZE + 1


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("https://openqa.example/api?a=b@c", "https://openqa.example/api?a=b@c"),
        ("https://someone:secret@openqa.example/api", "https://openqa.example/api"),
        ("https://secret@openqa.example", "https://openqa.example"),
        ("https://someone:s@cret@[::1]:80/x", "https://[::1]:80/x"),
        ("postgresql+psycopg://someone:secret@host/name", "postgresql+psycopg://host/name"),
        ("someone:secret@host:25", "host:25"),
        ("https://copr.example/@group/project", "https://copr.example/@group/project"),
        ("sqlite:////var/lib/x", "sqlite:////var/lib/x"),
        ("", ""),
    ],
)
def test_a_url_is_shown_without_its_password(url: str, shown: str) -> None:
    assert shown_url(url) == shown


@pytest.mark.parametrize("value", ["43", "RC-1.6", "Workstation Ostree", "x" * SETTING_SIZE, "é"])
def test_a_value_of_a_setting_is_a_printable_line(value: str) -> None:
    assert reason_unfit(value) is None


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        ("", "is empty"),
        (" ", "is empty"),
        ("43\n", "has a character that is invisible or ends a line"),
        ("\u202e43", "has a character that is invisible"),
        ("\ud800", "has a character that is invisible"),
        ("43 ", "begins or ends with a space"),
        ("%HOME%", "has a percent sign"),
        ("é" * SETTING_SIZE, "has more than 1000 bytes"),
    ],
)
def test_other_values_are_unfit(value: str, reason: str) -> None:
    assert reason in (reason_unfit(value) or "")


@given(text=foreign)
def test_what_is_fit_is_one_line_and_nothing_to_expand(text: str) -> None:
    if reason_unfit(text) is None:
        assert len(text.splitlines()) == 1
        assert "%" not in text
        assert first_line(text, size=len(text)) == " ".join(text.split())
