"""Does once what a person has confirmed, on a page or by a program."""

from dataclasses import dataclass

from werkzeug.exceptions import Conflict, Forbidden, NotFound, TooManyRequests

from fedora_openqa.errors import (
    AlreadyAskedError,
    NotFoundError,
    PermanentError,
    TooManyActsError,
)
from fedora_openqa.model.acting import Order, Plan, Wish
from fedora_openqa.model.audit import Action, Role
from fedora_openqa.policy.roles import why_not
from fedora_openqa.web.acts import Acts
from fedora_openqa.web.areas import readers
from fedora_openqa.web.sessions import acts

#: seconds after which somebody may try again who has started too much: of 24 hours, some of it is
#: over by then
LATER_SECONDS = 3600


@dataclass(frozen=True, slots=True)
class Done:
    """An act that is stored, and was done as far as it can be."""

    act_id: int
    #: whether the key was used before, and nothing was done now
    again: bool = False


class MoreJobs(Conflict):
    """More jobs would be started than somebody was shown."""

    description = "More jobs than were shown."

    def __init__(self, plan: Plan) -> None:
        """Keep the plan, to show it."""
        super().__init__()
        self.plan = plan


def acting() -> Acts:
    """Return what people may do here.

    Raises:
        NotFound: nothing.
    """
    if (found := acts()) is None:
        raise NotFound("Nobody can act here: web.actions is false.")
    return found


def check_role(found: Acts, role: Role, action: Action, *, jobs: int = 0) -> None:
    """Check that a role may do something.

    :param jobs: the number of jobs that it starts

    Raises:
        Forbidden: it may not.
    """
    if problem := why_not(role, action, jobs=jobs, bulk=found.bulk):
        raise Forbidden(f"{problem.capitalize()}.")


def plan_for(found: Acts, wish: Wish, role: Role) -> Plan:
    """Return what would come of a wish of somebody with a role.

    Raises:
        Forbidden: the role may not do such a thing.
        ServiceUnavailable, BadGateway: as `Turns.one`.
    """
    check_role(found, role, wish.what)
    with found.turns.one():
        return found.plan(wish)


def confirm(found: Acts, order: Order, *, shown: int | None = None) -> Done:
    """Do what somebody has confirmed, once for its key; return the stored act.

    :param shown: number of the jobs that the person was shown; None: of none

    Raises:
        Forbidden: the role may not do it, or not with so many jobs.
        NotFound: what it is about does not exist.
        MoreJobs: by now it would start more jobs than were shown.
        Conflict: it cannot be done.
        TooManyRequests: the person has started too much.
        ServiceUnavailable, BadGateway: as `Turns.one`.
    """
    check_role(found, order.role, order.wish.what)
    if (earlier := found.asked(order.key)) is not None:
        return Done(earlier, again=True)
    with found.turns.one():
        plan = found.plan(order.wish)
        if shown is not None and len(plan.jobs) > shown:
            raise MoreJobs(plan)
        check_role(found, order.role, order.wish.what, jobs=len(plan.jobs))
        try:
            done = found.act(order, plan)
        except AlreadyAskedError as exc:
            return Done(exc.act_id, again=True)
        except TooManyActsError as exc:
            raise TooManyRequests(f"{exc}.", retry_after=LATER_SECONDS) from exc
        except NotFoundError as exc:
            raise NotFound(f"{exc}.") from exc
        except PermanentError as exc:
            raise Conflict(f"{exc}.") from exc
    readers().forget()
    return Done(done)
