"""A mail as a message of MIME. No text of a mail can add a header or a recipient.

Sends nothing.
"""

import email.policy
import re
from datetime import UTC, datetime
from email.headerregistry import HeaderRegistry, MessageIDHeader
from email.message import EmailMessage

from fedora_openqa.errors import ConfigError
from fedora_openqa.model.mails import Mail

# without "?": the package email would decode "=?utf-8?q?…?=", also line breaks in it
_ATOM = r"[A-Za-z0-9!#$%&'*+/=^_`{|}~-]+"
_LABEL = r"[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?"

#: a mail address, or a message id without its brackets
ADDRESS = re.compile(rf"{_ATOM}(\.{_ATOM})*@{_LABEL}(\.{_LABEL})*")

#: characters; RFC 5321, 4.5.3.1.3, without the brackets
LONGEST_ADDRESS = 254


def message_for(mail: Mail) -> EmailMessage:
    """Return the message of a mail, in 7-bit lines that every server accepts.

    Raises:
        ConfigError: an address is not valid, or there is no recipient.
    """
    if not mail.recipients:
        raise ConfigError("[mail] recipients: a mail has no recipient")
    message = EmailMessage(policy=email.policy.SMTP.clone(header_factory=_headers()))
    message["Subject"] = _harmless(mail.subject)
    message["From"] = _address(mail.sender)
    message["To"] = ", ".join(_address(recipient) for recipient in mail.recipients)
    message["Date"] = datetime.fromtimestamp(mail.date, tz=UTC)
    message["Message-ID"] = f"<{_address(mail.message_id)}>"
    if mail.in_reply_to is not None:
        message["In-Reply-To"] = message["References"] = f"<{_address(mail.in_reply_to)}>"
    # keeps automatic replies ("I am on holiday") away from mailing lists; RFC 3834, 5
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(_encodable(mail.text), cte="quoted-printable")
    message.add_alternative(_encodable(mail.html), subtype="html", cte="quoted-printable")
    return message


def _headers() -> HeaderRegistry:
    headers = HeaderRegistry()
    for name in ("in-reply-to", "references"):
        # the package email takes these for prose and would encode long ones
        headers.map_to_type(name, MessageIDHeader)  # type: ignore[arg-type] # a mixin, as all such classes
    return headers


def _harmless(text: str) -> str:
    """Return a text as one line, also after the package email decoded it."""
    line = "".join(letter if letter.isprintable() else " " for letter in text)
    return " ".join(line.replace("=?", "= ?").split())


def _address(text: str) -> str:
    if len(text) > LONGEST_ADDRESS or not ADDRESS.fullmatch(text):
        raise ConfigError(f"[mail] {text!r} is not a mail address like name@example.org")
    return text


def _encodable(text: str) -> str:
    """Replace lone surrogates, which JSON allows and UTF-8 cannot encode."""
    return text.encode(errors="replace").decode()
