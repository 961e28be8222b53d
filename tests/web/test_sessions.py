"""Who may log in and stay so: the usual attacks on sessions, logins and forms, on the sandbox."""

from pathlib import Path
from typing import Any

import pytest
from itsdangerous import TimestampSigner

from fedora_openqa.errors import ConfigError
from fedora_openqa.sandbox.running import Sandbox
from fedora_openqa.web.sessions import local_path
from fedora_openqa.wiring.acts import is_loopback, open_acts
from tests.support.acting import (
    HOST,
    LOCAL,
    ActingSite,
    fields,
    is_logged_in,
    log_in_with_token,
    token_of,
)
from tests.support.logins import agree


@pytest.mark.parametrize(
    ("person", "role"), [("ada", "admin"), ("bob", "operator"), ("eve", "viewer")]
)
def test_a_login_gives_the_role_of_ones_groups(site: ActingSite, person: str, role: str) -> None:
    browser = site.browser()
    assert not is_logged_in(browser)
    assert browser.log_in(person, to="/pauses").location == "/pauses"
    assert f"{person} ({role})" in browser.get("/parked").text
    assert ("Pause lane" in browser.get("/pauses").text) is (role != "viewer")


def test_the_cookie_is_for_this_host_over_tls_and_no_script(site: ActingSite) -> None:
    browser = site.browser()
    cookie = browser.log_in("ada").headers["Set-Cookie"]
    name, _, rest = cookie.partition("=")
    assert name == "__Host-session"
    attributes = {part.strip().lower() for part in rest.split(";")}
    assert {"secure", "httponly", "path=/", "samesite=lax"} <= attributes
    assert not [one for one in attributes if one.startswith("domain")]
    lives = [one for one in attributes if one.startswith(("max-age", "expires"))]
    assert lives


def test_a_visitor_who_does_not_log_in_gets_no_cookie(site: ActingSite) -> None:
    for url in ("/", "/parked", "/pauses", "/audit", "/search"):
        assert "Set-Cookie" not in site.browser().get(url).headers


def test_a_login_begins_a_new_session(site: ActingSite) -> None:
    """Somebody plants a session in a browser and waits for its owner to log in."""
    attacker, victim = site.browser(), site.browser()
    planted = attacker.form("/login", "/login") if "token" in attacker.get("/login").text else {}
    attacker.get("/login/start", 303)
    victim.cookie = attacker.cookie
    before = victim.cookie
    victim.log_in("ada")
    assert victim.cookie != before
    assert not is_logged_in(attacker)
    attacker.cookie = before
    assert not is_logged_in(attacker)
    assert "csrf" not in planted or planted["csrf"] not in victim.get("/parked").text


def test_a_session_of_another_login_in_the_same_browser_leaves_nothing(site: ActingSite) -> None:
    browser = site.browser()
    browser.log_in("ada")
    first = browser.form("/pauses", "/logout")["csrf"]
    browser.log_in("eve")
    assert "eve (viewer)" in browser.get("/parked").text
    browser.post("/logout", {"csrf": first}, 403)
    assert is_logged_in(browser)


def test_a_changed_cookie_is_no_session(site: ActingSite) -> None:
    browser = site.browser()
    browser.log_in("eve")
    good = browser.cookie
    payload, *rest = good.split(".")
    forged = TimestampSigner("guessed", salt="cookie-session").sign(payload).decode()
    middle = len(payload) // 2
    swapped = payload[:middle] + ("A" if payload[middle] != "A" else "B") + payload[middle + 1 :]
    for bad in (forged, ".".join([swapped, *rest]), payload, good[:-1], "x", ""):
        browser.cookie = bad
        assert not is_logged_in(browser), bad
    browser.cookie = good
    assert is_logged_in(browser)


def test_a_form_without_the_sessions_own_proof_does_nothing(site: ActingSite) -> None:
    browser, other = site.browser(), site.browser()
    browser.log_in("ada")
    other.log_in("bob")
    form = browser.form("/act/pause?target=update") | {"reason": "x"}
    foreign = other.form("/act/pause?target=update")["csrf"]
    for proof in ({}, {"csrf": ""}, {"csrf": foreign}, {"csrf": "\u00e9\u202e"}):
        sent = {name: value for name, value in form.items() if name != "csrf"} | proof
        browser.post("/act/pause", sent, 403)
    assert site.acts == ()
    # as a query it is not taken either
    assert (
        browser.client.post(f"/act/pause?csrf={form['csrf']}", data=form, base_url=HOST).status_code
        == 400
    )


