"""One report for each compose, and follow-ups in its thread; with a real store and SMTP server."""

import threading
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from check_compose.mails import Addresses
from check_compose.workflow import AGAIN_AFTER, ComposeCheck, ScheduleState
from fedora_openqa.errors import ConfigError
from fedora_openqa.gateways.mail.connection import SmtpLimits
from fedora_openqa.gateways.mail.smtp import SmtpMailer
from fedora_openqa.model.deliveries import Delivery, DeliveryState, Sink, WantedDelivery
from fedora_openqa.model.jobs import Job
from fedora_openqa.model.mails import Subscribers
from fedora_openqa.model.work import Lease, Step, SubjectState
from fedora_openqa.policy.effects import REPORT
from fedora_openqa.sandbox.mail import Failure, MailFault, MailSink, Stage
from fedora_openqa.store.deliveries import Deliveries
from fedora_openqa.store.stories import Stories
from fedora_openqa.workflows.worker import Worker
from tests.check_compose.setups import OPTIONS, CheckSetup, passed, run_of
from tests.store.timed import TimedSubjects
from tests.support.gating import OpenQAWithBuilds
from tests.support.jobs import BUILD, job
from tests.support.stores import new_store

QUIET, WAIT = 600.0, 28_800.0
#: when the last job ends
ENDED = datetime(2026, 11, 21, 2, 30, tzinfo=UTC)
LISTED, OTHER = "reports@lists.example", "server@example.org"


def ended(one: Job, minutes: float = 0.0) -> Job:
    time = datetime.fromtimestamp(ENDED.timestamp() + minutes * 60, UTC)
    return replace(one, finished=time.replace(tzinfo=None))


def failed(job_id: int, test: str = "install") -> Job:
    return run_of(job(job_id, test, outcome="done/failed"), SUBVARIANT="Server")


@dataclass
class MailSetup:
    folder: Path
    sink: MailSink
    setup: CheckSetup = field(default_factory=CheckSetup)
    now: float = ENDED.timestamp()
    known: ScheduleState = field(default_factory=ScheduleState)
    subscribers: dict[str, Subscribers] = field(default_factory=dict)
    openqa: type[OpenQAWithBuilds] = OpenQAWithBuilds
    mailed_since: float = 0.0
    #: seconds to wait for an answer of the mail server
    patience: float = 60.0

    def __post_init__(self) -> None:
        self.setup.builds[BUILD] = (ended(passed(3001)),)
        self.engine = new_store(self.folder / "store.db")
        self.deliveries = Deliveries(self.engine, clock=lambda _connection: self.now)
        self.subjects = TimedSubjects(self.engine, clock=lambda _connection: self.now)

    def look(self, times: int = 1) -> None:
        """Request a report, as a message about the end of a job does."""
        for _ in range(times):
            self.deliveries.want(
                [WantedDelivery(sink=Sink.MAIL, build=BUILD, item=REPORT, delay=QUIET)]
            )

    def work(self, rounds: int = 30) -> None:
        for _ in range(rounds):
            due = self.subjects.next_due([Sink.MAIL])
            if due is None:
                return
            self.now = max(self.now, due)
            self.worker().work()

    def worker(self) -> Worker:
        check = ComposeCheck(
            services=replace(self.setup.services(), openqa=self.openqa(self.setup.builds)),
            options=OPTIONS,
            mailer=SmtpMailer(
                self.sink.address, limits=SmtpLimits(quiet=self.patience, verdict=self.patience)
            ),
            deliveries=self.deliveries,
            addresses=Addresses(
                sender="openqa@fedora.example", recipients=(LISTED,), subscribers=self.subscribers
            ),
            scheduled=lambda _compose_id: self.known,
            quiet=QUIET,
            wait=WAIT,
            clock=lambda: self.now,
            mailed_since=self.mailed_since,
        )

        def attempt(lease: Lease) -> Step:
            return check.report(lease.request["build"], self.deliveries.ledger(lease))

        return Worker(
            backlog=self.subjects,
            attempts={Sink.MAIL: attempt},
            owner="a",
            lease_seconds=120.0,
            keep_seconds=1e12,
            awake=threading.Event(),
        )

    def rows(self) -> dict[str, Delivery]:
        return {row.item: row for row in self.deliveries.all(f"mail:{BUILD}")}

    def mails(self) -> list[tuple[str, str, tuple[str, ...]]]:
        """Return Message-ID, In-Reply-To and recipients of the mails that arrived."""
        return [
            (
                str(mail.message["Message-ID"]),
                str(mail.message["In-Reply-To"] or ""),
                mail.recipients,
            )
            for mail in self.sink.messages()
        ]


@pytest.fixture
def mailing(tmp_path: Path) -> Iterator[MailSetup]:
    with MailSink() as sink:
        yield MailSetup(tmp_path, sink)


