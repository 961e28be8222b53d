"""What WaiverDB stores, lists and refuses: the embedded one, and a real one if named.

Only subjects of a test's own are used, so that a real one may have other waivers, too.
"""

from collections.abc import Iterator
from datetime import datetime
from urllib.parse import parse_qs, urlsplit

import pytest

from tests.contract.gates import CONTAINER, WAIVERDB, Gates, embedded, new_subject, real, waiver

NO_TOKEN = "no-such-token"  # noqa: S105 - it is none
NO_LINKS = dict.fromkeys(("prev", "next", "first", "last"))


@pytest.fixture(
    scope="module",
    params=[
        "embedded",
        *([pytest.param("real", marks=pytest.mark.service)] if WAIVERDB else []),
    ],
)
def gates(request: pytest.FixtureRequest) -> Iterator[Gates]:
    if request.param == "real":
        yield real()
    else:
        with embedded() as servers:
            yield servers


@pytest.fixture
def subject() -> str:
    return new_subject()


def listed(gates: Gates, subject: str, **query: str | int) -> list[int]:
    found = gates.waivers(subject_identifier=subject, **query)
    return [row["id"] for row in found["data"]]


# storing


def test_a_waiver_is_stored_as_it_is_sent(gates: Gates, subject: str) -> None:
    shown = gates.waive(subject, scenario=CONTAINER)
    username, timestamp = shown.pop("username"), shown.pop("timestamp")
    number = shown.pop("id")
    assert username
    assert datetime.fromisoformat(timestamp).tzinfo is None
    assert shown == {
        **waiver(subject),
        "subject": {"item": subject, "type": "bodhi_update"},
        "scenario": CONTAINER,
        "waived": True,
        "proxied_by": None,
    }
    assert listed(gates, subject) == [number]
    answer = gates.ask("GET", f"{gates.waiverdb}/waivers/{number}")
    assert (answer.status_code, answer.json()["id"]) == (200, number)


@pytest.mark.parametrize(
    ("changes", "stored"),
    [
        ({"subject_type": "compose"}, {"subject": {"productmd.compose.id": ""}}),
        ({"subject_type": "brew-build"}, {"subject_type": "koji_build"}),
        ({"testcase": ""}, {"testcase": ""}),
        ({"waived": "yes"}, {"waived": True}),
        ({"waived": False}, {"waived": False}),
        ({"scenario": ""}, {"scenario": ""}),
        ({"scenario": "s" * 255}, {"scenario": "s" * 255}),
        ({"product_version": "v" * 200}, {"product_version": "v" * 200}),
    ],
)
def test_unusual_waivers_are_stored(
    gates: Gates, subject: str, changes: dict[str, object], stored: dict[str, object]
) -> None:
    shown = gates.waive(subject, **changes)
    if "subject" in stored:
        stored = {"subject": {"productmd.compose.id": subject}}
    assert {name: shown[name] for name in stored} == stored


def test_several_waivers_may_be_posted_at_once(gates: Gates, subject: str) -> None:
    answer = gates.post_waiver([waiver(subject, testcase=name) for name in ("a", "b")])
    assert answer.status_code == 201
    assert [row["testcase"] for row in answer.json()] == ["a", "b"]


@pytest.mark.parametrize(
    "changes",
    [{"scenario": "s" * 256}, {"product_version": "v" * 201}, {"testcase": "a\0b"}],
)
def test_what_the_database_refuses_is_an_error_page(
    gates: Gates, subject: str, changes: dict[str, str]
) -> None:
    answer = gates.post_waiver(waiver(subject, **changes))
    assert answer.status_code == 500
    assert answer.headers["Content-Type"].startswith("text/html")
    assert listed(gates, subject) == []


@pytest.mark.parametrize("token", [None, NO_TOKEN])
@pytest.mark.parametrize(
    "body",
    [
        {},
        {"comment": 7},
        {"testcase": None},
        {"product_version": ["fedora-43"]},
        {"waived": "perhaps"},
        [{}],
        ["x"],
    ],
)
def test_a_bad_waiver_is_refused_before_the_token(
    gates: Gates, subject: str, body: object, token: str | None
) -> None:
    given = waiver(subject) | body if isinstance(body, dict) and body else body
    answer = gates.post_waiver(given, token=token)
    assert answer.status_code == 400, answer.text
    assert answer.json().keys() == {"validation_error"}
    # once as an object, and once as a list
    assert len(answer.json()["validation_error"]) >= 2
    assert all("loc" in problem for problem in answer.json()["validation_error"])


def test_a_token_that_is_not_accepted_is_named_in_several_lines(gates: Gates, subject: str) -> None:
    answer = gates.post_waiver(waiver(subject), token=NO_TOKEN)
    assert answer.status_code == 401
    message = answer.json()["message"]
    assert message.startswith("Authentication failed:\n- Authentication method OIDC failed: 401")


