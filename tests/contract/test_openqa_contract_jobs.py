"""Reading jobs, groups, comments and tables."""

import re

import pytest
import requests

from tests.contract.signed import OpenQA

ROOT_KEYS = {
    *("id", "name", "test", "settings", "priority", "state", "result", "clone_id", "group_id"),
    *("group", "blocked_by_id", "t_started", "t_finished", "parents", "children"),
    *("has_parents", "parents_ok"),
}


def ids(openqa: OpenQA, **query: str | int) -> list[int]:
    return [job["id"] for job in openqa.jobs(**query)]


@pytest.fixture
def chained(openqa: OpenQA, build: str) -> list[int]:
    found: list[int] = openqa.schedule("chained", build)["ids"]
    return found


def test_a_job_has_the_same_fields_alone_and_in_the_list(
    openqa: OpenQA, build: str, chained: list[int]
) -> None:
    [listed] = openqa.jobs(ids=chained[0])
    assert listed.pop("modules") == []
    assert listed == openqa.job(chained[0])
    assert set(listed) == ROOT_KEYS
    assert listed["settings"]["BUILD"] == build


def test_the_list_is_ordered_by_the_ids_as_text(openqa: OpenQA, build: str) -> None:
    for _ in range(3):
        openqa.schedule("chained", build)
    found = ids(openqa, build=build)
    assert len(found) == 18
    assert found == sorted(found, key=str)


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ({"machine": "uefi"}, 1),
        ({"test": "upload"}, 2),
        ({"flavor": "chained", "arch": "x86_64", "distri": "fedora", "version": "Rawhide"}, 6),
        ({"arch": "aarch64"}, 0),
        ({"state": "scheduled"}, 6),
        ({"state": "scheduled,running"}, 6),
        ({"state": "no-such-state"}, 0),
        ({"result": "none"}, 6),
        ({"result": "passed"}, 0),
        ({"group": "contract"}, 6),
        ({"group": "contract two"}, 0),
        ({"group": "no such group"}, 0),
        ({"groupid": 0}, 0),
        ({"group": "0"}, 6),
        ({"scope": "current"}, 6),
        ({"scope": "relevant"}, 6),
        ({"latest": 1}, 6),
        ({"hdd_1": "disk_64bit.qcow2"}, 1),
        ({"hdd_1": "disk_64bit.qcow2", "worker_class": "qemu_x86_64"}, 0),
        ({"modules": "anything"}, 0),
        # openQA knows none of these, and takes an empty value for no filter
        ({"hdd_2": "no-such-disk"}, 6),
        ({"page": 3, "no_such_filter": "x"}, 6),
        ({"arch": "", "flavor": ""}, 6),
    ],
)
def test_filters(
    openqa: OpenQA, build: str, chained: list[int], query: dict[str, str | int], expected: int
) -> None:
    assert chained
    assert len(openqa.jobs(build=build, **query)) == expected


def test_ids_are_given_with_commas_or_repeated_and_override_the_build(
    openqa: OpenQA, chained: list[int]
) -> None:
    first, second, *_ = chained
    wanted = {first, second}
    assert set(ids(openqa, ids=f"{first},{second},99999999", build="other")) == wanted
    found = openqa.read("jobs", [("ids", first), ("ids", second)])["jobs"]
    assert {job["id"] for job in found} == wanted
    assert ids(openqa, ids=f"{first},{second}", state="done") == []


def test_of_a_repeated_filter_the_last_counts(
    openqa: OpenQA, build: str, chained: list[int]
) -> None:
    assert openqa.read("jobs", [("build", build), ("build", "no such build")])["jobs"] == []
    assert len(chained) == 6


def test_before_and_after_are_exclusive(openqa: OpenQA, build: str, chained: list[int]) -> None:
    assert ids(openqa, build=build, before=chained[2]) == sorted(chained[:2], key=str)
    assert ids(openqa, build=build, after=chained[3]) == sorted(chained[4:], key=str)