def test_a_get_does_not_count_as_a_post_whatever_it_says(site: ActingSite) -> None:
    browser = site.browser()
    browser.log_in("ada")
    form = browser.form("/act/pause?target=update") | {"reason": "x"}
    for name in ("X-HTTP-Method-Override", "X-HTTP-Method", "X-Method-Override"):
        shown = browser.get("/act/pause?target=update", headers={name: "POST"}, data=form)
        assert "What would happen" in shown.text
    browser.get("/act/pause?target=update&_method=POST", 400, data=form)
    browser.get("/act/pause", 400, query_string=form)
    for method in ("PUT", "PATCH", "DELETE", "TRACE", "QUERY"):
        answer = browser.client.open("/act/pause", method=method, data=form, base_url=HOST)
        assert answer.status_code == 405, method
    assert site.acts == ()


@pytest.mark.parametrize(
    "origin",
    [
        "null",
        "https://evil.example.org",
        "http://pages.example.org",
        "https://pages.example.org.evil.example",
        "https://pages.example.org:8443",
        "",
    ],
)
def test_a_form_from_another_site_does_nothing(site: ActingSite, origin: str) -> None:
    browser = site.browser()
    browser.log_in("ada")
    form = browser.form("/act/pause?target=update") | {"reason": "x"}
    browser.post("/act/pause", form, 403, headers={"Origin": origin})
    assert site.acts == ()


def test_a_form_of_a_client_that_sends_no_origin_needs_the_proof(site: ActingSite) -> None:
    browser = site.browser()
    browser.log_in("ada")
    form = browser.form("/act/pause?target=update") | {"reason": "x"}
    browser.post("/act/pause", form, 303, headers={})


def test_what_the_provider_sends_back_counts_once_and_for_one_browser(site: ActingSite) -> None:
    browser, other = site.browser(), site.browser()
    url = browser.get("/login/start", 303).location
    brought = agree(url, "ada")
    # somebody else's browser is led to our return address: login as the attacker
    other.get("/login/return", 403, query_string=brought)
    other.get("/login/start", 303)
    other.get("/login/return", 403, query_string=brought)
    browser.get("/login/return", 403, query_string=brought | {"state": "guessed"})
    # a wrong answer ends the login
    browser.get("/login/return", 403, query_string=brought)
    assert not is_logged_in(browser)
    url = browser.get("/login/start", 303).location
    brought = agree(url, "ada")
    before = browser.cookie
    browser.get("/login/return", 303, query_string=brought)
    assert is_logged_in(browser)
    # replayed in the same browser, even with the cookie of then: the code is spent
    browser.get("/login/return", 403, query_string=brought)
    browser.cookie = before
    browser.get("/login/return", 403, query_string=brought)


def test_a_code_of_another_login_does_not_count(site: ActingSite) -> None:
    """Somebody's code is put into the answer to one's own login: it has another verifier."""
    victim, attacker = site.browser(), site.browser()
    stolen = agree(victim.get("/login/start", 303).location, "ada")
    own = agree(attacker.get("/login/start", 303).location, "eve")
    mixed = own | {"code": stolen["code"]}
    answer = attacker.get("/login/return", 403, query_string=mixed)
    assert "the provider refuses the code" in answer.text
    assert not is_logged_in(attacker)


@pytest.mark.parametrize(
    "token",
    [
        {"claims": {"nonce": "of-another"}},
        {"claims": {"aud": "another"}},
        {"claims": {"iss": "https://evil.example"}},
        {"claims": {"exp": 1_700_000_000}},
        {"claims": {"sub": "eve-id"}},
        {"algorithm": "none"},
        {"algorithm": "HS256"},
        {"foreign_key": True},
    ],
)
def test_a_token_that_proves_nothing_logs_nobody_in(
    sandbox: Sandbox, site: ActingSite, token: dict[str, Any]
) -> None:
    for name, value in token.items():
        setattr(sandbox.openid, name, value)
    browser = site.browser()
    url = browser.get("/login/start", 303).location
    answer = browser.get("/login/return", 403, query_string=agree(url, "ada"))
    assert "You are not logged in" in answer.text
    assert not is_logged_in(browser)


def test_a_person_who_does_not_agree_is_not_logged_in(site: ActingSite) -> None:
    browser = site.browser()
    url = browser.get("/login/start", 303).location
    browser.get("/login/return", 403, query_string=agree(url, "nobody"))
    browser.get("/login/return", 403)
    assert not is_logged_in(browser)


@pytest.mark.parametrize(
    "to",
    [
        "https://evil.example.org/",
        "//evil.example.org/",
        "/\\evil.example.org/",
        "/x\\..\\y",
        "\\/evil.example.org",
        "javascript:alert(1)",
        "/parked\r\nSet-Cookie: a=b",
        "/\x00",
        "/\u202e",
        "",
        "x",
        "/" + "a" * 600,
        " /parked",
    ],
)
def test_a_login_leads_to_no_other_site(to: str) -> None:
    assert local_path(to) == "/"


@pytest.mark.parametrize("to", ["/", "/parked", "/act/rerun?target=update%3AX&only=all"])
def test_a_login_leads_back_to_a_page(to: str) -> None:
    assert local_path(to) == to


def test_a_login_with_a_bad_target_leads_to_the_first_page(
    site: ActingSite,
) -> None:
    assert site.browser().log_in("ada", to="//evil.example.org/").location == "/"


