"""The interface for programs: described as it is, and cheap to ask again."""

import re
from collections.abc import Mapping
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from fedora_openqa.model.audit import Action, Intent, Role
from fedora_openqa.store.audit import Audit
from tests.support.pages import Pages
from tests.web.filled import BEFORE, COMPOSE, HOSTILE, UPDATE

#: what one answer may cost
MOST_STATEMENTS = 8

#: an answer of each endpoint that the filled store has
EXAMPLES = {
    "/api/v1/openapi.json": "/api/v1/openapi.json",
    "/api/v1/status": "/api/v1/status",
    "/api/v1/pauses": "/api/v1/pauses",
    "/api/v1/parked": "/api/v1/parked?limit=200",
    "/api/v1/subjects": "/api/v1/subjects?kind=update&limit=200",
    "/api/v1/subjects/{key}": f"/api/v1/subjects/compose:{COMPOSE}",
    "/api/v1/subjects/{key}/jobs": f"/api/v1/subjects/{COMPOSE}/jobs",
    "/api/v1/subjects/{key}/deliveries": f"/api/v1/subjects/{COMPOSE}/deliveries",
    "/api/v1/composes/{compose_id}/compare/{other}": f"/api/v1/composes/{COMPOSE}/compare/previous",
    "/api/v1/updates/{alias}/gating": f"/api/v1/updates/{UPDATE}/gating",
    "/api/v1/tests": "/api/v1/tests?q=base",
    "/api/v1/tests/{test}/history": "/api/v1/tests/base_selinux/history",
    "/api/v1/flakes": "/api/v1/flakes",
    "/api/v1/why": f"/api/v1/why?q={UPDATE}",
    "/api/v1/now": "/api/v1/now",
    "/api/v1/capacity": "/api/v1/capacity",
    "/api/v1/statistics": "/api/v1/statistics",
    "/api/v1/failures": "/api/v1/failures?state=all",
    "/api/v1/failures/rules": "/api/v1/failures/rules",
    "/api/v1/failures/{job_id}": "/api/v1/failures/201",
    "/api/v1/audit": "/api/v1/audit",
    "/api/v1/audit/{act_id}": "/api/v1/audit/1",
}


@pytest.fixture
def described(pages: Pages) -> Mapping[str, Any]:
    Audit(pages.engine).begin(
        Intent(who=HOSTILE, role=Role.COMMAND, what=Action.PAUSE, target="update", key="k")
    )
    pages.ask("/")
    found: Mapping[str, Any] = pages.ask("/api/v1/openapi.json").json or {}
    return found


def resolve(described: Mapping[str, Any], schema: Mapping[str, Any]) -> Draft202012Validator:
    return Draft202012Validator({**schema, "components": described["components"]})


