import logging
import socket
import ssl
from collections.abc import Iterator
from dataclasses import replace

import pytest

from fedora_openqa.errors import (
    AmbiguousWriteError,
    ConfigError,
    FedoraOpenQAError,
    RequestRefusedError,
    ServiceUnavailableError,
)
from fedora_openqa.gateways.mail.connection import SmtpLimits
from fedora_openqa.gateways.mail.smtp import DryRunMailer, SmtpLogin, SmtpMailer, SmtpServer
from fedora_openqa.model.mails import Mail, Refused
from fedora_openqa.sandbox.mail import Failure, MailFault, MailSink, Stage
from tests.support.certificates import Authority

MAIL = Mail(
    sender="rawhide@example.org",
    recipients=("a@example.org", "b@example.org", "c@example.org"),
    subject="Fedora-Rawhide-20261120.n.0 compose check report",
    text=".\n..\n.Größe\nID: 1\tTest: x86_64\n",
    html="<p>Größe</p>\n",
    message_id="compose-check.Fedora-Rawhide-20261120.n.0@example.org",
    date=1795132800.0,
)
PATIENT = SmtpLimits(connect=30, quiet=30, text=30, verdict=30)
BEFORE_THE_TEXT = [Stage.CONNECT, Stage.MAIL, Stage.RCPT, Stage.DATA]
#: what never ends, and which limit ends it
NEVER = [
    (Failure.HANG, replace(PATIENT, quiet=0.2, verdict=0.2), "no answer in time"),
    (Failure.TRICKLE, replace(PATIENT, text=0.4, verdict=0.2), "no answer in time"),
    (Failure.FLOOD, PATIENT, "the answers have more than 1000000 bytes"),
]


@pytest.fixture
def sink() -> Iterator[MailSink]:
    with MailSink() as sink:
        yield sink


def send(sink: MailSink, *, limits: SmtpLimits = PATIENT) -> dict[str, Refused]:
    return dict(SmtpMailer(sink.address, limits=limits).send(MAIL))


def refuse(sink: MailSink, recipient: str, reply: str) -> None:
    sink.fail(MailFault(Stage.RCPT, Failure.REPLY, reply=reply, recipient=recipient))


