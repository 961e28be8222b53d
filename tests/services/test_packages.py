"""Updates and other packages, and CoreOS builds, on a real openQA."""

from collections.abc import Iterator

import pytest
from openqa_client.client import OpenQA_Client

from fedora_openqa.sandbox.running import Sandbox
from tests.services.real_site import Site, jobs_by_name

pytestmark = pytest.mark.service

CORE = "FEDORA-2026-3c1e7a90d2"
MANY = "FEDORA-2026-a84f20c6be"


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    """Give a Bodhi and CoreOS builds."""
    with Sandbox() as sandbox:
        yield sandbox


@pytest.mark.parametrize(
    ("arguments", "build"),
    [
        (["update", CORE], f"Update-{CORE}"),
        (["update", MANY, "--flavor", "server"], f"Update-{MANY}"),
        (["task", "1,2", "43", "--flavor", "server,cloud"], "Kojitask-1_2-NOREPORT"),
        (["tag", "f45-build-side-1", "45", "--flavor", "kde"], "TAG_f45-build-side-1-NOREPORT"),
        (["copr", "@rust/next", "45", "--flavor", "server"], "COPR_@rust/next-NOREPORT"),
        (["fcosbuild", "{coreos}"], "Fedora-CoreOS-45.20261119.91.0"),
    ],
)
def test_the_real_openqa_makes_the_same_jobs_as_the_sandbox(
    site: Site, sandbox: Sandbox, arguments: list[str], build: str
) -> None:
    site.configure(sandbox.url)
    site.know(sandbox.url, key=sandbox.key, secret=sandbox.secret)
    words = [word.format(coreos=f"{sandbox.url}{sandbox.coreos_path}") for word in arguments]
    status, shown = site.run(*words)
    assert status == 0
    assert {product["state"] for product in shown["products"]} == {"posted"}
    again, nothing = site.run(*words)
    assert (again, nothing["jobs"]) == (1, [])
    status, _ = site.run(*words, "--openqa-hostname", sandbox.url)
    assert status == 0
    real = site.get("jobs", build=build)["jobs"]
    ours = OpenQA_Client(server=sandbox.url).openqa_request("GET", "jobs", params={"build": build})
    embedded, known = jobs_by_name(ours["jobs"]), jobs_by_name(real)
    assert {*embedded} == {*known}
    for name, job in known.items():
        assert embedded[name] == job, name
    assert sorted(job["id"] for job in real) == shown["jobs"]
