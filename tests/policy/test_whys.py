"""Why a subject is tested or not, in one sentence."""

import pytest

from fedora_openqa.model.asked import Asked
from fedora_openqa.model.stories import Explained, Rule, Story
from fedora_openqa.model.sweeps import Sighted
from fedora_openqa.model.work import SubjectState
from fedora_openqa.policy.subject_names import parse_name
from fedora_openqa.policy.whys import why
from tests.support.jobs import BUILD
from tests.support.stored_jobs import story

UPDATE = "FEDORA-2026-1bd5f4a0c2"
SAW, MISSED = Sighted(1.0, seen=True), Sighted(1.0, seen=False)
HELD = (Rule("kind", None), Rule("block list", "broken"), Rule("pauses", "later"))
NO_GROUP = Asked("it is in no critical path group that is tested", 1.0)
AWAY: Asked[str] = Asked(problem="not known; Bodhi did not answer")


@pytest.mark.parametrize(
    ("subject", "stories", "rules", "sighted", "rule", "answer"),
    [
        (BUILD, [story()], HELD, MISSED, None, "it is tested"),
        (
            BUILD,
            [story(state=SubjectState.SKIPPED, reason="of EPEL")],
            (),
            MISSED,
            None,
            "it is skipped: of EPEL",
        ),
        (
            BUILD,
            [story(state=SubjectState.WANTED)],
            (),
            MISSED,
            None,
            "it will be tested: it waits for a worker",
        ),
        (UPDATE, [], HELD, SAW, NO_GROUP, "block list: broken"),
        (UPDATE, [], (), SAW, NO_GROUP, NO_GROUP.answer),
        (UPDATE, [], (), SAW, Asked("", 1.0), "the newest sweep saw it, and nothing"),
        (UPDATE, [], (), MISSED, AWAY, "no message has named it, and what Bodhi says of it is not"),
        (UPDATE, [], (), MISSED, Asked("", 1.0), "no message and no sweep has named it"),
        (BUILD, [], (), MISSED, None, "no message and no sweep has named it"),
        ("kernel", [], (), MISSED, None, "this is no id or URL"),
        # results on their way to a sink do not mean that it is tested here
        (UPDATE, [story(key="resultsdb:B")], (), MISSED, Asked("", 1.0), "no message and no"),
    ],
)
def test_the_first_reason_that_holds_is_said(
    *,
    subject: str,
    stories: list[Story],
    rules: tuple[Rule, ...],
    sighted: Sighted,
    rule: Asked[str] | None,
    answer: str,
) -> None:
    explained = Explained(subject, tuple(stories), rules)
    assert why(parse_name(subject), explained, sighted, rule).startswith(answer)
