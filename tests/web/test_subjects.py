"""The pages of subjects: the list, and the tests of each."""

from fedora_openqa.store.jobs import JobHistory
from tests.support.pages import OPENQA, Pages
from tests.support.stored_jobs import stored
from tests.web.filled import COMPOSE, UPDATE

NEXT = "Fedora-Rawhide-20261121.n.0"


def test_a_list_says_what_was_asked_for_and_when(pages: Pages) -> None:
    page = pages.html("/subjects?kind=compose")
    assert "Subject Kind State Release and arches Asked for, changed" in page.text
    assert f"{COMPOSE} compose scheduled x86_64" in page.text
    asked = {one["datetime"] for one in page.all("time")}
    listed = pages.ask("/api/v1/subjects?kind=compose").json
    assert listed
    assert {one["asked"] for one in listed} <= asked
    assert f"{UPDATE} update wanted" in pages.html("/subjects?kind=update").text


def test_the_tests_of_a_subject_are_a_table_by_flavor_and_arch(pages: Pages) -> None:
    jobs = [stored(401, build=NEXT), stored(402, "podman", "done/failed", build=NEXT)]
    JobHistory(pages.engine).remember(jobs)
    page = pages.html(f"/subjects/{NEXT}")
    assert "By flavor and arch Test Server-dvd-iso x86_64 podman@64bit failed" in page.text
    assert "base_selinux@64bit" not in page.text
    # in the list, and in the table
    assert page.links.count(f"{OPENQA}/tests/402") == 2
    everything = pages.html(f"/subjects/{NEXT}?show=all").text
    assert "base_selinux@64bit passed podman@64bit failed" in everything
    # the runs of one test have no table
    assert "By flavor and arch" not in pages.html(f"/subjects/{NEXT}?job=402").text


def test_a_soft_failure_has_its_own_colour(pages: Pages) -> None:
    for url in (f"/subjects/{COMPOSE}?show=all", f"/composes/{COMPOSE}?show=all", "/tests/podman"):
        if url == "/tests/podman":
            JobHistory(pages.engine).remember([stored(401, "podman", "done/softfailed")])
        classes = {one.get("class") for _, one in pages.html(url).elements}
        assert "state softfailed" in classes, url
        assert "state soft failed" not in classes, url
