"""What people do: what would come of it, doing it, and what came of it."""

import uuid
from datetime import timedelta
from typing import Annotated

import msgspec
from flask import redirect, render_template, request
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import Conflict, Forbidden, NotFound, TooManyRequests

from fedora_openqa.config.types import seconds_in
from fedora_openqa.errors import AlreadyAskedError, PermanentError, TooManyActsError
from fedora_openqa.model.acting import Only, Order, Plan, Wish
from fedora_openqa.model.audit import Action
from fedora_openqa.policy.roles import why_not
from fedora_openqa.texts import first_line, one_line
from fedora_openqa.views.times import duration
from fedora_openqa.web.acts import Acts
from fedora_openqa.web.areas import Area, readers
from fedora_openqa.web.queries import Form, Query, Text, link_to
from fedora_openqa.web.sessions import Visitor, acts, visitor

pages = Area("acting", __name__)

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


class Confirmed(Form, frozen=True, kw_only=True):
    """An action that a person has seen the plan of."""

    target: Text
    only: Only = Only.FAILED
    force: bool = False
    seconds: Time = ""
    title: Text = ""
    bug: str = ""
    reason: Annotated[str, msgspec.Meta(max_length=1000)] = ""
    #: number of the jobs that were shown
    jobs: Annotated[int, msgspec.Meta(ge=0)] = 0
    key: Annotated[str, msgspec.Meta(pattern=r"^[0-9a-f-]{36}\Z")]


@pages.page("/act/<what>", Asked)
def plan(query: Asked, what: str) -> ResponseReturnValue:
    """Show what would come of an action; for people who may do it."""
    found, action = _acts(), _action(what)
    asks = visitor()
    if asks.name is None:
        # the servers that a plan asks are not asked for everybody
        return redirect(link_to("/login", _To(to=request.full_path)), 303)
    _check(asks, action, jobs=0, bulk=found.bulk)
    if not query.target:
        raise NotFound("Name what it is about.")
    wish = _wish(action, query)
    with found.turns.one():
        plan = found.plan(wish)
    return _show(found, wish, plan, query, asks)


@pages.form("/act/<what>", Confirmed)
def act(form: Confirmed, what: str) -> ResponseReturnValue:
    """Do what a person has confirmed, and lead to its outcome."""
    found, action = _acts(), _action(what)
    asks = visitor()
    if asks.name is None:
        raise Forbidden("Log in first: the session has ended.")
    _check(asks, action, jobs=0, bulk=found.bulk)
    if (earlier := found.asked(form.key)) is not None:
        return redirect(f"/audit/{earlier}", 303)
    wish = _wish(action, form)
    with found.turns.one():
        return _confirmed(found, wish, form, asks)


def _confirmed(found: Acts, wish: Wish, form: Confirmed, asks: Visitor) -> ResponseReturnValue:
    reason = first_line(form.reason.strip(), size=1000)
    plan = found.plan(wish)
    if len(plan.jobs) > form.jobs:
        return _show(found, wish, plan, form, asks, note="More jobs than were shown."), 409
    if not reason:
        return _show(found, wish, plan, form, asks, note="Say why."), 422
    _check(asks, wish.what, jobs=len(plan.jobs), bulk=found.bulk)
    order = Order(wish=wish, who=str(asks.name), role=asks.role, reason=reason, key=form.key)
    try:
        done = found.act(order, plan)
        readers().forget()
    except AlreadyAskedError as exc:
        done = exc.act_id
    except TooManyActsError as exc:
        raise TooManyRequests(f"{exc}.") from exc
    except PermanentError as exc:
        raise Conflict(f"{exc}.") from exc
    return redirect(f"/audit/{done}", 303)


class _To(Query, frozen=True, kw_only=True):
    to: str = "/"


def _acts() -> Acts:
    if (found := acts()) is None:
        raise NotFound
    return found


def _action(what: str) -> Action:
    try:
        action = Action(what)
    except ValueError:
        raise NotFound from None
    if action in {Action.DRAIN, Action.WAIVE}:
        raise NotFound
    return action


def _check(asks: Visitor, action: Action, *, jobs: int, bulk: int) -> None:
    if problem := why_not(asks.role, action, jobs=jobs, bulk=bulk):
        raise Forbidden(f"{problem.capitalize()}.")


def _wish(action: Action, given: Asked | Confirmed) -> Wish:
    return Wish(
        what=action,
        target=first_line(given.target.strip(), size=300),
        only=given.only,
        force=given.force,
        seconds=seconds_in(given.seconds) if given.seconds else None,
        title=one_line(" ".join(given.title.split())),
        bug=given.bug.strip(),
    )


def _show(
    found: Acts,
    wish: Wish,
    plan: Plan,
    given: Asked | Confirmed,
    asks: Visitor,
    *,
    note: str = "",
) -> str:
    may_not = why_not(asks.role, wish.what, jobs=len(plan.jobs), bulk=found.bulk)
    return render_template(
        "plan.html.j2",
        wish=wish,
        plan=plan,
        given=given,
        obstacle=may_not or plan.obstacle,
        usually=duration(timedelta(seconds=plan.seconds)),
        key=str(uuid.uuid4()),
        note=note,
        reason=given.reason if isinstance(given, Confirmed) else "",
    )