def test_a_link_to_an_act_leads_through_the_login_and_back(site: ActingSite) -> None:
    browser = site.browser()
    plan = "/act/pause?target=update%3A43&seconds=4h"
    login = browser.get(plan, 303).location
    assert login.startswith("/login?to=")
    (start,) = [one for one in browser.get(login).text.split('"') if "/login/start" in one]
    url = browser.get(start.replace("&amp;", "&"), 303).location
    back = browser.get("/login/return", 303, query_string=agree(url, "bob")).location
    assert back == plan
    assert "What would happen" in browser.get(back).text


def test_the_token_is_made_and_said_once(local: ActingSite) -> None:
    browser = local.browser()
    assert token_of(local) not in browser.get("/login").text
    log_in_with_token(local, browser)
    assert "root (admin)" in browser.get("/parked").text


@pytest.mark.parametrize("token", ["", "guessed", "\u00e9", " "])
def test_a_wrong_token_logs_nobody_in(local: ActingSite, token: str) -> None:
    browser = local.browser()
    form = browser.form("/login", "/login") | {"token": token}
    browser.post("/login", form, 403)
    assert not is_logged_in(browser)


def test_a_login_form_needs_the_proof_as_well(local: ActingSite) -> None:
    """Somebody makes a browser log in as himself, to see what its owner does."""
    browser = local.browser()
    browser.post("/login", {"token": token_of(local), "to": "/"}, 403)
    assert not is_logged_in(browser)


def test_a_token_in_a_url_is_refused(local: ActingSite) -> None:
    browser = local.browser()
    token = token_of(local)
    browser.get(f"/login?token={token}", 400)
    browser.get(f"/act/pause?target=update&token={token}", 400)
    form = browser.form("/login", "/login")
    browser.post(f"/login?token={token}", form, 400)
    assert not is_logged_in(browser)


def test_a_program_acts_with_the_token_in_a_header(local: ActingSite) -> None:
    headers = {"Authorization": f"Bearer {token_of(local)}"}
    browser = local.browser()
    shown = browser.get("/act/pause?target=update", headers=headers)
    form = fields(shown.text, "/act/") | {"reason": "moves"}
    form.pop("csrf", None)
    browser.post("/act/pause", form, headers=headers)
    assert [act.intent.who for act in local.acts] == ["root"]
    for bad in ("Bearer guessed", "Bearer ", f"Basic {token_of(local)}"):
        assert browser.client.post(
            "/act/pause", data=form, base_url=LOCAL, headers={"Authorization": bad}
        ).status_code in {401, 403}
    assert browser.get("/parked", headers={"Authorization": "Bearer guessed"})
    assert len(local.acts) == 1


def test_a_token_that_everybody_can_read_is_refused(sandbox: Sandbox, folder: Path) -> None:
    (folder / "token").write_text("secret\n")
    (folder / "token").chmod(0o644)
    folder.chmod(0o755)
    text = f'[web]\ntoken_file = "{folder}/token"\n'
    with pytest.raises(ConfigError, match="chmod"):
        ActingSite(sandbox, folder / "config.toml", text, LOCAL)


@pytest.mark.parametrize(
    ("listen", "is_local"),
    [
        (":8080", True),
        ("127.0.0.1:8080", True),
        ("127.8.8.8:80", True),
        ("[::1]:8080", True),
        ("localhost:80", True),
        ("0.0.0.0:8080", False),
        ("[::]:8080", False),
        ("192.0.2.7:80", False),
        ("pages.example.org:80", False),
    ],
)
def test_beyond_the_loopback_interface_nobody_acts_without_a_login(
    folder: Path,
    sandbox: Sandbox,
    listen: str,
    is_local: bool,  # noqa: FBT001
) -> None:
    assert is_loopback(listen) is is_local
    text = f'[web]\nlisten = "{listen}"\n'
    if is_local:
        ActingSite(sandbox, folder / "config.toml", text, LOCAL)
        return
    with pytest.raises(ConfigError, match=r"web.listen is .* web.openid or web.token_file"):
        ActingSite(sandbox, folder / "config.toml", text, LOCAL)


@pytest.mark.parametrize("more", ["actions = false", 'token_file = "{folder}/token"'])
def test_beyond_it_pages_are_served_without_acts_or_with_a_token(
    folder: Path, sandbox: Sandbox, more: str
) -> None:
    text = f'[web]\nlisten = "0.0.0.0:8080"\n{more.format(folder=folder)}\n'
    site = ActingSite(sandbox, folder / "config.toml", text, LOCAL)
    acts = open_acts(site.config, site.engine, announce=print)
    assert (acts is None) is (more == "actions = false")
    browser = site.browser()
    browser.get("/login", 404 if acts is None else 200)
    browser.get("/act/pause?target=update", 404 if acts is None else 303)
    assert ("Log in" in browser.get("/parked").text) is (acts is not None)
