"""Mail over SMTP.

A mail is accepted when the server replies so, after the lone dot that ends the text (RFC 5321,
4.1.1.4). An error before the dot means that no mail was sent. Without a reply after the dot it is
unknown whether the mail was accepted. So this never sends a mail again.
"""

import logging
import re
import smtplib
import ssl
from collections.abc import Collection, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from typing import Self
from urllib.parse import urlsplit

from typing_extensions import override

from fedora_openqa import ports
from fedora_openqa.errors import (
    AmbiguousWriteError,
    ConfigError,
    FedoraOpenQAError,
    RequestRefusedError,
    ServiceUnavailableError,
)
from fedora_openqa.gateways.mail.connection import SmtpConnection, SmtpLimits, reason_of
from fedora_openqa.gateways.mail.format import message_for
from fedora_openqa.model.mails import Mail, Refused
from fedora_openqa.texts import first_line

log = logging.getLogger(__name__)

#: reply codes about the login; RFC 4954, 6
LOGIN = frozenset({530, 534, 535, 538})

#: the mechanisms of AUTH that smtplib supports
MECHANISMS = frozenset({"CRAM-MD5", "LOGIN", "PLAIN"})

LIMITS = SmtpLimits()

#: ports on which TLS begins with the first byte; RFC 8314, 3.3
TLS_PORTS = frozenset({smtplib.SMTP_SSL_PORT})


@dataclass(frozen=True, slots=True)
class SmtpServer:
    """The address of a server."""

    host: str
    port: int

    @classmethod
    def parse(cls, text: str) -> Self:
        """Parse ``"host"`` or ``"host:port"``.

        Raises:
            ConfigError: the text is neither.
        """
        # a password may stand before the last @
        shown = text.rpartition("@")[2]
        wrong = f"[mail] smtp: {shown!r} is not host or host:port"
        if shown != text:
            wrong = f"{wrong}, without user: that is smtp_user"
        try:
            parts = urlsplit(f"//{text}")
            host, port = parts.hostname or "", parts.port or smtplib.SMTP_PORT
            # the resolver does the same, and raises a UnicodeError
            host.encode("idna")
        except ValueError as exc:
            raise ConfigError(wrong) from exc
        if not host or not re.fullmatch(r"[\w.:\[\]-]+", text):
            raise ConfigError(wrong)
        return cls(host, port)

    def __str__(self) -> str:
        """Return its name for errors: ``"SMTP host:25"``."""
        return f"SMTP {self.host}:{self.port}"


@dataclass(frozen=True, slots=True)
class SmtpLogin:
    """Our login at a server."""

    user: str
    password: str = field(repr=False)

    def __post_init__(self) -> None:
        """Check that smtplib can send user and password.

        Raises:
            ConfigError: user or password is not ASCII, or empty.
        """
        if not (self.user.isascii() and self.password.isascii()):
            raise ConfigError("[mail] smtp_user and its password must be ASCII")
        if not (self.user and self.password):
            raise ConfigError("[mail] smtp_user has no password: see smtp_password_file")


