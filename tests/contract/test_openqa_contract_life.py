"""What happens to jobs: done, cancelled, restarted, and what that does to others."""

import pytest

from tests.contract.json_types import Json
from tests.contract.signed import OpenQA


def outcomes(openqa: OpenQA, build: str) -> dict[str, tuple[str, str]]:
    jobs = openqa.by_scenario(build)
    return {name.partition("@")[0]: (job["state"], job["result"]) for name, job in jobs.items()}


def numbers(openqa: OpenQA, build: str) -> dict[str, int]:
    return {name.partition("@")[0]: job["id"] for name, job in openqa.by_scenario(build).items()}


def done(openqa: OpenQA, number: int, **query: str | int) -> Json:
    return openqa.write(f"jobs/{number}/set_done", query=query)


@pytest.fixture
def chain(openqa: OpenQA, build: str) -> dict[str, int]:
    """`upload`, then `follow`, then `grandchild`."""
    openqa.schedule("chained", build, TEST="grandchild")
    return numbers(openqa, build)


def test_done_reports_the_result_and_frees_the_children(
    openqa: OpenQA, chain: dict[str, int]
) -> None:
    assert openqa.job(chain["follow"])["blocked_by_id"] == chain["upload"]
    answer = done(openqa, chain["upload"], result="PASSED", reason="because")
    assert answer == {"result": "passed", "reason": "because"}
    job = openqa.job(chain["upload"])
    assert (job["state"], job["result"], job["reason"]) == ("done", "passed", "because")
    assert len(job["t_finished"]) == len("2026-11-21T03:47:30")
    assert openqa.job(chain["follow"])["blocked_by_id"] is None


def test_a_result_once_known_stays(openqa: OpenQA, chain: dict[str, int]) -> None:
    done(openqa, chain["upload"], result="softfailed")
    assert done(openqa, chain["upload"], result="failed")["result"] == "softfailed"
    assert openqa.job(chain["follow"])["state"] == "scheduled"


@pytest.mark.parametrize("result", ["failed", "incomplete", "timeout_exceeded", "user_cancelled"])
def test_a_bad_result_skips_all_descendants(
    openqa: OpenQA, build: str, chain: dict[str, int], result: str
) -> None:
    done(openqa, chain["upload"], result=result)
    assert outcomes(openqa, build) == {
        "upload": ("done", result),
        "follow": ("cancelled", "skipped"),
        "grandchild": ("cancelled", "skipped"),
    }
    assert openqa.job(chain["grandchild"])["parents_ok"] == ""


def test_no_result_and_no_modules_is_incomplete(openqa: OpenQA, chain: dict[str, int]) -> None:
    assert done(openqa, chain["grandchild"]) == {"result": "incomplete", "reason": None}
    assert openqa.job(chain["grandchild"])["reason"] == "no test modules scheduled/uploaded"
    assert openqa.job(chain["grandchild"])["parents_ok"] == 0


def test_a_new_build_obsoletes(openqa: OpenQA, chain: dict[str, int]) -> None:
    assert done(openqa, chain["grandchild"], result="passed", newbuild=1)["result"] == "obsoleted"


def test_a_long_reason_is_cut(openqa: OpenQA, chain: dict[str, int]) -> None:
    done(openqa, chain["grandchild"], result="failed", reason="x" * 400)
    assert openqa.job(chain["grandchild"])["reason"] == "x" * 300 + "…"


@pytest.mark.parametrize(
    ("query", "error"),
    [
        ({"result": "wonderful"}, "Erroneous parameters (result invalid)\n"),
        ({"result": "passed", "newbuild": 0}, "Erroneous parameters (newbuild invalid)"),
        (
            {"result": "passed", "worker_id": 3},
            "Refusing to set result because job has already been re-scheduled.",
        ),
    ],
)
def test_ends_that_are_refused(
    openqa: OpenQA, chain: dict[str, int], query: dict[str, str | int], error: str
) -> None:
    answer = openqa.signed("POST", f"jobs/{chain['upload']}/set_done", query=query)
    assert (answer.status_code, answer.json()) == (400, {"error": error})


@pytest.mark.parametrize("action", ["set_done", "cancel"])
def test_an_unknown_job_cannot_end(openqa: OpenQA, action: str) -> None:
    answer = openqa.signed("POST", f"jobs/99999999/{action}")
    assert (answer.status_code, answer.json()) == (404, {"error": "Job does not exist"})


def test_a_parallel_failure_ends_the_others(openqa: OpenQA, build: str) -> None:
    openqa.schedule("parallel", build)
    done(openqa, numbers(openqa, build)["client_a"], result="failed")
    assert outcomes(openqa, build) == {
        "client_a": ("done", "failed"),
        "client_b": ("cancelled", "skipped"),
        "server": ("cancelled", "skipped"),
    }


