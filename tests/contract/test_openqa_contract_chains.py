"""Which jobs a product becomes: chained, selected, grouped, and in place of older ones."""

import pytest

from tests.contract.json_types import Json
from tests.contract.signed import OpenQA, product
from tests.contract.templates import UPDATES


def outcome(job: Json) -> tuple[str, str]:
    return job["state"], job["result"]


def test_jobs_wait_for_their_parents_across_machines(openqa: OpenQA, build: str) -> None:
    answer = openqa.schedule("chained", build)
    assert (answer["count"], answer["failed"]) == (6, [])
    jobs = openqa.by_scenario(build)
    order = ["upload@64bit", "upload@uefi", "other_machine@64bit", "two_parents@64bit"]
    order += ["follow@64bit", "grandchild@64bit"]
    assert [jobs[name]["id"] for name in order] == answer["ids"]
    names = {job["id"]: name for name, job in jobs.items()}
    parents = {
        name: {names[number] for number in job["parents"]["Chained"]} for name, job in jobs.items()
    }
    assert parents == {
        "upload@64bit": set(),
        "upload@uefi": set(),
        "follow@64bit": {"upload@64bit"},
        "grandchild@64bit": {"follow@64bit"},
        "other_machine@64bit": {"upload@uefi"},
        "two_parents@64bit": {"upload@64bit", "upload@uefi"},
    }
    children = {names[number] for number in jobs["upload@uefi"]["children"]["Chained"]}
    assert children == {"other_machine@64bit", "two_parents@64bit"}
    blocked = {name: names.get(job["blocked_by_id"]) for name, job in jobs.items()}
    assert blocked["grandchild@64bit"] == "follow@64bit"
    assert blocked["upload@64bit"] is None
    assert [jobs["follow@64bit"][key] for key in ("has_parents", "parents_ok")] == [1, 1]


def test_parallel_jobs_are_linked_and_wait_for_nothing(openqa: OpenQA, build: str) -> None:
    openqa.schedule("parallel", build)
    jobs = openqa.by_scenario(build)
    clients = sorted(jobs[f"client_{letter}@64bit"]["id"] for letter in "ab")
    assert sorted(jobs["server@64bit"]["children"]["Parallel"]) == clients
    assert {job["blocked_by_id"] for job in jobs.values()} == {None}


def test_names_that_lead_nowhere_are_complaints(openqa: OpenQA, build: str) -> None:
    answer = openqa.schedule("typing-errors", build)
    jobs = openqa.by_scenario(build)
    ids = {name: job["id"] for name, job in jobs.items()}
    hint = "not found - check for dependency typos and dependency cycles"
    childless = "has no child, check its machine placed or dependency setting typos"
    assert answer["ids"] == [ids["lonely@64bit"]]
    assert answer["failed"] == [
        {"job_id": ids["typo@64bit"], "error_messages": [f"START_AFTER_TEST=uplaod@64bit {hint}"]},
        {
            "job_id": ids["wrong_machine@uefi"],
            "error_messages": [f"START_AFTER_TEST=lonely@tap {hint}"],
        },
        {"job_id": [ids["lonely@64bit"]], "error_messages": [f"lonely@64bit {childless}"]},
    ]


def test_a_circle_of_jobs_schedules_nothing(openqa: OpenQA, build: str) -> None:
    answer = openqa.schedule("cycle", build)
    assert (answer["count"], answer["ids"]) == (0, [])
    [failed] = answer["failed"]
    assert failed["error_messages"][0].startswith("There is a cycle in the dependencies of round_b")
    assert openqa.jobs(build=build) == []
    later = openqa.schedule("plain", build)["ids"]
    assert later > [failed["job_id"]]


def test_a_job_that_follows_itself_is_a_circle(openqa: OpenQA, build: str) -> None:
    answer = openqa.schedule("plain", build, START_AFTER_TEST="plain")
    # the first job of a circle is to blame, and openQA has none to name yet
    assert (answer["count"], answer["failed"]) == (0, [])
    assert openqa.jobs(build=build) == []


@pytest.mark.parametrize(
    ("given", "scenarios"),
    [
        ({"TEST": "follow"}, {"upload@64bit", "follow@64bit"}),
        ({"TEST": "follow", "_SKIP_CHAINED_DEPS": "1"}, {"follow@64bit"}),
        (
            {"TEST": "upload , other_machine", "MACHINE": "64bit"},
            {"upload@64bit", "upload@uefi", "other_machine@64bit"},
        ),
        ({"TEST": "upload", "MACHINE": "uefi"}, {"upload@uefi"}),
        ({"TEST": "nothing"}, set()),
        ({"_GROUP": "no such group"}, set()),
    ],
)
def test_jobs_can_be_selected_and_bring_their_parents(
    openqa: OpenQA, build: str, given: dict[str, str], scenarios: set[str]
) -> None:
    answer = openqa.schedule("chained", build, **given)
    assert answer["count"] == len(scenarios)
    assert set(openqa.by_scenario(build)) == scenarios