class SmtpMailer(ports.Mailer):
    """Sends mails to one SMTP server, each once."""

    def __init__(
        self,
        smtp: str,
        *,
        starttls: bool = False,
        login: SmtpLogin | None = None,
        limits: SmtpLimits = LIMITS,
        tls_ports: Collection[int] = TLS_PORTS,
    ) -> None:
        """Prepare connections; sends nothing.

        :param smtp: host or host:port
        :param starttls: require encryption
        :param login: requires encryption, too; None: the server accepts mails without login
        :param tls_ports: ports on which a connection is encrypted from the first byte

        Raises:
            ConfigError: ``smtp`` is neither host nor host:port.
        """
        self._server = SmtpServer.parse(smtp)
        self._login = login
        # checks the server's certificate and its name
        self._tls = ssl.create_default_context()
        self._at_once = self._server.port in tls_ports
        self._starttls = not self._at_once and (starttls or login is not None)
        self._limits = limits

    @override
    def send(self, mail: Mail) -> Mapping[str, Refused]:
        content = message_for(mail).as_bytes()
        with closing(self._connection()) as connection:
            with self._translated():
                self._open(connection)
                refused = self._offer(connection, mail)
                self._send_text(connection, content)
            try:
                code, text = self._verdict(connection)
            except (smtplib.SMTPException, OSError) as exc:
                raise AmbiguousWriteError(
                    f"{self._server}: mail <{mail.message_id}> was sent: {reason_of(exc)}"
                ) from exc
            if not _is_yes(code):
                raise self._no(f"mail <{mail.message_id}>", code=code, text=text)
            _leave(connection, self._limits)
        taken = [recipient for recipient in mail.recipients if recipient not in refused]
        log.info("%s: accepted mail <%s> for %s", self._server, mail.message_id, ", ".join(taken))
        return refused

    def check(self) -> None:
        """Connect and log in as for a mail, and leave; no mail is sent.

        Raises:
            ConfigError: the server requires a login, or refuses ours.
            RequestRefusedError: the server refuses us.
            ServiceUnavailableError: the server does not answer.
        """
        with closing(self._connection()) as connection:
            with self._translated():
                self._open(connection)
            _leave(connection, self._limits)

    def _connection(self) -> SmtpConnection:
        tls = self._tls if self._at_once else None
        return SmtpConnection(self._server.host, self._limits, tls=tls)

    @contextmanager
    def _translated(self) -> Iterator[None]:
        """Translate the errors before a mail was sent."""
        try:
            yield
        except ssl.SSLCertVerificationError as exc:
            raise ConfigError(f"{self._server}: certificate: {exc.verify_message}") from exc
        except (smtplib.SMTPException, OSError) as exc:
            raise ServiceUnavailableError(f"{self._server}: {reason_of(exc)}") from exc

    def _open(self, connection: SmtpConnection) -> None:
        """Connect, encrypt and log in; raises as `check`."""
        connection.end_within(self._limits.text)
        self._require("connecting", connection.connect(self._server.host, self._server.port))
        self._greet(connection)
        if self._starttls:
            self._encrypt(connection)
        if self._login:
            self._log_in(connection, self._login)

    def _offer(self, connection: SmtpConnection, mail: Mail) -> Mapping[str, Refused]:
        """Send sender and recipients, and return the recipients that were refused.

        Raises: as `send`; an error if all recipients were refused.
        """
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

    def _greet(self, connection: SmtpConnection) -> None:
        reply = connection.ehlo()
        if reply[0] >= 500:  # noqa: PLR2004 - SMTP's permanent errors
            # an old server knows HELO only; RFC 5321, 3.2
            self._require("HELO", connection.helo())
        else:
            self._require("EHLO", reply)

    def _encrypt(self, connection: SmtpConnection) -> None:
        if not connection.has_extn("starttls"):
            raise ConfigError(f"{self._server} offers no STARTTLS: see starttls in [mail]")
        try:
            connection.starttls(context=self._tls)
        except smtplib.SMTPResponseException as exc:
            raise self._not_us("STARTTLS", exc) from exc
        # replies from before encryption may be forged
        self._greet(connection)

    def _log_in(self, connection: SmtpConnection, login: SmtpLogin) -> None:
        if MECHANISMS.isdisjoint(connection.esmtp_features.get("auth", "").upper().split()):
            raise ConfigError(f"{self._server} offers no login: see smtp_user in [mail]")
        try:
            connection.login(login.user, login.password)
        except smtplib.SMTPAuthenticationError as exc:
            raise self._not_us(f"login as {login.user}", exc) from exc

    def _send_text(self, connection: SmtpConnection, content: bytes) -> None:
        code, answer = connection.docmd("DATA")
        if code != 354:  # noqa: PLR2004 - SMTP: go on
            raise self._no("DATA", code=code, text=_text(answer))
        # a lone dot would end the text
        connection.send(re.sub(rb"(?m)^\.", b"..", content))
        connection.send(b".\r\n")

    def _verdict(self, connection: SmtpConnection) -> tuple[int, str]:
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
            return ConfigError(f"{message}: see starttls, smtp_user in [mail]")
        if _is_no(code) and code >= 500:  # noqa: PLR2004 - SMTP's permanent errors
            return RequestRefusedError(message)
        return ServiceUnavailableError(message)

    def _not_us(self, what: str, exc: smtplib.SMTPResponseException) -> FedoraOpenQAError:
        """Return the error for a refusal of our login or encryption, not of the mail."""
        text = exc.smtp_error if isinstance(exc.smtp_error, bytes) else exc.smtp_error.encode()
        error = self._no(what, code=exc.smtp_code, text=_text(text))
        return ConfigError(str(error)) if isinstance(error, RequestRefusedError) else error


class DryRunMailer(ports.Mailer):
    """A mailer that cannot send; it logs the text of each mail."""

    @override
    def send(self, mail: Mail) -> Mapping[str, Refused]:
        message_for(mail)
        recipients = ", ".join(mail.recipients)
        log.warning("would mail %s to %s:", mail.subject, recipients)
        for line in mail.text.split("\n"):
            log.warning("%s", line)
        return {}


def _leave(connection: SmtpConnection, limits: SmtpLimits) -> None:
    """Send QUIT; errors do not matter any more."""
    try:
        connection.end_within(limits.connect)
        connection.docmd("QUIT")
    except (smtplib.SMTPException, OSError) as exc:
        log.info("QUIT failed: %s", reason_of(exc))


def _is_yes(code: int) -> bool:
    return 200 <= code < 300  # noqa: PLR2004 - SMTP's success


def _is_no(code: int) -> bool:
    return 400 <= code < 600  # noqa: PLR2004 - SMTP's errors


def _text(answer: bytes) -> str:
    return first_line(answer.decode(errors="replace"))
