"""What people do on pages, on the sandbox: planned, confirmed, stored before it is done, done once."""

import json
import os
import re
import signal
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any
from urllib.parse import urlsplit

import pytest
from openqa_client.client import OpenQA_Client
from werkzeug.exceptions import ServiceUnavailable

from fedora_openqa.model.audit import Ending
from fedora_openqa.model.history import Scenario, StoredJob
from fedora_openqa.model.work import SubjectState
from fedora_openqa.sandbox.faults import Kind, Rule
from fedora_openqa.sandbox.finishing import Ending as EndedAs
from fedora_openqa.sandbox.finishing import Script
from fedora_openqa.sandbox.openid import CLIENT_SECRET
from fedora_openqa.store.failures import Failures
from fedora_openqa.store.jobs import JobHistory
from fedora_openqa.store.pauses import Pauses
from fedora_openqa.store.subjects import Subjects
from fedora_openqa.web.acts import Turns
from tests.cli.conftest import CommandOnSandbox
from tests.support.acting import (
    FLAVOR,
    HOST,
    OPENID,
    ActingSite,
    Browser,
    fail,
    fail_together,
    fields,
)
from tests.support.jobs import BUILD
from tests.support.pages import Html, check_page
from tests.support.waiting import wait_for

RERUN = f"/act/rerun?target={BUILD}"
UPDATE = "FEDORA-2026-5d02b7e318"
HOSTILE = "\"'><script>alert(1)</script>{{7*7}}\u202e"


def open_site(cli: CommandOnSandbox, monkeypatch: pytest.MonkeyPatch, more: str = "") -> ActingSite:
    environ = {**cli.environ, "FEDORA_OPENQA_OPENID_SECRET": CLIENT_SECRET}
    for name, value in environ.items():
        monkeypatch.setenv(name, value)
    text = OPENID.format(issuer=cli.sandbox.issuer).replace("[web]", f"[web]\n{more}", 1)
    return ActingSite(cli.sandbox, cli.config, text, HOST)


@pytest.fixture
def site(cli: CommandOnSandbox, monkeypatch: pytest.MonkeyPatch) -> ActingSite:
    return open_site(cli, monkeypatch)


@pytest.fixture
def tried(cli: CommandOnSandbox, site: ActingSite) -> ActingSite:
    """A job has failed, and so those that wait for it were skipped."""
    fail(cli)
    return site


@pytest.fixture
def browser(site: ActingSite) -> Browser:
    """An operator's."""
    found = site.browser()
    found.log_in("bob")
    return found


def jobs(site: ActingSite) -> dict[int, dict[str, Any]]:
    client = OpenQA_Client(server=site.sandbox.url, retries=0)
    found = client.openqa_request("GET", "jobs", params={"build": BUILD})["jobs"]
    return {job["id"]: job for job in found}


def test_failed_jobs_run_again_after_a_plan_a_reason_and_a_row(
    tried: ActingSite, browser: Browser
) -> None:
    before = jobs(tried)
    scenario = Scenario(
        before[1]["test"], FLAVOR, before[1]["settings"]["ARCH"], before[1]["settings"]["MACHINE"]
    )
    done = StoredJob(900, "B", "43", scenario, state="done", result="passed", started=0.0)
    JobHistory(tried.engine).remember([replace(done, finished=1800.0)])
    plan = Html(browser.get(RERUN).text)
    assert f"Rerun {BUILD}" in plan.text
    assert "usually 30 min of workers in all; " in plan.text
    assert tried.restarts == 0
    outcome = browser.confirm(RERUN, reason="the mirror was down", force="true").location
    (act,) = tried.acts
    assert outcome == f"/audit/{act.id}"
    assert (act.intent.who, act.intent.role, act.intent.reason, act.ending) == (
        "bob",
        "operator",
        "the mirror was down",
        Ending.DONE,
    )
    copies = {old: job["clone_id"] for old, job in jobs(tried).items() if job["clone_id"]}
    assert set(act.intent.preview["jobs"]) == set(copies)
    assert act.intent.cost == len(copies)
    page = Html(browser.get(outcome).text)
    assert f"restarted: 1 as {copies[1]}" in page.text
    assert tried.restarts == 1
    # the outcome stays, for everybody
    assert "the mirror was down" in tried.browser().get(outcome).text
    assert "the mirror was down" in tried.browser().get("/audit?who=bob").text


