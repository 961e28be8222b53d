"""The pages of tests: their last runs, and which of them are flaky."""

import time
from dataclasses import replace

from sqlalchemy import Engine

from fedora_openqa.model.history import Scenario, StoredJob
from fedora_openqa.store.jobs import JobHistory
from tests.support.pages import OPENQA, Pages

SCENARIO = Scenario("podman", "Server-dvd-iso", "x86_64", "64bit")


def make_flaky(engine: Engine, number: int = 10) -> None:
    """Store a scenario of which every second run fails, and passes when it is restarted."""
    jobs = []
    now = time.time()
    for one in range(number):
        first = StoredJob(
            5000 + 3 * one,
            f"Fedora-Rawhide-202611{one + 1:02}.n.0",
            "Rawhide",
            SCENARIO,
            state="done",
            result="failed",
            failed_modules=("podman",),
            started=now - 86_400.0 * (number - one) - 600.0,
            finished=now - 86_400.0 * (number - one),
        )
        copy = replace(first, id=first.id + 1, origin_id=first.id, result="passed")
        jobs += [replace(first, clone_id=copy.id), replace(copy, failed_modules=())]
    JobHistory(engine).remember(jobs)


def test_tests_are_listed_and_found_by_the_beginning_of_their_names(pages: Pages) -> None:
    page = pages.html("/tests")
    assert "/tests/base_selinux" in page.links
    assert "/tests/install_default_upload" in page.links
    page = pages.html("/tests?q=install")
    assert "/tests/base_selinux" not in page.links
    assert "No test is known of such a name" in pages.html("/tests?q=zzz").text


def test_a_long_list_of_tests_has_pages(pages: Pages) -> None:
    job = StoredJob(9000, "B", "43", SCENARIO, state="done", result="passed")
    JobHistory(pages.engine).remember(
        [
            replace(job, id=9000 + number, scenario=SCENARIO._replace(test=f"t{number:03}"))
            for number in range(101)
        ]
    )
    found = [
        [link for link in pages.html(f"/tests?q=t&page={page}").links if link.startswith("/tests/")]
        for page in (1, 2, 3)
    ]
    assert [len(some) for some in found] == [50, 50, 1]
    assert found[0][0] == "/tests/t000"
    assert found[2] == ["/tests/t100"]
    assert "/tests?page=3&q=t" in pages.html("/tests?q=t&page=2").links
    assert "/tests?page=4&q=t" not in pages.html("/tests?q=t&page=3").links


def test_a_test_has_its_scenarios_and_a_scenario_its_runs(pages: Pages) -> None:
    make_flaky(pages.engine)
    page = pages.html("/tests/base_selinux")
    assert "Scenarios: 2" in page.text
    scenario = "/tests/base_selinux?flavor=Server-dvd-iso&arch=x86_64&machine=64bit"
    assert scenario in page.links
    assert "The last 3 runs" in pages.html(scenario).text
    text = pages.html("/tests/podman").text
    assert "Passed 10 of 20 that passed or failed" in text
    assert "Takes usually 10 minutes" in text
    assert "10.0 of 20 runs of the last 30 days" in text
    assert f"{OPENQA}/tests/5001" in pages.html("/tests/podman").links


def test_runs_of_a_release_alone(pages: Pages) -> None:
    make_flaky(pages.engine)
    assert "The last 20 runs" in pages.html("/tests/podman?release=Rawhide").text
    assert "The last 0 runs" in pages.html("/tests/podman?release=44").text


def test_what_is_not_known_is_not_there(pages: Pages) -> None:
    for url in ("/tests/nothing", "/tests/base_selinux?arch=s390x"):
        assert "are known" in pages.html(url, 404).text


def test_without_failures_no_test_is_flaky(pages: Pages) -> None:
    assert "No test is known to be flaky" in pages.html("/flakes").text


def test_flaky_tests_are_linked_with_the_jobs_that_show_it(pages: Pages) -> None:
    make_flaky(pages.engine)
    page = pages.html("/flakes")
    assert "podman Server-dvd-iso x86_64 64bit" in page.text
    assert "and 5 more" in page.text
    assert "/tests/podman?flavor=Server-dvd-iso&arch=x86_64&machine=64bit" in page.links
    assert f"{OPENQA}/tests/5027" in page.links
    assert f"{OPENQA}/tests/5028" in page.links
    assert "No test is known to be flaky" in pages.html("/flakes?arch=aarch64").text
    assert "podman" in pages.html("/flakes?release=Rawhide").text
