"""``fedora-openqa rerun`` and ``image`` on a real openQA."""

from typing import Any

import pytest
from openqa_client.client import OpenQA_Client

from fedora_openqa.sandbox.running import Sandbox
from tests.services.real_site import Site

pytestmark = pytest.mark.service

FLAVOR = "Server-dvd-iso"


def finish(client: OpenQA_Client, jobs: list[int], result: str) -> None:
    for number in jobs:
        client.openqa_request("POST", f"jobs/{number}/set_done", params={"result": result})


def test_what_failed_runs_again_and_what_passed_does_not(site: Site) -> None:
    with Sandbox() as sandbox:
        site.configure(sandbox.url)
        # a build of its own: other tests schedule the same compose
        updates = "http://x/rerun.img"
        status, shown = site.run(
            "image", sandbox.compose_location, FLAVOR, "-a", "x86_64", "-u", updates
        )
        assert status == 0
        build = f"{sandbox.compose_location.split('/')[-2]}-EXTRA"
        jobs = {job["id"]: job for job in site.get("jobs", build=build)["jobs"]}
        assert sorted(jobs) == shown["jobs"]

        by_test = {f"{job['test']}@{job['settings']['MACHINE']}": job for job in jobs.values()}
        upload = by_test["install_default_upload@64bit"]
        children = upload["children"]["Chained"]
        leaf = next(
            number
            for number in children
            if not any(jobs[number]["children"].values())
            and jobs[number]["parents"]["Chained"] == [upload["id"]]
            and not jobs[number]["parents"]["Parallel"]
        )
        finish(site.client, [upload["id"]], "passed")
        finish(site.client, [leaf], "failed")

        # a child that waits keeps its parent from being restarted
        status, held = site.run("rerun", build, "--test", upload["test"], "--yes", "--force")
        assert (status, held["restarted"]) == (1, {})
        assert "which would be restarted along, is scheduled" in held["refused"][0]["reason"]

        status, refused = site.run("rerun", build, "--failed", "--yes")
        assert (status, refused["restarted"]) == (1, {})
        assert [it["job"] for it in refused["refused"]] == [leaf]
        assert "misses the following mandatory assets" in refused["refused"][0]["reason"]

        status, again = site.run("rerun", build, "--failed", "--yes", "--force")
        assert (status, again["refused"]) == (0, [])
        assert list(again["restarted"]) == [str(leaf)]
        copy = site.get(f"jobs/{again['restarted'][str(leaf)]}")["job"]
        assert (copy["state"], copy["test"]) == ("scheduled", jobs[leaf]["test"])
        assert site.get(f"jobs/{leaf}")["job"]["clone_id"] == copy["id"]

        status, nothing = site.run("rerun", build, "--failed", "--yes", "--force")
        assert (status, nothing["restarted"]) == (1, {})


def test_a_flavor_whose_jobs_are_all_done_runs_again_each_job_once(site: Site) -> None:
    with Sandbox() as sandbox:
        site.configure(sandbox.url)
        status, shown = site.run(
            "image", sandbox.compose_location, FLAVOR, "-a", "aarch64", "-u", "http://x/rerun.img"
        )
        assert status == 0
    build = "Fedora-Rawhide-20261120.n.0-EXTRA"
    finish(site.client, shown["jobs"], "passed")
    status, again = site.run(
        "rerun", build, "--flavor", FLAVOR.lower(), "-a", "aarch64", "--yes", "--force"
    )
    assert (status, again["refused"]) == (0, [])
    assert sorted(map(int, again["restarted"])) == shown["jobs"]
    jobs = [
        job
        for job in site.get("jobs", build=build)["jobs"]
        if job["settings"]["ARCH"] == "aarch64" and job["settings"]["FLAVOR"] == FLAVOR
    ]
    assert sorted(job["id"] for job in jobs if job["clone_id"] is None) == sorted(
        again["restarted"].values()
    )


def test_skipped_children_are_restarted_by_way_of_their_failed_parent(site: Site) -> None:
    with Sandbox() as sandbox:
        site.configure(sandbox.url)
        status, shown = site.run(
            "image",
            sandbox.compose_location,
            FLAVOR,
            *("-a", "x86_64", "-u", "http://x/skipped.img", "--force"),
        )
        assert status == 0
    build = f"{sandbox.compose_location.split('/')[-2]}-EXTRA"

    def jobs() -> dict[int, dict[str, Any]]:
        found = site.get("jobs", build=build)["jobs"]
        return {job["id"]: job for job in found if job["id"] >= min(shown["jobs"])}

    before = jobs()
    # with parallel jobs below it
    parent = max(before, key=lambda number: len(before[number]["children"]["Chained"]))
    finish(site.client, [parent], "failed")
    skipped = {number: job for number, job in jobs().items() if job["result"] == "skipped"}
    chosen = sorted({job["test"] for job in skipped.values()})[:2]
    tests = [f"--test={test}" for test in chosen]
    status, preview = site.run("rerun", build, *tests, "--dry-run")
    assert status == 0
    status, again = site.run("rerun", build, *tests, "--yes", "--force")
    assert (status, again["refused"]) == (0, [])
    assert again["restarted"].keys() == preview["restarted"].keys()
    assert {parent, *skipped} == set(map(int, again["restarted"]))
    after = jobs()
    assert {after[new]["state"] for new in again["restarted"].values()} == {"scheduled"}
    assert {after[int(old)]["clone_id"] for old in again["restarted"]} == set(
        again["restarted"].values()
    )
