"""Waivers that people give on pages and by program, on the sandbox: in their own name or not at all."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from fedora_openqa.model.audit import Ending
from fedora_openqa.sandbox.faults import Kind, Rule
from fedora_openqa.sandbox.openid import CLIENT_ID, WAIVER_SCOPE
from fedora_openqa.sandbox.running import Sandbox
from fedora_openqa.sandbox.waiverdb import TOKEN
from fedora_openqa.wiring.gateways import Gateways
from tests.support.acting import HOST, OPENID, ActingSite, Browser
from tests.support.pages import Html
from tests.support.waiting import wait_for

#: in the group critical-path-gnome
GNOME = "FEDORA-2026-5d02b7e318"
TEST, SCENARIO = "update.desktop_browser", "fedora.updates-workstation.x86_64.64bit"
PLAN = f"/act/waive?target={GNOME}&test={TEST}&scenario={SCENARIO}"
COMMAND = f"fedora-openqa waive {GNOME} {TEST} --scenario {SCENARIO} --comment WHY"
WAIVERS = "/waiverdb/api/v1.0/waivers/$"


@pytest.fixture(autouse=True)
def _tidy(sandbox: Sandbox) -> Iterator[None]:
    yield
    sandbox.faults.clear()
    sandbox.openid.refused = frozenset()


@pytest.fixture
def waiving(sandbox: Sandbox, folder: Path) -> ActingSite:
    """Pages whose provider gives tokens for WaiverDB."""
    text = OPENID.format(issuer=sandbox.issuer) + f'waiver_scope = "{WAIVER_SCOPE}"\n'
    return ActingSite(sandbox, folder / "config.toml", text, HOST)


def open_browser(site: ActingSite, person: str) -> Browser:
    browser = site.browser()
    browser.log_in(person)
    return browser


def given(sandbox: Sandbox, comment: str) -> list[dict[str, Any]]:
    return [row for row in sandbox.waivers.newest_first() if row["comment"] == comment]


def access_token(sandbox: Sandbox, person: str) -> str:
    """Return a token that the provider gave somebody elsewhere."""
    asked = {
        "client_id": CLIENT_ID,
        "redirect_uri": "http://127.0.0.1/",
        "code_challenge": "x",
        "scope": f"openid {WAIVER_SCOPE}",
    }
    code = sandbox.openid.take(sandbox.openid.code_for(asked, person))
    assert code
    return str(sandbox.openid.tokens(code, sandbox.issuer)["access_token"])


def test_a_waiver_is_given_in_the_name_of_the_person(sandbox: Sandbox, waiving: ActingSite) -> None:
    # WaiverDB decides who may waive: a role is not needed
    browser = open_browser(waiving, "eve")
    wait_for(lambda: "/act/waive?" in browser.get(f"/updates/{GNOME}").text)
    links = Html(browser.get(f"/updates/{GNOME}").text).links
    (link,) = [one for one in links if "desktop_browser" in one and one.startswith("/act/waive?")]
    plan = Html(browser.get(link).text).text
    assert f"in your name, with your reason, that {TEST} in {SCENARIO} of {GNOME}" in plan
    assert given(sandbox, "known flake") == []
    form = browser.form(link) | {"reason": "known flake"}
    outcome = browser.post("/act/waive", form).location
    (row,) = given(sandbox, "known flake")
    assert (row["username"], row["testcase"], row["scenario"]) == ("eve", TEST, SCENARIO)
    assert row["proxied_by"] is None
    (act,) = waiving.acts
    assert (act.intent.who, act.intent.what, act.intent.target) == ("eve", "waive", GNOME)
    assert (act.ending, act.outcome) == (
        Ending.DONE,
        f"waived {TEST} of {GNOME}: waiver {row['id']}",
    )
    assert f"waiver {row['id']}" in browser.get(outcome).text
    # the page says it now, and not in a minute
    page = Html(browser.get(f"/updates/{GNOME}").text).text
    if "did not answer" in page:
        wait_for(lambda: "did not answer" not in browser.get(f"/updates/{GNOME}").text)
        page = Html(browser.get(f"/updates/{GNOME}").text).text
    assert f"{TEST} {SCENARIO} waived" in page
    # sent again it is the same one
    assert browser.post("/act/waive", form).location == outcome
    assert len(given(sandbox, "known flake")) == 1


def test_the_token_stays_in_the_memory_of_the_process(
    sandbox: Sandbox, waiving: ActingSite
) -> None:
    browser = open_browser(waiving, "ada")
    browser.confirm(PLAN, reason="kept nowhere")
    posts = sandbox.requests.all(method="POST", path=WAIVERS)
    assert posts
    (act,) = waiving.acts
    assert set(act.intent.preview["wish"]) == {"target", "test", "scenario"}
    shown = "".join(browser.get(url).text for url in (PLAN, "/audit", f"/audit/{act.id}"))
    for token in sandbox.openid.access_tokens:
        assert token not in shown + str(act) + browser.cookie
        assert token not in repr(waiving.app.extensions)
    # who logs out waives no more, with any copy of the cookie
    kept = browser.cookie
    browser.post("/logout", browser.form("/parked", "/logout"))
    browser.cookie = kept
    assert browser.get(PLAN, 303).location.startswith("/login?to=")


@pytest.mark.parametrize("fixture", ["site", "waiving"])
def test_without_a_token_of_the_person_the_page_says_the_command(
    sandbox: Sandbox, request: pytest.FixtureRequest, fixture: str
) -> None:
    # none is asked for, or the provider gives none
    site: ActingSite = request.getfixturevalue(fixture)
    sandbox.openid.refused = frozenset({WAIVER_SCOPE})
    browser = open_browser(site, "ada")
    # our own token is never used
    Gateways(site.config).waivers(dry_run=False)
    wait_for(lambda: "What gating requires" in browser.get(f"/updates/{GNOME}").text)
    assert "/act/waive?" not in browser.get(f"/updates/{GNOME}").text
    plan = Html(browser.get(PLAN).text).text
    assert f"It cannot be done: there is no token of yours here; with your token: {COMMAND}" in plan
    form = browser.form("/parked", "/logout") | {
        "target": GNOME,
        "test": TEST,
        "scenario": SCENARIO,
        "key": "0" * 36,
        "reason": "without a token",
    }
    assert COMMAND in Html(browser.post("/act/waive", form, 409).text).text
    browser.post("/act/waive", form | {"token": TOKEN}, 400)
    assert site.acts == ()
    assert given(sandbox, "without a token") == []


def test_a_token_that_is_over_is_the_outcome_and_nothing_changes(
    sandbox: Sandbox, waiving: ActingSite
) -> None:
    browser = open_browser(waiving, "ada")
    form = browser.form(PLAN) | {"reason": "too late"}
    sandbox.openid.end_tokens()
    outcome = browser.post("/act/waive", form).location
    (act,) = waiving.acts
    assert act.ending is Ending.NOTHING
    assert "the token is refused" in Html(browser.get(outcome).text).text
    assert given(sandbox, "too late") == []


@pytest.mark.parametrize(("status", "ending"), [(403, Ending.NOTHING), (503, Ending.UNCLEAR)])
def test_what_waiverdb_answers_is_the_outcome(
    sandbox: Sandbox, waiving: ActingSite, status: int, ending: Ending
) -> None:
    browser = open_browser(waiving, "ada")
    form = browser.form(PLAN) | {"reason": f"answered {status}"}
    sandbox.faults.add(Rule(Kind.ANSWER, method="POST", path=WAIVERS, status=status))
    outcome = browser.post("/act/waive", form).location
    (act,) = waiving.acts
    assert (act.ending, str(status) in act.outcome) == (ending, True)
    assert str(status) in browser.get(outcome).text
    assert given(sandbox, f"answered {status}") == []


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("/act/waive?target=FEDORA-2026-0000000000&test=x", "has no"),
        ("/act/waive?target=nothing&test=x", "nothing"),
        (f"/act/waive?target={GNOME}", "no test is named"),
    ],
)
def test_what_cannot_be_waived_is_said(waiving: ActingSite, url: str, said: str) -> None:
    plan = Html(open_browser(waiving, "ada").get(url).text).text
    assert said in plan.partition("It cannot be done:")[2]
    assert waiving.acts == ()


def test_a_program_waives_with_a_persons_token_only(sandbox: Sandbox, local: ActingSite) -> None:
    program = local.program()
    body = {
        "subject": GNOME,
        "test": TEST,
        "scenario": SCENARIO,
        "reason": "by program",
        "key": "k",
    }
    answer = program.send("POST", "/waivers", body, 409)
    assert answer.json
    assert answer.json["detail"].endswith(f"with your token: {COMMAND}.")
    assert (local.acts, given(sandbox, "by program")) == ((), [])
    token = access_token(sandbox, "bob")
    plan = program.send("POST", "/waivers", body | {"token": token, "dry": True}, 200).json
    assert plan
    assert (plan["obstacle"], local.acts) == (None, ())
    answer = program.send("POST", "/waivers", body | {"token": token}, 201)
    assert token not in answer.text
    (row,) = given(sandbox, "by program")
    assert row["username"] == "bob"
    assert program.send("POST", "/waivers", body | {"token": token}, 200).json == answer.json
    assert len(given(sandbox, "by program")) == 1
    act = program.send(
        "POST", "/waivers", body | {"key": "k2", "reason": "guessed", "token": "guessed"}, 201
    ).json
    assert act
    assert (act["ending"], "the token is refused" in act["outcome"]) == ("nothing", True)
    assert given(sandbox, "guessed") == []
