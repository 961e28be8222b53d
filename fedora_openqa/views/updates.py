"""An update: its tests, the decision of gating, and what each requirement needs."""

from collections.abc import Iterator, Sequence

import msgspec

from fedora_openqa.model.asked import Asked
from fedora_openqa.model.builds import BuildSummary
from fedora_openqa.model.gating import GatedUpdate, GivenWaiver, Remedy, Standing
from fedora_openqa.model.history import StoredJob
from fedora_openqa.model.stories import Story
from fedora_openqa.policy.contents import content_of_settings
from fedora_openqa.policy.gating import stored_job_for
from fedora_openqa.policy.verdicts import of_subjects
from fedora_openqa.views.builds import SummaryView, summary_view
from fedora_openqa.views.gating import RequirementView, gating_view
from fedora_openqa.views.times import when

#: what helps, in words
REMEDIES = {
    Remedy.NOTHING: "nothing to do",
    Remedy.WAIT: "wait until the job has ended",
    Remedy.REPORT: "report the result, which ResultsDB does not have",
    Remedy.RERUN: "run it again, or waive it",
    Remedy.SCHEDULE: "schedule it",
    Remedy.NO_SUCH_JOB: "openQA has no such test: ask the people of openQA, or waive it",
    Remedy.ELSEWHERE: "a test of another system: ask its people, or waive it",
}


class WaiverView(msgspec.Struct, frozen=True):
    """A waiver with who gave it."""

    id: int
    by: str
    comment: str
    given: str | None
    #: whether it was given after the newest job had ended; None: the job has not, or is not known
    covers_newest: bool | None


class UpdateRequirementView(msgspec.Struct, frozen=True):
    """A requirement, since when it is so, and what helps."""

    requirement: RequirementView
    #: when its newest job ended, or began
    since: str | None
    #: None: it is not waived, or WaiverDB did not answer
    waiver: WaiverView | None
    #: what helps, in words
    advice: str


class DecisionView(msgspec.Struct, frozen=True):
    """Greenwave's decision about an update."""

    #: None: not known
    satisfied: bool | None
    summary: str | None
    #: when Greenwave was asked
    as_of: str | None
    #: why there is no newer decision; None: it is new
    problem: str | None
    #: the unsatisfied first
    requirements: tuple[UpdateRequirementView, ...]


class OlderBuildsView(msgspec.Struct, frozen=True):
    """Builds that an update had in an earlier request."""

    #: number of the request
    request: int
    builds: tuple[str, ...]


class UpdateView(msgspec.Struct, frozen=True):
    """An update."""

    update: str
    #: state of the subject in the store; None: the store does not have it
    state: str | None
    #: why it is skipped or parked
    reason: str | None
    summary: SummaryView
    decision: DecisionView
    #: its builds; empty: not known
    builds: tuple[str, ...]
    #: what was tested of it before, the newest first
    older: tuple[OlderBuildsView, ...]


def update_view(
    alias: str, summary: BuildSummary, stories: Sequence[Story], asked: Asked[GatedUpdate]
) -> UpdateView:
    """Return the view of an update."""
    story = next(iter(of_subjects(stories)), None)
    tested = dict(_contents(story)) if story else {}
    current = tested.pop(max(tested), ()) if tested else ()
    return UpdateView(
        update=alias,
        state=str(story.subject.state) if story else None,
        reason=story.subject.reason if story else None,
        summary=summary_view(summary),
        decision=decision_view(asked, summary.newest),
        builds=asked.answer.gated.question.builds if asked.answer else current,
        older=tuple(
            OlderBuildsView(number, tested[number])
            for number in sorted(tested, reverse=True)
            if tested[number] != current
        ),
    )


def decision_view(asked: Asked[GatedUpdate], newest: Sequence[StoredJob]) -> DecisionView:
    """Return the view of a decision.

    :param newest: the newest stored job of each test
    """
    if asked.answer is None:
        return DecisionView(None, None, None, asked.problem or None, ())
    gated = asked.answer.gated
    views = gating_view(gated).requirements
    jobs = [
        stored_job_for(one.requirement, newest, subject_type=gated.question.subject_type)
        for one in gated.standings
    ]
    return DecisionView(
        satisfied=gated.decision.satisfied,
        summary=gated.decision.summary,
        as_of=when(asked.at),
        problem=asked.problem or None,
        requirements=tuple(
            _requirement(one, view, job, asked.answer)
            for one, view, job in zip(gated.standings, views, jobs, strict=True)
        ),
    )


def _requirement(
    one: Standing, view: RequirementView, job: StoredJob | None, update: GatedUpdate
) -> UpdateRequirementView:
    waiver = update.waivers.get(one.requirement.waiver_id or 0)
    return UpdateRequirementView(
        requirement=view,
        since=when(job.finished or job.started) if job else None,
        waiver=_waiver(waiver, job) if waiver else None,
        advice=REMEDIES[one.remedy],
    )


def _waiver(waiver: GivenWaiver, job: StoredJob | None) -> WaiverView:
    ended = job.finished if job else None
    return WaiverView(
        id=waiver.id,
        by=waiver.by,
        comment=waiver.comment,
        given=when(waiver.given),
        covers_newest=None if ended is None else waiver.given >= ended,
    )


def _contents(story: Story) -> Iterator[tuple[int, tuple[str, ...]]]:
    """Yield the builds that each request tested."""
    for product in story.products:
        if content := content_of_settings(product.settings):
            yield product.number, content