def test_what_was_run_again_or_waits_is_left_out_and_said(
    tried: ActingSite, browser: Browser
) -> None:
    browser.confirm(RERUN, force="true")
    plan = Html(browser.get(RERUN).text)
    assert "It cannot be done: no such job among" in plan.text
    assert not plan.all("form")[-1].get("action", "").startswith("/act/")
    plan = Html(browser.get(f"{RERUN}&only=all").text)
    assert "It cannot be done" in plan.text
    assert "wait or run" in plan.text
    assert tried.restarts == 1


def test_only_incomplete_jobs_are_run_again(cli: CommandOnSandbox, tried: ActingSite) -> None:
    browser = tried.browser()
    browser.log_in("bob")
    assert "It cannot be done" in browser.get(f"{RERUN}&only=incomplete").text
    first = max(jobs(tried)) + 1
    cli.compose("--flavors", FLAVOR, "--force")
    cli.post(f"jobs/{first}/set_done?result=incomplete")
    assert f"/tests/{first}" in browser.get(f"{RERUN}&only=incomplete").text


def test_a_second_submit_shows_the_outcome_of_the_first(
    tried: ActingSite, browser: Browser
) -> None:
    form = browser.form(RERUN) | {"reason": "x", "force": "true"}
    first = browser.post("/act/rerun", form).location
    assert tried.restarts == 1
    # now there is nothing to restart, and still the first outcome is what counts
    assert browser.post("/act/rerun", form).location == first
    assert len(tried.acts) == 1
    assert tried.restarts == 1


def test_submits_at_the_same_time_are_one_act(tried: ActingSite) -> None:
    browsers = [tried.browser() for _ in range(6)]
    browsers[0].log_in("bob")
    form = browsers[0].form(RERUN) | {"reason": "x", "force": "true"}
    for one in browsers[1:]:
        one.cookie = browsers[0].cookie
    with ThreadPoolExecutor(6) as pool:
        answers = list(pool.map(lambda one: one.post("/act/rerun", form).location, browsers))
    (act,) = tried.acts
    assert set(answers) == {f"/audit/{act.id}"}
    assert tried.restarts == 1


def test_what_openqa_refuses_is_the_outcome(tried: ActingSite, browser: Browser) -> None:
    outcome = browser.confirm(RERUN).location
    assert "misses the following mandatory assets" in browser.get(outcome).text
    assert tried.acts[0].ending is Ending.NOTHING


@pytest.mark.parametrize("kind", [Kind.DROP, Kind.CUT])
def test_a_restart_without_an_answer_is_not_known(
    tried: ActingSite, browser: Browser, kind: Kind
) -> None:
    form = browser.form(RERUN) | {"reason": "x", "force": "true"}
    tried.sandbox.faults.add(Rule(kind, method="POST", path="/restart$"))
    later = Rule(Kind.ANSWER, path=r"/api/v1/jobs", status=503)
    tried.sandbox.faults.add(replace(later, method="GET", share=0.0))
    outcome = browser.post("/act/rerun", form).location
    (act,) = tried.acts
    # openQA was asked what it did
    assert act.ending in {Ending.NOTHING, Ending.DONE}
    assert act.outcome in browser.get(outcome).text or "openQA has no copy" in act.outcome


def test_a_process_that_is_killed_between_row_and_outcome_leaves_it_open(
    cli: CommandOnSandbox, tried: ActingSite
) -> None:
    tried.sandbox.faults.add(Rule(Kind.HANG, method="POST", path="/restart$"))
    code = f"""
import sys
from pathlib import Path
from fedora_openqa.config import load_config
from fedora_openqa.model.acting import Order, Wish
from fedora_openqa.model.audit import Action, Role
from fedora_openqa.wiring.acts import open_acts
from fedora_openqa.wiring.store import open_store
config = load_config(Path({str(cli.config)!r}))
acts = open_acts(config, open_store(config), announce=print)
wish = Wish(what=Action.RERUN, target={BUILD!r}, force=True)
order = Order(wish=wish, who="bob", role=Role.OPERATOR, reason="x", key="k")
acts.act(order, acts.plan(wish))
"""
    process = subprocess.Popen([sys.executable, "-c", code], env=dict(os.environ))
    try:
        wait_for(lambda: tried.acts)
    finally:
        process.send_signal(signal.SIGKILL)
        process.wait()
    (act,) = tried.acts
    assert (act.ending, act.settled) == (None, None)
    page = Html(tried.browser().get(f"/audit/{act.id}").text)
    assert "not known whether it was done" in page.text
    assert f"fedora-openqa explain {BUILD}" in page.text


