"""A connection to an SMTP server that ends in time, whatever the server sends.

Must not decide what an answer means for a mail.
"""

import io
import smtplib
import socket
import ssl
import time
from dataclasses import dataclass

from fedora_openqa.texts import first_line

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


class SmtpConnection(smtplib.SMTP):
    """A connection that ends in time, also if the server sends a drop at a time, or for ever."""

    def __init__(self, host: str, limits: SmtpLimits) -> None:
        """Prepare a connection; sends nothing.

        :param host: the name that the server's certificate must have
        """
        # smtplib's own way to find the name may ask a name server for long
        name = socket.gethostname()
        super().__init__(
            local_hostname=name if "." in name else "[127.0.0.1]", timeout=limits.connect
        )
        # smtplib only keeps the name if it also connects at once (bpo-36094)
        self._host = host
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
        """Return the seconds that are left.

        Raises:
            TimeoutError: there are none.
        """
        left = self._deadline - time.monotonic()
        if left <= 0:
            raise TimeoutError
        return left

    def patience(self) -> float:
        """Return the seconds until the next byte must be there.

        Raises:
            TimeoutError: there are none.
        """
        return min(self._quiet, self.left())


class _Replies(io.RawIOBase):
    """What the server sends; smtplib's own reader only limits the time between two bytes."""

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
    """Return what happened in a few words; smtplib hides the socket's error behind its own."""
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
