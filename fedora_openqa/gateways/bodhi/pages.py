"""Bodhi's lists of updates, page by page. Must not choose the filters of a list."""

import logging
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Annotated, Any
from urllib.parse import urlencode

import msgspec

from fedora_openqa.errors import ServiceUnavailableError
from fedora_openqa.events import BodhiUpdate
from fedora_openqa.gateways.http.client import Reader, require_json
from fedora_openqa.texts import first_line

log = logging.getLogger(__name__)

#: statuses of updates that are not yet stable
ON_THEIR_WAY = ("pending", "testing")

ROWS_PER_PAGE = 100


class MorePagesError(ServiceUnavailableError):
    """A list has more pages than are read."""


class _Page(msgspec.Struct, frozen=True):
    updates: tuple[Any, ...]
    pages: Annotated[int, msgspec.Meta(ge=0)]


def read_updates(
    reader: Reader, url: str, query: Mapping[str, str | Sequence[str]], *, most_pages: int
) -> Iterator[BodhiUpdate]:
    """Yield the updates of a list; log a warning for each that cannot be decoded.

    :param url: the URL of Bodhi

    Raises:
        MorePagesError: the list has more than ``most_pages`` pages.
        RequestRefusedError, ServiceUnavailableError: Bodhi does not answer.
    """
    for number in range(1, most_pages + 1):
        fields = {**query, "rows_per_page": ROWS_PER_PAGE, "page": number}
        asked = f"{url.rstrip('/')}/updates/?{urlencode(fields, doseq=True)}"
        page = require_json(reader, asked, _Page)
        for row in page.updates:
            try:
                yield msgspec.convert(row, BodhiUpdate)
            except (msgspec.ValidationError, RecursionError) as exc:
                log.warning("%s: skipped an update: %s", asked, first_line(str(exc)))
        if number >= page.pages or not page.updates:
            return
    raise MorePagesError(f"GET {asked}: more pages than are read")


def moment(seconds: float) -> str:
    """Return a time, in seconds since 1970, as Bodhi writes it: in UTC, without a time zone."""
    return f"{datetime.fromtimestamp(seconds, tz=UTC):%Y-%m-%dT%H:%M:%S}"