def test_pages_begin_with_the_newest(openqa: OpenQA, build: str, chained: list[int]) -> None:
    page = openqa.get("jobs", {"build": build, "limit": 2, "offset": 2})
    assert {job["id"] for job in page.json()["jobs"]} == set(chained[2:4])
    links = {name: link["url"] for name, link in page.links.items()}
    assert set(links) == {"first", "prev", "next"}
    assert re.search(r"\boffset=4\b", links["next"])
    assert {job["id"] for job in requests.get(links["next"], timeout=30).json()["jobs"]} == set(
        chained[:2]
    )


@pytest.mark.parametrize(
    ("query", "error"),
    [
        ({"limit": 0}, "Limit exceeds maximum"),
        ({"limit": "x"}, "Erroneous parameters (limit invalid)"),
        ({"offset": "x"}, "Erroneous parameters (offset invalid)"),
        ({"latest": "x"}, "Erroneous parameters (latest invalid)"),
        ({"latest": 0}, "Erroneous parameters (latest invalid)"),
        ({"scope": "x"}, "Erroneous parameters (scope invalid)"),
    ],
)
def test_values_that_are_refused(openqa: OpenQA, query: dict[str, str | int], error: str) -> None:
    answer = openqa.get("jobs", query)
    assert (answer.status_code, answer.json()) == (400, {"error": error})


@pytest.mark.parametrize("name", ["ids", "groupid", "before"])
def test_an_id_that_is_no_number_breaks_openqa(openqa: OpenQA, name: str) -> None:
    answer = openqa.get("jobs", {name: "abc"})
    assert answer.status_code == 500
    assert answer.headers["Content-Type"].startswith("text/html")


def test_an_unknown_job_is_a_page_and_json_only_on_demand(openqa: OpenQA) -> None:
    page = openqa.get("jobs/99999999")
    assert (page.status_code, page.text[:15]) == (404, "<!DOCTYPE html>")
    headers = {"Accept": "application/json"}
    asked = requests.get(f"{openqa.url}/api/v1/jobs/99999999", headers=headers, timeout=30)
    assert (asked.status_code, asked.json()) == (404, {"error_status": 404})


def test_the_overview_has_the_newest_job_of_each_scenario(openqa: OpenQA, build: str) -> None:
    openqa.schedule("parallel", build)
    newest = openqa.schedule("parallel", build)["ids"]
    found = openqa.read("jobs/overview", {"build": build})
    assert [job["id"] for job in found] == sorted(newest, reverse=True)
    assert found[0] == {"id": newest[-1], "name": openqa.job(newest[-1])["name"]}


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ({"test": "upload"}, 2),
        ({"state": "done"}, 0),
        ({"state": "scheduled", "result": "none"}, 6),
        ({"flavor": ""}, 6),
        ({"group": "contract two"}, 0),
        # neither is looked at
        ({"arch": "aarch64"}, 6),
        ({"machine": "uefi"}, 6),
    ],
)
def test_filters_of_the_overview(
    openqa: OpenQA, build: str, chained: list[int], query: dict[str, str | int], expected: int
) -> None:
    assert chained
    found = openqa.read("jobs/overview", {"build": build, **query})
    assert len(found) == expected


def test_the_overview_of_an_unknown_build_is_empty(openqa: OpenQA) -> None:
    assert openqa.read("jobs/overview", {"build": "no such build"}) == []


def test_groups(openqa: OpenQA) -> None:
    groups = openqa.read("job_groups")
    names = [group["name"] for group in groups]
    assert names[:2] == ["contract", "contract two"]
    assert openqa.read(f"job_groups/{groups[1]['id']}") == [groups[1]]
    assert groups[0]["default_priority"] == 50
    unknown = openqa.get("job_groups/999999")
    assert unknown.status_code == 404
    assert unknown.json() == {"error": "Group 999999 does not exist"}


