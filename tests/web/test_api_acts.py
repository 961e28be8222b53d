"""What programs do below ``/api/v1``, on the sandbox: as what people do on pages, with the token."""

import uuid
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from fedora_openqa.model.audit import Ending
from fedora_openqa.model.history import Scenario, StoredJob
from fedora_openqa.model.work import SubjectState
from fedora_openqa.sandbox.faults import Kind, Rule
from fedora_openqa.store.failures import Failures
from fedora_openqa.store.jobs import JobHistory
from fedora_openqa.store.pauses import Pauses
from fedora_openqa.store.subjects import Subjects
from tests.cli.conftest import CommandOnSandbox
from tests.support.acting import FLAVOR, LOCAL, ActingSite, Program, fail, fail_together
from tests.support.jobs import BUILD

UPDATE = "FEDORA-2026-5d02b7e318"
PAUSE = {"lane": "update", "reason": "openQA moves"}


def open_site(cli: CommandOnSandbox, monkeypatch: pytest.MonkeyPatch, more: str = "") -> ActingSite:
    for name, value in {**cli.environ, "LOGNAME": "root"}.items():
        monkeypatch.setenv(name, value)
    return ActingSite(cli.sandbox, cli.config, f"[web]\n{more}", LOCAL)


@pytest.fixture
def site(cli: CommandOnSandbox, monkeypatch: pytest.MonkeyPatch) -> ActingSite:
    return open_site(cli, monkeypatch)


@pytest.fixture
def program(site: ActingSite) -> Program:
    return site.program()


def keyed(**body: object) -> dict[str, object]:
    return {"reason": "because", "key": str(uuid.uuid4()), **body}


def told(program: Program, method: str, path: str, body: dict[str, object]) -> Any:  # noqa: ANN401 - JSON
    """Look at the plan, which changes nothing; do it twice, which is once; return the act."""
    plan = program.send(method, path, body | {"dry": True}, 200)
    assert plan.json
    assert (plan.json["obstacle"], plan.headers["Cache-Control"]) == (None, "no-store")
    answer = program.send(method, path, body, 201)
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.json
    assert answer.headers["Location"] == f"/api/v1/audit/{answer.json['id']}"
    stored = program.client.get(answer.headers["Location"]).json
    assert stored == answer.json
    again = program.send(method, path, body, 200)
    assert (again.json, again.headers["Location"]) == (stored, answer.headers["Location"])
    other = program.send(method, path, body | {"reason": "another"}, 409)
    assert other.mimetype == "application/problem+json"
    assert "The key was used for something else" in other.text
    return stored


def test_failed_jobs_of_a_subject_run_again_once(
    cli: CommandOnSandbox, site: ActingSite, program: Program
) -> None:
    fail(cli)
    body = keyed(subjects=[BUILD, f"compose:{BUILD}"], only="failed", force=True)
    plan = program.send("POST", "/reruns", body | {"dry": True}, 200).json
    assert plan
    assert (plan["target"], plan["jobs"][0]["id"], site.acts, site.restarts) == (BUILD, 1, (), 0)
    act = told(program, "POST", "/reruns", body)
    assert (act["who"], act["role"], act["what"], act["reason"]) == (
        "root",
        "admin",
        "rerun",
        "because",
    )
    assert act["preview"]["jobs"] == [one["id"] for one in plan["jobs"]]
    assert act["ending"] == "done"
    assert act["outcome"].startswith("restarted: 1 as ")
    assert (len(site.acts), site.restarts) == (1, 1)
    # under another key there is nothing left to do
    assert "no such job" in program.send("POST", "/reruns", keyed(**body | keyed()), 409).text
    assert site.restarts == 1


