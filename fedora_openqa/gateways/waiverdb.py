"""WaiverDB, where people say that a test does not matter this time."""

from urllib.parse import urlencode

import msgspec

from fedora_openqa.config import Http
from fedora_openqa.errors import AmbiguousWriteError, ConfigError
from fedora_openqa.gateways.answers import require_json
from fedora_openqa.gateways.http import Reader, repeated
from fedora_openqa.gateways.json_posts import Poster
from fedora_openqa.model.gating import Waiver
from fedora_openqa.ports import Waivers
from fedora_openqa.texts import first_line

#: waivers of one test of one subject that are looked through; there are a few at the most
MOST_FOUND = 100


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


class _Page(msgspec.Struct, frozen=True):
    data: list[_Waiver]


class RestWaivers:
    """`fedora_openqa.ports.Waivers`, over HTTP."""

    def __init__(self, limits: Http, url: str, *, token: str = "") -> None:
        """Speak to the WaiverDB whose API is at ``url``.

        :param token: who waives; empty: it is only read

        Raises:
            ConfigError: the token cannot be sent.
        """
        # not shown: it is a secret whatever is wrong with it
        if not (token.isascii() and (token.isprintable() or not token)):
            raise ConfigError("WaiverDB's token has characters that no token has")
        self._limits = limits
        self._url = f"{url.rstrip('/')}/waivers/"
        self._poster = Poster(limits, token=token)
        self._reader = Reader(limits)

    def post(self, waiver: Waiver) -> int:
        """Store a waiver; gives its id.

        Raises:
            ConfigError: WaiverDB does not take the token, or the URL leads elsewhere.
            RequestRefusedError: WaiverDB said no; nothing was stored.
            ServiceUnavailableError: it was not reached; nothing was stored.
            AmbiguousWriteError: it may have been stored.
        """
        body = {**_fields(waiver), "comment": waiver.comment, "waived": True}
        # only what never arrived is sent again
        return repeated(lambda: self._post_once(body), limits=self._limits)

    def find(self, waiver: Waiver) -> int | None:
        """Give the id of a waiver that says the same, if there is one.

        Raises:
            RequestRefusedError, ServiceUnavailableError: WaiverDB does not say.
        """
        query = urlencode(
            {
                "subject_type": waiver.subject_type,
                "subject_identifier": waiver.subject,
                "testcase": waiver.testcase,
                "limit": MOST_FOUND,
            }
        )
        page = require_json(self._reader, f"{self._url}?{query}", _Page)
        # compared here: a filter that a server does not know is no filter there
        return max((found.id for found in page.data if _says_the_same(found, waiver)), default=None)

    def _post_once(self, body: object) -> int:
        reply = self._poster.post(self._url, body)
        if reply.status == 401:  # noqa: PLR2004 - HTTP: unauthorized
            reason = first_line(reply.content.decode(errors="replace"))
            raise ConfigError(f"POST {self._url}: the token is refused: {reason}")
        content = reply.require_success()
        try:
            return msgspec.json.decode(content, type=_Posted).id
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as exc:
            reason = first_line(str(exc))
            raise AmbiguousWriteError(
                f"POST {self._url}: not an answer of WaiverDB: {reason}"
            ) from exc


class DryRunWaivers:
    """`fedora_openqa.ports.Waivers` that has no way to write."""

    def __init__(self, waivers: Waivers) -> None:
        """Read through ``waivers``."""
        self._waivers = waivers

    def post(self, waiver: Waiver) -> int:  # noqa: ARG002
        """Store nothing; there is no id."""
        return 0

    def find(self, waiver: Waiver) -> int | None:
        """Give the id of a waiver that says the same, if there is one."""
        return self._waivers.find(waiver)


def _fields(waiver: Waiver) -> dict[str, str | None]:
    """Give what a waiver is about; without a scenario it is about all."""
    return {
        "subject_type": waiver.subject_type,
        "subject_identifier": waiver.subject,
        "testcase": waiver.testcase,
        "product_version": waiver.product_version,
        "scenario": waiver.scenario,
    }


def _says_the_same(found: _Waiver, waiver: Waiver) -> bool:
    same = all(getattr(found, name) == value for name, value in _fields(waiver).items())
    return same and found.waived and (found.comment or "") == waiver.comment
