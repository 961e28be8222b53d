"""Log records are single printable lines, whatever foreign text they quote."""

import io
import logging
import unicodedata
from collections.abc import Iterator

import pytest
from fedora_messaging.message import Message
from hypothesis import given
from hypothesis import strategies as st

from consumers.base import Consumer
from fedora_openqa.errors import ServiceUnavailableError
from fedora_openqa.logs import INDENT, log_lines
from fedora_openqa.texts import UNPRINTABLE
from tests.support.fakes import Taker

HOSTILE = "x\n2026-11-26 ERROR forged\x1b]52;c;aGk=\x07\u2028\u202e\ud800"

foreign = st.text(st.characters(), max_size=200)


@pytest.fixture(autouse=True)
def _factory() -> Iterator[None]:
    before = logging.getLogRecordFactory()
    yield
    logging.setLogRecordFactory(before)


def logged(text: str, error: BaseException | None = None) -> str:
    """Return what a handler of the standard library writes about a foreign text."""
    log_lines()
    written = io.StringIO()
    handler = logging.StreamHandler(written)
    handler.setFormatter(logging.Formatter("%(levelname)s: %(message)s"))
    logger = logging.getLogger("some.library")
    logger.addHandler(handler)
    try:
        logger.error("it said %s", text, exc_info=error)
    finally:
        logger.removeHandler(handler)
    return written.getvalue()


def is_printable(line: str) -> bool:
    return not any(unicodedata.category(c) in UNPRINTABLE for c in line.replace("\t", ""))


@given(text=foreign)
def test_a_record_is_one_printable_line(text: str) -> None:
    line = logged(text)
    assert line.endswith("\n")
    assert len(line.splitlines()) == 1
    assert is_printable(line[:-1])
    line.encode()


@given(text=foreign)
def test_no_line_of_a_traceback_looks_like_a_record(text: str) -> None:
    error = ValueError(text)
    error.__cause__ = KeyError(text)
    first, *others = logged(text, error)[:-1].split("\n")
    assert others
    assert all(line.startswith(INDENT) for line in others)
    assert all(is_printable(line) for line in (first, *others))


def test_a_consumer_logs_foreign_text_as_one_line(capfd: pytest.CaptureFixture[str]) -> None:
    taker = Taker(failures=[ValueError(HOSTILE)])
    consumer = Consumer(taker)
    logging.getLogger("consumers").addHandler(handler := logging.StreamHandler())
    try:
        consumer(Message(topic="org.fedoraproject.prod.x", body={}))
    finally:
        logging.getLogger("consumers").removeHandler(handler)
    written = capfd.readouterr().err
    assert "broke the consumer" in written
    assert "forged" in written
    assert not any(line.startswith("2026-11-26") for line in written.splitlines())
    assert "\x1b" not in written


def test_a_temporary_error_is_logged_as_one_line() -> None:
    assert logged(str(ServiceUnavailableError(HOSTILE))).count("\n") == 1