def test_comments_of_a_group(openqa: OpenQA, build: str) -> None:
    text = f"tag:{build}:important:candidate"
    number = openqa.write("groups/1/comments", data={"text": text})["id"]
    [comment] = [row for row in openqa.read("groups/1/comments") if row["id"] == number]
    assert comment["text"] == text
    assert comment["renderedMarkdown"] == f"<p>{text}</p>\n"
    assert re.fullmatch(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d \+0000", comment["created"])
    assert openqa.read(f"groups/1/comments/{number}") == comment
    unknown = openqa.get("groups/1/comments/999999")
    assert unknown.json() == {"error": "Comment 999999 does not exist"}


@pytest.mark.parametrize(
    ("path", "data", "status", "error"),
    [
        ("groups/999999/comments", {"text": "x"}, 404, "Job group 999999 does not exist"),
        ("groups/1/comments", {}, 400, "Erroneous parameters (text missing)"),
        ("groups/1/comments", {"text": " "}, 400, "Erroneous parameters (text invalid)"),
        ("jobs/999999/comments", {"text": "x"}, 404, "Job 999999 does not exist"),
    ],
)
def test_comments_that_are_refused(
    openqa: OpenQA, path: str, data: dict[str, str], status: int, error: str
) -> None:
    answer = openqa.signed("POST", path, data=data)
    assert (answer.status_code, answer.json()) == (status, {"error": error})


def test_comments_of_a_job(openqa: OpenQA, build: str) -> None:
    openqa.schedule("chained", build)
    job, *_ = openqa.jobs(build=build)
    path = f"jobs/{job['id']}/comments"
    assert openqa.read(path) == []
    number = openqa.write(path, data={"text": "label:linked for a reason"})["id"]
    [comment] = openqa.read(path)
    assert (comment["id"], comment["text"]) == (number, "label:linked for a reason")
    edited = openqa.signed("PUT", f"{path}/{number}", data={"text": "no longer"})
    assert (edited.status_code, edited.json()) == (200, {"id": number})
    assert openqa.read(f"{path}/{number}")["text"] == "no longer"
    deleted = openqa.signed("DELETE", f"{path}/{number}")
    assert (deleted.status_code, deleted.json()) == (200, {"id": number})
    assert openqa.read(path) == []
    again = openqa.write(path, data={"text": "again"})["id"]
    assert again > number


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE"])
def test_a_comment_that_is_not_there(openqa: OpenQA, build: str, method: str) -> None:
    openqa.schedule("chained", build)
    job, *_ = openqa.jobs(build=build)
    for path, error in (
        (f"jobs/{job['id']}/comments/999999", "Comment 999999 does not exist"),
        ("jobs/999999/comments/1", "Job 999999 does not exist"),
    ):
        answer = openqa.signed(method, path, data={"text": "x"} if method == "PUT" else ())
        assert (answer.status_code, answer.json()) == (404, {"error": error})


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE"])
def test_comments_are_written_with_a_key_only(openqa: OpenQA, build: str, method: str) -> None:
    openqa.schedule("chained", build)
    job, *_ = openqa.jobs(build=build)
    path = f"jobs/{job['id']}/comments" + ("" if method == "POST" else "/1")
    answer = openqa.signed(method, path, data={"text": "x"}, key="ABCDEF0123456789")
    assert answer.status_code == 403


@pytest.mark.parametrize(
    ("path", "name"),
    [("machines", "Machines"), ("products", "Products"), ("test_suites", "TestSuites")],
)
def test_tables_are_listed_with_their_settings(openqa: OpenQA, path: str, name: str) -> None:
    rows = openqa.read(path)[name]
    assert [row["id"] for row in rows] == list(range(1, len(rows) + 1))
    keys = [setting["key"] for setting in rows[0]["settings"]]
    assert keys
    assert keys == sorted(keys)
    assert openqa.read(f"{path}/2") == {name: [rows[1]]}
