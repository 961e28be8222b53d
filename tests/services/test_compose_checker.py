"""The compose checker: one mail on a compose, and one on what has changed since."""

from collections.abc import Iterator
from typing import Any

import pytest

from fedora_openqa.model.deliveries import DeliveryState, Sink
from fedora_openqa.sandbox.mail import Failure, KeptMail, MailFault, Stage
from tests.services.reporting_site import Reporter, ReportingSite, wait_for

pytestmark = pytest.mark.service

#: minutes without a running job until a compose is complete
QUIET = 0.02

FLAVOR = "Workstation-live-iso"


@pytest.fixture
def checker(reporting: ReportingSite) -> Iterator[Reporter]:
    reporting.configure({"mail": {"enabled": True, "quiet": QUIET}})
    with reporting.reporter("compose_checker") as checker:
        checker.start()
        yield checker


def finish(site: ReportingSite, jobs: list[dict[str, Any]], *, failing: int) -> None:
    """End all jobs; one fails that no other needs."""
    for job in jobs:
        site.finish(job["id"], "failed" if job["id"] == failing else "passed")


def lonely(jobs: list[dict[str, Any]]) -> int:
    """Choose a job that no other has to do with."""
    return next(
        int(job["id"])
        for job in jobs
        if not any([*job["children"].values(), *job["parents"].values()])
    )


def mails(site: ReportingSite) -> tuple[KeptMail, ...]:
    return site.sandbox.mail.messages()


def test_a_compose_is_reported_once_and_what_has_changed_once_more(
    reporting: ReportingSite, checker: Reporter
) -> None:
    site, build = reporting, reporting.make_compose()
    jobs = site.schedule(build, FLAVOR)
    failing = lonely(jobs)

    # the count in messages is 0 now and then although jobs still run
    site.publish_done(build, failing)
    wait_for(lambda: any(row.last_error for row in checker.rows(Sink.MAIL, build)), list)
    assert mails(site) == ()

    finish(site, jobs, failing=failing)
    wait_for(lambda: mails(site), lambda: checker.rows(Sink.MAIL, build))
    for _ in range(2):
        site.publish_done(build, failing)
    settle(site, checker, build)
    (first,) = mails(site)
    assert first.recipients == ("test-reports@localhost",)
    assert first.message["subject"] == f"{build} compose check report"
    assert f"Failed openQA tests: 1/{len(jobs)} (x86_64)" in first.text_as("plain")
    assert f"ID: {failing}\t" in first.text_as("plain")

    (copy,) = site.restart(failing).values()
    site.finish(copy)
    wait_for(lambda: len(mails(site)) > 1, lambda: checker.rows(Sink.MAIL, build))
    for _ in range(2):
        site.publish_done(build, copy)
    settle(site, checker, build)
    _, second = mails(site)
    assert second.message["in-reply-to"] == first.message["message-id"]
    assert second.message["message-id"] != first.message["message-id"]
    assert second.recipients == first.recipients


def test_a_mail_that_nobody_answered_about_comes_again_as_the_same(
    reporting: ReportingSite, checker: Reporter
) -> None:
    site, build = reporting, reporting.make_compose()
    site.sandbox.mail.fail(MailFault(Stage.TEXT, Failure.DROP, keeps=True))
    jobs = site.schedule(build, FLAVOR)
    failing = lonely(jobs)
    finish(site, jobs, failing=failing)
    wait_for(lambda: any(row.attempts for row in checker.rows(Sink.MAIL, build)), list)
    (first,) = mails(site)

    # it would be sent again after minutes; a message does not wait for that
    site.publish_done(build, failing)
    settle(site, checker, build)
    _, second = mails(site)
    assert second.message["message-id"] == first.message["message-id"]
    assert second.text_as("plain") == first.text_as("plain")

    site.publish_done(build, failing)
    settle(site, checker, build)
    assert mails(site) == (first, second)


def settle(site: ReportingSite, checker: Reporter, build: str) -> None:
    """Wait until a report went out, and nothing waits to be mailed."""
    rows = site.settle(checker, Sink.MAIL, build)
    assert [row.state for row in rows] == [DeliveryState.DELIVERED]
