import smtplib
import threading
from collections.abc import Iterator
from email.message import EmailMessage
from pathlib import Path

import pytest

from fedora_openqa.config import parse_config
from fedora_openqa.sandbox.config_files import write_config_files
from fedora_openqa.sandbox.mail import Failure, MailFault, MailSink, Stage
from fedora_openqa.sandbox.running import Sandbox

SENDER = "a@example.org"
RECIPIENTS = ["b@example.org", "c@example.org"]


@pytest.fixture
def sink() -> Iterator[MailSink]:
    with MailSink() as sink:
        yield sink


def client(sink: MailSink) -> smtplib.SMTP:
    host, _, port = sink.address.partition(":")
    return smtplib.SMTP(host, int(port), local_hostname="test", timeout=30)


def send(sink: MailSink, subject: str = "one") -> dict[str, tuple[int, bytes]]:
    message = EmailMessage()
    message["Subject"] = subject
    message.set_content("first\n.\nthird\n")
    message.add_alternative("<p>first</p>", subtype="html")
    with client(sink) as smtp:
        return smtp.send_message(message, SENDER, RECIPIENTS)


def test_a_mail_is_kept_with_its_envelope(sink: MailSink) -> None:
    assert send(sink, "grüße") == {}
    [kept] = sink.messages()
    assert (kept.sender, kept.recipients) == (SENDER, tuple(RECIPIENTS))
    assert kept.message["subject"] == "grüße"
    assert kept.text_as("plain") == "first\n.\nthird\n"
    assert kept.text_as("html") == "<p>first</p>\n"


def test_a_mail_is_described_in_a_few_lines(sink: MailSink) -> None:
    send(sink)
    [kept] = sink.messages()
    assert kept.describe(lines=2).splitlines() == [
        "From: a@example.org",
        "To: b@example.org, c@example.org",
        "Subject: one",
        "",
        "first",
        ".",
        "… and 1 more lines",
        "(and the same as HTML, 13 characters)",
    ]


def test_a_mail_without_html_has_none(sink: MailSink) -> None:
    with client(sink) as smtp:
        smtp.sendmail(SENDER, RECIPIENTS, "Subject: two\n\ntext\n")
    [kept] = sink.messages()
    assert kept.text_as("html") == ""
    assert kept.describe().endswith("\n\ntext")


def test_many_may_send_at_once(sink: MailSink) -> None:
    names = [f"mail {number}" for number in range(12)]
    threads = [threading.Thread(target=send, args=(sink, name)) for name in names]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert {kept.message["subject"] for kept in sink.messages()} == set(names)


def test_connections_are_refused_until_they_are_not(sink: MailSink) -> None:
    address = sink.address
    sink.refuse_connections()
    with pytest.raises(ConnectionRefusedError):
        send(sink)
    sink.accept_connections()
    assert sink.address == address
    send(sink)
    assert len(sink.messages()) == 1


def test_one_recipient_is_refused_as_often_as_asked(sink: MailSink) -> None:
    sink.fail(MailFault(Stage.RCPT, Failure.REPLY, reply="550 nobody", recipient="<c@example.org>"))
    assert send(sink) == {"c@example.org": (550, b"nobody")}
    assert send(sink) == {}
    assert [kept.recipients for kept in sink.messages()] == [
        ("b@example.org",),
        ("b@example.org", "c@example.org"),
    ]


@pytest.mark.parametrize("stage", [Stage.CONNECT, Stage.MAIL, Stage.RCPT, Stage.DATA, Stage.TEXT])
@pytest.mark.parametrize("reply", ["451 later", "554 never"])
def test_any_reply_may_be_another(sink: MailSink, stage: Stage, reply: str) -> None:
    sink.fail(MailFault(stage, Failure.REPLY, reply=reply, times=2))
    with pytest.raises(smtplib.SMTPException, match=reply.partition(" ")[0]):
        send(sink)
    assert sink.messages() == ()


@pytest.mark.parametrize("stage", [Stage.CONNECT, Stage.MAIL, Stage.RCPT, Stage.DATA, Stage.TEXT])
def test_a_connection_may_end_anywhere(sink: MailSink, stage: Stage) -> None:
    sink.fail(MailFault(stage, Failure.DROP))
    with pytest.raises((smtplib.SMTPServerDisconnected, ConnectionResetError)):
        send(sink)
    assert sink.messages() == ()
    send(sink)
    assert len(sink.messages()) == 1


def test_a_mail_may_be_kept_without_an_answer(sink: MailSink) -> None:
    sink.fail(MailFault(Stage.TEXT, Failure.DROP, keeps=True))
    with pytest.raises(smtplib.SMTPServerDisconnected):
        send(sink)
    assert len(sink.messages()) == 1


@pytest.mark.parametrize("failure", [Failure.HANG, Failure.TRICKLE, Failure.FLOOD])
def test_the_end_waits_for_no_client(failure: Failure) -> None:
    before = threading.active_count()
    with MailSink() as sink:
        sink.fail(MailFault(Stage.MAIL, failure))
        smtp = client(sink)
        smtp.ehlo()
        smtp.putcmd("mail", f"FROM:<{SENDER}>")
    assert threading.active_count() <= before
    smtp.close()


def test_a_sink_can_be_made_to_forget(sink: MailSink) -> None:
    send(sink)
    sink.fail(MailFault(Stage.MAIL, Failure.REPLY, reply="550 no", times=None))
    sink.clear()
    send(sink, "two")
    assert [kept.message["subject"] for kept in sink.messages()] == ["two"]


def test_the_sandbox_accepts_mails_at_the_configured_address(tmp_path: Path) -> None:
    with Sandbox() as sandbox:
        environ = write_config_files(tmp_path, sandbox)
        text = Path(environ["FEDORA_OPENQA_CONFIG"]).read_bytes()
        mail = parse_config(text, source="sandbox").mail
        assert mail.smtp == sandbox.mail.address
        send(sandbox.mail)
        assert len(sandbox.mail.messages()) == 1
