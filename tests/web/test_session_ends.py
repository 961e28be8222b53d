"""What ends a session, for each copy of its cookie: logout, time, a restart, too many others."""

import time
from pathlib import Path

import pytest

from fedora_openqa.model.people import Person
from fedora_openqa.sandbox.running import Sandbox
from fedora_openqa.web.known_sessions import MOST_SESSIONS, KnownSessions, Session
from fedora_openqa.web.sessions import KNOWN
from tests.support.acting import (
    HOST,
    LOCAL,
    OPENID,
    ActingSite,
    Browser,
    is_logged_in,
    log_in_with_token,
)

PAUSE = "/act/pause?target=update"


def refuses(site: ActingSite, stolen: str, form: dict[str, str]) -> bool:
    """Return whether a browser with the copy of a cookie can neither look nor act."""
    thief = site.browser()
    thief.cookie = stolen
    before = len(site.acts)
    answer = thief.client.post(
        "/act/pause", data=form, base_url=site.host, headers={"Origin": site.host}
    )
    return (
        not is_logged_in(thief)
        and thief.get(PAUSE, 303).location.startswith("/login?to=")
        and answer.status_code == 403
        and len(site.acts) == before
    )


def logged_in(site: ActingSite, person: str = "ada") -> tuple[Browser, str, dict[str, str]]:
    """Return a browser, a copy of its cookie, and a form that would pause a lane."""
    browser = site.browser()
    browser.log_in(person)
    form = browser.form(PAUSE) | {"reason": "x"}
    return browser, browser.cookie, form


def test_a_copy_of_a_cookie_counts_until_its_owner_logs_out(site: ActingSite) -> None:
    browser, copy, form = logged_in(site)
    assert not refuses(site, copy, {})
    browser.get("/logout", 405)
    assert is_logged_in(browser)
    assert browser.post("/logout", browser.form("/pauses", "/logout")).location == "/"
    assert not is_logged_in(browser)
    assert refuses(site, copy, form)


def test_a_person_can_log_out_in_all_browsers(site: ActingSite) -> None:
    browser, copy, form = logged_in(site)
    others = [logged_in(site) for _ in range(2)]
    bob, *_ = logged_in(site, "bob")
    everywhere = [
        one for one in browser.get("/login").text.split("<form") if "Log out in all browsers" in one
    ]
    assert len(everywhere) == 1
    csrf = browser.form("/login", "/logout")["csrf"]
    browser.post("/logout", {"csrf": csrf, "everywhere": "true"})
    assert refuses(site, copy, form)
    for other, kept, its_form in others:
        assert not is_logged_in(other)
        assert refuses(site, kept, its_form)
    assert is_logged_in(bob)


def test_who_logs_out_in_one_browser_stays_in_the_others(site: ActingSite) -> None:
    browser, *_ = logged_in(site)
    other, *_ = logged_in(site)
    browser.post("/logout", browser.form("/pauses", "/logout"))
    assert is_logged_in(other)


def test_another_login_in_the_same_browser_ends_the_session_before(site: ActingSite) -> None:
    browser, copy, form = logged_in(site)
    browser.log_in("eve")
    assert refuses(site, copy, form)
    assert "eve (viewer)" in browser.get("/parked").text


def test_a_login_that_fails_ends_no_session(site: ActingSite) -> None:
    browser, *_ = logged_in(site)
    browser.get("/login/return", 403, query_string={"code": "x", "state": "x"})
    assert is_logged_in(browser)


def test_no_restart_brings_a_session_back(sandbox: Sandbox, folder: Path) -> None:
    text = OPENID.format(issuer=sandbox.issuer)
    text = text.replace("[web]", f'[web]\nsession_key_file = "{folder}/key"', 1)
    first = ActingSite(sandbox, folder / "config.toml", text, HOST)
    ended, copy, form = logged_in(first)
    _, kept, kept_form = logged_in(first)
    ended.post("/logout", ended.form("/pauses", "/logout"))
    again = ActingSite(sandbox, folder / "config.toml", "", HOST)
    assert refuses(again, copy, form)
    assert refuses(again, kept, kept_form)