@pytest.mark.parametrize(
    "what",
    [
        f"rerun?target={BUILD}",
        "pause?target=update",
        "resume?target=update",
        "release?target=update:x",
        "drop?target=update:x",
        f"request?target={UPDATE}",
    ],
)
def test_a_viewer_may_do_nothing(tried: ActingSite, what: str) -> None:
    asked = len(tried.sandbox.requests.all(path="/api/v1/"))
    nobody, viewer = tried.browser(), tried.browser()
    viewer.log_in("eve")
    assert nobody.get(f"/act/{what}", 303).location.startswith("/login?to=")
    assert "for operators" in viewer.get(f"/act/{what}", 403).text
    operator = tried.browser()
    operator.log_in("bob")
    stolen = operator.get(f"/act/{what}").text
    form = fields(stolen, "/act/") | {"reason": "x", "key": "0" * 36, "target": "update"}
    own = viewer.form("/parked", "/logout")["csrf"]
    path = f"/act/{what.split('?', maxsplit=1)[0]}"
    viewer.post(path, form | {"csrf": own}, 403)
    # fields that would make one more than one is
    viewer.post(path, form | {"csrf": own, "role": "admin"}, 400)
    viewer.post(path, form | {"csrf": own, "who": "ada"}, 400)
    nobody.post(path, form | {"csrf": own}, 403)
    assert tried.acts == ()
    assert tried.restarts == 0
    # who may do nothing makes us ask openQA nothing
    if "rerun" not in what:
        assert len(tried.sandbox.requests.all(path="/api/v1/")) == asked


