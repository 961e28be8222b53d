"""The mails about a compose: the report, and what has changed since; pure."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from check_compose.counting import Bucket
from check_compose.facts import Facts
from check_compose.render import render_follow_up, render_html, render_text
from check_compose.report import CheckedTest, Report
from check_compose.verdicts import Verdict, verdict_of
from fedora_openqa.model.mails import Mail, Subscribers
from fedora_openqa.policy.mails import message_id_for, recipients_for

#: what the mails are, in their message ids
KIND = "compose-check"


@dataclass(frozen=True, slots=True, kw_only=True)
class Addresses:
    """Who writes to whom."""

    #: ``"rawhide@fedoraproject.org"``
    sender: str
    #: of every report
    recipients: tuple[str, ...]
    #: by subvariant
    subscribers: Mapping[str, Subscribers] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class News:
    """A mail that should be sent, and what will have been said then."""

    #: nothing: there is no news
    mail: Mail | None
    verdict: Verdict


def news(
    facts: Facts,
    report: Report,
    addresses: Addresses,
    *,
    before: Verdict | None,
    only_to: str | None,
    now: float,
) -> News:
    """Write the report, or what has changed since it was sent.

    :param before: what was said last; nothing: nothing yet
    :param only_to: who alone did not get it; nothing: nobody did
    :param now: seconds since 1970
    """
    verdict = verdict_of(report, before=before)
    host = addresses.sender.rpartition("@")[2]
    first = message_id_for(KIND, report.compose, host=host)
    text, html, subject = "", "", report.subject
    message_id, in_reply_to = first, None
    if before is None:
        text, html = render_text(report), render_html(report)
    else:
        follow_up = render_follow_up(before, report)
        if follow_up is None:
            return News(None, verdict)
        subject, text, html = follow_up.subject, follow_up.text, follow_up.html
        message_id = message_id_for(f"{KIND}.{verdict.digest}", report.compose, host=host)
        in_reply_to = first
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
