"""Mails about a compose, the report and its follow-ups: text, subject line, recipients; pure."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from check_compose.facts import Facts
from check_compose.render import render_follow_up, render_html, render_text
from check_compose.report import CheckedTest, Report
from check_compose.verdicts import Verdict, verdict_of
from fedora_openqa.model.buckets import Bucket
from fedora_openqa.model.mails import Mail, Subscribers
from fedora_openqa.policy.mails import message_id_for, recipients_for

#: first part of the message ids
KIND = "compose-check"


@dataclass(frozen=True, slots=True, kw_only=True)
class Addresses:
    """Sender and recipients of the mails of a deployment."""

    #: ``"rawhide@fedoraproject.org"``
    sender: str
    #: of every report: ``("test-reports@lists.fedoraproject.org",)``
    recipients: tuple[str, ...]
    #: further recipients, by subvariant: ``"Server"``
    subscribers: Mapping[str, Subscribers] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class News:
    """A mail to send, and the verdict that its readers know afterwards."""

    #: None: nothing has changed, nothing is sent
    mail: Mail | None
    verdict: Verdict


def subject_line(report: Report, *, follow_up: bool) -> str:
    """Return the subject line of the mail with a report, or of a follow-up to it."""
    return f"Re: {report.title}" if follow_up else report.title


def news(
    facts: Facts,
    report: Report,
    addresses: Addresses,
    *,
    before: Verdict | None,
    only_to: str | None,
    now: float,
) -> News:
    """Return the mail with the report, or with the changes since the last one.

    :param before: the verdict that was sent last; None: none yet
    :param only_to: the one recipient that still lacks the mail; None: send to all
    :param now: seconds since 1970
    """
    verdict = verdict_of(report, before=before)
    host = addresses.sender.rpartition("@")[2]
    message_id, in_reply_to = message_id_for(KIND, report.compose, host=host), None
    subject = subject_line(report, follow_up=before is not None)
    if before is None:
        text, html = render_text(report), render_html(report)
    else:
        follow_up = render_follow_up(before, report, title=subject)
        if follow_up is None:
            return News(None, verdict)
        text, html = follow_up.text, follow_up.html
        in_reply_to = message_id
        message_id = message_id_for(f"{KIND}.{verdict.digest}", report.compose, host=host)
    mail = Mail(
        sender=addresses.sender,
        recipients=(only_to,) if only_to else _recipients(facts, report, addresses),
        subject=subject,
        text=text,
        html=html,
        message_id=message_id,
        date=now,
        in_reply_to=in_reply_to,
    )
    return News(mail, verdict)


def _recipients(facts: Facts, report: Report, addresses: Addresses) -> tuple[str, ...]:
    return recipients_for(
        default=addresses.recipients,
        subvariants=addresses.subscribers,
        failing=_subvariants(facts, report.having(Bucket.FAILED)),
        tested=_subvariants(facts, report.tests),
    )


def _subvariants(facts: Facts, tests: Iterable[CheckedTest]) -> frozenset[str]:
    ids = {test.id for test in tests}
    jobs = (job for job in facts.compose.jobs if job.id in ids)
    return frozenset(job.settings.get("SUBVARIANT", "") for job in jobs)