def test_some_jobs_run_again_whatever_their_result(
    cli: CommandOnSandbox, site: ActingSite, program: Program
) -> None:
    fail(cli)
    scenario = Scenario("x", FLAVOR, "x86_64", "64bit")
    JobHistory(site.engine).remember(
        [
            StoredJob(id_, BUILD, "Rawhide", scenario, state="done", result="failed")
            for id_ in (1, 999)
        ]
    )
    plan = program.send("POST", "/reruns", keyed(jobs=[1, 999, 1], force=True, dry=True), 200).json
    assert plan
    assert [one["id"] for one in plan["jobs"] if not one["along"]] == [1]
    act = told(program, "POST", "/reruns", keyed(jobs=[1], force=True))
    assert (act["target"], act["ending"]) == (BUILD, "done")
    assert site.restarts == 1


def test_the_same_key_at_the_same_time_is_one_act(site: ActingSite) -> None:
    body = keyed(**PAUSE)
    programs = [site.program() for _ in range(6)]
    with ThreadPoolExecutor(6) as pool:
        answers = list(
            pool.map(
                lambda one: one.client.post(
                    "/api/v1/pauses",
                    json=body,
                    headers={"Authorization": f"Bearer {one.token}"},
                ),
                programs,
            )
        )
    assert sorted(one.status_code for one in answers) == [200] * 5 + [201]
    assert len({one.headers["Location"] for one in answers}) == 1
    assert len(site.acts) == 1


def test_without_a_key_each_request_is_an_act(site: ActingSite, program: Program) -> None:
    for _ in range(2):
        program.send("POST", "/pauses", PAUSE, 201)
    assert len(site.acts) == 2


def test_lanes_are_paused_and_go_on(site: ActingSite, program: Program) -> None:
    act = told(program, "POST", "/pauses", keyed(lane="update:F43", seconds=600))
    assert (act["what"], act["target"], act["outcome"]) == ("pause", "update:43", "paused")
    (pause,) = Pauses(site.engine).all()
    assert (pause.lane, pause.by, pause.reason) == ("update:43", "root", "because")
    assert pause.until
    assert pause.until - pause.since == pytest.approx(600, abs=5)
    # what was kept of the lanes is read anew
    assert [one["lane"] for one in program.client.get("/api/v1/pauses").json or ()] == ["update:43"]
    act = told(program, "DELETE", "/pauses/update:43", keyed())
    assert (act["what"], act["outcome"]) == ("resume", "resumed")
    assert Pauses(site.engine).all() == ()
    program.send("DELETE", "/pauses/update:43", keyed(), 409)


def test_parked_items_are_released_and_dropped(site: ActingSite, program: Program) -> None:
    subjects = Subjects(site.engine)
    for name in ("a", "b"):
        subjects.park_message(name, {"topic": "t", "body": "{}"}, reason="odd")
    assert told(program, "POST", "/parked/message:a/drop", keyed())["outcome"] == "dropped"
    assert told(program, "POST", "/parked/b/release", keyed())["outcome"] == "released: not ours"
    known = [subjects.find("message:a"), subjects.find("message:b")]
    assert [(one.state, one.reason) for one in known if one] == [
        (SubjectState.SKIPPED, "dropped by root"),
        (SubjectState.SKIPPED, "released by root: not ours"),
    ]
    assert "is not parked" in program.send("POST", "/parked/message:a/drop", keyed(), 409).text


def test_an_update_and_a_compose_are_requested(site: ActingSite, program: Program) -> None:
    for subject, key in (
        (UPDATE, f"update:{UPDATE}"),
        (site.sandbox.compose_location, f"compose:{BUILD}"),
    ):
        act = told(program, "POST", "/requests", keyed(subject=subject))
        assert (act["target"], act["ending"]) == (key, "done")
        stored = Subjects(site.engine).find(key)
        assert stored
        assert stored.state is SubjectState.WANTED
        program.send("POST", "/requests", keyed(subject=subject), 409)
        told(program, "POST", "/requests", keyed(subject=subject, again=True))
        again = Subjects(site.engine).find(key)
        assert again
        assert again.number == stored.number + 1


