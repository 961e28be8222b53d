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