def test_nobody_waives_in_the_name_of_another(gates: Gates, subject: str) -> None:
    answer = gates.post_waiver(waiver(subject, username="somebody-else"))
    assert answer.status_code == 403
    assert "does not have the proxyuser ability" in answer.json()["message"]
    assert listed(gates, subject) == []


def test_what_is_not_json_is_refused(gates: Gates) -> None:
    headers = {"Authorization": f"Bearer {gates.token}", "Content-Type": "text/plain"}
    answer = gates.ask("POST", f"{gates.waiverdb}/waivers/", data="{}", headers=headers)
    assert answer.status_code == 415


def test_an_address_without_slash_is_another(gates: Gates) -> None:
    answer = gates.ask("POST", f"{gates.waiverdb}/waivers", json={})
    assert answer.status_code == 308
    assert urlsplit(answer.headers["Location"]).path.endswith("/api/v1.0/waivers/")


def test_it_says_its_version(gates: Gates) -> None:
    answer = gates.ask("GET", f"{gates.waiverdb}/about")
    assert answer.status_code == 200
    assert "version" in answer.json()


# listing


def test_a_list_has_ten_waivers_a_page_with_urls_of_the_others(gates: Gates, subject: str) -> None:
    ids = [gates.waive(subject, f"test.{number:02}")["id"] for number in range(23)]
    newest_first = ids[::-1]
    first = gates.waivers(subject_identifier=subject)
    assert [row["id"] for row in first["data"]] == newest_first[:10]
    assert first["prev"] is None
    pages = {
        name: parse_qs(urlsplit(first[name]).query)["page"] for name in ("first", "next", "last")
    }
    assert pages == {"first": ["1"], "next": ["2"], "last": ["3"]}
    last = gates.ask("GET", first["last"]).json()
    assert [row["id"] for row in last["data"]] == newest_first[20:]
    assert (last["next"], parse_qs(urlsplit(last["prev"]).query)["page"]) == (None, ["2"])
    assert listed(gates, subject, limit=100) == newest_first
    assert listed(gates, subject, limit=5, page=2) == newest_first[5:10]


@pytest.mark.parametrize("query", [{"limit": 0}, {"page": 7}, {"page": 0}])
def test_a_page_that_does_not_exist_is_empty(
    gates: Gates, subject: str, query: dict[str, int]
) -> None:
    gates.waive(subject)
    assert gates.waivers(subject_identifier=subject, **query) == {"data": [], **NO_LINKS}


def test_a_limit_that_is_no_number_is_refused(gates: Gates) -> None:
    assert gates.ask("GET", f"{gates.waiverdb}/waivers/?limit=x").status_code == 400


def test_a_repeated_and_a_withdrawn_waiver_is_listed_if_asked_for(
    gates: Gates, subject: str
) -> None:
    first, again, elsewhere, withdrawn, other = (
        gates.waive(subject, scenario="s")["id"],
        gates.waive(subject, scenario="s")["id"],
        gates.waive(subject)["id"],
        gates.waive(subject, scenario="s", waived=False)["id"],
        gates.waive(subject, scenario="s", product_version="contract-2")["id"],
    )
    assert listed(gates, subject) == [other, withdrawn, elsewhere]
    everything = [other, withdrawn, elsewhere, again, first]
    assert listed(gates, subject, include_obsolete="true") == everything


def test_a_list_can_be_filtered(gates: Gates, subject: str) -> None:
    a = gates.waive(subject, "test.a", scenario="s")
    b = gates.waive(subject, "test.b")
    for query, found in (
        ({"scenario": "s"}, [a]),
        ({"testcase": "test.b"}, [b]),
        ({"product_version": "contract-9"}, []),
        ({"username": a["username"]}, [b, a]),
        ({"since": "2000-01-01T00:00:00.000000"}, [b, a]),
        ({"since": "2000-01-01T00:00:00.000000,2000-01-02T00:00:00.000000"}, []),
        # an empty value is no filter
        ({"testcase": "", "scenario": "", "subject_type": ""}, [b, a]),
        # nor is what it does not know
        ({"wibble": "x"}, [b, a]),
    ):
        assert listed(gates, subject, **query) == [row["id"] for row in found], query


def test_several_filters_may_be_posted(gates: Gates, subject: str) -> None:
    a, b, _ = (gates.waive(subject, f"test.{name}")["id"] for name in "abc")
    filters = [{"subject_identifier": subject, "testcase": f"test.{name}"} for name in "ab"]
    answer = gates.ask("POST", f"{gates.waiverdb}/waivers/+filtered", json={"filters": filters})
    assert answer.status_code == 200
    assert sorted(row["id"] for row in answer.json()["data"]) == [a, b]
