"""Mails one report on each compose, once its tests have ended, and follow-ups when results change.

Knows ports, never gateways. SMTP cannot be asked which mails it has: a mail without a final answer
is sent again, with the same Message-ID.
"""

import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from check_compose.compare import compare
from check_compose.completeness import Completeness, NotYet, Overdue, is_complete
from check_compose.facts import Facts
from check_compose.findings import findings_of
from check_compose.gather import CheckOptions, CheckPorts, gather
from check_compose.mails import Addresses, News, news
from check_compose.report import Report
from check_compose.system_changes import DEFAULT_THRESHOLDS, Thresholds
from check_compose.verdicts import Verdict
from fedora_openqa import ports
from fedora_openqa.errors import AmbiguousWriteError, PermanentError, ServiceUnavailableError
from fedora_openqa.model.deliveries import (
    Delivered,
    Delivery,
    DeliveryStep,
    Later,
    Sink,
    Skipped,
    WantedDelivery,
)
from fedora_openqa.model.jobs import Job
from fedora_openqa.model.mails import Mail, Refused
from fedora_openqa.model.products import ProductState
from fedora_openqa.model.work import Away, Concluded, Step, SubjectState
from fedora_openqa.policy.effects import before_mail
from fedora_openqa.policy.retries import delivery_again, delivery_refused

log = logging.getLogger(__name__)

#: seconds until a mail is sent again that was not answered, or refused temporarily
AGAIN_AFTER = 300.0


@dataclass(frozen=True, slots=True, kw_only=True)
class ScheduleState:
    """What our store knows of the scheduling of a compose."""

    #: when scheduling was requested, seconds since 1970; None: the store does not know the compose
    asked: float | None = None
    #: products of it are still to be posted
    is_owed: bool = False


def scheduled_in(stories: ports.Stories, compose_id: str) -> ScheduleState:
    """Return what the store knows of a compose; a product without a known state is still open."""
    for story in stories.find(f"compose:{compose_id}"):
        wanted = story.subject.state is SubjectState.WANTED
        begun = {product.state for product in story.products} - {*ProductState}
        return ScheduleState(asked=story.asked, is_owed=wanted or bool(begun))
    return ScheduleState()


@dataclass(frozen=True, slots=True, kw_only=True)
class ComposeCheck:
    """Decides when a compose is complete, makes its report and mails it."""

    services: CheckPorts
    options: CheckOptions
    mailer: ports.Mailer
    #: gets a delivery for each recipient that was refused temporarily
    deliveries: ports.Deliveries
    addresses: Addresses
    #: from compose id to what our store knows of its scheduling
    scheduled: Callable[[str], ScheduleState]
    #: seconds without a running job until a compose is complete
    quiet: float
    #: seconds after scheduling until the report is sent although results are missing
    wait: float
    #: returns the time, seconds since 1970
    clock: Callable[[], float]
    #: when mail was switched on, seconds since 1970; what was asked for earlier is not mailed
    mailed_since: float = 0.0
    thresholds: Thresholds = DEFAULT_THRESHOLDS
    #: adds what is remembered of failed tests
    remember: Callable[[Report], Report] = lambda report: report

    def completeness(self, compose_id: str, jobs: Sequence[Job]) -> Completeness:
        """Return whether it is time to report on a compose.

        :param jobs: all of its BUILD
        """
        known = self.scheduled(compose_id)
        return is_complete(
            jobs,
            now=self.clock(),
            quiet=self.quiet,
            wait=self.wait,
            scheduled=known.asked,
            is_owed=known.is_owed,
        )

    def check(
        self,
        compose_id: str,
        *,
        previous: str | None = None,
        jobs: tuple[Job, ...] | None = None,
    ) -> tuple[Facts, Report]:
        """Compare a compose with the one before it; parameters and errors are those of `gather`."""
        facts = gather(
            compose_id, previous=previous, services=self.services, options=self.options, jobs=jobs
        )
        return facts, self.remember(compare(facts, thresholds=self.thresholds))

    def report(self, compose_id: str, ledger: ports.DeliveryLedger) -> Step:
        """Send the mails about a compose that are due.

        Raises:
            ConfigError: the deployment is wrong.
            LeaseLostError: another worker has the compose now.
            SubjectError: it is no compose id.
            RequestRefusedError, ServiceUnavailableError: openQA or the database does not answer.
        """
        due = ledger.due()
        old = Skipped(f"asked for {before_mail(self.mailed_since)}")
        ledger.record([(one, old) for one in due if one.asked < self.mailed_since])
        due = tuple(one for one in due if one.asked >= self.mailed_since)
        if not due:
            return Concluded(reached=False)
        jobs = self.services.openqa.jobs_for_build(compose_id)
        state = self.completeness(compose_id, jobs)
        if isinstance(state, NotYet):
            later = Later(state.look_again_in, state.reason, counts=False)
            ledger.record([(delivery, later) for delivery in due])
            return Concluded(reached=False)
        if isinstance(state, Overdue):
            log.warning("%s is reported on although %s", compose_id, state.reason)
        facts, report = self.check(compose_id, jobs=jobs)
        for delivery in due:
            found = self.news_for(delivery, facts, report)
            verdict, summary = found.verdict.to_text(), found.verdict.summary
            lines = findings_of(facts, report, thresholds=self.thresholds)
            if found.mail is None:
                same = Delivered(verdict, delivery.reference, summary=summary, findings=lines)
                ledger.record([(delivery, same)])
                continue
            ledger.intend({delivery.item: verdict})
            try:
                step = self._send(compose_id, delivery, found.mail, found.verdict)
                if isinstance(step, Delivered):
                    step = replace(step, findings=lines)
            except ServiceUnavailableError as exc:
                ledger.record([(delivery, Later(0.0, str(exc), counts=False))])
                return Away(str(exc), retry_after=exc.retry_after)
            ledger.record([(delivery, step)])
        return Concluded(reached=True)

    def news_for(self, delivery: Delivery, facts: Facts, report: Report) -> News:
        """Return the mail of a delivery, if anything has changed since the last one."""
        before = delivery.told or delivery.facts.get("before")
        return news(
            facts,
            report,
            self.addresses,
            before=Verdict.from_text(before) if before else None,
            only_to=delivery.facts.get("to"),
            now=self.clock(),
        )

    def _send(
        self, compose_id: str, delivery: Delivery, mail: Mail, verdict: Verdict
    ) -> DeliveryStep:
        try:
            refused = self.mailer.send(mail)
        except AmbiguousWriteError as exc:
            return delivery_again(
                str(exc), attempts=delivery.attempts, first_delay=AGAIN_AFTER, unsure=True
            )
        except PermanentError as exc:
            return delivery_refused(exc)
        self._want_refused(compose_id, delivery, refused)
        reason = "; ".join(f"{who}: {one.reason}" for who, one in refused.items()) or None
        return Delivered(verdict.to_text(), mail.message_id, reason, verdict.summary)

    def _want_refused(
        self, compose_id: str, delivery: Delivery, refused: Mapping[str, Refused]
    ) -> None:
        """Store a delivery for each recipient that was refused temporarily."""
        before = delivery.told or delivery.facts.get("before", "")
        later = [who for who, one in refused.items() if one.temporary]
        if later:
            self.deliveries.want(
                [
                    WantedDelivery(
                        sink=Sink.MAIL,
                        build=compose_id,
                        item=f"report to {who}"[:200],
                        facts={"to": who, "before": before},
                        delay=AGAIN_AFTER,
                    )
                    for who in later
                ]
            )