def test_every_route_is_described_and_every_description_is_a_route(
    pages: Pages, described: Mapping[str, Any]
) -> None:
    routes = {
        (re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", rule.rule), method.lower())
        for rule in pages.app.url_map.iter_rules()
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
        if rule.rule.startswith("/api/")
    }
    operations = {
        (path, method): operation
        for path, methods in described["paths"].items()
        for method, operation in methods.items()
    }
    assert operations.keys() == routes
    assert {path for path, method in routes if method == "get"} == EXAMPLES.keys()
    assert described["openapi"] == "3.1.0"
    for schema in described["components"]["schemas"].values():
        Draft202012Validator.check_schema(schema)
    names = [operation["operationId"] for operation in operations.values()]
    assert len(names) == len({*names})
    assert all(operation["summary"] for operation in operations.values())
    # whatever changes something needs the token
    for (_, method), operation in operations.items():
        assert ("security" in operation, "requestBody" in operation) == (method != "get",) * 2


@pytest.mark.parametrize("path", EXAMPLES)
def test_every_answer_is_as_described_and_cheap(
    pages: Pages, described: Mapping[str, Any], path: str
) -> None:
    operation = described["paths"][path]["get"]
    with pages.statements() as statements:
        answer = pages.ask(EXAMPLES[path])
    assert len(statements) <= MOST_STATEMENTS
    assert answer.mimetype == "application/json"
    assert answer.headers["Cache-Control"] == "max-age=30"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    schema = operation["responses"]["200"]["content"]["application/json"]["schema"]
    resolve(described, schema).validate(answer.json)
    if schema.get("type") == "array" and path != "/api/v1/flakes":
        assert answer.json
    assert "\u202e" not in answer.text
    again = pages.client.get(EXAMPLES[path], headers={"If-None-Match": answer.headers["ETag"]})
    # the first of these has the time at which it was read
    assert again.status_code in {200, 304}
    if path != "/api/v1/status":
        assert (again.status_code, again.data) == (304, b"")
    problem = pages.ask(f"{EXAMPLES[path].partition('?')[0]}?pages=2", 400)
    assert problem.mimetype == "application/problem+json"
    schema = operation["responses"]["400"]["content"]["application/problem+json"]["schema"]
    resolve(described, schema).validate(problem.json)
    # where a program may act, nobody can on these pages
    refused = 404 if "post" in described["paths"][path] else 405
    assert pages.client.post(EXAMPLES[path].partition("?")[0]).status_code == refused


def test_a_compose_answers_whether_it_is_complete_and_good(pages: Pages) -> None:
    found = pages.ask(f"/api/v1/subjects/{COMPOSE}").json
    assert found
    assert (found["kind"], found["state"], found["complete"]) == ("compose", "scheduled", False)
    assert found["verdict"] == {"judgement": "bad", "reasons": ["4 tests failed"]}
    assert found["counts"]["running"] == 1
    assert found["as_of"]


def test_the_id_of_a_message_leads_to_the_subject_that_it_named(pages: Pages) -> None:
    found = pages.ask("/api/v1/subjects/m7").json
    assert found
    assert (found["key"], found["kind"]) == ("update:FEDORA-2026-0000000007", "update")
    assert found["build"] == "Update-FEDORA-2026-0000000007"


def test_a_list_has_links_to_its_other_pages(pages: Pages) -> None:
    first = pages.ask("/api/v1/parked?limit=50")
    assert len(first.json or ()) == 50
    assert first.headers["Link"] == (
        '</api/v1/parked>; rel="first", </api/v1/parked?page=2>; rel="next"'
    )
    seen, url = [], "/api/v1/parked?limit=33"
    while url:
        answer = pages.ask(url)
        seen += [one["key"] for one in answer.json or ()]
        found = re.search(r'<([^>]+)>; rel="next"', answer.headers["Link"])
        url = found[1] if found else ""
    assert len(seen) == len({*seen}) == 122


@pytest.mark.parametrize(
    ("url", "status", "detail"),
    [
        ("/api/v1/subjects/kernel", 404, "Nothing is known of 'kernel'."),
        (f"/api/v1/composes/{BEFORE}/compare/previous", 404, "none of the 0 builds"),
        ("/api/v1/updates/kernel/gating", 404, "is not the alias of an update"),
        ("/api/v1/parked?limit=201", 400, "limit"),
        ("/api/v1/parked?page=0", 400, "page"),
        ("/api/v1/parked?pages=2", 400, "unknown parameter 'pages'; these are known: page, limit"),
        ("/api/v1/why", 400, "parameter 'q' is missing"),
        ("/api/v1/statistics?from=2026-01-01&to=2027-01-01", 400, "is not 1 to 31 days"),
        ("/api/v1/audit/99999999999", 404, "There is no such act"),
        ("/api/v1/tests/nothing/history", 404, "No runs of 'nothing' are known"),
        ("/api/v1/tests/base_selinux/history?limit=6", 400, "limit"),
        ("/api/v1/nothing", 404, ""),
    ],
)
def test_errors_are_problem_details(pages: Pages, url: str, status: int, detail: str) -> None:
    answer = pages.ask(url, status)
    assert answer.mimetype == "application/problem+json"
    assert answer.json
    assert (answer.json["status"], detail in answer.json["detail"]) == (status, True)


def test_the_audit_shows_every_act_on_some_page(pages: Pages) -> None:
    audit = Audit(pages.engine)
    for number in range(120):
        audit.begin(
            Intent(
                who="ada",
                role=Role.COMMAND,
                what=Action.PAUSE,
                target=f"lane-{number}-",
                key=str(number),
            )
        )
    shown = "".join(pages.html(f"/audit?page={page}").text for page in (1, 2, 3))
    assert [number for number in range(120) if f"lane-{number}-" not in shown] == []
