"""An SMTP server that stores mails instead of relaying them, and fails on request.

It must not know the contents of mails. Everything can be used from any thread.
"""

import asyncio
import contextlib
import email
import email.policy
import ssl
import threading
from collections.abc import Coroutine, Mapping
from dataclasses import dataclass, replace
from email.message import EmailMessage
from enum import Enum, auto
from types import MappingProxyType, TracebackType
from typing import AnyStr, Self

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

HOST = "127.0.0.1"
START_SECONDS = 30.0
#: seconds between two bytes of a slow reply that never ends
_DRIP_EVERY = 0.02


class Stage(Enum):
    """The point of the SMTP dialogue where it fails, in place of the server's reply."""

    CONNECT = auto()
    EHLO = auto()
    HELO = auto()
    STARTTLS = auto()
    MAIL = auto()
    RCPT = auto()
    #: before the text of the mail
    DATA = auto()
    #: after the text of the mail
    TEXT = auto()
    QUIT = auto()


class Failure(Enum):
    """What happens in place of the server's reply."""

    #: another reply is sent
    REPLY = auto()
    #: the connection ends
    DROP = auto()
    #: no reply, until the client leaves
    HANG = auto()
    #: a reply that never ends, sent slowly
    TRICKLE = auto()
    #: a reply that never ends, sent as fast as possible
    FLOOD = auto()
    #: for `DATA`: the server asks for the text and closes the connection at its first bytes
    CUT = auto()


@dataclass(frozen=True, slots=True)
class MailFault:
    """A failure, and where it happens."""

    stage: Stage
    failure: Failure
    #: for `REPLY`: "451 4.3.0 later"
    reply: str = ""
    #: for `RCPT`: the recipient that is refused; empty: every one
    recipient: str = ""
    #: for `TEXT`: the mail is stored although the reply fails
    keeps: bool = False
    #: how often it happens; None: always
    times: int | None = 1


@dataclass(frozen=True, slots=True)
class KeptMail:
    """A mail that the server accepted."""

    #: as in the envelope
    sender: str
    recipients: tuple[str, ...]
    content: bytes
    #: it came over TLS
    encrypted: bool = False
    #: the user who had logged in
    user: str | None = None

    @property
    def message(self) -> EmailMessage:
        """Return the mail, parsed."""
        return email.message_from_bytes(self.content, policy=email.policy.default)

    def text_as(self, subtype: str) -> str:
        """Return its ``"plain"`` or ``"html"`` text; empty: it has none."""
        part = self.message.get_body((subtype,))
        # SMTP's line ends are CRLF
        return "" if part is None else str(part.get_content()).replace("\r\n", "\n")

    def describe(self, *, lines: int = 12) -> str:
        """Return a summary in a few lines."""
        text = self.text_as("plain").splitlines()
        more = [f"… and {len(text) - lines} more lines"] if len(text) > lines else []
        html = self.text_as("html")
        also = [f"(and the same as HTML, {len(html)} characters)"] if html else []
        head = [
            f"From: {self.sender}",
            f"To: {', '.join(self.recipients)}",
            f"Subject: {self.message['subject']}",
            "",
        ]
        return "\n".join([*head, *text[:lines], *more, *also])


