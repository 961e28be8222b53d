"""Datagrepper, the history of Fedora's bus, as a source of a sweep.

It lags behind the bus. A message describes the state at the time when it was sent.
"""

import logging
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Annotated, Any
from urllib.parse import urlencode

import msgspec
from typing_extensions import override

from fedora_openqa import ports
from fedora_openqa.errors import MessageError
from fedora_openqa.events import SUBJECT_TOPICS, parse
from fedora_openqa.gateways.http.client import Reader, require_json
from fedora_openqa.model.events import SubjectEvent
from fedora_openqa.texts import first_line

log = logging.getLogger(__name__)

#: prefix of the topics of Fedora's production; `events.parse` expects three words
PREFIX = "org.fedoraproject.prod"

ROWS_PER_PAGE = 100

#: pages of one search; a day has a few hundred messages on our topics
MOST_PAGES = 30


class _Message(msgspec.Struct, frozen=True):
    topic: str
    body: dict[str, Any]


class _Page(msgspec.Struct, frozen=True):
    raw_messages: tuple[Any, ...]
    pages: Annotated[int, msgspec.Meta(ge=0)]


@dataclass(frozen=True, slots=True)
class History(ports.Source):
    """The events in the messages that Datagrepper has, newest first."""

    reader: Reader
    url: str
    name: str = "Datagrepper"
    current: bool = False

    @override
    def events(self, *, since: float, until: float) -> tuple[SubjectEvent, ...]:
        return tuple(self._events(since, until))

    def _events(self, since: float, until: float) -> Iterator[SubjectEvent]:
        for message in self._messages(since, until):
            try:
                event = parse(message.topic, message.body)
            except MessageError as exc:
                log.warning("Datagrepper: skipped a message: %s", first_line(str(exc)))
                continue
            if isinstance(event, SubjectEvent):
                yield event

    def _messages(self, since: float, until: float) -> Iterator[_Message]:
        query = [("topic", f"{PREFIX}.{topic}") for topic in SUBJECT_TOPICS]
        query += [("start", f"{since:.0f}"), ("end", f"{until:.0f}"), ("order", "desc")]
        for number in range(1, MOST_PAGES + 1):
            rows = [("rows_per_page", str(ROWS_PER_PAGE)), ("page", str(number))]
            url = f"{self.url.rstrip('/')}/v2/search?{urlencode(query + rows)}"
            page = require_json(self.reader, url, _Page)
            for row in page.raw_messages:
                try:
                    yield msgspec.convert(row, _Message)
                except (msgspec.ValidationError, RecursionError) as exc:
                    log.warning("Datagrepper: skipped a message: %s", first_line(str(exc)))
            if number >= page.pages or not page.raw_messages:
                return
        log.warning("%s: more pages than are read", url)