def test_a_mail_arrives_as_it_was_meant(sink: MailSink, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    assert send(sink) == {}
    [kept] = sink.messages()
    assert (kept.sender, kept.recipients) == (MAIL.sender, MAIL.recipients)
    assert kept.message["subject"] == MAIL.subject
    assert kept.message["message-id"] == f"<{MAIL.message_id}>"
    assert kept.text_as("plain") == MAIL.text
    assert kept.text_as("html") == MAIL.html
    assert f"accepted mail <{MAIL.message_id}> for a@example.org, b@example.org" in caplog.text


def test_those_who_are_refused_are_told_apart(sink: MailSink) -> None:
    refuse(sink, "a@example.org", "550 5.1.1 no such user")
    refuse(sink, "c@example.org", "450 4.2.1 come again")
    assert send(sink) == {
        "a@example.org": Refused("550 5.1.1 no such user", temporary=False),
        "c@example.org": Refused("450 4.2.1 come again", temporary=True),
    }
    assert [kept.recipients for kept in sink.messages()] == [("b@example.org",)]


@pytest.mark.parametrize(
    ("replies", "error"),
    [
        (("550 no", "551 no", "554 no"), RequestRefusedError),
        (("550 no", "450 later", "554 no"), ServiceUnavailableError),
        (("450 later", "451 later", "452 later"), ServiceUnavailableError),
    ],
)
def test_a_mail_that_nobody_may_get_is_not_sent(
    sink: MailSink, replies: tuple[str, ...], error: type[FedoraOpenQAError]
) -> None:
    for recipient, reply in zip(MAIL.recipients, replies, strict=True):
        refuse(sink, recipient, reply)
    with pytest.raises(error, match=f"all recipients are refused: a@example.org: {replies[0]}"):
        send(sink)
    assert sink.messages() == ()


@pytest.mark.parametrize("stage", [*BEFORE_THE_TEXT, Stage.TEXT])
@pytest.mark.parametrize(
    ("reply", "error"),
    [
        ("451 4.3.0 come again", ServiceUnavailableError),
        ("421 4.3.2 going down", ServiceUnavailableError),
        ("554 5.7.1 no", RequestRefusedError),
        ("530 5.7.0 who are you?", ConfigError),
    ],
)
def test_a_no_says_what_to_do(
    sink: MailSink, stage: Stage, reply: str, error: type[FedoraOpenQAError]
) -> None:
    sink.fail(MailFault(stage, Failure.REPLY, reply=reply, times=None))
    with pytest.raises(error) as refusal:
        send(sink)
    assert reply in str(refusal.value)
    assert str(refusal.value).startswith(f"SMTP {sink.address}: ")
    assert sink.messages() == ()


def test_a_server_that_goes_down_takes_no_part_of_a_mail(sink: MailSink) -> None:
    refuse(sink, "b@example.org", "421 4.3.2 going down")
    with pytest.raises(ServiceUnavailableError, match=r"RCPT TO b@example.org: 421"):
        send(sink)
    assert sink.messages() == ()


@pytest.mark.parametrize("stage", BEFORE_THE_TEXT)
def test_a_connection_that_ends_before_the_text_has_done_nothing(
    sink: MailSink, stage: Stage
) -> None:
    sink.fail(MailFault(stage, Failure.DROP))
    with pytest.raises(ServiceUnavailableError):
        send(sink)
    assert sink.messages() == ()
    assert send(sink) == {}


def test_a_connection_that_ends_within_the_text_has_done_nothing(sink: MailSink) -> None:
    sink.fail(MailFault(Stage.DATA, Failure.CUT))
    # more than any buffer on the way holds
    long = replace(MAIL, text=f"{'x' * 70}\n" * 400_000)
    with pytest.raises(ServiceUnavailableError):
        SmtpMailer(sink.address, limits=PATIENT).send(long)
    assert sink.messages() == ()


@pytest.mark.parametrize("keeps", [True, False])
def test_a_connection_that_ends_after_the_text_leaves_it_open_and_nothing_is_sent_again(
    sink: MailSink, *, keeps: bool
) -> None:
    sink.fail(MailFault(Stage.TEXT, Failure.DROP, keeps=keeps))
    with pytest.raises(AmbiguousWriteError, match=f"mail <{MAIL.message_id}> was sent: "):
        send(sink)
    assert len(sink.messages()) == keeps


@pytest.mark.parametrize(("failure", "limits", "reason"), NEVER)
@pytest.mark.parametrize("stage", BEFORE_THE_TEXT)
def test_nothing_waits_for_a_server_that_hangs(
    sink: MailSink, stage: Stage, failure: Failure, limits: SmtpLimits, reason: str
) -> None:
    sink.fail(MailFault(stage, failure))
    with pytest.raises(ServiceUnavailableError, match=f"SMTP {sink.address}: {reason}"):
        send(sink, limits=limits)
    assert sink.messages() == ()


@pytest.mark.parametrize(("failure", "limits", "reason"), NEVER)
def test_a_server_that_hangs_after_the_text_leaves_it_open(
    sink: MailSink, failure: Failure, limits: SmtpLimits, reason: str
) -> None:
    sink.fail(MailFault(Stage.TEXT, failure))
    with pytest.raises(AmbiguousWriteError, match=reason):
        send(sink, limits=replace(limits, quiet=30, text=30))


@pytest.mark.parametrize("reply", ["354 go on", "100", "999 what?", "hello", f"250 {'x' * 9000}"])
def test_what_is_no_answer_after_the_text_leaves_it_open(sink: MailSink, reply: str) -> None:
    sink.fail(MailFault(Stage.TEXT, Failure.REPLY, reply=reply, keeps=True))
    with pytest.raises(AmbiguousWriteError, match="not an answer of SMTP") as failure:
        send(sink)
    assert "\n" not in str(failure.value)
    assert len(str(failure.value)) < 400


@pytest.mark.parametrize("failure", [Failure.HANG, Failure.DROP])
def test_a_mail_that_was_taken_was_taken_whatever_comes_of_the_goodbye(
    sink: MailSink, failure: Failure
) -> None:
    sink.fail(MailFault(Stage.QUIT, failure))
    assert send(sink, limits=replace(PATIENT, connect=1)) == {}
    assert len(sink.messages()) == 1


def test_nobody_listens(sink: MailSink) -> None:
    sink.refuse_connections()
    with pytest.raises(ServiceUnavailableError, match="Connection refused"):
        send(sink)


def test_a_server_that_does_not_greet_gets_no_mail() -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        other.listen()
        mailer = SmtpMailer(
            f"127.0.0.1:{other.getsockname()[1]}", limits=replace(PATIENT, quiet=0.2)
        )
        with pytest.raises(ServiceUnavailableError, match="no answer in time"):
            mailer.send(MAIL)


@pytest.mark.parametrize(
    ("text", "host", "port"),
    [
        ("bastion.example.org", "bastion.example.org", 25),
        ("bastion.example.org:2525", "bastion.example.org", 2525),
        ("127.0.0.1:25", "127.0.0.1", 25),
        ("[::1]:2525", "::1", 2525),
    ],
)
def test_a_server_is_named_by_host_and_port(text: str, host: str, port: int) -> None:
    assert SmtpServer.parse(text) == SmtpServer(host, port)


@pytest.mark.parametrize(
    "text",
    [
        "",
        ":25",
        "host:port",
        "host:70000",
        "smtp://host",
        "me@host",
        "host/path",
        "a..b",
        "host\n:25",
        "a b",
        f"{'x' * 64}.org",
        "[::1",
    ],
)
def test_what_is_no_server_is_a_mistake_of_the_configuration(text: str) -> None:
    with pytest.raises(ConfigError, match="is not host or host:port"):
        SmtpMailer(text)


# old servers, encryption and login


@pytest.mark.parametrize("reply", ["500 5.5.1 what?", "502 5.5.1 not implemented", "504 no"])
def test_a_server_that_knows_no_ehlo_is_greeted_with_helo(sink: MailSink, reply: str) -> None:
    sink.fail(MailFault(Stage.EHLO, Failure.REPLY, reply=reply))
    assert send(sink) == {}
    assert len(sink.messages()) == 1


def test_a_server_that_takes_neither_greeting_is_quoted(sink: MailSink) -> None:
    sink.fail(MailFault(Stage.EHLO, Failure.REPLY, reply="502 no EHLO"))
    sink.fail(MailFault(Stage.HELO, Failure.REPLY, reply="550 go away"))
    with pytest.raises(RequestRefusedError, match="HELO: 550 go away"):
        send(sink)


def test_a_server_that_is_busy_is_not_greeted_again(sink: MailSink) -> None:
    sink.fail(MailFault(Stage.EHLO, Failure.REPLY, reply="421 4.3.2 later"))
    with pytest.raises(ServiceUnavailableError, match="EHLO: 421"):
        send(sink)


PASSWORD = "s3cret and more"  # noqa: S105
LOGIN = SmtpLogin("reporter", PASSWORD)


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("tls"))


