"""Recorded messages on disk, as fedora-messaging or datagrepper writes them."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec

from fedora_openqa.errors import SubjectError
from fedora_openqa.gateways.http.answers import UNREADABLE
from fedora_openqa.model.recordings import PlannedProduct, Recording


class _Message(msgspec.Struct, frozen=True):
    topic: str
    body: dict[str, Any]
    id: str | None = None


class _Search(msgspec.Struct, frozen=True):
    raw_messages: list[_Message]


class _PlanRow(msgspec.Struct, frozen=True):
    subject: str
    flavor: str
    arch: str
    settings: dict[str, str]


def read_recordings(path: Path) -> tuple[Recording, ...]:
    """Return the messages of a file, or of all ``*.json`` files of a folder, sorted by name.

    A file holds one message, a list of messages, a message per line (as ``fedora-messaging
    record`` writes them), or an answer of datagrepper's search.

    Raises:
        SubjectError: a file cannot be read or holds no messages; names file and line.
    """
    if path.is_dir():
        files = sorted(path.glob("*.json"))
        if not files:
            raise SubjectError(f"{path}: has no *.json file")
        return tuple(found for file in files for found in read_recordings(file))
    try:
        text = path.read_bytes()
    except OSError as exc:
        raise SubjectError(f"{path}: cannot be read: {exc.strerror}") from exc
    return tuple(parse_recordings(text, source=str(path)))


def parse_recordings(text: bytes, *, source: str) -> Iterator[Recording]:
    """Yield the messages of a text; see `read_recordings` for its format.

    Raises:
        SubjectError: the text holds no messages; names ``source`` and the line.
    """
    try:
        found = msgspec.json.decode(text, type=_Search | list[_Message])
    except UNREADABLE:
        # one message, or one message per line
        yield from _one_or_lines(text, source)
        return
    for message in found.raw_messages if isinstance(found, _Search) else found:
        yield Recording(topic=message.topic, body=message.body, id=message.id)


def read_plan(path: Path) -> tuple[PlannedProduct, ...]:
    """Return the plan that ``replay --plan --format json`` printed into a file.

    Raises:
        SubjectError: the file cannot be read or is not a plan.
    """
    try:
        rows = msgspec.json.decode(path.read_bytes(), type=list[_PlanRow])
    except OSError as exc:
        raise SubjectError(f"{path}: cannot be read: {exc.strerror}") from exc
    except UNREADABLE as exc:
        raise SubjectError(f"{path}: not a plan: {exc}") from exc
    return tuple(PlannedProduct(r.subject, r.flavor, r.arch, r.settings) for r in rows)


def _one_or_lines(text: bytes, source: str) -> Iterator[Recording]:
    try:
        whole = msgspec.json.decode(text)
        parts = [(1, msgspec.json.encode(whole))]
    except UNREADABLE:
        parts = [(n, line) for n, line in enumerate(text.splitlines(), start=1) if line.strip()]
    if not parts:
        raise SubjectError(f"{source}: has no message")
    for number, part in parts:
        try:
            message = msgspec.json.decode(part, type=_Message)
        except UNREADABLE as exc:
            raise SubjectError(f"{source} line {number}: not a recorded message: {exc}") from exc
        yield Recording(topic=message.topic, body=message.body, id=message.id)
