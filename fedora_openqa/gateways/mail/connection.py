"""A connection to an SMTP server with a deadline.

Must not decide what an answer means for a mail.
"""

import io
import smtplib
import socket
import ssl
import time
from dataclasses import dataclass

from fedora_openqa.texts import first_line

#: bytes of all replies for one mail
MOST_ANSWERED = 1_000_000


@dataclass(frozen=True, slots=True)
class SmtpLimits:
    """Time limits in seconds."""

    #: to connect, for each address of the server
    connect: float = 10.0
    #: between two bytes
    quiet: float = 60.0
    #: from connecting until the text of a mail is sent
    text: float = 180.0
    #: for the reply after the text; the server may scan for viruses first, and a client that
    #: leaves earlier cannot know whether the mail was accepted (RFC 5321, 4.5.3.2.6)
    verdict: float = 300.0


class SmtpConnection(smtplib.SMTP):
    """A connection with a deadline, also for a server that sends byte by byte or without end."""

    def __init__(self, host: str, limits: SmtpLimits, *, tls: ssl.SSLContext | None = None) -> None:
        """Prepare a connection; sends nothing.

        :param host: the name that the server's certificate must have
        :param tls: encrypts from the first byte; None: the connection begins without encryption
        """
        # smtplib would look up the name, which may take long
        name = socket.gethostname()
        super().__init__(
            local_hostname=name if "." in name else "[127.0.0.1]", timeout=limits.connect
        )
        # smtplib only keeps the name if it also connects at once (bpo-36094)
        self._host = host
        self._limits = limits
        self._tls = tls
        self.end_within(limits.text)

    def end_within(self, seconds: float, *, quiet: float | None = None) -> None:
        """Set the deadline, in seconds from now, and the seconds between two bytes."""
        self._deadline = time.monotonic() + seconds
        self._quiet = quiet or self._limits.quiet

    def _get_socket(self, host: str, port: int, timeout: float) -> socket.socket:
        """Connect; smtplib calls this."""
        plain = socket.create_connection((host, port), timeout, self.source_address)
        return self._tls.wrap_socket(plain, server_hostname=self._host) if self._tls else plain

    def send(self, s: object) -> None:
        """Send within the time that is left."""
        if self.sock:
            # `sendall` applies it to all of the data
            self.sock.settimeout(self.left())
        super().send(s)  # type: ignore[arg-type] # smtplib: bytes or str

    def getreply(self) -> tuple[int, bytes]:
        """Return a reply that comes before the deadline."""
        if self.file is None and self.sock:
            self.file = io.BufferedReader(_Replies(self, self.sock))
        return super().getreply()

    def left(self) -> float:
        """Return the seconds until the deadline.

        Raises:
            TimeoutError: the deadline is over.
        """
        left = self._deadline - time.monotonic()
        if left <= 0:
            raise TimeoutError
        return left

    def patience(self) -> float:
        """Return the seconds to wait for the next byte.

        Raises:
            TimeoutError: the deadline is over.
        """
        return min(self._quiet, self.left())


class _Replies(io.RawIOBase):
    """The bytes from the server; smtplib's reader only limits the time between two bytes."""

    def __init__(self, connection: SmtpConnection, sock: socket.socket) -> None:
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


def reason_of(exc: smtplib.SMTPException | OSError) -> str:
    """Return the reason of an error in a few words; smtplib hides the socket's error."""
    hidden = exc.__context__ if isinstance(exc, smtplib.SMTPServerDisconnected) else None
    cause = hidden or exc
    if isinstance(cause, TimeoutError):
        return "no answer in time"
    if isinstance(cause, smtplib.SMTPServerDisconnected):
        return "the connection ended"
    if isinstance(cause, ssl.SSLError):
        return f"TLS: {first_line(str(cause.reason or cause))}"
    if isinstance(cause, smtplib.SMTPException):
        return f"not an answer of SMTP: {first_line(str(cause))}"
    return getattr(cause, "strerror", None) or first_line(str(cause))
