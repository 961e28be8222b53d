"""Who asks: sessions by signed cookies, the token of programs, and proof that a form is ours."""

import hashlib
import hmac
import secrets
import time
from dataclasses import dataclass, field
from typing import cast
from urllib.parse import urlsplit

from flask import Flask, current_app, request, session
from werkzeug.datastructures import WWWAuthenticate
from werkzeug.exceptions import Forbidden, Unauthorized

from fedora_openqa.model.audit import Role
from fedora_openqa.model.people import LoginAttempt, Person
from fedora_openqa.policy.roles import role_of
from fedora_openqa.web.acts import Acts, Logins
from fedora_openqa.web.known_sessions import KnownSessions, Session

#: keys in the application's extensions: of what people may do, of the origins of its forms, and of
#: the sessions of people who are logged in
ACTS, ORIGIN, KNOWN = "fedora-openqa acts", "fedora-openqa origin", "fedora-openqa sessions"

#: entries of a cookie
ID, CSRF, LOGIN = "id", "csrf", "login"

#: the field of a form that proves that a page of this session made it
CSRF_FIELD = "csrf"

#: what a program without the token is told
BEARER = WWWAuthenticate("bearer", {"realm": "fedora-openqa web"})

#: seconds that a login at the provider may take
LOGIN_SECONDS = 600.0

#: bytes of randomness
RANDOM_BYTES = 32

#: characters of a path after a login
PATH_SIZE = 500


@dataclass(frozen=True, slots=True)
class Visitor:
    """Who asks for a page."""

    #: None: nobody has logged in
    name: str | None = None
    role: Role = Role.VIEWER
    #: a program with the token: no browser sends that by itself
    by_header: bool = False
    #: waives in WaiverDB in the visitor's name; empty: there is none
    waiver_token: str = field(default="", repr=False)

    @property
    def may_act(self) -> bool:
        """Whether there is something that the visitor may do."""
        return self.role in {Role.OPERATOR, Role.ADMIN}


def open_sessions(app: Flask, acts: Acts | None, *, url: str) -> None:
    """Let an application know its visitors.

    :param acts: None: nobody can log in
    :param url: what the URLs of pages begin with; empty: not known
    """
    secure = url.startswith("https://")
    app.extensions[ACTS] = acts
    app.extensions[ORIGIN] = _origin(url)
    app.extensions[KNOWN] = KnownSessions()
    if acts is None:
        return
    app.secret_key = acts.logins.session_key
    app.config.update(
        # a browser takes a __Host- cookie from this host and over TLS only
        SESSION_COOKIE_NAME="__Host-session" if secure else "session",
        SESSION_COOKIE_SECURE=secure,
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_PATH="/",
        SESSION_REFRESH_EACH_REQUEST=False,
        PERMANENT_SESSION_LIFETIME=acts.logins.session_seconds,
    )


def acts() -> Acts | None:
    """Return what people may do on the pages of the present application; None: nothing."""
    return cast("Acts | None", current_app.extensions[ACTS])


def visitor() -> Visitor:
    """Return who asks for the present page.

    Raises:
        Unauthorized: the request has a token that is not ours.
    """
    found = acts()
    if found is None:
        return Visitor()
    logins = found.logins
    scheme, _, value = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() == "bearer":
        if not is_token(logins, value.strip()):
            raise Unauthorized("The token is not valid.", www_authenticate=BEARER)
        return Visitor(logins.token_user, Role.ADMIN, by_header=True)
    if (known := known_session()) is None:
        return Visitor()
    role = Role.ADMIN if known.by_token else role_of(known.person, logins.roles)
    return Visitor(known.person.name, role, waiver_token=known.person.waiver_token)


def known_session() -> Session | None:
    """Return the session of the browser that asks; None: nobody is logged in there."""
    return _known().get(str(session.get(ID, "")))


def program() -> Visitor:
    """Return which program asks for the present change, by the token that it sends.

    A session does not count: a browser sends its cookie with what other sites make it ask for.

    Raises:
        Unauthorized: the request has no token, or one that is not ours.
        Forbidden: it has a session instead.
    """
    found = visitor()
    if found.by_header:
        return found
    if found.name is not None:
        raise Forbidden("A session does not count here: send the token as Authorization: Bearer.")
    raise Unauthorized("Send the token as Authorization: Bearer.", www_authenticate=BEARER)


