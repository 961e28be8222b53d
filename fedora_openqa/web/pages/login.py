"""Logging in and out."""

from flask import redirect, render_template
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import Forbidden, NotFound

from fedora_openqa.errors import LoginRefusedError
from fedora_openqa.model.people import Person
from fedora_openqa.web.acts import Logins
from fedora_openqa.web.areas import Area, site
from fedora_openqa.web.queries import Form, Query, Text
from fedora_openqa.web.sessions import (
    acts,
    is_token,
    keep_attempt,
    local_path,
    sign_in,
    sign_out,
    take_attempt,
)

pages = Area("login", __name__)


class To(Query, frozen=True, kw_only=True):
    """Where a login leads to."""

    to: Text = "/"


class Brought(Query, frozen=True, kw_only=True):
    """What the provider sends a browser back with."""

    code: str = ""
    state: str = ""
    error: Text = ""
    error_description: str = ""
    error_uri: str = ""
    iss: str = ""
    scope: str = ""
    session_state: str = ""


class Token(Form, frozen=True, kw_only=True):
    """A login with the token."""

    token: str = ""
    to: str = "/"


@pages.page("/login", To)
def login(query: To) -> ResponseReturnValue:
    """Show the ways to log in."""
    found = _logins()
    return render_template("login.html.j2", query=query, logins=found)


@pages.page("/login/start", To)
def login_start(query: To) -> ResponseReturnValue:
    """Lead to the provider; changes nothing but the browser's own session."""
    found = _logins()
    if found.identities is None:
        raise NotFound
    with found.turns.one():
        url, attempt = found.identities.begin(return_to=_return_to())
    keep_attempt(attempt, to=local_path(query.to))
    return redirect(url, 303)


@pages.page("/login/return", Brought)
def login_return(query: Brought) -> ResponseReturnValue:
    """End a login that this browser began."""
    found = _logins()
    if found.identities is None:
        raise NotFound
    attempt, to = take_attempt(query.state)
    if query.error or not query.code:
        raise Forbidden("The provider did not log you in.")
    try:
        with found.turns.one():
            person = found.identities.finish(attempt, code=query.code, return_to=_return_to())
    except LoginRefusedError as exc:
        raise Forbidden(f"You are not logged in: {exc}.") from exc
    sign_in(found, person)
    return redirect(to, 303)


@pages.form("/login", Token)
def login_with_token(form: Token) -> ResponseReturnValue:
    """Log in whoever knows the token."""
    found = _logins()
    if not is_token(found, form.token.strip()):
        raise Forbidden("The token is not valid.")
    sign_in(found, Person(found.token_user), by_token=True)
    return redirect(local_path(form.to), 303)


class End(Form, frozen=True, kw_only=True):
    """The end of a session."""

    everywhere: bool = False


@pages.form("/logout", End)
def logout(form: End) -> ResponseReturnValue:
    """End the session of this browser, or all sessions of its person."""
    sign_out(everywhere=form.everywhere)
    return redirect("/", 303)


def _logins() -> Logins:
    if (found := acts()) is None:
        raise NotFound("Nobody can log in here.")
    return found.logins


def _return_to() -> str:
    return f"{site().url}/login/return"