#: seconds to wait for a mail server that hangs; one that works answers sooner, also a slow one
WHILE = 4.0
FIRST = f"<compose-check.{BUILD}@fedora.example>"


def test_one_report_is_sent_however_many_messages_request_it(mailing: MailSetup) -> None:
    mailing.look(3)
    mailing.work()
    mailing.look()
    mailing.work()
    assert mailing.mails() == [(FIRST, "", (LISTED,))]
    (mail,) = mailing.sink.messages()
    assert mail.message["Subject"] == f"{BUILD} compose check report"
    assert "Passed openQA tests: 1/1 (x86_64)" in mail.text_as("plain")
    assert "<html" in mail.text_as("html")
    row = mailing.rows()[REPORT]
    assert row.state is DeliveryState.DELIVERED
    # for our pages
    assert row.findings == ("missing: Server dvd x86_64",)


def test_a_report_that_was_asked_for_before_mail_was_switched_on_is_not_sent(
    mailing: MailSetup,
) -> None:
    mailing.look()
    mailing.mailed_since = mailing.now + 1.0
    mailing.work()
    assert mailing.sink.messages() == ()
    (row,) = mailing.deliveries.all(f"mail:{BUILD}")
    assert (row.reason or "").startswith("asked for before mail was switched on at 20")
    mailing.now += 2.0
    mailing.look()
    mailing.work()
    assert len(mailing.sink.messages()) == 1


def test_openqa_is_asked_for_the_jobs_of_a_compose_once_a_look(mailing: MailSetup) -> None:
    asked: list[str] = []

    class Counting(OpenQAWithBuilds):
        def jobs_for_build(self, build: str) -> tuple[Job, ...]:
            asked.append(build)
            return super().jobs_for_build(build)

    mailing.openqa = Counting
    mailing.look()
    mailing.work()
    assert len(mailing.mails()) == 1
    assert asked.count(BUILD) == 1


@pytest.mark.parametrize("reply", ["530 5.7.0 who are you?", "535 5.7.8 wrong password"])
def test_a_server_that_wants_a_login_holds_the_lane_and_the_report_goes_out_later(
    mailing: MailSetup, reply: str
) -> None:
    mailing.sink.fail(MailFault(Stage.MAIL, Failure.REPLY, reply=reply, times=3))
    mailing.look()
    for _ in range(3):
        mailing.now = max(mailing.now, mailing.subjects.next_due([Sink.MAIL]) or 0.0)
        with pytest.raises(ConfigError, match=reply[:3]):
            mailing.worker().work()
    (absence,) = Stories(mailing.engine).absences()
    assert absence.lane == "mail"
    assert reply in absence.error
    assert mailing.rows()[REPORT].state is DeliveryState.PENDING
    mailing.work()
    assert mailing.mails() == [(FIRST, "", (LISTED,))]


def test_the_report_waits_until_no_job_has_ended_for_a_while(mailing: MailSetup) -> None:
    mailing.look()
    mailing.now += QUIET
    mailing.setup.builds[BUILD] = (ended(passed(3001)), ended(passed(3002, "other"), minutes=9))
    mailing.worker().work()
    assert mailing.mails() == []
    mailing.work()
    assert mailing.now == pytest.approx(ENDED.timestamp() + 9 * 60 + QUIET)
    (mail,) = mailing.sink.messages()
    assert "2/2 (x86_64)" in mail.text_as("plain")


def test_the_report_waits_for_products_that_are_still_to_be_posted(mailing: MailSetup) -> None:
    mailing.known = ScheduleState(asked=ENDED.timestamp(), is_owed=True)
    mailing.look()
    mailing.work(rounds=5)
    assert mailing.mails() == []
    mailing.known = ScheduleState(asked=ENDED.timestamp())
    mailing.work()
    assert len(mailing.mails()) == 1


def test_the_report_does_not_wait_for_ever_and_lists_running_tests(mailing: MailSetup) -> None:
    running = run_of(job(3002, "slow", outcome="running"))
    mailing.setup.builds[BUILD] = (ended(passed(3001)), running)
    mailing.known = ScheduleState(asked=ENDED.timestamp())
    mailing.look()
    mailing.work(rounds=200)
    assert mailing.now >= ENDED.timestamp() + WAIT
    (mail,) = mailing.sink.messages()
    assert "still running: 1/2 (x86_64)" in mail.text_as("plain")


def test_changes_after_restarts_are_mailed_once_in_the_thread(mailing: MailSetup) -> None:
    mailing.setup.builds[BUILD] = (ended(failed(3001)),)
    mailing.look()
    mailing.work()
    again = replace(failed(3001), clone_id=3005)
    mailing.setup.builds[BUILD] = (ended(again), ended(passed(3005), minutes=60))
    mailing.now += 7200.0
    mailing.look(2)
    mailing.work()
    mailing.look()
    mailing.work()
    first, second = mailing.mails()
    assert first == (FIRST, "", (LISTED,))
    assert second[1:] == (FIRST, (LISTED,))
    assert second[0] != FIRST
    follow_up = mailing.sink.messages()[1]
    assert follow_up.message["Subject"] == f"Re: {BUILD} compose check report"
    assert "Reported failed before, passed now:" in follow_up.text_as("plain")