def test_groups_select_jobs_by_name_and_number(openqa: OpenQA, build: str) -> None:
    openqa.schedule("Server-dvd-iso", build, _GROUP="contract two", _PRIORITY="7")
    [job] = openqa.jobs(build=build)
    assert (job["test"], job["group"], job["priority"]) == ("lonely", "contract two", 7)
    again = openqa.schedule("Server-dvd-iso", build, _GROUP_ID=str(job["group_id"]))
    assert again["count"] == 1
    unknown = product("Server-dvd-iso", build, _GROUP_ID="999999")
    assert openqa.signed("POST", "isos", data=unknown).status_code == 404


def test_groups_and_priorities_come_from_the_templates(openqa: OpenQA, build: str) -> None:
    openqa.schedule("Server-dvd-iso", build)
    jobs = openqa.by_scenario(build)
    found = {name: (job["priority"], job["group"]) for name, job in jobs.items()}
    assert found == {
        "install@64bit": (10, "contract"),
        "install@uefi": (30, "contract"),
        "lonely@64bit": (20, "contract two"),
    }


def test_a_test_and_obsoleting_exclude_each_other(openqa: OpenQA, build: str) -> None:
    answer = openqa.schedule("chained", build, TEST="upload", _OBSOLETE="1")
    assert answer["error"].startswith(
        "One must not specify TEST and _DEPRIORITIZEBUILD=1/_OBSOLETE=1"
    )
    forced = openqa.schedule("chained", build, TEST="upload", _OBSOLETE="1", _FORCE_OBSOLETE="1")
    assert forced["count"] == 2


def test_posting_again_obsoletes_what_is_pending_of_the_same_flavor_and_build(
    openqa: OpenQA, build: str
) -> None:
    openqa.schedule("chained", build, **UPDATES)
    openqa.schedule("direct", build, **UPDATES)
    openqa.schedule("chained", f"{build}-other", **UPDATES)
    first = openqa.by_scenario(build)
    openqa.write(f"jobs/{first['upload@64bit']['id']}/set_done", query={"result": "passed"})
    assert openqa.schedule("chained", build, **UPDATES)["count"] == 6
    old = {name: openqa.job(first[name]["id"]) for name in first}
    obsoleted = {name: outcome(job) for name, job in old.items()}
    assert obsoleted == {
        "upload@64bit": ("done", "passed"),
        "upload@uefi": ("cancelled", "obsoleted"),
        "follow@64bit": ("cancelled", "obsoleted"),
        "grandchild@64bit": ("cancelled", "obsoleted"),
        "other_machine@64bit": ("cancelled", "obsoleted"),
        "two_parents@64bit": ("cancelled", "obsoleted"),
        "first@64bit": ("scheduled", "none"),
        "second@64bit": ("scheduled", "none"),
    }
    assert old["upload@uefi"]["reason"] == "cancelled based on job settings"
    assert old["upload@uefi"]["clone_id"] is None
    assert {job["state"] for job in openqa.jobs(build=f"{build}-other")} == {"scheduled"}


def test_a_build_can_be_put_back_in_the_queue_before_it_is_obsoleted(
    openqa: OpenQA, build: str
) -> None:
    [job] = openqa.schedule("plain", build)["ids"]
    lower = {"_DEPRIORITIZEBUILD": "1", "_ONLY_OBSOLETE_SAME_BUILD": "1"}
    openqa.schedule("plain", build, **lower)
    assert (openqa.job(job)["priority"], openqa.job(job)["state"]) == (60, "scheduled")
    openqa.schedule("plain", build, _DEPRIORITIZE_LIMIT="65", **lower)
    assert (openqa.job(job)["priority"], openqa.job(job)["result"]) == (60, "obsoleted")


def test_a_tagged_build_without_hyphens_is_not_obsoleted(openqa: OpenQA, build: str) -> None:
    # openQA takes what stands before the last hyphen for a version
    tagged = build.replace("-", "")
    [job] = openqa.schedule("plain", tagged)["ids"]
    group = openqa.job(job)["group_id"]
    for name in (tagged, build):
        openqa.write(f"groups/{group}/comments", data={"text": f"tag:{name}:important:candidate"})
    [other] = openqa.schedule("plain", build)["ids"]
    for name in (tagged, build):
        openqa.schedule("plain", name, **UPDATES)
    assert outcome(openqa.job(job)) == ("scheduled", "none")
    assert outcome(openqa.job(other)) == ("cancelled", "obsoleted")
