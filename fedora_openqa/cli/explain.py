"""``fedora-openqa explain``."""

import sys
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path

import click

from fedora_openqa.cli.common import open_config, ranges
from fedora_openqa.cli.now import describe_eta
from fedora_openqa.cli.options import format_option
from fedora_openqa.cli.output import say, say_json
from fedora_openqa.model.deliveries import Absence, Delivery, DeliveryState
from fedora_openqa.model.jobs import Job
from fedora_openqa.model.stories import Explained, JobCounts, Story
from fedora_openqa.model.work import SubjectState
from fedora_openqa.policy.links import subject_link
from fedora_openqa.views.stories import explained_view
from fedora_openqa.views.times import when
from fedora_openqa.wiring.operator import open_explainer

#: exit statuses
KNOWN, UNKNOWN = 0, 1


@click.command()
@click.argument("subject")
@click.option("--all", "whole", is_flag=True, help="List also the results that were delivered.")
@click.option("--offline", is_flag=True, help="Do not ask openQA for the present states of jobs.")
@format_option
@click.pass_obj
def explain(
    config_file: Path | None, *, subject: str, whole: bool, offline: bool, output: str
) -> None:
    """Show the history of SUBJECT: messages, rules, products, jobs and results on their way.

    SUBJECT is the id or URL of a compose, an update or a CoreOS build, the id of a message, or a
    key of the store. Results that were delivered are only counted without --all.

    Exit status: 0 the store knows it; 1 it does not; 2 wrong usage or configuration. If no message
    about a subject came, `sweep --dry-run` finds it, and `compose` or `update` schedule it.
    """
    config = open_config(config_file, None)
    found = open_explainer(config, offline=offline).explain(subject)
    if output == "json":
        say_json(explained_view(found))
    else:
        say(*describe(found, whole=whole))
        for story in found.stories[:1]:
            # a sink's subject has a build
            subject_name = story.subject.request.get("build", story.subject.key)
            if link := subject_link(config.web.url, subject_name):
                say(f"Page: {link}")
    sys.exit(KNOWN if found.stories else UNKNOWN)


def describe_absence(absence: Absence) -> str:
    """Return the line about a lane that waits."""
    since, again = when(absence.since), when(absence.until)
    return f"Lane {absence.lane} waits since {since}, tried again {again}: {absence.error}"


def describe(explained: Explained, *, whole: bool = False) -> Iterator[str]:
    """Yield the lines about a subject.

    :param whole: list also the deliveries that are delivered
    """
    if not explained.stories:
        yield f"{explained.subject}: the store does not know it"
    for story in explained.stories:
        yield from _story_lines(story)
        yield from _delivery_lines(story, explained.known, whole=whole)
    yield from map(describe_absence, explained.absences)
    for rule in explained.rules:
        yield f"Rule {rule.name}: {rule.reason or 'does not hold it back'}"
    if explained.forecast:
        yield f"Forecast of {explained.forecast.build}: {describe_eta(explained.forecast)}"
    for jobs in explained.jobs:
        yield f"Jobs of {jobs.build} at present: {_counts(jobs)}"


def _story_lines(story: Story) -> Iterator[str]:
    subject = story.subject
    yield f"{subject.key}: {subject.state}{_because(subject.reason)} ({when(subject.updated)})"
    for message in story.messages:
        newest = ", which made the newest request" if message.id == subject.message_id else ""
        yield f"  message {message.id} ({when(message.seen)}){newest}"
    if subject.lane != "message":
        yield f"  request {subject.number} ({when(story.asked)}), attempts: {subject.attempts}"
    if subject.last_error:
        yield f"  last error: {subject.last_error}"
    if story.leased:
        yield f"  {story.leased[0]} works on it, until {when(story.leased[1])} at the latest"
    elif subject.state is SubjectState.WANTED:
        yield f"  due {when(subject.due)}"
    for product in story.products:
        jobs = f", jobs {ranges(product.job_ids)}" if product.job_ids else ""
        yield (
            f"  request {product.number}: {product.flavor} {product.arch}:"
            f" {product.state}{_because(product.reason)}{jobs} ({when(product.updated)})"
        )


def _delivery_lines(story: Story, known: Mapping[int, Job], *, whole: bool) -> Iterator[str]:
    """Yield the number of deliveries in each state, and a line for each that needs a look."""
    if not story.deliveries:
        return
    states = Counter(str(it.state) for it in story.deliveries)
    counts = ", ".join(f"{states[state]} {state}" for state in DeliveryState if states[state])
    yield f"  {story.subject.lane}: {counts}"
    for delivery in story.deliveries:
        if whole or delivery.summary or delivery.state is not DeliveryState.DELIVERED:
            yield f"  {_delivery_line(delivery, known)}"


def _delivery_line(delivery: Delivery, known: Mapping[int, Job]) -> str:
    job = known.get(int(delivery.item)) if delivery.item.isdecimal() else None
    name = f" {job.test} {job.flavor} {job.arch}" if job else ""
    summary = delivery.summary or delivery.told
    told = f" {summary}" if summary else ""
    place = f", there as {delivery.reference}" if delivery.reference else ""
    trouble = f", last error: {delivery.last_error}" if delivery.last_error else ""
    return (
        f"{delivery.item}{name}: {delivery.state}{told}{_because(delivery.reason)}{place}"
        f"{trouble} ({when(delivery.updated)})"
    )


def _because(reason: str | None) -> str:
    return f": {reason}" if reason else ""


def _counts(jobs: JobCounts) -> str:
    if jobs.error:
        return f"openQA cannot be asked: {jobs.error}"
    words = [f"{number} {outcome}" for outcome, number in jobs.counts.items()]
    if jobs.gone:
        words.append(f"{jobs.gone} gone")
    if jobs.copied:
        words.append(f"of these {jobs.copied} restarted")
    return ", ".join(words)
