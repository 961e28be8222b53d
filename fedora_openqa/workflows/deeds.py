"""How each action of a person is planned and done; see `actions`.

Knows ports, never gateways.
"""

import shlex
from collections.abc import Callable
from dataclasses import dataclass, replace

from typing_extensions import override

from fedora_openqa.errors import ConfigError, NotFoundError, SubjectError
from fedora_openqa.model.acting import Order, Plan, Wish
from fedora_openqa.model.failures import Decision, FailureRule
from fedora_openqa.model.gating import WaiverRequest
from fedora_openqa.model.spelling import lane_named
from fedora_openqa.model.work import Change, Ignored
from fedora_openqa.policy.failure_names import reason_not_to_name
from fedora_openqa.policy.failure_rules import (
    problem_of,
    reason_not_to_keep,
    rule_named,
    said_of,
)
from fedora_openqa.policy.waivers import COMMENT, command_for
from fedora_openqa.policy.wanted import change_of
from fedora_openqa.workflows.acting import Record
from fedora_openqa.workflows.actions import Deed, blocked
from fedora_openqa.workflows.failures import FailureDesk, id_named
from fedora_openqa.workflows.lanes import Lanes
from fedora_openqa.workflows.release import Releaser
from fedora_openqa.workflows.requesting import Requesting
from fedora_openqa.workflows.waive import Waiving


@dataclass(frozen=True, slots=True)
class Releasing(Deed):
    """Tries a parked item again."""

    releaser: Releaser

    @override
    def plan(self, wish: Wish) -> Plan:
        return _plan_parked(self.releaser, wish, "it is tried again, now")

    @override
    def perform(self, order: Order, record: Record) -> None:
        effect = replace(self.releaser, by=order.who).release(order.wish.target)
        record.done(f"released: {effect}")


@dataclass(frozen=True, slots=True)
class Dropping(Deed):
    """Skips a parked item."""

    releaser: Releaser

    @override
    def plan(self, wish: Wish) -> Plan:
        return _plan_parked(self.releaser, wish, "it is skipped, and not tried again")

    @override
    def perform(self, order: Order, record: Record) -> None:
        replace(self.releaser, by=order.who).drop(order.wish.target)
        record.done("dropped")


@dataclass(frozen=True, slots=True)
class Pausing(Deed):
    """Stops a lane."""

    lanes: Lanes

    @override
    def plan(self, wish: Wish) -> Plan:
        ends = "until it is resumed" if wish.seconds is None else "for a time"
        effect = f"nothing of it is scheduled or sent {ends}; messages are stored and wait"
        return _plan_lane(wish, effect)

    @override
    def perform(self, order: Order, record: Record) -> None:
        lanes = replace(self.lanes, by=order.who)
        lane = lane_named(order.wish.target)
        lanes.pause(lane, reason=order.reason, seconds=order.wish.seconds)
        record.done("paused")


@dataclass(frozen=True, slots=True)
class Resuming(Deed):
    """Lets a lane go on."""

    lanes: Lanes

    @override
    def plan(self, wish: Wish) -> Plan:
        plan = _plan_lane(wish, "what waits in it is due at once")
        if plan.obstacle or self.lanes.is_paused(plan.target):
            return plan
        return replace(plan, obstacle=f"{plan.target} is not paused by a person")

    @override
    def perform(self, order: Order, record: Record) -> None:
        if self.lanes.resume(lane_named(order.wish.target)):
            record.done("resumed")
        else:
            record.nothing("it was not paused")


@dataclass(frozen=True, slots=True)
class Wanting(Deed):
    """Stores that a compose or an update is wanted."""

    requesting: Requesting

    @override
    def plan(self, wish: Wish) -> Plan:
        plan = Plan(
            wish=wish,
            target=wish.target,
            effect="a worker schedules it, as after a message about it",
        )
        try:
            wanted = self.requesting.wanted(wish.target, again=wish.force)
        except (SubjectError, ConfigError) as exc:
            return blocked(plan, exc)
        if isinstance(wanted, Ignored):
            return replace(plan, obstacle=wanted.reason)
        known = self.requesting.inbox.known([wanted.key]).get(wanted.key)
        same = change_of(wanted, known) is Change.NOTHING
        obstacle = "it is stored already: it waits, or is done" if same else None
        return replace(plan, target=wanted.key, obstacle=obstacle)

    @override
    def perform(self, order: Order, record: Record) -> None:
        wanted = self.requesting.wanted(order.wish.target, again=order.wish.force)
        if isinstance(wanted, Ignored):
            record.nothing(wanted.reason)
        elif self.requesting.inbox.want(wanted, message_id=None) is Change.NOTHING:
            record.nothing("it was stored already")
        else:
            record.done("wanted: a worker schedules it")


