"""WaiverDB, which stores waivers of test results."""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from urllib.parse import urlencode

import msgspec
from typing_extensions import override

from fedora_openqa import ports
from fedora_openqa.errors import ConfigError, ServiceUnavailableError
from fedora_openqa.gateways.http.answers import repeated
from fedora_openqa.gateways.http.client import Poster, Reader, require_json
from fedora_openqa.gateways.http.transport import Limits
from fedora_openqa.model.gating import GivenWaiver, Waiver
from fedora_openqa.texts import first_line

#: waivers of a page; WaiverDB's default is 10
ROWS_PER_PAGE = 100

#: pages of waivers of one test of one subject; there are hardly more than a few waivers
MOST_PAGES = 20


class _Posted(msgspec.Struct, frozen=True):
    id: int


class _Waiver(msgspec.Struct, frozen=True):
    id: int
    subject_type: str
    subject_identifier: str
    testcase: str
    product_version: str
    comment: str | None = None
    scenario: str | None = None
    waived: bool = True


class _Given(_Waiver, frozen=True, kw_only=True):
    username: str
    #: UTC without a time zone
    timestamp: datetime


class _Page(msgspec.Struct, frozen=True):
    data: list[_Waiver]
    #: the URL of the next page
    next: str | None = None


class RestWaivers(ports.Waivers, ports.GivenWaivers):
    """The waivers of a WaiverDB server."""

    def __init__(self, limits: Limits, url: str, *, token: str = "") -> None:
        """Use the API of WaiverDB at ``url``.

        :param token: a Bearer token of the user who waives; empty: only reads

        Raises:
            ConfigError: the token has invalid characters.
        """
        # not quoted: it may be a secret
        if not (token.isascii() and (token.isprintable() or not token)):
            raise ConfigError("WaiverDB's token has characters that no token has")
        self._limits = limits
        self._url = f"{url.rstrip('/')}/waivers/"
        self._poster = Poster(limits, token=token)
        self._reader = Reader(limits)

    @override
    def body(self, waiver: Waiver) -> dict[str, object]:
        return {**_fields(waiver), "comment": waiver.comment, "waived": True}

    @override
    def post(self, waiver: Waiver) -> int:
        # sent again only if the server was not reached
        return repeated(lambda: self._post_once(self.body(waiver)), limits=self._limits)

    @override
    def find(self, waiver: Waiver) -> int | None:
        # compared here: a server ignores unknown filters
        same = (found.id for found in self._list(waiver) if _is_same(found, waiver))
        return max(same, default=None)

    @override
    def given(self, waiver_id: int) -> GivenWaiver:
        found = require_json(self._reader, f"{self._url}{waiver_id}", _Given)
        return GivenWaiver(
            id=found.id,
            by=found.username,
            comment=found.comment or "",
            given=found.timestamp.replace(tzinfo=found.timestamp.tzinfo or UTC).timestamp(),
        )

    def _list(self, waiver: Waiver) -> Iterator[_Waiver]:
        query = {
            "subject_type": waiver.subject_type,
            "subject_identifier": waiver.subject,
            "testcase": waiver.testcase,
            "limit": ROWS_PER_PAGE,
        }
        seen: set[int] = set()
        for number in range(1, MOST_PAGES + 1):
            # page numbers: the URL of the next page may name another host
            url = f"{self._url}?{urlencode(query | {'page': number})}"
            page = require_json(self._reader, url, _Page)
            yield from page.data
            if page.next is None:
                return
            ids = {found.id for found in page.data}
            if ids <= seen:
                raise ServiceUnavailableError(f"GET {url}: the page has nothing new")
            seen |= ids
        raise ServiceUnavailableError(f"GET {url}: more pages than are read")

    def _post_once(self, body: object) -> int:
        reply = self._poster.post(self._url, body)
        if reply.status == 401:  # noqa: PLR2004 - HTTP: unauthorized
            reason = first_line(reply.content.decode(errors="replace"))
            raise ConfigError(f"POST {self._url}: the token is refused: {reason}")
        return reply.decode(_Posted).id


class DryRunWaivers(ports.Waivers):
    """Waivers that are read through another gateway and never written."""

    def __init__(self, waivers: ports.Waivers) -> None:
        """Read through ``waivers``."""
        self._waivers = waivers

    @override
    def body(self, waiver: Waiver) -> Mapping[str, object]:
        return self._waivers.body(waiver)

    @override
    def post(self, waiver: Waiver) -> int:
        return 0

    @override
    def find(self, waiver: Waiver) -> int | None:
        return self._waivers.find(waiver)


def _fields(waiver: Waiver) -> dict[str, str | None]:
    """Return the fields that identify the waived test; scenario None: all scenarios."""
    return {
        "subject_type": waiver.subject_type,
        "subject_identifier": waiver.subject,
        "testcase": waiver.testcase,
        "product_version": waiver.product_version,
        "scenario": waiver.scenario,
    }


def _is_same(found: _Waiver, waiver: Waiver) -> bool:
    same = all(getattr(found, name) == value for name, value in _fields(waiver).items())
    return same and found.waived and (found.comment or "") == waiver.comment