def test_a_session_ends_with_the_token_that_began_it(sandbox: Sandbox, folder: Path) -> None:
    text = f'[web]\ntoken_file = "{folder}/token"\nsession_key_file = "{folder}/key"\n'
    first = ActingSite(sandbox, folder / "config.toml", text, LOCAL)
    browser = first.browser()
    log_in_with_token(first, browser)
    form = browser.form(PAUSE) | {"reason": "x"}
    for name in ("token", "key"):
        assert (folder / name).stat().st_mode & 0o777 == 0o600
    (folder / "token").write_text("another\n")
    changed = ActingSite(sandbox, folder / "config.toml", "", LOCAL)
    assert changed.announced == []
    assert refuses(changed, browser.cookie, form)


def test_roles_follow_from_the_configuration_and_not_from_the_cookie(
    sandbox: Sandbox, folder: Path
) -> None:
    key = f'[web]\nsession_key_file = "{folder}/key"'
    text = OPENID.format(issuer=sandbox.issuer).replace("[web]", key, 1)
    first = ActingSite(sandbox, folder / "config.toml", text, HOST)
    _, copy, form = logged_in(first, "bob")
    config = folder / "config.toml"
    config.write_text(config.read_text().replace('operator = ["group:qa"]', "operator = []"))
    changed = ActingSite(sandbox, config, "", HOST)
    assert refuses(changed, copy, form)
    browser = changed.browser()
    browser.log_in("bob")
    assert "bob (viewer)" in browser.get("/parked").text
    browser.get(PAUSE, 403)


def test_the_cookie_has_no_name_no_group_and_no_secret(site: ActingSite) -> None:
    browser, *_ = logged_in(site)
    serializer = site.app.session_interface.get_signing_serializer(site.app)  # type: ignore[attr-defined] # Flask's own has it
    assert set(serializer.loads(browser.cookie)) == {"_permanent", "id", "csrf"}


def test_over_http_on_the_loopback_interface_the_cookie_is_for_no_script(
    local: ActingSite,
) -> None:
    browser = local.browser()
    form = browser.form("/login", "/login")
    token = local.announced[0].rpartition(": ")[2]
    cookie = browser.post("/login", form | {"token": token}).headers["Set-Cookie"]
    assert cookie.startswith("session=")
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie
    assert "Secure" not in cookie


class Clock:
    now = 1000.0

    def __call__(self) -> float:
        return self.now


def of(name: str, until: float = 2000.0, *, by_token: bool = False) -> Session:
    return Session(person=Person(name), until=until, by_token=by_token)


def test_a_session_ends_after_its_time_whatever_the_cookie_says() -> None:
    clock = Clock()
    sessions = KnownSessions(clock)
    number = sessions.begin(of("ada"))
    clock.now = 1999.9
    assert sessions.get(number) == of("ada")
    clock.now = 2000.0
    assert sessions.get(number) is None


def test_pages_end_a_session_after_the_configured_time(
    site: ActingSite, monkeypatch: pytest.MonkeyPatch
) -> None:
    _, copy, form = logged_in(site)
    known, seconds = site.app.extensions[KNOWN], site.config.web.session_seconds
    monkeypatch.setattr(known, "clock", lambda: time.time() + seconds - 600)
    assert not refuses(site, copy, {})
    monkeypatch.setattr(known, "clock", lambda: time.time() + seconds)
    assert refuses(site, copy, form)


def test_ended_sessions_are_forgotten_and_each_person_has_few() -> None:
    clock = Clock()
    sessions = KnownSessions(clock)
    first = sessions.begin(of("ada"))
    bob = sessions.begin(of("bob"))
    last = [sessions.begin(of("ada")) for _ in range(MOST_SESSIONS)]
    assert sessions.get(first) is None
    assert all(sessions.get(one) for one in (bob, *last))
    clock.now = 5000.0
    sessions.begin(of("eve", 6000.0))
    clock.now = 1000.0
    assert not [one for one in (bob, *last) if sessions.get(one)]


def test_a_name_that_a_provider_vouches_for_is_not_the_holder_of_the_token() -> None:
    sessions = KnownSessions(Clock())
    person, holder = sessions.begin(of("root")), sessions.begin(of("root", by_token=True))
    sessions.end_all(person)
    assert sessions.get(person) is None
    assert sessions.get(holder)
    sessions.end_all(person)
    sessions.end("unknown")
    assert sessions.get(holder)
