"""Makes an embedded server fail on purpose, in the ways that networks and proxies fail.

It must not know the service. Rules can be added and removed from any thread while the server runs.
"""

import asyncio
import random
import re
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum, auto

from aiohttp import web
from aiohttp.typedefs import Handler, Middleware

#: seconds between two checks whether the client of a hanging request has left
_LOOK_EVERY = 0.05


class Kind(Enum):
    """What happens to a request instead of an answer."""

    #: an answer is sent without the server
    ANSWER = auto()
    #: the server does its work, and another answer is sent
    ANSWER_AFTER = auto()
    #: the connection ends without an answer, before or after the server did its work
    DROP = auto()
    DROP_AFTER = auto()
    #: the connection ends in the middle of the server's answer
    CUT = auto()
    #: no answer, until the client gives up, before or after the server did its work
    HANG = auto()
    HANG_AFTER = auto()
    #: the server does its work later, whether or not its client still waits, and answers
    DELAY = auto()


@dataclass(frozen=True)
class Rule:
    """The requests that fail, and how."""

    kind: Kind
    #: ``"POST"``; None: every method
    method: str | None = None
    #: a regular expression that the path contains
    path: str = ""
    #: the number of requests that fail; None: all
    times: int | None = None
    #: the share of requests that fail, at random: from 0 to 1
    share: float = 1.0
    status: int = 503
    body: str | bytes = ""
    content_type: str = "text/plain"
    #: ``{"Retry-After": "60"}``
    headers: Mapping[str, str] = field(default_factory=dict)
    #: for `DELAY`
    seconds: float = 0.0

    def strikes(self, method: str, path: str) -> bool:
        """Return whether the rule makes such a request fail."""
        about = (self.method is None or self.method == method) and re.search(self.path, path)
        return bool(about) and (self.share >= 1 or random.random() < self.share)  # noqa: S311 - no secret


@dataclass(frozen=True)
class LoggedRequest:
    """One request and how it was answered."""

    method: str
    path: str
    #: as sent, without the question mark
    query: str
    #: None where the connection was dropped
    status: int | None


class RequestLog:
    """The requests to the server, in the order of the answers; readable from any thread."""

    def __init__(self) -> None:
        """Start without requests."""
        self._lock = threading.Lock()
        self._requests: list[LoggedRequest] = []

    def add(self, request: LoggedRequest) -> None:
        """Store a request."""
        with self._lock:
            self._requests.append(request)

    def all(self, *, method: str | None = None, path: str = "") -> tuple[LoggedRequest, ...]:
        """Return the requests of a method whose path contains an expression."""
        with self._lock:
            found = tuple(self._requests)
        return tuple(
            request
            for request in found
            if (method is None or request.method == method) and re.search(path, request.path)
        )

    def clear(self) -> None:
        """Remove all requests."""
        with self._lock:
            self._requests.clear()


@dataclass
class _Pending:
    rule: Rule
    left: int | None


@dataclass
class Faults:
    """The rules of one server. The first rule that matches decides, until it is used up."""

    #: the requests so far
    log: RequestLog = field(default_factory=RequestLog)
    #: seconds that every request waits
    delay: float = 0.0
    #: seconds that the server's clock is ahead of ours
    clock_offset: float = 0.0
    _pending: list[_Pending] = field(default_factory=list)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def add(self, rule: Rule) -> None:
        """Add a rule after the others."""
        with self._lock:
            self._pending.append(_Pending(rule, rule.times))

    def clear(self) -> None:
        """Remove all rules, the delay and the clock's offset; the log stays."""
        with self._lock:
            self._pending.clear()
        self.delay = 0.0
        self.clock_offset = 0.0

    def now(self) -> float:
        """Return the time by the server's clock, seconds since 1970."""
        return time.time() + self.clock_offset

    def take(self, method: str, path: str) -> Rule | None:
        """Return the rule for a request, and count it as used; None: no rule matches."""
        with self._lock:
            for pending in self._pending:
                if pending.left != 0 and pending.rule.strikes(method, path):
                    if pending.left is not None:
                        pending.left -= 1
                    return pending.rule
        return None


def fault_middleware(faults: Faults) -> Middleware:
    """Return the aiohttp middleware that applies the rules."""

    @web.middleware
    async def obey(request: web.Request, handler: Handler) -> web.StreamResponse:
        status: int | None = None
        try:
            if faults.delay:
                await asyncio.sleep(faults.delay)
            rule = faults.take(request.method, request.path)
            response = await (handler(request) if rule is None else _obey(rule, request, handler))
            # a connection that was dropped has no answer, whatever aiohttp would like to send
            status = None if _is_dropped(request) else response.status
        except web.HTTPException as refusal:
            status = refusal.status
            raise
        else:
            return response
        finally:
            query = request.rel_url.raw_query_string
            faults.log.add(LoggedRequest(request.method, request.path, query, status))

    return obey


async def _obey(rule: Rule, request: web.Request, handler: Handler) -> web.StreamResponse:
    if rule.kind in (Kind.ANSWER_AFTER, Kind.DROP_AFTER, Kind.HANG_AFTER):
        await handler(request)
    match rule.kind:
        case Kind.ANSWER | Kind.ANSWER_AFTER:
            return _answer(rule)
        case Kind.DROP | Kind.DROP_AFTER:
            return _dropped(request)
        case Kind.CUT:
            return await _cut(request, await handler(request))
        case Kind.HANG | Kind.HANG_AFTER:
            return await _hang(request)
        case Kind.DELAY:
            # the body cannot be read after its sender has left
            await request.read()
            await asyncio.sleep(rule.seconds)
            return await handler(request)


def _answer(rule: Rule) -> web.Response:
    body = rule.body.encode() if isinstance(rule.body, str) else rule.body
    headers = {"Content-Type": rule.content_type, **rule.headers}
    return web.Response(status=rule.status, body=body, headers=headers)


def _dropped(request: web.Request) -> web.Response:
    if request.transport is not None:
        request.transport.abort()
    return web.Response()


async def _cut(request: web.Request, answer: web.StreamResponse) -> web.StreamResponse:
    body = answer.body if isinstance(answer, web.Response) else b""
    content = bytes(body) if isinstance(body, bytes | bytearray) else b""
    # announce the whole length, send half
    part = web.StreamResponse(status=answer.status)
    part.content_type = answer.content_type
    part.content_length = max(len(content), 2)
    await part.prepare(request)
    await part.write((content or b"{}")[: max(len(content) // 2, 1)])
    if request.transport is not None:
        # close instead of abort: the bytes written must arrive
        request.transport.close()
    return part


async def _hang(request: web.Request) -> web.Response:
    # in aiohttp only the transport shows that the client has left
    while not _is_dropped(request):  # noqa: ASYNC110 - there is no event to wait for
        await asyncio.sleep(_LOOK_EVERY)
    return web.Response()


def _is_dropped(request: web.Request) -> bool:
    return request.transport is None or request.transport.is_closing()
