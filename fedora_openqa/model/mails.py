"""Mails, before they are made into what SMTP carries."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Mail:
    """A mail: a text, and the same as HTML."""

    sender: str
    recipients: tuple[str, ...]
    subject: str
    text: str
    html: str
    #: without its brackets; the same mail has the same one, however often it is sent
    message_id: str
    #: seconds since 1970
    date: float
    #: the message id of the mail it follows; nothing: it begins a thread
    in_reply_to: str | None = None


@dataclass(frozen=True, slots=True)
class Refused:
    """Why a recipient got nothing of a mail that others got."""

    #: "550 5.1.1 no such user"
    reason: str
    #: whether the same mail may be taken later
    temporary: bool


@dataclass(frozen=True, slots=True)
class Subscribers:
    """Who gets mails because of one subvariant, beside those who get every mail."""

    #: whenever it was tested
    all: tuple[str, ...] = ()
    #: only if something of it failed
    error: tuple[str, ...] = ()