def test_failures_get_a_name_and_are_closed(site: ActingSite, program: Program) -> None:
    cluster = fail_together(site)
    path, bug = f"/failures/{cluster + 2}", "https://bugzilla.redhat.com/show_bug.cgi?id=7"
    told(program, "PATCH", path, keyed(bug=bug))
    told(program, "PATCH", path, keyed(title="login  prompt"))
    act = told(program, "PATCH", path, keyed(state="closed"))
    assert (act["target"], act["outcome"]) == (str(cluster), "closed")
    (note,) = Failures(site.engine).notes()
    # what is left out stays
    assert (note.title, note.bug, note.by) == ("login prompt", bug, "root")
    assert note.closed
    found = program.client.get(f"/api/v1/failures/{cluster}").json
    assert found
    assert found["cluster"]["state"] == "closed"
    told(program, "PATCH", path, keyed(title=""))
    (note,) = Failures(site.engine).notes()
    assert (note.title, note.bug) == ("", bug)


def test_a_rule_names_failures_until_it_is_removed(site: ActingSite, program: Program) -> None:
    cluster = fail_together(site)
    bug = "https://bugzilla.redhat.com/show_bug.cgi?id=7"
    body = keyed(text="CONSOLE_wait", title="login  prompt", bug=bug, arch="x86_64")
    act = told(program, "POST", "/failures/rules", body)
    assert (act["what"], act["target"], act["outcome"]) == (
        "rule",
        "CONSOLE_wait",
        "stored as rule 1",
    )
    rules = program.client.get("/api/v1/failures/rules").json
    assert rules
    (rule,) = rules
    assert (rule["title"], rule["arch"], rule["by"], rule["clusters"]) == (
        "login prompt",
        "x86_64",
        "root",
        1,
    )
    found = program.client.get(f"/api/v1/failures/{cluster}").json
    assert found
    assert (found["cluster"]["bug"], found["cluster"]["rule"]) == (bug, 1)
    assert told(program, "DELETE", "/failures/rules/1", keyed())["outcome"] == "removed"
    assert Failures(site.engine).rules() == ()


