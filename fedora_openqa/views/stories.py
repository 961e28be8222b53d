"""The history of a subject: messages, products, deliveries, rules and jobs."""

from collections.abc import Mapping

import msgspec

from fedora_openqa.model.deliveries import Delivery
from fedora_openqa.model.stories import Explained, JobCounts, StoredProduct, Story
from fedora_openqa.views.now import EtaView, eta_view
from fedora_openqa.views.status import AbsenceView, absence_view
from fedora_openqa.views.times import when


class LeaseView(msgspec.Struct, frozen=True):
    """A worker that has a subject."""

    by: str
    until: str | None


class MessageView(msgspec.Struct, frozen=True):
    """A message that named a subject."""

    id: str
    seen: str | None


class ProductView(msgspec.Struct, frozen=True):
    """One POST to openQA."""

    #: number of the request
    request: int
    flavor: str
    arch: str
    build: str
    state: str
    jobs: tuple[int, ...]
    reason: str | None
    updated: str | None


class DeliveryView(msgspec.Struct, frozen=True):
    """One job or report on its way to one sink."""

    item: str
    state: str
    #: what the sink has, machine-readable
    outcome: str | None
    #: the same for people
    summary: str | None
    #: of a report: what it found beside the results of tests, a line each
    findings: tuple[str, ...]
    #: of a send that was started and not confirmed
    sending: str | None
    reason: str | None
    #: where the sink has it
    reference: str | None
    attempts: int
    last_error: str | None
    due: str | None
    message: str | None
    updated: str | None


class StoryView(msgspec.Struct, frozen=True):
    """A subject with its messages, products and deliveries."""

    key: str
    state: str
    reason: str | None
    #: number of the request
    request: int
    asked: str | None
    attempts: int
    last_error: str | None
    due: str | None
    leased: LeaseView | None
    #: id of the message that caused the request
    message: str | None
    created: str | None
    updated: str | None
    messages: tuple[MessageView, ...]
    products: tuple[ProductView, ...]
    deliveries: tuple[DeliveryView, ...]


class RuleView(msgspec.Struct, frozen=True):
    """A rule that may keep a subject from being scheduled."""

    rule: str
    #: why it does; None: it does not
    reason: str | None


class JobCountsView(msgspec.Struct, frozen=True):
    """The states of the jobs of a build, as openQA has them now."""

    build: str
    counts: Mapping[str, int]
    copied: int
    gone: int
    #: why openQA could not be asked
    error: str | None


class ExplainedView(msgspec.Struct, frozen=True):
    """All that is known about a subject."""

    subject: str
    #: whether the store has it
    known: bool
    rules: tuple[RuleView, ...]
    stories: tuple[StoryView, ...]
    away: tuple[AbsenceView, ...]
    jobs: tuple[JobCountsView, ...]
    #: when its jobs will have ended; None: none of them is in openQA's queue
    eta: EtaView | None


def explained_view(explained: Explained) -> ExplainedView:
    """Return the view of all that is known about a subject."""
    return ExplainedView(
        subject=explained.subject,
        known=bool(explained.stories),
        rules=tuple(RuleView(rule.name, rule.reason) for rule in explained.rules),
        stories=tuple(map(story_view, explained.stories)),
        away=tuple(map(absence_view, explained.absences)),
        jobs=tuple(map(_counts_view, explained.jobs)),
        eta=eta_view(explained.forecast) if explained.forecast else None,
    )


def story_view(story: Story) -> StoryView:
    """Return the view of a subject with what belongs to it."""
    subject = story.subject
    return StoryView(
        key=subject.key,
        state=str(subject.state),
        reason=subject.reason,
        request=subject.number,
        asked=when(story.asked),
        attempts=subject.attempts,
        last_error=subject.last_error,
        due=when(subject.due),
        leased=LeaseView(story.leased[0], when(story.leased[1])) if story.leased else None,
        message=subject.message_id,
        created=when(subject.created),
        updated=when(subject.updated),
        messages=tuple(MessageView(it.id, when(it.seen)) for it in story.messages),
        products=tuple(map(_product_view, story.products)),
        deliveries=tuple(map(_delivery_view, story.deliveries)),
    )


def _product_view(product: StoredProduct) -> ProductView:
    return ProductView(
        request=product.number,
        flavor=product.flavor,
        arch=product.arch,
        build=product.build,
        state=product.state,
        jobs=product.job_ids,
        reason=product.reason,
        updated=when(product.updated),
    )


def _delivery_view(delivery: Delivery) -> DeliveryView:
    return DeliveryView(
        item=delivery.item,
        state=str(delivery.state),
        outcome=delivery.told,
        summary=delivery.summary,
        findings=delivery.findings,
        sending=delivery.sending,
        reason=delivery.reason,
        reference=delivery.reference,
        attempts=delivery.attempts,
        last_error=delivery.last_error,
        due=when(delivery.due),
        message=delivery.message_id,
        updated=when(delivery.updated),
    )


def _counts_view(jobs: JobCounts) -> JobCountsView:
    return JobCountsView(jobs.build, dict(jobs.counts), jobs.copied, jobs.gone, jobs.error)
