"""openQA's API keys: checks the HMAC over the address and the time of a request.

It must not know HTTP: it gets plain texts.
"""

import hashlib
import hmac
import re
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import parse_qsl, quote_plus

#: seconds that a signature is valid; openQA accepts any time in the future
TOLERANCE = 300
_NUMBER = re.compile(r"\s*[-+]?\d+(\.\d*)?")


@dataclass(frozen=True)
class ApiKey:
    """The API key of the server's operator."""

    key: str
    secret: str


def digest(secret: str, target: str, microtime: str) -> str:
    """Return the signature of a request's target, as hexadecimal text."""
    message = f"{target}{microtime}".encode()
    return hmac.new(secret.encode(), message, hashlib.sha1).hexdigest()


def signed_target(raw_target: str) -> str:
    """Return path and query in the spelling that openQA checks the signature of.

    openQA parses the query and writes it again. A client that escapes `*`, or does not escape `~`,
    has signed another text, and gets the error of a wrong secret.
    """
    path, mark, query = raw_target.partition("?")
    if not query:
        return path + mark
    pairs = parse_qsl(query, keep_blank_values=True)
    return f"{path}?{'&'.join(f'{_escape(name)}={_escape(value)}' for name, value in pairs)}"


def refusal(headers: Mapping[str, str], target: str, *, known: ApiKey, now: float) -> str | None:
    """Return why a request is refused, in openQA's words; None: it is permitted."""
    key = headers.get("X-API-Key")
    if not key:
        return "no api key"
    if key != known.key:
        return "Not authorized"
    microtime = headers.get("X-API-Microtime", "")
    if int(now) - _seconds(microtime) > TOLERANCE:
        return "timestamp mismatch"
    expected = digest(known.secret, signed_target(target), microtime)
    if not hmac.compare_digest(expected.encode(), headers.get("X-API-Hash", "").encode()):
        return "unknown error (wrong secret?)"
    return None


def _escape(text: str) -> str:
    return quote_plus(text, safe="*").replace("~", "%7E")


def _seconds(microtime: str) -> float:
    # Perl takes the number at the start of a text, or 0
    found = _NUMBER.match(microtime)
    return float(found.group()) if found else 0.0
