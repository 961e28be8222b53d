"""What reports on composes ask openQA for: earlier builds of a test, and files of jobs."""

from fedora_openqa.gateways.http.client import Reader
from fedora_openqa.gateways.openqa.api import RestOpenQA
from fedora_openqa.gateways.openqa.builds import OpenQABuilds
from fedora_openqa.gateways.openqa.job_files import OpenQAFiles
from fedora_openqa.model.jobs import Job
from tests.contract.signed import OpenQA
from tests.support.limits import limits_with

LIMITS = limits_with(attempts=1)


def upload_job(openqa: OpenQA, build: str, *, result: str = "") -> Job:
    """Run a test of a build, to its end if it has a result."""
    openqa.schedule("chained", build)
    number = openqa.by_scenario(build)["upload@64bit"]["id"]
    if result:
        openqa.write(f"jobs/{number}/set_done", query={"result": result})
    (job,) = RestOpenQA(openqa.url, limits=LIMITS, post_timeout=60, environ={}).jobs_by_id([number])
    return job


def test_the_earlier_builds_of_a_test_are_those_in_which_it_ended(
    openqa: OpenQA, build: str
) -> None:
    upload_job(openqa, f"{build}1", result="passed")
    upload_job(openqa, f"{build}2", result="failed")
    upload_job(openqa, f"{build}3")
    last = upload_job(openqa, f"{build}4", result="passed")
    upload_job(openqa, f"{build}5", result="passed")
    builds = OpenQABuilds(Reader(LIMITS), openqa.url)
    found = [one for one in builds.before(last) if one.startswith(build)]
    assert found == [f"{build}2", f"{build}1"]


def test_a_job_that_has_uploaded_nothing_has_no_files(openqa: OpenQA, build: str) -> None:
    job = upload_job(openqa, build, result="passed")
    assert OpenQAFiles(LIMITS, openqa.url).load(job.id, "_collect_data-rpms.log") is None
