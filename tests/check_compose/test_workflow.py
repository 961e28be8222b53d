"""One report a compose, over a real store and a real SMTP sink; and follow-ups in its thread."""

import threading
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from check_compose.mails import Addresses
from check_compose.workflow import AGAIN_AFTER, ComposeCheck, Scheduled
from fedora_openqa.errors import ConfigError
from fedora_openqa.gateways.mail.connection import SmtpLimits
from fedora_openqa.gateways.mail.smtp import SmtpMailer
from fedora_openqa.model.deliveries import Delivery, DeliveryState, Sink, WantedDelivery
from fedora_openqa.model.jobs import Job
from fedora_openqa.model.mails import Subscribers
from fedora_openqa.model.work import Lease, Step, SubjectState
from fedora_openqa.policy.deliveries import REPORT
from fedora_openqa.sandbox.mail import Failure, MailFault, MailSink, Stage
from fedora_openqa.store.deliveries import Deliveries
from fedora_openqa.store.engine import open_engine
from fedora_openqa.store.stories import Stories
from fedora_openqa.workflows.worker import Worker
from tests.check_compose.worlds import SETTINGS, Town, passed, run_of
from tests.store.timed import TimedSubjects
from tests.support.jobs import BUILD, job
from tests.workflows.test_gating import OpenQAWithBuilds

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
class Office:
    folder: Path
    sink: MailSink
    town: Town = field(default_factory=Town)
    now: float = ENDED.timestamp()
    known: Scheduled = field(default_factory=Scheduled)
    subscribers: dict[str, Subscribers] = field(default_factory=dict)
    openqa: type[OpenQAWithBuilds] = OpenQAWithBuilds

    def __post_init__(self) -> None:
        self.town.builds[BUILD] = (ended(passed(3001)),)
        self.engine = open_engine(f"sqlite:///{self.folder}/store.db")
        self.deliveries = Deliveries(self.engine, clock=lambda _connection: self.now)
        self.subjects = TimedSubjects(self.engine, clock=lambda _connection: self.now)

    def look(self, times: int = 1) -> None:
        """A message says that a job has ended."""
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
            world=replace(self.town.world(), openqa=self.openqa(self.town.builds)),
            settings=SETTINGS,
            mailer=SmtpMailer(
                self.sink.address, limits=SmtpLimits(connect=2, quiet=0.3, text=1, verdict=0.5)
            ),
            deliveries=self.deliveries,
            addresses=Addresses(
                sender="openqa@fedora.example", recipients=(LISTED,), subscribers=self.subscribers
            ),
            scheduled=lambda _compose_id: self.known,
            quiet=QUIET,
            wait=WAIT,
            clock=lambda: self.now,
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
        """Give Message-ID, In-Reply-To and recipients of what arrived."""
        return [
            (
                str(mail.message["Message-ID"]),
                str(mail.message["In-Reply-To"] or ""),
                mail.recipients,
            )
            for mail in self.sink.messages()
        ]


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    with MailSink() as sink:
        yield Office(tmp_path, sink)


FIRST = f"<compose-check.{BUILD}@fedora.example>"


def test_one_report_goes_out_however_often_messages_say_look(office: Office) -> None:
    office.look(3)
    office.work()
    office.look()
    office.work()
    assert office.mails() == [(FIRST, "", (LISTED,))]
    (mail,) = office.sink.messages()
    assert mail.message["Subject"] == f"{BUILD} compose check report"
    assert "Passed openQA tests: 1/1 (x86_64)" in mail.text_as("plain")
    assert "<html" in mail.text_as("html")
    assert office.rows()[REPORT].state is DeliveryState.DELIVERED


def test_openqa_is_asked_for_the_jobs_of_a_compose_once_a_look(office: Office) -> None:
    asked: list[str] = []

    class Counting(OpenQAWithBuilds):
        def jobs_for_build(self, build: str) -> tuple[Job, ...]:
            asked.append(build)
            return super().jobs_for_build(build)

    office.openqa = Counting
    office.look()
    office.work()
    assert len(office.mails()) == 1
    assert asked.count(BUILD) == 1


@pytest.mark.parametrize("reply", ["530 5.7.0 who are you?", "535 5.7.8 wrong password"])
def test_a_server_that_wants_a_login_holds_the_lane_and_the_report_goes_out_later(
    office: Office, reply: str
) -> None:
    office.sink.fail(MailFault(Stage.MAIL, Failure.REPLY, reply=reply, times=3))
    office.look()
    for _ in range(3):
        office.now = max(office.now, office.subjects.next_due([Sink.MAIL]) or 0.0)
        with pytest.raises(ConfigError, match=reply[:3]):
            office.worker().work()
    (absence,) = Stories(office.engine).absences()
    assert absence.lane == "mail"
    assert reply in absence.error
    assert office.rows()[REPORT].state is DeliveryState.PENDING
    office.work()
    assert office.mails() == [(FIRST, "", (LISTED,))]