REFUSED: tuple[tuple[str, str, object, int, str], ...] = (
    ("POST", "/pauses", {"lane": "update"}, 400, "missing required field `reason`"),
    ("POST", "/pauses", {**PAUSE, "reason": ""}, 400, "$.reason"),
    ("POST", "/pauses", {**PAUSE, "reason": " \u2003"}, 400, "say why"),
    ("POST", "/pauses", {**PAUSE, "reason": "x" * 1001}, 400, "$.reason"),
    ("POST", "/pauses", {**PAUSE, "second": 60}, 400, "unknown field `second`"),
    ("POST", "/pauses", {**PAUSE, "seconds": "60"}, 400, "$.seconds"),
    ("POST", "/pauses", {**PAUSE, "seconds": 0}, 400, "$.seconds"),
    ("POST", "/pauses", {**PAUSE, "dry": "true"}, 400, "$.dry"),
    ("POST", "/pauses", {**PAUSE, "dry": 1}, 400, "$.dry"),
    ("POST", "/pauses", {**PAUSE, "key": "a b"}, 400, "$.key"),
    ("POST", "/pauses", {**PAUSE, "who": "ada"}, 400, "unknown field `who`"),
    ("POST", "/pauses", {**PAUSE, "lane": "nothing"}, 404, "is no lane"),
    ("POST", "/pauses", [PAUSE], 400, "Expected `object`"),
    ("POST", "/pauses", "x", 400, "Expected `object`"),
    ("POST", "/pauses?dry=true", PAUSE, 400, "unknown parameter 'dry'"),
    ("PUT", "/pauses", PAUSE, 405, ""),
    ("DELETE", "/pauses/nothing", keyed(), 404, "is no lane"),
    ("DELETE", "/pauses/wiki", keyed(), 409, "is not paused by a person"),
    ("POST", "/reruns", keyed(), 400, "one of subjects, cluster and jobs"),
    ("POST", "/reruns", keyed(cluster=1, jobs=[2]), 400, "one of subjects, cluster and jobs"),
    ("POST", "/reruns", keyed(cluster=1, only="all"), 400, "only is about"),
    ("POST", "/reruns", keyed(subjects=[BUILD], only="passed"), 400, "$.only"),
    ("POST", "/reruns", keyed(subjects=["a b"]), 400, "$.subjects"),
    ("POST", "/reruns", keyed(subjects=["x"] * 11), 400, "$.subjects"),
    ("POST", "/reruns", keyed(subjects=["nothing"]), 404, "openQA has no jobs of build"),
    ("POST", "/reruns", keyed(cluster=7), 404, "no failures with one cause have job 7"),
    ("POST", "/reruns", keyed(jobs=[7]), 404, "the store does not know job 7"),
    ("POST", "/reruns", keyed(jobs=[2**53]), 400, "$.jobs"),
    ("POST", "/parked/nothing/release", keyed(), 404, "is not known"),
    ("POST", "/parked/nothing/drop", keyed(), 404, "is not known"),
    ("POST", "/parked/nothing/drop", {}, 400, "`reason`"),
    ("POST", "/requests", keyed(subject="nothing"), 404, "neither a compose nor an update"),
    ("POST", "/requests", keyed(subject="FEDORA-2026-0000000000"), 404, "has no"),
    ("PATCH", "/failures/7", keyed(title="x"), 404, "no failures with one cause"),
    ("PATCH", f"/failures/{'9' * 30}", keyed(title="x"), 404, "is not the id of a job"),
    ("PATCH", "/failures/7", keyed(), 400, "at least one of title, bug and state"),
    ("PATCH", "/failures/7", keyed(title=None), 400, "$.title"),
    ("PATCH", "/failures/7", keyed(state="open"), 400, "$.state"),
    ("PATCH", "/failures/200", keyed(bug="javascript:x"), 409, "not an http or https URL"),
    ("POST", "/failures/rules", keyed(text="_console"), 409, "give it a title or a bug"),
    ("POST", "/failures/rules", keyed(text="abc", title="x"), 409, "4 to 200 characters"),
    ("POST", "/failures/rules", keyed(text="no such", title="x"), 409, "no job failed with it"),
    ("POST", "/failures/rules", keyed(title="x"), 400, "missing required field `text`"),
    ("DELETE", "/failures/rules/7", keyed(), 404, "there is no rule 7"),
    ("DELETE", f"/failures/rules/{'9' * 30}", keyed(), 404, "is not the id of a rule"),
)


def test_what_cannot_be_done_is_said_and_stores_nothing(site: ActingSite, program: Program) -> None:
    fail_together(site)
    for method, path, body, status, said in REFUSED:
        answer = program.send(method, path, body, status)
        assert answer.mimetype == "application/problem+json"
        assert answer.json
        assert (answer.json["status"], said in answer.json["detail"]) == (status, True), answer.text
        assert answer.headers["Cache-Control"] == "no-store"
    assert site.acts == ()


BODIES: tuple[tuple[str | bytes, str, int], ...] = (
    ("reason=x&lane=update", "application/x-www-form-urlencoded", 415),
    ('{"lane": "update", "reason": "x"}', "text/plain", 415),
    ('{"lane": "update", "reason": "x"}', "", 415),
    ('{"lane": "update", "reason": "x"', "application/json", 400),
    ('{"lane": "update", "reason": "\\ud800"}', "application/json", 400),
    (b'{"lane": "update", "reason": "\xff"}', "application/json", 400),
    ("[" * 50_000, "application/json", 400),
    ("", "application/json", 400),
    (f'{{"lane": "update", "reason": "{"x" * 200_000}"}}', "application/json", 413),
)


def test_a_body_that_is_not_such_json_is_refused(site: ActingSite, program: Program) -> None:
    for body, type_, status in BODIES:
        headers = {"Authorization": f"Bearer {program.token}", "Content-Type": type_}
        answer = program.client.post("/api/v1/pauses", data=body, headers=headers)
        assert (answer.status_code, answer.mimetype) == (status, "application/problem+json"), body
    assert site.acts == ()


