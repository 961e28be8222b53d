"""Who may write: openQA's API keys with an HMAC over the address and the time.

It must not know about requests: everything arrives as plain text.
"""

import hashlib
import hmac
import re
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import parse_qsl, quote_plus

#: seconds that a signature stays good; openQA accepts any time in the future
TOLERANCE = 300
_NUMBER = re.compile(r"\s*[-+]?\d+(\.\d*)?")


@dataclass(frozen=True)
class ApiKey:
    """What the server knows of its one operator."""

    key: str
    secret: str


def digest(secret: str, target: str, microtime: str) -> str:
    """Return the signature of a request's target, as hexadecimal text."""
    message = f"{target}{microtime}".encode()
    return hmac.new(secret.encode(), message, hashlib.sha1).hexdigest()


def signed_target(raw_target: str) -> str:
    """Return the path and query as openQA spells them when it checks a signature.

    It parses the query and writes it again in its own spelling, so that a client which escapes
    `*`, or leaves `~` alone, has signed something else and is told that its secret is wrong.
    """
    path, mark, query = raw_target.partition("?")
    if not query:
        return path + mark
    pairs = parse_qsl(query, keep_blank_values=True)
    return f"{path}?{'&'.join(f'{_escape(name)}={_escape(value)}' for name, value in pairs)}"


def refusal(headers: Mapping[str, str], target: str, *, known: ApiKey, now: float) -> str | None:
    """Return why a request is refused, in openQA's words, or None if it may go on."""
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
    # Perl reads the number at the start of a text, and 0 where there is none
    found = _NUMBER.match(microtime)
    return float(found.group()) if found else 0.0
