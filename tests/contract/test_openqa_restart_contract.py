"""The jobs that ``rerun`` announces are those that openQA restarts."""

import pytest

from fedora_openqa.gateways.openqa.api import RestOpenQA
from fedora_openqa.model.reruns import RerunRequest
from fedora_openqa.policy.reruns import select_jobs
from tests.contract.signed import OpenQA
from tests.support.limits import limits_with


@pytest.mark.parametrize(
    ("flavor", "ends", "wanted"),
    [
        ("chained", {"upload@64bit": "failed"}, ("follow",)),
        ("chained", {"upload@64bit": "failed"}, ("grandchild", "two_parents")),
        ("chained", {"upload@64bit": "passed", "follow@64bit": "failed"}, ("grandchild",)),
        ("chained", {"upload@64bit": "failed", "upload@uefi": "failed"}, ("two_parents",)),
        ("chained", {"upload@64bit": "user_cancelled"}, ("grandchild",)),
        ("parallel", {"server@64bit": "failed"}, ("client_a",)),
        ("parallel", {"client_a@64bit": "failed"}, ("client_a", "client_b")),
        ("direct", {"first@64bit": "failed"}, ("second",)),
        ("direct", {"first@64bit": "passed", "second@64bit": "failed"}, ("second",)),
    ],
)
def test_the_jobs_that_are_announced_are_restarted(
    openqa: OpenQA, build: str, flavor: str, ends: dict[str, str], wanted: tuple[str, ...]
) -> None:
    openqa.schedule(flavor, build)
    others = {"upload@uefi": "passed", "other_machine@64bit": "passed"}
    for name, result in {**(others if flavor == "chained" else {}), **ends}.items():
        number = openqa.by_scenario(build)[name]["id"]
        openqa.write(f"jobs/{number}/set_done", query={"result": result})
    gateway = RestOpenQA(openqa.url, limits=limits_with(attempts=1), post_timeout=60, environ={})
    request = RerunRequest(subject=build, tests=wanted)
    selection = select_jobs(gateway.jobs_for_build(build), request)
    assert selection.jobs
    (asked,) = set(selection.asked_as.values())
    answer = openqa.write("jobs/restart", data=[("jobs", asked), ("force", "1")])
    (copies,) = answer["result"]
    assert set(map(int, copies)) == set(selection.asked_as)
    assert "errors" not in answer
    after = {job.id: job for job in gateway.jobs_for_build(build)}
    assert {after[int(old)].clone_id for old in copies} == set(copies.values())
