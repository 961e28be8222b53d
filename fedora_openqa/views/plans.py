"""What would come of something that a person asks for."""

import msgspec

from fedora_openqa.model.acting import Plan


class PlannedJobView(msgspec.Struct, frozen=True):
    """A job that would be restarted."""

    id: int
    #: ``"install_default_upload@64bit"``
    name: str
    #: ``"Server-dvd-iso x86_64"``
    product: str
    #: openQA's result, or the state of a job that has none
    result: str
    #: that it usually runs; None: it has no history
    seconds: float | None
    #: openQA restarts it with another one
    along: bool


class LeftOutView(msgspec.Struct, frozen=True):
    """Something that is asked for and would stay as it is."""

    what: str
    why: str


class PlanView(msgspec.Struct, frozen=True):
    """What would come of something that a person asks for."""

    #: ``"rerun"``
    what: str
    #: a subject, a build, a lane
    target: str
    #: in words
    effect: str
    #: why it cannot be done; None: it can
    obstacle: str | None
    jobs: tuple[PlannedJobView, ...]
    left_out: tuple[LeftOutView, ...]
    #: that workers usually need for all jobs with a history
    seconds: float


def plan_view(plan: Plan) -> PlanView:
    """Return the view of a plan."""
    return PlanView(
        what=plan.wish.what,
        target=plan.target,
        effect=plan.effect,
        obstacle=plan.obstacle,
        jobs=tuple(
            PlannedJobView(one.id, one.name, one.product, one.result, one.seconds, one.along)
            for one in plan.jobs
        ),
        left_out=tuple(LeftOutView(one.what, one.why) for one in plan.left_out),
        seconds=plan.seconds,
    )
