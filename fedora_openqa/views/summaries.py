"""A subject: what its tests say, its history, and its results on their way."""

import msgspec

from fedora_openqa.model.builds import BuildStory
from fedora_openqa.policy.subject_names import SubjectName
from fedora_openqa.policy.verdicts import of_subjects
from fedora_openqa.views.builds import CountsView, VerdictView, summary_view
from fedora_openqa.views.now import EtaView
from fedora_openqa.views.stories import DeliveryView, StoryView, story_view


class SubjectSummaryView(msgspec.Struct, frozen=True):
    """A subject; each arch of a CoreOS build has a story of its own."""

    key: str
    #: ``"compose"``, ``"update"``, ``"coreos"``; None: the name does not say
    kind: str | None
    #: the state of its scheduling; None: the store has only its jobs
    state: str | None
    #: why it is skipped or parked
    reason: str | None
    #: openQA's BUILD
    build: str
    #: whether all its tests have ended; None: the store cannot know
    complete: bool | None
    #: why it is not complete, or why that is not known; None: it is
    incomplete: str | None
    verdict: VerdictView
    counts: CountsView
    #: when its jobs will have ended; None: none of them is in openQA's queue
    eta: EtaView | None
    #: when one of its jobs was last heard of or read; None: none is known
    as_of: str | None
    stories: tuple[StoryView, ...]


class SubjectDeliveryView(msgspec.Struct, frozen=True):
    """One job or report on its way to one sink."""

    #: ``"resultsdb"``, ``"wiki"``, ``"mail"``
    sink: str
    delivery: DeliveryView


def subject_summary_view(name: SubjectName, found: BuildStory) -> SubjectSummaryView:
    """Return the view of a subject, without its deliveries."""
    subjects = of_subjects(found.stories)
    first = subjects[0].subject if subjects else None
    summary = summary_view(found.summary)
    return SubjectSummaryView(
        key=first.key if first else name.key,
        kind=first.lane if first else str(name.kind) if name.kind else None,
        state=str(first.state) if first else None,
        reason=first.reason if first else None,
        build=summary.build,
        complete=summary.complete,
        incomplete=summary.incomplete,
        verdict=summary.verdict,
        counts=summary.counts,
        eta=summary.eta,
        as_of=summary.as_of,
        stories=tuple(map(story_view, subjects)),
    )


def deliveries_view(found: BuildStory) -> tuple[SubjectDeliveryView, ...]:
    """Return the views of all deliveries of a subject."""
    return tuple(
        SubjectDeliveryView(story.subject.lane, one)
        for story in found.stories
        for one in story_view(story).deliveries
    )