@pytest.fixture(scope="module")
def tls(authority: Authority) -> ssl.SSLContext:
    """Return what a server has that is 127.0.0.1 and not localhost."""
    own = authority.sign("smtp", "127.0.0.1")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(own.file, own.key)
    return context


@pytest.fixture
def trusted(authority: Authority, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let OpenSSL trust the authority."""
    monkeypatch.setenv("SSL_CERT_FILE", str(authority.file))


@pytest.mark.usefixtures("trusted")
@pytest.mark.parametrize(("starttls", "login"), [(True, None), (True, LOGIN), (False, LOGIN)])
def test_a_mail_is_encrypted_and_the_server_knows_who_sends_it(
    tls: ssl.SSLContext, *, starttls: bool, login: SmtpLogin | None
) -> None:
    with MailSink(tls=tls, users={LOGIN.user: PASSWORD} if login else {}) as sink:
        mailer = SmtpMailer(sink.address, starttls=starttls, login=login, limits=PATIENT)
        assert mailer.send(MAIL) == {}
        [kept] = sink.messages()
    assert kept.text_as("plain") == MAIL.text
    assert kept.encrypted
    assert kept.user == (LOGIN.user if login else None)


# aiosmtpd sees only the TLS of STARTTLS
@pytest.mark.filterwarnings("ignore:Requiring AUTH while not requiring TLS")
@pytest.mark.usefixtures("trusted")
@pytest.mark.parametrize("login", [None, LOGIN])
def test_on_port_465_a_mail_is_encrypted_from_the_first_byte(
    tls: ssl.SSLContext, login: SmtpLogin | None
) -> None:
    users = {LOGIN.user: PASSWORD} if login else {}
    with MailSink(tls=tls, tls_at_once=True, users=users) as sink:
        ports = {int(sink.address.partition(":")[2])}
        # with `starttls`, too, which such a server does not offer
        for starttls in (False, True):
            mailer = SmtpMailer(
                sink.address, starttls=starttls, login=login, limits=PATIENT, tls_ports=ports
            )
            assert mailer.send(MAIL) == {}
        kept, _ = sink.messages()
    assert kept.encrypted
    assert kept.user == (LOGIN.user if login else None)


def test_on_port_465_the_certificate_is_checked(tls: ssl.SSLContext) -> None:
    with MailSink(tls=tls, tls_at_once=True) as sink:
        ports = {int(sink.address.partition(":")[2])}
        with pytest.raises(ConfigError, match="certificate: unable to get local issuer"):
            SmtpMailer(sink.address, limits=PATIENT, tls_ports=ports).send(MAIL)
        assert sink.messages() == ()


def test_a_certificate_that_nobody_vouches_for_is_not_trusted(tls: ssl.SSLContext) -> None:
    with MailSink(tls=tls, users={LOGIN.user: PASSWORD}) as sink:
        with pytest.raises(ConfigError, match="certificate: unable to get local issuer") as failure:
            SmtpMailer(sink.address, login=LOGIN, limits=PATIENT).send(MAIL)
        assert sink.messages() == ()
        assert sink.heard_logins == 0
    assert PASSWORD not in str(failure.value)


@pytest.mark.usefixtures("trusted")
def test_a_certificate_of_another_name_is_not_trusted(tls: ssl.SSLContext) -> None:
    with MailSink(tls=tls) as sink:
        other = sink.address.replace("127.0.0.1", "localhost")
        with pytest.raises(ConfigError, match="certificate: Hostname mismatch"):
            SmtpMailer(other, starttls=True, limits=PATIENT).send(MAIL)
        assert sink.messages() == ()


@pytest.mark.parametrize(("starttls", "login"), [(True, None), (False, LOGIN)])
def test_without_encryption_neither_password_nor_mail_is_sent(
    sink: MailSink, *, starttls: bool, login: SmtpLogin | None
) -> None:
    mailer = SmtpMailer(sink.address, starttls=starttls, login=login, limits=PATIENT)
    with pytest.raises(ConfigError, match="offers no STARTTLS"):
        mailer.send(MAIL)
    assert sink.heard_logins == 0
    assert sink.messages() == ()


@pytest.mark.usefixtures("trusted")
def test_a_wrong_password_holds_mails_and_is_not_shown(tls: ssl.SSLContext) -> None:
    with MailSink(tls=tls, users={LOGIN.user: "another"}) as sink:
        with pytest.raises(ConfigError, match="login as reporter: 535") as failure:
            SmtpMailer(sink.address, login=LOGIN, limits=PATIENT).send(MAIL)
        assert sink.messages() == ()
    assert PASSWORD not in f"{failure.value} {LOGIN!r}"


@pytest.mark.usefixtures("trusted")
def test_a_server_that_wants_a_login_is_a_configuration_error(tls: ssl.SSLContext) -> None:
    with MailSink(tls=tls, users={LOGIN.user: PASSWORD}) as sink:
        mailer = SmtpMailer(sink.address, starttls=True, limits=PATIENT)
        with pytest.raises(ConfigError, match=r"530 .*see starttls, smtp_user in \[mail\]"):
            mailer.send(MAIL)


@pytest.mark.usefixtures("trusted")
def test_a_server_that_offers_no_login_is_a_configuration_error(tls: ssl.SSLContext) -> None:
    with MailSink(tls=tls) as sink:
        sink.offers_login = False
        mailer = SmtpMailer(sink.address, login=LOGIN, limits=PATIENT)
        with pytest.raises(ConfigError, match="offers no login"):
            mailer.send(MAIL)


@pytest.mark.parametrize(
    ("reply", "error"),
    [("454 4.7.0 no TLS now", ServiceUnavailableError), ("501 what?", ConfigError)],
)
@pytest.mark.usefixtures("trusted")
def test_a_server_that_does_not_begin_to_encrypt_gets_nothing(
    tls: ssl.SSLContext, reply: str, error: type[FedoraOpenQAError]
) -> None:
    with MailSink(tls=tls) as sink:
        sink.fail(MailFault(Stage.STARTTLS, Failure.REPLY, reply=reply))
        with pytest.raises(error, match=f"STARTTLS: {reply[:3]}"):
            SmtpMailer(sink.address, starttls=True, limits=PATIENT).send(MAIL)
        assert sink.messages() == ()


@pytest.mark.usefixtures("trusted")
def test_nothing_waits_for_a_server_that_hangs_while_it_begins_to_encrypt(
    tls: ssl.SSLContext,
) -> None:
    with MailSink(tls=tls) as sink:
        # the server accepts DATA and is silent
        sink.fail(MailFault(Stage.STARTTLS, Failure.REPLY, reply="220 go on"))
        limits = replace(PATIENT, text=0.5)
        with pytest.raises(ServiceUnavailableError):
            SmtpMailer(sink.address, starttls=True, limits=limits).send(MAIL)


@pytest.mark.parametrize(("user", "password"), [("reporter", ""), ("reporter", "ä"), ("ä", "x")])
def test_a_login_that_cannot_be_sent_is_a_mistake_of_the_configuration(
    user: str, password: str
) -> None:
    with pytest.raises(ConfigError, match=r"\[mail\] smtp_user"):
        SmtpLogin(user, password)


def test_a_password_in_the_name_of_a_server_is_not_shown() -> None:
    with pytest.raises(
        ConfigError, match=r"'smtp\.example\.org:25' is not host or host:port"
    ) as no:
        SmtpMailer("me:s3cret@smtp.example.org:25")
    assert "s3cret" not in str(no.value)


def test_a_dry_run_logs_the_mail(caplog: pytest.LogCaptureFixture) -> None:
    assert DryRunMailer().send(MAIL) == {}
    assert f"would mail {MAIL.subject} to a@example.org, b@example.org" in caplog.text
    lines = [record.getMessage() for record in caplog.records]
    assert "\n".join(lines[1:]) == MAIL.text


@pytest.mark.parametrize("mailer", [DryRunMailer(), SmtpMailer("127.0.0.1:9")])
def test_a_wrong_address_is_a_mistake_of_the_configuration(
    mailer: DryRunMailer | SmtpMailer,
) -> None:
    with pytest.raises(ConfigError, match="'nobody' is not a mail address"):
        mailer.send(replace(MAIL, recipients=("nobody",)))


def test_a_check_logs_in_and_sends_nothing(sink: MailSink) -> None:
    SmtpMailer(sink.address, limits=PATIENT).check()
    assert sink.messages() == ()
    sink.fail(MailFault(Stage.CONNECT, Failure.REPLY, reply="554 no"))
    with pytest.raises(RequestRefusedError, match="554 no"):
        SmtpMailer(sink.address, limits=PATIENT).check()
    with pytest.raises(ConfigError, match="offers no STARTTLS"):
        SmtpMailer(sink.address, starttls=True, limits=PATIENT).check()