def test_a_restart_that_ends_alike_is_no_news(mailing: MailSetup) -> None:
    mailing.setup.builds[BUILD] = (ended(failed(3001)),)
    mailing.look()
    mailing.work()
    again = replace(failed(3001), clone_id=3005)
    mailing.setup.builds[BUILD] = (ended(again), ended(failed(3005), minutes=60))
    mailing.now += 7200.0
    mailing.look()
    mailing.work()
    assert len(mailing.mails()) == 1


def test_an_smtp_server_that_is_away_delays_the_report(mailing: MailSetup) -> None:
    mailing.sink.refuse_connections()
    mailing.look()
    mailing.work(rounds=12)
    assert [one.lane for one in Stories(mailing.engine).absences()] == ["mail"]
    mailing.sink.accept_connections()
    mailing.work()
    assert len(mailing.mails()) == 1


@pytest.mark.parametrize(
    "fault",
    [
        MailFault(Stage.CONNECT, Failure.REPLY, "421 4.3.2 closing"),
        MailFault(Stage.MAIL, Failure.REPLY, "451 4.3.0 later"),
        MailFault(Stage.RCPT, Failure.REPLY, "450 4.2.1 greylisted"),
        MailFault(Stage.DATA, Failure.DROP),
        MailFault(Stage.CONNECT, Failure.HANG),
        MailFault(Stage.TEXT, Failure.REPLY, "452 4.3.1 full"),
        MailFault(Stage.TEXT, Failure.DROP),
        MailFault(Stage.TEXT, Failure.HANG),
    ],
    ids=lambda fault: f"{fault.stage.name} {fault.failure.name}",
)
def test_a_failure_before_a_mail_is_accepted_loses_no_report(
    mailing: MailSetup, fault: MailFault
) -> None:
    mailing.patience = WHILE if fault.failure is Failure.HANG else mailing.patience
    mailing.sink.fail(fault)
    mailing.look()
    mailing.work()
    assert mailing.mails() == [(FIRST, "", (LISTED,))]


@pytest.mark.parametrize("failure", [Failure.DROP, Failure.HANG])
def test_a_mail_that_was_accepted_without_an_answer_is_sent_again_with_the_same_message_id(
    mailing: MailSetup, failure: Failure
) -> None:
    mailing.patience = WHILE if failure is Failure.HANG else mailing.patience
    mailing.sink.fail(MailFault(Stage.TEXT, failure, keeps=True))
    mailing.look()
    mailing.work()
    assert mailing.mails() == [(FIRST, "", (LISTED,)), (FIRST, "", (LISTED,))]
    mailing.look()
    mailing.work()
    assert len(mailing.mails()) == 2


def test_a_recipient_that_is_refused_temporarily_gets_the_mail_later_and_alone(
    mailing: MailSetup,
) -> None:
    mailing.subscribers["Server"] = Subscribers(error=(OTHER,))
    mailing.setup.builds[BUILD] = (ended(failed(3001)),)
    mailing.sink.fail(MailFault(Stage.RCPT, Failure.REPLY, "451 4.7.1 later", recipient=OTHER))
    mailing.look()
    mailing.work()
    assert mailing.mails() == [(FIRST, "", (LISTED,)), (FIRST, "", (OTHER,))]
    assert mailing.now >= ENDED.timestamp() + QUIET + AGAIN_AFTER


def test_a_recipient_that_is_refused_permanently_is_named_and_the_others_have_the_mail(
    mailing: MailSetup,
) -> None:
    mailing.subscribers["Server"] = Subscribers(all=(OTHER,))
    mailing.setup.builds[BUILD] = (ended(failed(3001)),)
    mailing.sink.fail(MailFault(Stage.RCPT, Failure.REPLY, "550 5.1.1 who?", recipient=OTHER))
    mailing.look()
    mailing.work()
    assert mailing.mails() == [(FIRST, "", (LISTED,))]
    row = mailing.rows()[REPORT]
    assert row.state is DeliveryState.DELIVERED
    assert f"{OTHER}: 550 5.1.1 who?" in (row.reason or "")


def test_a_mail_that_is_refused_permanently_is_parked(mailing: MailSetup) -> None:
    mailing.sink.fail(MailFault(Stage.TEXT, Failure.REPLY, "554 5.7.1 spam"))
    mailing.look()
    mailing.work()
    found = mailing.subjects.find(f"mail:{BUILD}")
    assert found
    assert found.state is SubjectState.PARKED
    assert "554" in (found.reason or "")
    assert mailing.mails() == []