def account() -> dict[str, object]:
    """Return what templates know of the visitor: ``me``, ``can_log_in`` and ``csrf_token``."""
    try:
        me = visitor()
    except Unauthorized:
        me = Visitor()
    return {"me": me, "can_log_in": acts() is not None, "csrf_token": csrf_token}


def is_token(logins: Logins, given: str) -> bool:
    """Return whether a text is the token; takes as long for any text of a length."""
    expected = hashlib.sha256(logins.token.encode()).digest()
    found = hashlib.sha256(given.encode(errors="replace")).digest()
    return bool(logins.token) and hmac.compare_digest(expected, found)


def sign_in(logins: Logins, person: Person, *, by_token: bool = False) -> None:
    """Begin a session of a person; the browser's earlier one ends, and nothing of it stays."""
    sign_out()
    session.permanent = True
    until = time.time() + logins.session_seconds
    session[ID] = _known().begin(Session(person=person, by_token=by_token, until=until))
    session[CSRF] = secrets.token_urlsafe(RANDOM_BYTES)


def sign_out(*, everywhere: bool = False) -> None:
    """End the session of the browser that asks.

    :param everywhere: end the person's sessions in all browsers
    """
    number = str(session.get(ID, ""))
    if everywhere:
        _known().end_all(number)
    else:
        _known().end(number)
    session.clear()


def csrf_token() -> str:
    """Return what forms of this session have in `CSRF_FIELD`."""
    if CSRF not in session:
        session[CSRF] = secrets.token_urlsafe(RANDOM_BYTES)
    return str(session[CSRF])


def check_form(given: str) -> None:
    """Check that a page of this session made the form, and that it comes from our pages.

    Raises:
        Forbidden: it was made elsewhere, or in another session.
    """
    if visitor().by_header:
        return
    sent = request.headers.get("Origin")
    expected = current_app.extensions[ORIGIN] or _origin(request.host_url)
    if sent is not None and _origin(sent) != expected:
        raise Forbidden("The form comes from another site.")
    known = str(session.get(CSRF, ""))
    if not known or not hmac.compare_digest(known.encode(), given.encode(errors="replace")):
        raise Forbidden("The form is too old, or of another session: load its page again.")


def keep_attempt(attempt: LoginAttempt, *, to: str) -> None:
    """Remember a login at the provider until the browser comes back.

    :param to: the page after it
    """
    session[LOGIN] = {
        "state": attempt.state,
        "nonce": attempt.nonce,
        "verifier": attempt.verifier,
        "to": to,
        "until": time.time() + LOGIN_SECONDS,
    }


def take_attempt(state: str) -> tuple[LoginAttempt, str]:
    """Return the login that the browser began, once, and the page after it.

    Raises:
        Forbidden: this browser began no such login, or too long ago.
    """
    kept = session.pop(LOGIN, None)
    if kept is None or not hmac.compare_digest(
        str(kept["state"]).encode(), state.encode(errors="replace")
    ):
        raise Forbidden("This browser did not begin that login: begin again.")
    if kept["until"] < time.time():
        raise Forbidden("The login took too long: begin again.")
    return LoginAttempt(kept["state"], kept["nonce"], kept["verifier"]), kept["to"]


def local_path(text: str) -> str:
    """Return a path of ours that a visitor is led to after a login; ``/`` for anything else."""
    plain = text.isascii() and text.isprintable() and len(text) <= PATH_SIZE
    # a browser reads a backslash as a slash, and two of them as the begin of another host
    if not plain or not text.startswith("/") or text[1:2] in {"/", "\\"} or "\\" in text:
        return "/"
    parts = urlsplit(text)
    return text if not parts.scheme and not parts.netloc else "/"


def _known() -> KnownSessions:
    return cast("KnownSessions", current_app.extensions[KNOWN])


def _origin(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}".lower() if parts.netloc else ""