class MailSink:
    """A running SMTP server; use it as a context manager."""

    def __init__(
        self,
        *,
        tls: ssl.SSLContext | None = None,
        tls_at_once: bool = False,
        users: Mapping[str, str] = MappingProxyType({}),
    ) -> None:
        """Prepare a server; nothing is started before the `with` block.

        :param tls: its certificate; None: it offers no STARTTLS
        :param tls_at_once: connections are encrypted from the first byte, as on port 465
        :param users: user to password; if there are any, a client must log in
        """
        self.tls = tls
        self.tls_at_once = tls_at_once
        self.users = users
        #: attempted logins
        self.heard_logins = 0
        #: the server offers AUTH
        self.offers_login = True
        #: `127.0.0.1:43210`
        self.address = ""
        self._port = 0
        self._lock = threading.Lock()
        self._mails: list[KeptMail] = []
        self._faults: list[MailFault] = []
        #: of the open connections; used in the loop only
        self.transports: set[asyncio.WriteTransport] = set()
        self._server: asyncio.Server | None = None
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="mail", daemon=True)

    def __enter__(self) -> Self:
        """Start to listen, on a free port."""
        self._thread.start()
        self.accept_connections()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Stop, and close all connections."""
        self._in_loop(self._end())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def messages(self) -> tuple[KeptMail, ...]:
        """Return the accepted mails, the oldest first."""
        with self._lock:
            return tuple(self._mails)

    def fail(self, fault: MailFault) -> None:
        """Add a fault after the others; the first that matches happens."""
        with self._lock:
            self._faults.append(fault)

    def clear(self) -> None:
        """Remove all mails and all faults."""
        with self._lock:
            self._mails.clear()
            self._faults.clear()

    def refuse_connections(self) -> None:
        """Stop listening; open connections go on."""
        self._in_loop(self._stop_listening())

    def accept_connections(self) -> None:
        """Listen again, on the same port."""
        self._in_loop(self._listen())

    async def handle_DATA(  # noqa: N802 - aiosmtpd's name
        self,
        server: "_Conversation",
        session: Session,
        envelope: Envelope,
    ) -> str:
        """Accept a mail after its text; aiosmtpd calls it."""
        fault = self.take_fault(Stage.TEXT)
        if fault is None or fault.keeps:
            self._keep(envelope, session)
        return "250 2.0.0 taken" if fault is None else await server.fail(fault)

    def log_in(
        self,
        _server: SMTP,
        _session: Session,
        _envelope: Envelope,
        _mechanism: str,
        data: LoginPassword,
    ) -> AuthResult:
        """Check a password; aiosmtpd calls it."""
        self.heard_logins += 1
        user, password = data.login.decode(), data.password.decode()
        success = self.users.get(user) == password
        return AuthResult(success=success, handled=False, auth_data=user)

    def _keep(self, envelope: Envelope, session: Session) -> None:
        mail = KeptMail(
            envelope.mail_from or "",
            tuple(envelope.rcpt_tos),
            envelope.original_content or b"",
            encrypted=self.tls_at_once or session.ssl is not None,
            user=session.auth_data,
        )
        with self._lock:
            self._mails.append(mail)

    def take_fault(self, stage: Stage, about: str = "") -> MailFault | None:
        """Return the fault that happens now, and count it as used; None: none.

        :param about: the argument of the client's command
        """
        with self._lock:
            for place, fault in enumerate(self._faults):
                if fault.stage is stage and fault.recipient in about and fault.times != 0:
                    if fault.times is not None:
                        self._faults[place] = replace(fault, times=fault.times - 1)
                    return fault
        return None

    def _in_loop(self, work: Coroutine[None, None, None]) -> None:
        asyncio.run_coroutine_threadsafe(work, self._loop).result(START_SECONDS)

    async def _listen(self) -> None:
        self._server = await self._loop.create_server(
            lambda: _Conversation(self),
            HOST,
            self._port,
            ssl=self.tls if self.tls_at_once else None,
        )
        self._port = self._server.sockets[0].getsockname()[1]
        self.address = f"{HOST}:{self._port}"

    async def _stop_listening(self) -> None:
        if self._server is not None:
            self._server.close()

    async def _end(self) -> None:
        await self._stop_listening()
        for transport in self.transports:
            # with replies that are not yet written, too
            transport.abort()
        late = asyncio.all_tasks() - {asyncio.current_task()}
        for task in late:
            task.cancel()
        await asyncio.gather(*late, return_exceptions=True)


class _Conversation(SMTP):
    """The SMTP dialogue on one connection."""

    def __init__(self, sink: MailSink) -> None:
        super().__init__(
            sink,
            hostname="sandbox",
            ident="mail",
            tls_context=None if sink.tls_at_once else sink.tls,
            auth_required=bool(sink.users),
            auth_require_tls=not sink.tls_at_once,
            authenticator=sink.log_in,
            auth_exclude_mechanism=() if sink.offers_login else ("LOGIN", "PLAIN"),
        )
        self._sink = sink
        self._has_greeted = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        super().connection_made(transport)
        self._sink.transports.add(self._writer.transport)

    def connection_lost(self, error: Exception | None) -> None:
        self._sink.transports.discard(self._writer.transport)
        super().connection_lost(error)

    async def push(self, status: AnyStr) -> None:
        # the first line of a server is its greeting
        greets, self._has_greeted = not self._has_greeted, True
        if not (greets and await self._fails(Stage.CONNECT)):
            await super().push(status)

    async def smtp_EHLO(self, hostname: str) -> None:  # noqa: N802 - aiosmtpd's names
        if not await self._fails(Stage.EHLO):
            await super().smtp_EHLO(hostname)

    async def smtp_HELO(self, hostname: str) -> None:  # noqa: N802
        if not await self._fails(Stage.HELO):
            await super().smtp_HELO(hostname)

    async def smtp_STARTTLS(self, arg: str | None) -> None:  # noqa: N802
        if not await self._fails(Stage.STARTTLS):
            await super().smtp_STARTTLS(arg)

    async def smtp_MAIL(self, arg: str | None) -> None:  # noqa: N802
        if not await self._fails(Stage.MAIL):
            await super().smtp_MAIL(arg)

    async def smtp_RCPT(self, arg: str | None) -> None:  # noqa: N802
        if not await self._fails(Stage.RCPT, arg or ""):
            await super().smtp_RCPT(arg)

    async def smtp_DATA(self, arg: str) -> None:  # noqa: N802
        if not await self._fails(Stage.DATA):
            await super().smtp_DATA(arg)

    async def smtp_QUIT(self, arg: str) -> None:  # noqa: N802
        if not await self._fails(Stage.QUIT):
            await super().smtp_QUIT(arg)

    async def fail(self, fault: MailFault) -> str:
        """Return another reply, or wait until aiosmtpd cancels this because the client has left."""
        if fault.failure is Failure.REPLY:
            return fault.reply
        # a client that has left is not an error
        with contextlib.suppress(ConnectionError):
            if fault.failure is Failure.CUT:
                await self._write(b"354 go on\r\n")
                await self._reader.read(1)
            if fault.failure in (Failure.DROP, Failure.CUT):
                self._writer.transport.abort()
            while fault.failure is Failure.TRICKLE:
                await self._write(b"2")
                await asyncio.sleep(_DRIP_EVERY)
            while fault.failure is Failure.FLOOD:
                await self._write(b"250-and more\r\n" * 1000)
        never: asyncio.Future[str] = self.loop.create_future()
        return await never

    async def _fails(self, stage: Stage, about: str = "") -> bool:
        fault = self._sink.take_fault(stage, about)
        if fault is None:
            return False
        await self.push(await self.fail(fault))
        return True

    async def _write(self, data: bytes) -> None:
        self._writer.write(data)
        await self._writer.drain()
