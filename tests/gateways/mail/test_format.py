import email
import email.policy
from dataclasses import replace
from email.message import EmailMessage

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from fedora_openqa.errors import ConfigError
from fedora_openqa.gateways.mail.format import message_for
from fedora_openqa.model.mails import Mail
from fedora_openqa.policy.mails import message_id_for

MAIL = Mail(
    sender="rawhide@fedoraproject.org",
    recipients=("test@lists.fedoraproject.org", "devel@lists.fedoraproject.org"),
    subject="Fedora-Rawhide-20261120.n.0 compose check report",
    text="Größe:\tall\n.\nFrom here\n",
    html="<p>Größe</p>\n",
    message_id="compose-check.Fedora-Rawhide-20261120.n.0@fedoraproject.org",
    date=1795132800.0,
)
HEADERS = [
    *("Subject", "From", "To", "Date", "Message-ID"),
    *("Auto-Submitted", "MIME-Version", "Content-Type"),
]

#: anything, and what ends lines or is decoded into what ends them
HOSTILE = st.lists(
    st.text(st.characters(codec=None, exclude_categories=()), max_size=20)
    | st.sampled_from(["\r\n", "\n", "\r", "\x0b", "\u2028", "\x85", "Bcc: x@example.org"])
    | st.sampled_from(["=?", "?=", "=?utf-8?q?a=0D=0ABcc:_x@example.org?=", "=?utf-8?b?DQpYOiB5?="])
    | st.sampled_from([",", "<", ">", '"', "@", "a@b", "(", ";", ":", "\\"]),
    max_size=8,
).map("".join)


def arrived(mail: Mail) -> EmailMessage:
    return email.message_from_bytes(message_for(mail).as_bytes(), policy=email.policy.default)


def test_a_mail_has_text_first_and_the_same_as_html() -> None:
    message = arrived(MAIL)
    assert message.keys() == HEADERS
    assert message["subject"] == MAIL.subject
    assert message["from"] == MAIL.sender
    assert message["to"] == ", ".join(MAIL.recipients)
    assert message["date"] == "Fri, 20 Nov 2026 00:00:00 +0000"
    assert message["message-id"] == f"<{MAIL.message_id}>"
    assert message["auto-submitted"] == "auto-generated"
    assert message.get_content_type() == "multipart/alternative"
    text, html = message.iter_parts()
    assert (text.get_content_type(), html.get_content_type()) == ("text/plain", "text/html")
    assert [part.get_content_charset() for part in (text, html)] == ["utf-8", "utf-8"]
    assert text.get_payload(decode=True) == MAIL.text.replace("\n", "\r\n").encode()
    assert html.get_payload(decode=True) == MAIL.html.replace("\n", "\r\n").encode()


def test_a_mail_may_follow_another_whose_id_is_long() -> None:
    first = message_id_for("compose-check", "x" * 80, host="openqa.example.org")
    content = message_for(replace(MAIL, in_reply_to=first)).as_bytes().decode()
    assert f"\r\nIn-Reply-To: <{first}>\r\n" in content
    assert f"\r\nReferences: <{first}>\r\n" in content


@given(subject=HOSTILE, text=HOSTILE, html=HOSTILE)
@example(subject="=?utf-8?q?a=0ABcc:_x@example.org?=", text="", html="")
@example(subject="\ud800\x00\x1b[2J", text="\udcff", html="\ud800")
@example(subject="x" * 3000, text="y" * 3000, html="\x00" * 3000)
def test_nothing_a_mail_says_becomes_a_header_or_a_long_line(
    subject: str, text: str, html: str
) -> None:
    mail = replace(MAIL, subject=subject, text=text, html=html)
    content = message_for(mail).as_bytes()
    assert content.isascii()
    lines = content.split(b"\r\n")
    assert not any(b"\n" in line or b"\r" in line for line in lines)
    assert max(len(line) for line in lines) <= 998
    message = email.message_from_bytes(content, policy=email.policy.default)
    assert message.keys() == HEADERS
    assert str(message["subject"]).isprintable()
    assert [part.get_content_type() for part in message.walk()] == [
        *("multipart/alternative", "text/plain", "text/html"),
    ]


@given(address=HOSTILE)
@example(address="=?utf-8?q?a=0Ab?=@example.org")
@example(address="a@example.org\n")
def test_an_address_is_one_or_is_refused(address: str) -> None:
    for mail, header in (
        (replace(MAIL, sender=address), "from"),
        (replace(MAIL, recipients=(address,)), "to"),
        (replace(MAIL, message_id=address), "message-id"),
    ):
        try:
            message = arrived(mail)
        except ConfigError as exc:
            assert "\n" not in str(exc)  # noqa: PT017 - it may be an address, too
            continue
        assert message.keys() == HEADERS
        assert str(message[header]).strip("<>") == address


@pytest.mark.parametrize(
    "address",
    [
        "",
        "root",
        "@example.org",
        "a@",
        "a b@example.org",
        "A Name <a@example.org>",
        "a@example.org, b@example.org",
        "a@example.org>",
        ".a@example.org",
        "a..b@example.org",
        "a@-example.org",
        "ä@example.org",
        f"{'a' * 250}@example.org",
    ],
)
def test_what_is_no_address_is_named(address: str) -> None:
    for mail in (replace(MAIL, sender=address), replace(MAIL, recipients=("a@b", address))):
        with pytest.raises(ConfigError) as refusal:
            message_for(mail)
        assert (
            str(refusal.value) == f"[mail] {address!r} is not a mail address like name@example.org"
        )


def test_a_mail_to_nobody_is_a_mistake() -> None:
    with pytest.raises(ConfigError, match="a mail has no recipient"):
        message_for(replace(MAIL, recipients=()))
