"""The SMTP server that takes our mails; the only file that imports smtplib.

A mail is taken once the server says so, after the lone dot that ends the text (RFC 5321,
4.1.1.4). Before the dot is sent nothing has happened, whatever goes wrong; after it, without an
answer, nobody knows. So nothing here sends a mail again.
"""

import io
import logging
import re
import smtplib
import socket
import time
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass
from typing import Self
from urllib.parse import urlsplit

from fedora_openqa.errors import (
    AmbiguousWriteError,
    ConfigError,
    FedoraOpenQAError,
    RequestRefusedError,
    ServiceUnavailableError,
)
from fedora_openqa.gateways.mail_format import message_for
from fedora_openqa.model.mails import Mail, Refused
from fedora_openqa.texts import first_line

log = logging.getLogger(__name__)

#: answers of a server that wants to know who we are; RFC 4954, 6
LOGIN = frozenset({530, 534, 535, 538})

#: bytes of all answers to one mail
MOST_ANSWERED = 1_000_000


@dataclass(frozen=True, slots=True)
class SmtpLimits:
    """How long a server may take, in seconds."""

    #: to be reached, at each of its addresses
    connect: float = 10.0
    #: without a byte
    quiet: float = 60.0
    #: until the text of a mail is sent
    text: float = 180.0
    #: to say whether it took a mail; it may look for viruses first, and who leaves too early
    #: does not know (RFC 5321, 4.5.3.2.6)
    verdict: float = 300.0


LIMITS = SmtpLimits()


