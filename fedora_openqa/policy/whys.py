"""Says in a sentence why a subject is tested or not; pure."""

from fedora_openqa.model.asked import Asked
from fedora_openqa.model.stories import Explained, Story
from fedora_openqa.model.sweeps import Sighted
from fedora_openqa.model.work import SubjectState
from fedora_openqa.policy.subject_names import SubjectName
from fedora_openqa.policy.verdicts import of_subjects


def why(name: SubjectName, explained: Explained, sighted: Sighted, rule: Asked[str] | None) -> str:
    """Return the first reason that holds.

    :param rule: why a message about the update asks for no tests; None: it is no update
    """
    if story := next(iter(of_subjects(explained.stories)), None):
        return _of_story(story)
    if name.kind is None:
        return "this is no id or URL of a compose, an update or a CoreOS build"
    held = next((it for it in explained.rules if it.reason), None)
    return f"{held.name}: {held.reason}" if held else _of_unknown(sighted, rule)


def _of_unknown(sighted: Sighted, rule: Asked[str] | None) -> str:
    if rule and rule.answer:
        return rule.answer
    if sighted.seen:
        return "the newest sweep saw it, and nothing of it is stored yet"
    if rule and rule.problem:
        return f"no message has named it, and what Bodhi says of it is {rule.problem}"
    return "no message and no sweep has named it: it can be requested"


def _of_story(story: Story) -> str:
    subject = story.subject
    match subject.state:
        case SubjectState.SCHEDULED | SubjectState.REPORTED:
            return "it is tested"
        case SubjectState.WANTED if subject.last_error:
            return f"it will be tested; the last attempt failed: {subject.last_error}"
        case SubjectState.WANTED:
            return "it will be tested: it waits for a worker"
    return f"it is {subject.state}: {subject.reason or 'no reason is stored'}"