@dataclass(frozen=True, slots=True)
class Naming(Deed):
    """Gives failures with one cause a title and a bug."""

    desk: FailureDesk

    @override
    def plan(self, wish: Wish) -> Plan:
        plan = Plan(wish=wish, target=wish.target, effect="")
        try:
            cluster = self.desk.find(id_named(wish.target))
        except SubjectError as exc:
            return blocked(plan, exc)
        note = cluster.note
        return replace(
            plan,
            target=str(cluster.id),
            effect=f"{len(cluster.runs)} jobs of {len(cluster.builds)} builds, and those that fail"
            f" with them later, {_naming(wish)}; no result changes",
            named=(note.title, note.bug) if note else ("", ""),
            obstacle=reason_not_to_name(wish.title or "", wish.bug or ""),
        )

    @override
    def perform(self, order: Order, record: Record) -> None:
        wish = order.wish
        named = [
            f"{name}: {value or 'none'}"
            for name, value in (("title", wish.title), ("bug", wish.bug))
            if value is not None
        ]
        said = "; ".join(named + ["closed"] * wish.close)
        decision = Decision(said, title=wish.title, bug=wish.bug, close=wish.close)
        cluster = self.desk.find(id_named(wish.target))
        replace(self.desk, by=order.who).decide(cluster, decision)
        record.done(said)


@dataclass(frozen=True, slots=True)
class Ruling(Deed):
    """Gives all failures with a text a title and a bug."""

    desk: FailureDesk

    @override
    def plan(self, wish: Wish) -> Plan:
        rule = _rule(wish)
        plan = Plan(wish=wish, target=wish.target, effect="", obstacle=problem_of(rule))
        if plan.obstacle:
            return plan
        found = self.desk.preview(rule)
        return replace(plan, effect=said_of(rule, found), obstacle=reason_not_to_keep(found))

    @override
    def perform(self, order: Order, record: Record) -> None:
        number = replace(self.desk, by=order.who).add_rule(_rule(order.wish))
        record.done(f"stored as rule {number}")


@dataclass(frozen=True, slots=True)
class Unruling(Deed):
    """Removes a rule that names failures."""

    desk: FailureDesk

    @override
    def plan(self, wish: Wish) -> Plan:
        effect = "failures that nobody has named lose its title and bug; no result changes"
        plan = Plan(wish=wish, target=wish.target, effect=effect)
        try:
            rule = self.desk.rule(id_named(wish.target, of="rule"))
        except SubjectError as exc:
            return blocked(plan, exc)
        return replace(plan, effect=f"{rule.text}: {effect}")

    @override
    def perform(self, order: Order, record: Record) -> None:
        if self.desk.failures.remove_rule(id_named(order.wish.target, of="rule")):
            record.done("removed")
        else:
            record.nothing("it was removed already")


@dataclass(frozen=True, slots=True)
class WaivingInPerson(Deed):
    """Waives a test in the name of a person, with that person's own token and no other."""

    #: opens what waives with a token
    waiving: Callable[[str], Waiving]

    @override
    def plan(self, wish: Wish) -> Plan:
        plan = Plan(wish=wish, target=wish.target, effect="")
        if not wish.test:
            return replace(plan, obstacle="no test is named")
        if not wish.token:
            command = shlex.join(
                ["fedora-openqa", *command_for(wish.target, wish.test, wish.scenario)]
            )
            return replace(
                plan, obstacle=f"there is no token of yours here; with your token: {command}"
            )
        try:
            waiver, doubt = self.waiving(wish.token).plan(_waiver_asked_for(wish, COMMENT))
        except (SubjectError, ConfigError) as exc:
            return blocked(plan, exc)
        where = f" in {waiver.scenario}" if waiver.scenario else ""
        effect = (
            f"WaiverDB stores in your name, with your reason, that {waiver.testcase}{where} of"
            f" {waiver.subject} ({waiver.product_version}) need not pass"
        )
        return replace(plan, effect=f"{effect}; but {doubt}" if doubt else effect)

    @override
    def perform(self, order: Order, record: Record) -> None:
        waiving = self.waiving(order.wish.token)
        waiver, _ = waiving.plan(_waiver_asked_for(order.wish, order.reason))
        waived = waiving.waive(waiver)
        record.done(f"waived {waiver.testcase} of {waiver.subject}: waiver {waived.id}")


def _waiver_asked_for(wish: Wish, comment: str) -> WaiverRequest:
    return WaiverRequest(
        subject=wish.target, test=wish.test, comment=comment, scenario=wish.scenario
    )


def _rule(wish: Wish) -> FailureRule:
    return rule_named(
        wish.target, title=wish.title or "", bug=wish.bug or "", test=wish.test, arch=wish.arch
    )


def _naming(wish: Wish) -> str:
    """Return what becomes of failures: ``"get this title and bug"``."""
    parts = [name for name in ("title", "bug") if getattr(wish, name) is not None]
    given = [f"get this {' and '.join(parts)}"] if parts else []
    return " and ".join(given + ["are closed until another job fails with them"] * wish.close)


def _plan_parked(releaser: Releaser, wish: Wish, effect: str) -> Plan:
    try:
        parked = releaser.parked(wish.target)
    except SubjectError as exc:
        return blocked(Plan(wish=wish, target=wish.target, effect=effect), exc)
    why = f"; it was parked: {parked.reason}" if parked.reason else ""
    return Plan(wish=wish, target=parked.key, effect=effect + why)


def _plan_lane(wish: Wish, effect: str) -> Plan:
    try:
        lane = lane_named(wish.target)
    except ValueError as exc:
        return blocked(Plan(wish=wish, target=wish.target, effect=effect), NotFoundError(str(exc)))
    return Plan(wish=wish, target=lane, effect=effect)