def test_it_waits_until_nothing_has_ended_for_a_while(office: Office) -> None:
    office.look()
    office.now += QUIET
    office.town.builds[BUILD] = (ended(passed(3001)), ended(passed(3002, "other"), minutes=9))
    office.worker().work()
    assert office.mails() == []
    office.work()
    assert office.now == pytest.approx(ENDED.timestamp() + 9 * 60 + QUIET)
    (mail,) = office.sink.messages()
    assert "2/2 (x86_64)" in mail.text_as("plain")


def test_it_waits_for_what_our_store_still_means_to_post(office: Office) -> None:
    office.known = Scheduled(asked=ENDED.timestamp(), is_owed=True)
    office.look()
    office.work(rounds=5)
    assert office.mails() == []
    office.known = Scheduled(asked=ENDED.timestamp())
    office.work()
    assert len(office.mails()) == 1


def test_it_does_not_wait_for_ever_and_says_what_still_runs(office: Office) -> None:
    running = run_of(job(3002, "slow", outcome="running"))
    office.town.builds[BUILD] = (ended(passed(3001)), running)
    office.known = Scheduled(asked=ENDED.timestamp())
    office.look()
    office.work(rounds=200)
    assert office.now >= ENDED.timestamp() + WAIT
    (mail,) = office.sink.messages()
    assert "still running: 1/2 (x86_64)" in mail.text_as("plain")


def test_what_changes_after_restarts_is_told_once_in_the_thread(office: Office) -> None:
    office.town.builds[BUILD] = (ended(failed(3001)),)
    office.look()
    office.work()
    again = replace(failed(3001), clone_id=3005)
    office.town.builds[BUILD] = (ended(again), ended(passed(3005), minutes=60))
    office.now += 7200.0
    office.look(2)
    office.work()
    office.look()
    office.work()
    first, second = office.mails()
    assert first == (FIRST, "", (LISTED,))
    assert second[1:] == (FIRST, (LISTED,))
    assert second[0] != FIRST
    follow_up = office.sink.messages()[1]
    assert follow_up.message["Subject"] == f"Re: {BUILD} compose check report"
    assert "Reported failed before, passed now:" in follow_up.text_as("plain")


def test_a_restart_that_ends_alike_is_no_news(office: Office) -> None:
    office.town.builds[BUILD] = (ended(failed(3001)),)
    office.look()
    office.work()
    again = replace(failed(3001), clone_id=3005)
    office.town.builds[BUILD] = (ended(again), ended(failed(3005), minutes=60))
    office.now += 7200.0
    office.look()
    office.work()
    assert len(office.mails()) == 1


def test_an_smtp_server_that_is_away_delays_the_report(office: Office) -> None:
    office.sink.refuse_connections()
    office.look()
    office.work(rounds=12)
    assert [one.lane for one in Stories(office.engine).absences()] == ["mail"]
    office.sink.accept_connections()
    office.work()
    assert len(office.mails()) == 1


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
def test_whatever_fails_before_a_mail_is_taken_loses_nothing(
    office: Office, fault: MailFault
) -> None:
    office.sink.fail(fault)
    office.look()
    office.work()
    assert office.mails() == [(FIRST, "", (LISTED,))]


@pytest.mark.parametrize("failure", [Failure.DROP, Failure.HANG])
def test_a_mail_that_was_taken_without_a_word_comes_again_as_the_same(
    office: Office, failure: Failure
) -> None:
    office.sink.fail(MailFault(Stage.TEXT, failure, keeps=True))
    office.look()
    office.work()
    assert office.mails() == [(FIRST, "", (LISTED,)), (FIRST, "", (LISTED,))]
    office.look()
    office.work()
    assert len(office.mails()) == 2


def test_a_recipient_that_is_refused_for_the_moment_gets_it_later_and_alone(
    office: Office,
) -> None:
    office.subscribers["Server"] = Subscribers(error=(OTHER,))
    office.town.builds[BUILD] = (ended(failed(3001)),)
    office.sink.fail(MailFault(Stage.RCPT, Failure.REPLY, "451 4.7.1 later", recipient=OTHER))
    office.look()
    office.work()
    assert office.mails() == [(FIRST, "", (LISTED,)), (FIRST, "", (OTHER,))]
    assert office.now >= ENDED.timestamp() + QUIET + AGAIN_AFTER


def test_a_recipient_that_is_refused_for_good_is_said_and_the_others_have_it(
    office: Office,
) -> None:
    office.subscribers["Server"] = Subscribers(all=(OTHER,))
    office.town.builds[BUILD] = (ended(failed(3001)),)
    office.sink.fail(MailFault(Stage.RCPT, Failure.REPLY, "550 5.1.1 who?", recipient=OTHER))
    office.look()
    office.work()
    assert office.mails() == [(FIRST, "", (LISTED,))]
    row = office.rows()[REPORT]
    assert row.state is DeliveryState.DELIVERED
    assert f"{OTHER}: 550 5.1.1 who?" in (row.reason or "")


def test_a_mail_that_is_refused_for_good_is_parked(office: Office) -> None:
    office.sink.fail(MailFault(Stage.TEXT, Failure.REPLY, "554 5.7.1 spam"))
    office.look()
    office.work()
    found = office.subjects.find(f"mail:{BUILD}")
    assert found
    assert found.state is SubjectState.PARKED
    assert "554" in (found.reason or "")
    assert office.mails() == []
