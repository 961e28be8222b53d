"""What people do: what would come of it, doing it, and what came of it."""

import uuid
from datetime import timedelta
from typing import Annotated

import msgspec
from flask import redirect, render_template, request
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import Forbidden, NotFound

from fedora_openqa.config.types import seconds_in
from fedora_openqa.model.acting import Only, Order, Plan, Wish
from fedora_openqa.model.audit import Action
from fedora_openqa.policy.roles import why_not
from fedora_openqa.texts import first_line, one_line
from fedora_openqa.views.times import duration
from fedora_openqa.web.acts import Acts
from fedora_openqa.web.areas import Area
from fedora_openqa.web.confirming import MoreJobs, acting, check_role, confirm, plan_for
from fedora_openqa.web.queries import REASON_SIZE, Form, Query, Text, link_to
from fedora_openqa.web.sessions import Visitor, visitor

pages = Area("acting", __name__)

#: what people do on pages
ACTIONS = frozenset(
    {
        Action.RERUN,
        Action.REQUEST,
        Action.RELEASE,
        Action.DROP,
        Action.PAUSE,
        Action.RESUME,
        Action.NAME,
        Action.RULE,
        Action.UNRULE,
        Action.WAIVE,
    }
)

#: a time: ``"90m"``, ``"24h"``, ``"3d"``; empty: none
Time = Annotated[str, msgspec.Meta(pattern=r"^([1-9][0-9]{0,4}[mhd])?\Z")]


class Asked(Query, frozen=True, kw_only=True):
    """What an action is about."""

    target: Text = ""
    only: Only = Only.FAILED
    force: bool = False
    seconds: Time = ""
    title: Text = ""
    bug: str = ""
    close: bool = False
    test: Text = ""
    arch: Text = ""
    scenario: Text = ""


class Confirmed(Form, frozen=True, kw_only=True):
    """An action that a person has seen the plan of."""

    target: Text
    only: Only = Only.FAILED
    force: bool = False
    seconds: Time = ""
    title: Text = ""
    bug: str = ""
    close: bool = False
    test: Text = ""
    arch: Text = ""
    scenario: Text = ""
    reason: Annotated[str, msgspec.Meta(max_length=REASON_SIZE)] = ""
    #: number of the jobs that were shown
    jobs: Annotated[int, msgspec.Meta(ge=0)] = 0
    key: Annotated[str, msgspec.Meta(pattern=r"^[0-9a-f-]{36}\Z")]


@pages.page("/act/<what>", Asked)
def plan(query: Asked, what: str) -> ResponseReturnValue:
    """Show what would come of an action; for people who may do it."""
    found, action = acting(), _action(what)
    asks = visitor()
    if asks.name is None:
        # the servers that a plan asks are not asked for everybody
        return redirect(link_to("/login", _To(to=request.full_path)), 303)
    wish = _wish(action, query, asks)
    if not wish.target:
        check_role(found, asks.role, action)
        raise NotFound("Name what it is about.")
    return _show(found, plan_for(found, wish, asks.role), query, asks)


@pages.form("/act/<what>", Confirmed)
def act(form: Confirmed, what: str) -> ResponseReturnValue:
    """Do what a person has confirmed, and lead to its outcome."""
    found, action = acting(), _action(what)
    asks = visitor()
    if asks.name is None:
        raise Forbidden("Log in first: the session has ended.")
    wish, reason = _wish(action, form, asks), first_line(form.reason.strip(), size=REASON_SIZE)
    if not reason:
        return _show(found, plan_for(found, wish, asks.role), form, asks, note="Say why."), 422
    order = Order(wish=wish, who=asks.name, role=asks.role, reason=reason, key=form.key)
    try:
        done = confirm(found, order, shown=form.jobs)
    except MoreJobs as exc:
        return _show(found, exc.plan, form, asks, note=str(exc.description)), 409
    return redirect(f"/audit/{done.act_id}", 303)


class _To(Query, frozen=True, kw_only=True):
    to: str = "/"


def _action(what: str) -> Action:
    try:
        action = Action(what)
    except ValueError:
        raise NotFound from None
    if action not in ACTIONS:
        raise NotFound
    return action


def _wish(action: Action, given: Asked | Confirmed, asks: Visitor) -> Wish:
    is_name = action in {Action.NAME, Action.RULE}
    return Wish(
        what=action,
        target=first_line(given.target.strip(), size=300),
        only=given.only,
        force=given.force,
        seconds=seconds_in(given.seconds) if given.seconds else None,
        title=one_line(" ".join(given.title.split())) if is_name else None,
        bug=given.bug.strip() if is_name else None,
        close=given.close and action is Action.NAME,
        test=one_line(given.test.strip()),
        arch=one_line(given.arch.strip()),
        scenario=one_line(given.scenario.strip()) or None,
        token=asks.waiver_token if action is Action.WAIVE else "",
    )


def _show(
    found: Acts,
    plan: Plan,
    given: Asked | Confirmed,
    asks: Visitor,
    *,
    note: str = "",
) -> str:
    may_not = why_not(asks.role, plan.wish.what, jobs=len(plan.jobs), bulk=found.bulk)
    return render_template(
        "plan.html.j2",
        wish=plan.wish,
        plan=plan,
        given=given,
        obstacle=may_not or plan.obstacle,
        usually=duration(timedelta(seconds=plan.seconds)),
        key=str(uuid.uuid4()),
        note=note,
        reason=given.reason if isinstance(given, Confirmed) else "",
    )