def test_cancelling_skips_descendants_and_leaves_parents(
    openqa: OpenQA, build: str, chain: dict[str, int]
) -> None:
    for _ in range(2):
        answer = openqa.write(f"jobs/{chain['follow']}/cancel", query={"reason": "mine"})
        assert answer == {"result": None}
    assert outcomes(openqa, build) == {
        "upload": ("scheduled", "none"),
        "follow": ("cancelled", "user_cancelled"),
        "grandchild": ("cancelled", "skipped"),
    }
    assert openqa.job(chain["follow"])["reason"] == "mine"
    assert done(openqa, chain["follow"], result="passed")["result"] == "user_cancelled"


def test_a_restart_copies_the_job_and_its_children(
    openqa: OpenQA, build: str, chain: dict[str, int]
) -> None:
    done(openqa, chain["upload"], result="failed")
    answer = openqa.write(f"jobs/{chain['upload']}/restart")
    new = numbers(openqa, build)
    pairs = {str(chain[name]): new[name] for name in chain}
    assert answer["result"] == [pairs]
    assert answer["test_url"] == [{old: f"/tests/{clone}" for old, clone in pairs.items()}]
    clone = openqa.job(new["follow"])
    assert clone["origin_id"] == chain["follow"]
    assert clone["parents"]["Chained"] == [new["upload"]]
    assert clone["children"]["Chained"] == [new["grandchild"]]
    assert clone["blocked_by_id"] == new["upload"]
    old = openqa.job(chain["follow"])
    assert (old["clone_id"], old["result"]) == (new["follow"], "skipped")
    for name in ("NAME", "HDD_1"):
        assert (old["settings"][name] == clone["settings"][name]) is (name == "HDD_1")
    again = openqa.write(f"jobs/{chain['upload']}/restart")
    error = f"Specified job {chain['upload']} has already been cloned as {new['upload']}"
    assert again == {"errors": [error], "result": [], "test_url": []}


def test_missing_assets_need_force(openqa: OpenQA, chain: dict[str, int]) -> None:
    done(openqa, chain["upload"], result="passed")
    done(openqa, chain["follow"], result="failed")
    refused = openqa.write(f"jobs/{chain['follow']}/restart")
    message = (
        f"Job {chain['follow']} misses the following mandatory assets: hdd/disk_64bit.qcow2\n"
        "You may try to retrigger the parent job that should create the assets"
        " and will implicitly retrigger this job as well."
    )
    assert refused == {"enforceable": 1, "errors": [message], "result": [], "test_url": []}
    forced = openqa.write(f"jobs/{chain['follow']}/restart", query={"force": 1})
    assert forced["warnings"] == [message]
    assert set(forced["result"][0]) == {str(chain["follow"]), str(chain["grandchild"])}
    # the parent was fine and is built upon
    new = forced["result"][0][str(chain["follow"])]
    assert openqa.job(new)["parents"]["Chained"] == [chain["upload"]]


def test_restarting_a_parent_abandons_waiting_children(
    openqa: OpenQA, chain: dict[str, int]
) -> None:
    done(openqa, chain["upload"], result="passed")
    openqa.write(f"jobs/{chain['upload']}/restart")
    old = openqa.job(chain["follow"])
    assert (old["state"], old["result"]) == ("cancelled", "parallel_restarted")


def test_a_directly_chained_job_is_restarted_with_its_parent(openqa: OpenQA, build: str) -> None:
    openqa.schedule("direct", build)
    old = numbers(openqa, build)
    done(openqa, old["first"], result="passed")
    done(openqa, old["second"], result="failed")
    refused = openqa.write(f"jobs/{old['second']}/restart")
    assert refused["errors"][0].startswith(f"Direct parent {old['first']} needs to be cloned as")
    assert refused["enforceable"] == 1
    forced = openqa.write(f"jobs/{old['second']}/restart", query={"force": 1})
    assert set(forced["result"][0]) == {str(number) for number in old.values()}


def test_several_jobs_are_restarted_at_once(openqa: OpenQA, build: str) -> None:
    builds = [build, f"{build}-2"]
    jobs = [openqa.schedule("plain", name)["ids"][0] for name in builds]
    for number in jobs:
        done(openqa, number, result="failed")
    answer = openqa.write("jobs/restart", query=[("jobs", number) for number in jobs])
    assert [list(pairs) for pairs in answer["result"]] == [[str(number)] for number in jobs]
    assert len(openqa.jobs(build=build)) == 2
    # as long as the copy waits, the original is relevant
    assert len(openqa.jobs(build=build, scope="relevant")) == 2
    for newest in ({"latest": 1}, {"scope": "current"}):
        [job] = openqa.jobs(build=build, **newest)
        assert (job["state"], job["origin_id"]) == ("scheduled", jobs[0])
    [seen] = openqa.read("jobs/overview", {"build": build})
    assert seen["id"] == job["id"]


