"""Mails, before they are formatted for SMTP."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Mail:
    """A mail with a text part and an HTML part."""

    sender: str
    recipients: tuple[str, ...]
    subject: str
    text: str
    html: str
    #: without its brackets; a mail that is sent again has the same
    message_id: str
    #: seconds since 1970
    date: float
    #: the message id of the mail it follows; None: it begins a thread
    in_reply_to: str | None = None


@dataclass(frozen=True, slots=True)
class Refused:
    """Why the SMTP server refused one recipient of a mail."""

    #: "550 5.1.1 no such user"
    reason: str
    #: whether the server may accept the same mail later
    temporary: bool


@dataclass(frozen=True, slots=True)
class Subscribers:
    """Recipients of the mails about one subvariant, beside those of every mail."""

    #: of mails about composes in which it was tested
    all: tuple[str, ...] = ()
    #: of mails about composes in which one of its tests failed
    error: tuple[str, ...] = ()
