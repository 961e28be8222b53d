"""What people ask for on pages: says what would come of it, and does it once.

Knows ports, never gateways.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Protocol

from fedora_openqa.errors import AlreadyAskedError, FedoraOpenQAError, NotFoundError, PermanentError
from fedora_openqa.model.acting import Order, Plan, Wish
from fedora_openqa.model.audit import Action, Intent
from fedora_openqa.policy.roles import why_not
from fedora_openqa.workflows.acting import Acting, Record


class Deed(Protocol):
    """How one action is planned and done."""

    def plan(self, wish: Wish) -> Plan:
        """Return what would come of a wish; changes nothing.

        Raises:
            ServiceUnavailableError, RequestRefusedError: it cannot be found out.
        """

    def perform(self, order: Order, record: Record) -> None:
        """Do it, and say what came of it.

        Raises:
            ConfigError, PermanentError, ServiceUnavailableError: nothing was done.
            AmbiguousWriteError: it may have been done.
        """


@dataclass(frozen=True, slots=True)
class Actions:
    """Does what people ask for."""

    acting: Acting
    deeds: Mapping[Action, Deed]
    #: the most jobs that an operator may start at once
    bulk: int

    def plan(self, wish: Wish) -> Plan:
        """Return what would come of a wish; as `Deed.plan`."""
        return self.deeds[wish.what].plan(wish)

    def asked(self, key: str) -> int | None:
        """Return the id of the act of a form's key; None: it is not stored."""
        return self.acting.audit.asked(key)

    def act(self, order: Order, plan: Plan) -> int:
        """Store an act, do it, store what came of it; return the id of the act.

        The outcome of an act that failed is stored and not raised.

        :param plan: what `plan` returned just now

        Raises:
            NotFoundError: what it is about does not exist; nothing was stored.
            PermanentError: it may not or cannot be done; nothing was stored.
            AlreadyAskedError: the act of this key is stored, and not done again.
            TooManyActsError: the person has started too much.
            ServiceUnavailableError: the store is away; nothing was done.
        """
        wish = order.wish
        problem = why_not(order.role, wish.what, jobs=len(plan.jobs), bulk=self.bulk)
        if problem := problem or plan.obstacle:
            # perhaps the obstacle is that it is done
            if (earlier := self.asked(order.key)) is not None:
                raise AlreadyAskedError("asked for already", earlier)
            raise PermanentError(problem) if plan.is_known else NotFoundError(problem)
        intent = Intent(
            who=order.who,
            role=order.role,
            what=wish.what,
            target=plan.target,
            reason=order.reason,
            preview=plan.stored,
            cost=plan.cost,
            key=order.key,
        )
        return self.acting.attempt(
            intent, lambda record: self.deeds[wish.what].perform(order, record)
        )


def blocked(plan: Plan, reason: FedoraOpenQAError) -> Plan:
    """Return a plan with the reason why it cannot be done."""
    is_known = not isinstance(reason, NotFoundError)
    return replace(plan, obstacle=str(reason), is_known=is_known)