@dataclass(frozen=True, slots=True)
class SmtpServer:
    """Where a server is."""

    host: str
    port: int

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read ``"host"`` or ``"host:port"``.

        Raises:
            ConfigError: it is neither.
        """
        wrong = f"[mail] smtp: {text!r} is not host or host:port"
        try:
            parts = urlsplit(f"//{text}")
            host, port = parts.hostname or "", parts.port or smtplib.SMTP_PORT
            # the resolver does so, and has no error of its own for it
            host.encode("idna")
        except ValueError as exc:
            raise ConfigError(wrong) from exc
        if not host or not re.fullmatch(r"[\w.:\[\]-]+", text):
            raise ConfigError(wrong)
        return cls(host, port)

    def __str__(self) -> str:
        """Name it in errors."""
        return f"SMTP {self.host}:{self.port}"


class SmtpMailer:
    """`fedora_openqa.ports.Mailer`, over SMTP."""

    def __init__(self, smtp: str, *, limits: SmtpLimits = LIMITS) -> None:
        """Speak to a server.

        :param smtp: host or host:port

        Raises:
            ConfigError: it is neither.
        """
        self._server = SmtpServer.parse(smtp)
        self._limits = limits

    def send(self, mail: Mail) -> Mapping[str, Refused]:
        """Hand a mail over, once; gives the recipients that were refused, and why.

        Raises:
            ConfigError: an address is none, or the server wants a login.
            RequestRefusedError: the mail, or all recipients, were refused.
            ServiceUnavailableError: nothing was handed over.
            AmbiguousWriteError: it may have been.
        """
        content = message_for(mail).as_bytes()
        with closing(_Connection(self._limits)) as connection:
            try:
                refused = self._offer(connection, mail)
                self._send_text(connection, content)
            except (smtplib.SMTPException, OSError) as exc:
                raise ServiceUnavailableError(f"{self._server}: {_reason(exc)}") from exc
            try:
                code, text = self._verdict(connection)
            except (smtplib.SMTPException, OSError) as exc:
                raise AmbiguousWriteError(
                    f"{self._server}: mail <{mail.message_id}> was sent: {_reason(exc)}"
                ) from exc
            if not _is_yes(code):
                raise self._no(f"mail <{mail.message_id}>", code=code, text=text)
            _leave(connection, self._limits)
        taken = [recipient for recipient in mail.recipients if recipient not in refused]
        log.info("%s: took mail <%s> for %s", self._server, mail.message_id, ", ".join(taken))
        return refused

    def _offer(self, connection: "_Connection", mail: Mail) -> Mapping[str, Refused]:
        """Say from whom to whom; gives the recipients that were refused, if not all were."""
        connection.end_within(self._limits.text)
        self._require("connecting", connection.connect(self._server.host, self._server.port))
        self._require("EHLO", connection.ehlo())
        self._require(f"MAIL FROM {mail.sender}", connection.mail(mail.sender))
        refused = {}
        for recipient in mail.recipients:
            code, answer = connection.rcpt(recipient)
            if _is_yes(code):
                continue
            no = self._no(f"RCPT TO {recipient}", code=code, text=_text(answer))
            # 421: the server ends the connection; RFC 5321, 3.8
            if code == 421 or not _is_no(code) or isinstance(no, ConfigError):  # noqa: PLR2004
                raise no
            temporary = isinstance(no, ServiceUnavailableError)
            refused[recipient] = Refused(f"{code} {_text(answer)}", temporary=temporary)
        if len(refused) == len(set(mail.recipients)):
            reasons = ", ".join(f"{who}: {why.reason}" for who, why in refused.items())
            later = any(why.temporary for why in refused.values())
            error = ServiceUnavailableError if later else RequestRefusedError
            raise error(f"{self._server}: all recipients are refused: {reasons}")
        return refused

    def _send_text(self, connection: "_Connection", content: bytes) -> None:
        code, answer = connection.docmd("DATA")
        if code != 354:  # noqa: PLR2004 - SMTP: go on
            raise self._no("DATA", code=code, text=_text(answer))
        # a lone dot would end the text
        connection.send(re.sub(rb"(?m)^\.", b"..", content))
        connection.send(b".\r\n")

    def _verdict(self, connection: "_Connection") -> tuple[int, str]:
        connection.end_within(self._limits.verdict, quiet=self._limits.verdict)
        code, answer = connection.getreply()
        if not _is_yes(code) and not _is_no(code):
            raise smtplib.SMTPResponseException(code, answer)
        return code, _text(answer)

    def _require(self, what: str, reply: tuple[int, bytes]) -> None:
        code, answer = reply
        if not _is_yes(code):
            raise self._no(what, code=code, text=_text(answer))

    def _no(self, what: str, *, code: int, text: str) -> FedoraOpenQAError:
        message = f"{self._server}: {what}: {code} {text}".rstrip()
        if code in LOGIN:
            return ConfigError(f"{message}: a server is needed that wants no login of this host")
        if _is_no(code) and code >= 500:  # noqa: PLR2004 - SMTP's permanent errors
            return RequestRefusedError(message)
        return ServiceUnavailableError(message)


class DryRunMailer:
    """`fedora_openqa.ports.Mailer` that has no way to send; it logs the text of each mail."""

    def send(self, mail: Mail) -> Mapping[str, Refused]:
        """Log a mail.

        Raises:
            ConfigError: an address is none.
        """
        message_for(mail)
        recipients = ", ".join(mail.recipients)
        log.warning("would mail %s to %s:", mail.subject, recipients)
        for line in mail.text.split("\n"):
            log.warning("%s", line)
        return {}


class _Connection(smtplib.SMTP):
    """A connection that ends in time, also if the server sends a drop at a time, or for ever."""

    def __init__(self, limits: SmtpLimits) -> None:
        # smtplib's own way to find the name may ask a name server for long
        name = socket.gethostname()
        super().__init__(
            local_hostname=name if "." in name else "[127.0.0.1]", timeout=limits.connect
        )
        self._limits = limits
        self.end_within(limits.text)

    def end_within(self, seconds: float, *, quiet: float | None = None) -> None:
        """Limit all that is done from now on."""
        self._deadline = time.monotonic() + seconds
        self._quiet = quiet or self._limits.quiet

    def send(self, s: object) -> None:
        """Send, until the deadline."""
        if self.sock:
            # of the whole of it, as `sendall` takes it
            self.sock.settimeout(self.left())
        super().send(s)  # type: ignore[arg-type] # bytes or str, whatever smtplib calls it

    def getreply(self) -> tuple[int, bytes]:
        """Wait for a reply, until the deadline."""
        if self.file is None and self.sock:
            self.file = io.BufferedReader(_Replies(self, self.sock))
        return super().getreply()

    def left(self) -> float:
        """Give the seconds that are left.

        Raises:
            TimeoutError: there are none.
        """
        left = self._deadline - time.monotonic()
        if left <= 0:
            raise TimeoutError
        return left

    def patience(self) -> float:
        """Give the seconds until the next byte must be there.

        Raises:
            TimeoutError: there are none.
        """
        return min(self._quiet, self.left())


class _Replies(io.RawIOBase):
    """What the server sends; smtplib's own reader only limits the time between two bytes."""

    def __init__(self, connection: _Connection, sock: socket.socket) -> None:
        self._connection = connection
        self._sock = sock
        self._size = 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: bytearray) -> int:  # type: ignore[override] # io has no such type
        self._sock.settimeout(self._connection.patience())
        size = self._sock.recv_into(buffer)
        self._size += size
        if self._size > MOST_ANSWERED:
            raise OSError(f"the answers have more than {MOST_ANSWERED} bytes")
        return size


def _leave(connection: _Connection, limits: SmtpLimits) -> None:
    """Say goodbye; the mail is taken whatever comes of that."""
    try:
        connection.end_within(limits.connect)
        connection.docmd("QUIT")
    except (smtplib.SMTPException, OSError) as exc:
        log.info("the mail was taken, but not the goodbye: %s", _reason(exc))


def _is_yes(code: int) -> bool:
    return 200 <= code < 300  # noqa: PLR2004 - SMTP's success


def _is_no(code: int) -> bool:
    return 400 <= code < 600  # noqa: PLR2004 - SMTP's errors


def _text(answer: bytes) -> str:
    return first_line(answer.decode(errors="replace"))


def _reason(exc: smtplib.SMTPException | OSError) -> str:
    """Say in a few words what happened; smtplib hides the error of the socket behind its own."""
    hidden = exc.__context__ if isinstance(exc, smtplib.SMTPServerDisconnected) else None
    cause = hidden or exc
    if isinstance(cause, TimeoutError):
        return "no answer in time"
    if isinstance(cause, smtplib.SMTPServerDisconnected):
        return "the connection ended"
    if isinstance(cause, smtplib.SMTPException):
        return f"not an answer of SMTP: {first_line(str(cause))}"
    return getattr(cause, "strerror", None) or first_line(str(cause))