def test_many_jobs_at_once_are_for_admins(
    cli: CommandOnSandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    site = open_site(cli, monkeypatch, "bulk = 1\n")
    fail(cli)
    operator, admin = site.browser(), site.browser()
    operator.log_in("bob")
    admin.log_in("ada")
    plan = operator.get(RERUN).text
    assert "more than 1 jobs at once are for admins" in plan
    form = admin.form(RERUN) | {"reason": "x", "force": "true"}
    own = operator.form("/parked", "/logout")["csrf"]
    operator.post("/act/rerun", form | {"csrf": own}, 403)
    assert site.restarts == 0
    admin.post("/act/rerun", form)
    assert site.restarts == 1


def test_a_person_may_start_so_much_in_a_day(
    cli: CommandOnSandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    site = open_site(cli, monkeypatch, "daily = 2\n")
    browser, other = site.browser(), site.browser()
    browser.log_in("bob")
    other.log_in("ada")
    browser.confirm("/act/pause?target=update")
    browser.confirm("/act/resume?target=update")
    refused = browser.confirm("/act/pause?target=wiki", 429).text
    assert "bob may start 2 jobs or acts in 24 hours, has started 2" in refused
    other.confirm("/act/pause?target=wiki")
    assert [act.intent.who for act in site.acts] == ["ada", "bob", "bob"]


def test_more_jobs_than_were_shown_need_another_look(tried: ActingSite, browser: Browser) -> None:
    form = browser.form(RERUN) | {"reason": "x", "force": "true"}
    again = browser.post("/act/rerun", form | {"jobs": "1"}, 409)
    assert "More jobs than were shown" in again.text
    assert tried.restarts == 0
    assert fields(again.text, "/act/")["key"] != form["key"]


def test_without_a_reason_nothing_is_done(tried: ActingSite, browser: Browser) -> None:
    for reason in ("", "  ", "\u200b "):
        form = browser.form("/act/pause?target=update") | {"reason": reason}
        answer = browser.client.post(
            "/act/pause", data=form, base_url=HOST, headers={"Origin": HOST}
        )
        assert answer.status_code in {303, 422}
        if answer.status_code == 422:
            assert "Say why" in answer.text
    assert [act.intent.reason for act in tried.acts if not act.intent.reason.strip()] == []


def test_lanes_are_paused_and_go_on(site: ActingSite, browser: Browser) -> None:
    browser.confirm("/act/pause?target=update%3A43&seconds=4h", reason="openQA moves")
    (pause,) = Pauses(site.engine).all()
    assert (pause.lane, pause.by, pause.reason) == ("update:43", "bob", "openQA moves")
    assert pause.until
    assert pause.until - pause.since == pytest.approx(4 * 3600, abs=5)
    shown = browser.get("/pauses").text
    assert "/act/resume?target=update%3A43" in shown
    assert "/act/resume" not in site.browser().get("/pauses").text
    browser.confirm("/act/resume?target=update%3A43")
    assert Pauses(site.engine).all() == ()
    assert "is not paused by a person" in browser.get("/act/resume?target=update%3A43").text
    assert "is no lane" in browser.get("/act/pause?target=nothing").text


def test_parked_items_are_released_and_dropped(site: ActingSite, browser: Browser) -> None:
    subjects = Subjects(site.engine)
    for name in ("a", "b"):
        subjects.park_message(name, {"topic": "t", "body": "{}"}, reason="odd")
    listed = browser.get("/parked").text
    (drop,) = re.findall(r'href="(/act/drop\?target=[^"]*%3Aa|/act/drop\?target=[^"]*:a)"', listed)
    outcome = browser.confirm(drop).location
    assert "dropped" in browser.get(outcome).text
    assert "/act/" not in site.browser().get("/parked").text
    browser.confirm("/act/release?target=message:b")
    known = [subjects.find("message:a"), subjects.find("message:b")]
    assert [one.state for one in known if one] == [SubjectState.SKIPPED] * 2
    assert [one.reason for one in known if one] == [
        "dropped by bob",
        "released by bob: not ours",
    ]
    assert (
        "It cannot be done: message:a is not parked"
        in Html(browser.get("/act/release?target=message:a").text).text
    )


def test_an_update_and_a_compose_are_requested_once(site: ActingSite, browser: Browser) -> None:
    for target, key in (
        (UPDATE, f"update:{UPDATE}"),
        (site.sandbox.compose_location, f"compose:{BUILD}"),
    ):
        browser.confirm(f"/act/request?target={target}", reason="no message came")
        stored = Subjects(site.engine).find(key)
        assert stored
        assert stored.state is SubjectState.WANTED
        again = Html(browser.get(f"/act/request?target={target}").text)
        assert "It cannot be done: it is stored already" in again.text
        browser.confirm(f"/act/request?target={target}&force=true")
        found = Subjects(site.engine).find(key)
        assert found
        assert found.number == stored.number + 1
    assert [act.ending for act in site.acts] == [Ending.DONE] * 4


@pytest.mark.parametrize(
    ("target", "said"),
    [
        ("FEDORA-2026-0000000000", "has no"),
        ("http://evil.example.org/Fedora-Rawhide-20261120.n.0/compose", "evil.example.org"),
        ("something", "neither a compose nor an update"),
        (HOSTILE, "neither a compose nor an update"),
    ],
)
def test_what_cannot_be_requested_is_said(
    site: ActingSite, browser: Browser, target: str, said: str
) -> None:
    answer = browser.get("/act/request", query_string={"target": target})
    page = Html(answer.text)
    assert "It cannot be done:" in page.text
    assert said in page.text
    assert "<script>" not in answer.text
    assert site.acts == ()


def test_hostile_text_is_shown_and_runs_nowhere(site: ActingSite, browser: Browser) -> None:
    outcome = browser.confirm("/act/pause?target=update", reason=HOSTILE).location
    for url in (outcome, "/audit", "/pauses", f"/audit?who={HOSTILE}"):
        text = browser.get(url).text
        Html(text)
        assert "<script>" not in text
        assert "\u202e" not in text
    assert site.acts[0].intent.reason == HOSTILE.replace("\u202e", "\ufffd")
    headers = browser.client.post(
        "/act/pause",
        data=browser.form("/act/pause?target=wiki") | {"reason": "x\r\nSet-Cookie: a=b"},
        base_url=HOST,
        headers={"Origin": HOST},
    ).headers
    assert "a=b" not in str(headers)


@pytest.mark.parametrize("what", ["drain", "keep", "nothing", "rerun/x"])
def test_what_is_no_act_of_pages_is_not_there(browser: Browser, what: str) -> None:
    browser.get(f"/act/{what}?target=x", 404)


def test_a_get_of_a_plan_changes_nothing(tried: ActingSite, browser: Browser) -> None:
    for url in (RERUN, f"{RERUN}&only=all", "/act/pause?target=update", "/act/resume?target=all"):
        browser.get(url)
        browser.client.head(url, base_url=HOST)
    assert tried.acts == ()
    writes = [one for one in tried.sandbox.requests.all(path="/restart$") if one.method != "GET"]
    assert writes == []


@pytest.mark.parametrize(
    ("status", "shown", "said"), [(503, 503, "Nothing was done: GET"), (403, 502, "403")]
)
def test_an_openqa_that_does_not_answer_is_said(
    tried: ActingSite, browser: Browser, status: int, shown: int, said: str
) -> None:
    form = browser.form(RERUN) | {"reason": "x", "force": "true"}
    tried.sandbox.faults.add(Rule(Kind.ANSWER, path="/api/v1/jobs", status=status))
    assert said in browser.get(RERUN, shown).text
    assert said in browser.post("/act/rerun", form, shown).text
    assert tried.acts == ()
    tried.sandbox.faults.clear()
    # the same form, when openQA is back
    browser.post("/act/rerun", form)
    assert tried.restarts == 1


def test_without_a_key_of_openqa_its_jobs_are_not_restarted(
    cli: CommandOnSandbox, site: ActingSite, browser: Browser
) -> None:
    (cli.directory / "client.conf").write_text("")
    plan = Html(browser.get(RERUN).text).text
    assert "It cannot be done: " in plan
    assert "API key" in plan
    browser.confirm("/act/pause?target=update")
    assert len(site.acts) == 1


def test_a_shadow_restarts_nothing(cli: CommandOnSandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    cli.configure("[shadow]\nenabled = true\n")
    site = open_site(cli, monkeypatch)
    browser = site.browser()
    browser.log_in("bob")
    assert "a shadow, which writes to no service" in browser.get(RERUN).text


def test_few_requests_at_once_wait_for_a_server() -> None:
    turns, entered, leave = Turns(1), threading.Event(), threading.Event()

    def wait() -> None:
        with turns.one():
            entered.set()
            assert leave.wait(60)

    thread = threading.Thread(target=wait)
    thread.start()
    assert entered.wait(60)
    try:
        with pytest.raises(ServiceUnavailable, match="Others wait"), turns.one():
            pass
    finally:
        leave.set()
        thread.join()
    with turns.one():
        pass


def test_every_page_of_an_operator_is_whole_and_changes_nothing(
    tried: ActingSite, browser: Browser
) -> None:
    Subjects(tried.engine).park_message("m", {"topic": "t", "body": "{}"}, reason=HOSTILE)
    browser.confirm("/act/pause?target=update", reason=HOSTILE)
    before, seen = tried.acts, set()
    wanted = ["/", "/subjects/message:m", f"/composes/{BUILD}", f"/updates/{UPDATE}"]
    while wanted:
        url = wanted.pop()
        if url in seen or urlsplit(url).netloc:
            continue
        seen.add(url)
        assert len(seen) < 500
        answer = browser.client.get(url, base_url=HOST)
        if answer.status_code != 200:
            assert answer.status_code in {302, 303, 404}, url
            continue
        if answer.mimetype == "text/html":
            check_page(url, answer.text)
            found = Html(answer.text).links
            wanted += [one for one in found if one.startswith("/") and "/login/" not in one]
    shown = {url.split("?")[0] for url in seen}
    assert {"/act/rerun", "/act/request", "/act/release", "/act/drop", "/act/resume"} <= shown
    assert tried.acts == before
    assert tried.restarts == 0


def test_failures_with_one_cause_get_a_name(site: ActingSite, browser: Browser) -> None:
    cluster = fail_together(site)
    # any of its jobs names it
    url = f"/act/name?target={cluster + 2}"
    assert "3 jobs of 1 builds" in browser.get(url).text
    bug = "https://bugzilla.redhat.com/show_bug.cgi?id=7"
    outcome = browser.confirm(url, title=f"login prompt {HOSTILE}", bug=bug).location
    (note,) = Failures(site.engine).notes()
    assert (note.id, note.bug, note.by) == (cluster, bug, "bob")
    assert note.title == f"login prompt {HOSTILE}".replace("\u202e", "\ufffd")
    assert f"bug: {bug}" in Html(browser.get(outcome).text).text
    # what it is called now is in the form
    assert browser.form(url)["bug"] == bug
    browser.confirm(url, title="", bug="", close="true")
    (note,) = Failures(site.engine).notes()
    assert (note.title, note.bug, site.acts[0].outcome) == (
        "",
        "",
        "title: none; bug: none; closed",
    )
    assert note.closed


def test_a_rule_is_tried_before_it_is_stored(site: ActingSite, browser: Browser) -> None:
    cluster = fail_together(site)
    page = browser.get(f"/failures/{cluster}").text
    assert 'href="/act/rule?target=_console_wait_login"' in page
    url = "/act/rule?target=_console_wait_login"
    empty = browser.get(url).text
    assert "<title>Store the rule _console_wait_login" in empty
    assert "give it a title or a bug" in empty
    assert 'method="post" action="/act/rule"' not in empty
    assert "no job failed with it" in browser.get("/act/rule?target=nothing&title=x").text
    url += "&title=login&test=a"
    assert "1 jobs of 1 tests failed with it" in browser.get(url).text
    assert Failures(site.engine).rules() == ()
    url = url.replace("&test=a", "")
    assert "<button>Store the rule</button>" in browser.get(url).text
    assert "1 failures with one cause would be called so now" in browser.get(url).text
    browser.confirm(url)
    (rule,) = Failures(site.engine).rules()
    assert (rule.text, rule.title, rule.test, rule.by) == (
        "_console_wait_login",
        "login",
        "",
        "bob",
    )
    assert "rule 1" in Html(browser.get(f"/failures/{cluster}").text).text
    listed = browser.get("/failures").text
    assert "1 rules name failures" in listed
    assert '/act/unrule?target=1"' in listed
    browser.confirm("/act/unrule?target=1")
    assert Failures(site.engine).rules() == ()
    assert "there is no rule 1" in browser.get("/act/unrule?target=1").text
    assert "is not the id of a rule" in Html(browser.get("/act/unrule?target=x").text).text


@pytest.mark.parametrize(
    ("fields_", "status", "said"),
    [
        ({"target": "200", "bug": "javascript:alert(1)"}, 409, "not an http or https URL"),
        ({"target": "200", "bug": "https://"}, 409, "not an http or https URL"),
        ({"target": "200", "bug": "http://[x"}, 409, "not an http or https URL"),
        ({"target": "200", "title": "x" * 201}, 409, "more than 200 characters"),
        ({"target": "7"}, 404, "no failures with one cause have job 7"),
        ({"target": "x"}, 404, "is not the id of a job"),
        ({"target": "9" * 30}, 404, "is not the id of a job"),
    ],
)
def test_what_cannot_be_named_is_said(
    site: ActingSite, browser: Browser, fields_: dict[str, str], status: int, said: str
) -> None:
    fail_together(site)
    answer = browser.get("/act/name", query_string=fields_)
    assert said in Html(answer.text).text
    form = browser.form("/act/name?target=200") | {"reason": "x", **fields_}
    assert said in browser.post("/act/name", form, status).text
    assert Failures(site.engine).notes() == ()


def test_jobs_that_failed_with_one_cause_run_again_once(
    cli: CommandOnSandbox, site: ActingSite, browser: Browser
) -> None:
    cli.compose("--flavors", "Server-dvd-iso", "--arches", "x86_64")
    outage = Script(
        endings=tuple(
            EndedAs(
                flavor="Server-dvd-iso",
                test=test,
                result="incomplete",
                reason=f"asset failure: Failed to download disk{number}.qcow2",
            )
            for number, test in enumerate(
                ("base_selinux", "base_services_start", "base_update_cli")
            )
        )
    )
    recorded = cli.directory / "messages.json"
    recorded.write_text(json.dumps(list(cli.sandbox.finish(BUILD, outage))))
    cli.run("replay", str(recorded))
    (cluster,) = cli.run("failures", "--format", "json").json
    url = f"/act/rerun?target=failures:{cluster['id']}"
    plan = Html(browser.get(url).text)
    assert "3 jobs, usually" in plan.text
    outcome = browser.confirm(url, reason="the mirror is back", force="true").location
    (act,) = site.acts
    assert (act.intent.target, act.intent.cost) == (f"failures:{cluster['id']}", 3)
    assert len(re.findall(r"\d+ as \d+", act.outcome)) == 3
    assert "restarted: " in browser.get(outcome).text
    assert site.restarts == 1
    again = Html(browser.get(url).text)
    assert "It cannot be done" in again.text
    assert again.text.count("its scenario has a newer job") == 3
    for bad in ("7", "x", "", "\u0663"):
        assert "It cannot be done" in browser.get(f"/act/rerun?target=failures:{bad}").text