def test_a_copy_can_differ(openqa: OpenQA, build: str) -> None:
    [number] = openqa.schedule("plain", build)["ids"]
    done(openqa, number, result="failed")
    wrong = openqa.signed("POST", f"jobs/{number}/restart", query={"set": "x"})
    assert wrong.json() == {"error": "Erroneous parameters (set invalid)"}
    changed: dict[str, str | int] = {"set": "FOO=a=b", "prio": 7, "clone": 0}
    [pair] = openqa.write(f"jobs/{number}/restart", query=changed)["result"]
    copy = openqa.job(pair[str(number)])
    assert (copy["settings"]["FOO"], copy["priority"]) == ("a=b", 7)
    assert openqa.job(number)["clone_id"] is None


def test_of_one_cluster_only_the_first_is_restarted(openqa: OpenQA, chain: dict[str, int]) -> None:
    done(openqa, chain["upload"], result="failed")
    both = [("jobs", chain["upload"]), ("jobs", chain["grandchild"])]
    answer = openqa.write("jobs/restart", query=both)
    assert [set(pairs) for pairs in answer["result"]] == [{str(job) for job in chain.values()}]
    assert len(answer["errors"]) == 1


def test_a_restart_reads_the_body_as_it_reads_the_query(openqa: OpenQA, build: str) -> None:
    [number] = openqa.schedule("plain", build)["ids"]
    done(openqa, number, result="failed")
    # more ids than a URL may have characters; unknown ones are passed over
    named = [("jobs", number), *(("jobs", 90_000_000 + extra) for extra in range(900))]
    answer = openqa.write("jobs/restart", data=[*named, ("force", 1)])
    assert [list(pairs) for pairs in answer["result"]] == [[str(number)]]


def test_a_child_of_two_restarted_parents_is_copied_twice(openqa: OpenQA, build: str) -> None:
    openqa.schedule("chained", build)
    old = {name: job["id"] for name, job in openqa.by_scenario(build).items()}
    for number in old.values():
        done(openqa, number, result="passed")
    parents = [("jobs", old["upload@64bit"]), ("jobs", old["upload@uefi"])]
    first, second = openqa.write("jobs/restart", data=parents)["result"]
    between = first[str(old["two_parents@64bit"])]
    # the copy of the first parent has no result yet, and what has none is restarted along
    assert set(second) == {
        str(number)
        for number in (
            old["upload@uefi"],
            old["other_machine@64bit"],
            first[str(old["upload@64bit"])],
            between,
        )
    }
    assert openqa.job(between)["clone_id"] == second[str(between)]


def test_the_history_of_a_flavor_is_its_newest_passed_jobs(openqa: OpenQA, build: str) -> None:
    builds = [build, f"{build}-2", f"{build}-3"]
    numbers = [openqa.schedule("classes", name)["ids"] for name in builds]
    for jobs, result in zip(numbers, ("passed", "passed", "failed"), strict=True):
        for number in jobs:
            done(openqa, number, result=result)
    found = openqa.jobs(flavor="classes", arch="x86_64", result="passed", limit=2)
    assert sorted(job["id"] for job in found) == numbers[1]
    # nothing ran: there was no worker
    assert {job["t_started"] for job in found} == {None}


def test_what_never_ran_is_not_restarted(openqa: OpenQA, chain: dict[str, int]) -> None:
    for number in (chain["upload"], 99999999):
        assert openqa.write(f"jobs/{number}/restart") == {"result": [], "test_url": []}
    nothing = {"errors": ["No job IDs specified"], "result": [], "test_url": []}
    assert openqa.write("jobs/restart") == nothing


@pytest.mark.parametrize(
    ("settings", "reason"),
    [({}, "cache failure: no space"), ({"RETRY": "1:flaky"}, "died")],
)
def test_openqa_tries_again_by_itself(
    openqa: OpenQA, build: str, settings: dict[str, str], reason: str
) -> None:
    [number] = openqa.schedule("plain", build, **settings)["ids"]
    for _ in range(2):
        newest = numbers(openqa, build)["plain"]
        done(openqa, newest, result="incomplete", reason=reason)
    assert openqa.job(number)["clone_id"] is not None
    assert len(openqa.jobs(build=build)) == (3 if not settings else 2)