def test_whoever_has_not_the_token_does_nothing(site: ActingSite, program: Program) -> None:
    for headers in (
        {},
        {"Authorization": "Bearer guessed"},
        {"Authorization": "Bearer "},
        {"Authorization": f"Basic {program.token}"},
        {"Authorization": program.token},
    ):
        answer = program.send("POST", "/pauses", PAUSE, 401, headers=headers)
        assert answer.headers["WWW-Authenticate"] == 'Bearer realm="fedora-openqa web"'
        assert answer.mimetype == "application/problem+json"
    # what it says is not looked at before
    program.send("POST", "/pauses", {}, 401, headers={})
    program.send("POST", f"/pauses?token={program.token}", PAUSE, 401, headers={})
    assert site.acts == ()


def test_a_session_does_not_count(site: ActingSite, program: Program) -> None:
    """Another site makes a browser send a body, and its cookie goes along."""
    browser = site.browser()
    form = browser.form("/login", "/login") | {"token": program.token}
    browser.post("/login", form)
    program.client = browser.client
    for headers in ({}, {"Origin": LOCAL}, {"X-CSRF-Token": form["csrf"]}):
        answer = program.send("POST", "/pauses", PAUSE, 403, headers=headers)
        assert "A session does not count here" in answer.text
    assert site.acts == ()
    program.send("POST", "/pauses", PAUSE, 201)


def test_a_program_may_start_so_much_in_a_day(
    cli: CommandOnSandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    site = open_site(cli, monkeypatch, "daily = 1\n")
    program = site.program()
    body = keyed(**PAUSE)
    program.send("POST", "/pauses", body, 201)
    refused = program.send("POST", "/pauses", PAUSE, 429)
    assert int(refused.headers["Retry-After"]) > 0
    assert "root may start 1 jobs or acts in 24 hours" in refused.text
    # what was done before is still answered
    program.send("POST", "/pauses", body, 200)
    assert len(site.acts) == 1


@pytest.mark.parametrize(("status", "shown"), [(503, 503), (403, 502)])
def test_an_openqa_that_does_not_answer_is_said(
    cli: CommandOnSandbox, site: ActingSite, program: Program, status: int, shown: int
) -> None:
    fail(cli)
    body = keyed(subjects=[BUILD], force=True)
    site.sandbox.faults.add(Rule(Kind.ANSWER, path="/api/v1/jobs", status=status))
    for dry in (True, False):
        answer = program.send("POST", "/reruns", body | {"dry": dry}, shown)
        assert "Nothing was done" in answer.text
    assert site.acts == ()
    site.sandbox.faults.clear()
    site.sandbox.faults.add(Rule(Kind.ANSWER, method="POST", path="/restart$", status=status))
    act = program.send("POST", "/reruns", body, 201).json
    assert act
    assert (act["ending"], str(status) in act["outcome"]) == (Ending.NOTHING, True)
    # it was attempted: under this key it is not done again, and openQA is not asked
    site.sandbox.faults.clear()
    site.sandbox.faults.add(Rule(Kind.ANSWER, path="/api/v1/jobs", status=status))
    assert program.send("POST", "/reruns", body, 200).json == act


def test_no_get_changes_anything(site: ActingSite, program: Program) -> None:
    headers = {"Authorization": f"Bearer {program.token}"}
    program.send("POST", "/pauses", PAUSE, 201)
    before = site.acts
    for method in ("GET", "HEAD", "OPTIONS"):
        for path in ("reruns", "pauses", "pauses/update", "requests", "parked/message:m/drop"):
            answer = program.client.open(f"/api/v1/{path}", method=method, headers=headers)
            assert answer.status_code in {200, 405}
    assert site.acts == before
    assert len(Pauses(site.engine).all()) == 1


def test_where_nobody_can_act_no_program_can(
    cli: CommandOnSandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    site = open_site(cli, monkeypatch, "actions = false\n")
    program = Program(site.app.test_client(), LOCAL, "x")
    assert "web.actions is false" in program.send("POST", "/pauses", PAUSE, 404).text
    assert site.announced == []
