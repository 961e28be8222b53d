"""Why a subject is tested or not."""

import msgspec

from fedora_openqa.model.asked import Asked
from fedora_openqa.model.stories import Explained
from fedora_openqa.model.sweeps import Sighted
from fedora_openqa.policy.subject_names import SubjectName
from fedora_openqa.policy.verdicts import of_subjects
from fedora_openqa.policy.whys import why
from fedora_openqa.views.stories import RuleView
from fedora_openqa.views.times import when


class UpdateRuleView(msgspec.Struct, frozen=True):
    """What the rules say of an update as Bodhi has it."""

    #: why a message about it asks for no tests; None: it does, or that is not known
    reason: str | None
    #: when Bodhi was asked
    as_of: str | None
    #: why there is no newer answer; None: it is new
    problem: str | None


class WhyView(msgspec.Struct, frozen=True):
    """Why a subject is tested or not."""

    #: as it was asked for
    asked: str
    #: ``"compose"``, ``"update"``, ``"coreos"``; None: the text does not say
    kind: str | None
    #: the key of the subject
    key: str
    #: whether the store has it
    known: bool
    #: state of the subject in the store
    state: str | None
    #: the first reason that holds
    answer: str
    #: the rules that were checked by its name
    rules: tuple[RuleView, ...]
    #: None: it is no update, or the store has it
    update: UpdateRuleView | None
    #: when the newest sweep ended
    swept: str | None
    #: whether that sweep saw it
    seen_by_sweep: bool


def why_view(
    name: SubjectName, explained: Explained, sighted: Sighted, rule: Asked[str] | None
) -> WhyView:
    """Return the view of what is known about a subject that may not be tested."""
    story = next(iter(of_subjects(explained.stories)), None)
    return WhyView(
        asked=explained.subject,
        kind=str(name.kind) if name.kind else None,
        key=story.subject.key if story else name.key,
        known=story is not None,
        state=str(story.subject.state) if story else None,
        answer=why(name, explained, sighted, rule),
        rules=tuple(RuleView(it.name, it.reason) for it in explained.rules),
        update=UpdateRuleView(rule.answer or None, when(rule.at), rule.problem or None)
        if rule
        else None,
        swept=when(sighted.at),
        seen_by_sweep=sighted.seen,
    )
