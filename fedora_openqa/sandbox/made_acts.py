"""Makes up what people did in the time of a made-up history: the same history, the same acts."""

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from fedora_openqa.model.audit import Action, Ending, Intent, Role
from fedora_openqa.sandbox.made_causes import DAY, HOUR
from fedora_openqa.sandbox.made_shapes import MadeJob

PEOPLE = ("ada", "grace", "linus", "maria")

#: acts of each kind, with their reasons
OTHERS = (
    (Action.REQUEST, "the compose was not announced"),
    (Action.RELEASE, "Bodhi has it again"),
    (Action.DROP, "the update was withdrawn"),
    (Action.WAIVE, "known: the mirror was out of date"),
    (Action.WAIVE, "a bug of the test, not of the package"),
    (Action.NAME, "one bug"),
)

#: builds whose jobs people restarted
RERUNS = 16


@dataclass(frozen=True, slots=True)
class MadeAct:
    """What a person did."""

    #: seconds since 1970
    at: float
    intent: Intent
    #: None: not known
    ending: Ending | None
    outcome: str


def make_acts(jobs: Sequence[MadeJob], *, end: float) -> Iterator[MadeAct]:
    """Yield acts of the last 30 days, the oldest first.

    :param end: seconds since 1970
    """
    rng = random.Random(len(jobs))  # noqa: S311 - no secret
    restarted = [one.job for one in jobs if one.job.clone_id and (one.job.finished or end) < end]
    found = [
        MadeAct(
            min((job.finished or end) + rng.uniform(0.2, 2.0) * HOUR, end),
            _intent(Action.RERUN, job.build, "is it the network?", rng, jobs=[job.id]),
            Ending.DONE,
            f"restarted: {job.id} as {job.clone_id}",
        )
        for job in rng.sample(restarted, min(RERUNS, len(restarted)))
    ]
    builds = sorted({one.job.build for one in jobs})
    for action, reason in OTHERS:
        at = end - rng.uniform(1.0, 29.0) * DAY
        found.append(
            MadeAct(at, _intent(action, rng.choice(builds), reason, rng), Ending.DONE, "done")
        )
    yield from sorted(found, key=lambda one: one.at)


def _intent(
    what: Action, target: str, reason: str, rng: random.Random, **preview: object
) -> Intent:
    return Intent(
        who=rng.choice(PEOPLE),
        role=Role.OPERATOR,
        what=what,
        target=target,
        reason=reason,
        preview=preview,
        key=f"made-up-{rng.getrandbits(64):016x}",
    )
