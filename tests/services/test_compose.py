"""``fedora-openqa compose`` on a real openQA: real composes, and a whole one.

The metadata in ``tests/data`` is that of Fedora 43's last candidate and of a Rawhide
nightly, cut down to some of their images.
"""

from collections.abc import Iterator
from pathlib import Path

import pytest
from openqa_client.client import OpenQA_Client

from fedora_openqa.sandbox.running import Sandbox
from tests.services.real_site import Site, jobs_by_name
from tests.support.web import Web, serve, text

pytestmark = pytest.mark.service

DATA = Path(__file__).parent.parent / "data"
F43, RAWHIDE = "Fedora-43-20251023.0", "Fedora-Rawhide-20240829.n.1"


@pytest.fixture
def web() -> Iterator[Web]:
    """Serve the two composes as Fedora does."""
    with serve() as web:
        for folder, name in ((f"43/{F43}", "f43"), (f"rawhide/{RAWHIDE}", "rawhide")):
            base = f"GET /compose/{folder}"
            web.answers[f"{base}/STATUS"] = text("FINISHED_INCOMPLETE\n")
            for file in ("composeinfo.json", "images.json"):
                content = (DATA / name / file).read_text()
                web.answers[f"{base}/compose/metadata/{file}"] = text(content)
        releases = '{"fedora": {"stable": [42, 43], "branched": [44]}}'
        web.answers["GET /release.json"] = text(releases)
        yield web


IMAGELESS = {
    ("Workstation-upgrade", "x86_64"),
    ("Workstation-upgrade", "aarch64"),
    ("universal", "x86_64"),
    ("universal", "aarch64"),
    ("universal", "ppc64le"),
}


def test_the_candidate_of_fedora_43_is_scheduled_and_kept(site: Site, web: Web) -> None:
    site.configure(web.url)
    location = f"{web.url}/compose/43/{F43}/compose"
    status, shown = site.compose(location, "--arches", "")
    assert status == 0
    assert {p["state"] for p in shown["products"]} == {"posted"}
    assert {(p["flavor"], p["arch"]) for p in shown["products"]} == IMAGELESS | {
        ("Server-dvd-iso", "x86_64"),
        ("Server-dvd-iso", "aarch64"),
        ("Everything-boot-iso", "x86_64"),
        ("Workstation-live-iso", "x86_64"),
        ("Silverblue-dvd_ostree-iso", "x86_64"),
        ("Cloud_Base-qcow2-qcow2", "x86_64"),
        ("Minimal-raw_xz-raw.xz", "aarch64"),
    }
    jobs = site.get("jobs", build=F43)["jobs"]
    assert sorted(job["id"] for job in jobs) == shown["jobs"]
    (dvd, *_) = [
        job["settings"]
        for job in jobs
        if (job["settings"]["FLAVOR"], job["settings"]["ARCH"]) == ("Server-dvd-iso", "x86_64")
    ]
    iso = "Fedora-Server-dvd-x86_64-43-1.6.iso"
    assert (
        dvd
        | {
            "VERSION": "43",
            "LABEL": "RC-1.6",
            "CURRREL": "43",
            "RAWREL": "45",
            "UP1REL": "42",
            "UP2REL": "41",
            "LOCATION": location,
            "ISO": iso,
            "ISO_URL": f"{location}/Server/x86_64/iso/{iso}",
            "QEMU_HOST_IP": "172.16.2.2",
        }
        == dvd
    )
    (group,) = [g["id"] for g in site.get("job_groups") if g["name"] == "fedora"]
    comments = [comment["text"] for comment in site.get(f"groups/{group}/comments")]
    assert comments == [f"tag:{F43}:important:candidate"]


def test_a_rawhide_nightly_is_scheduled_once_and_again_by_force(site: Site, web: Web) -> None:
    site.configure(web.url)
    location = f"{web.url}/compose/rawhide/{RAWHIDE}/compose"
    status, first = site.compose(location)
    assert status == 0
    assert {p["flavor"] for p in first["products"]} == {
        "Server-dvd-iso",
        "Everything-boot-iso",
        "Workstation-live-iso",
        "Workstation-live_osbuild-iso",
        "KDE-live-iso",
        "Silverblue-dvd_ostree-iso",
        "Workstation-upgrade",
        "universal",
    }
    assert len([r for r in web.requests if "composeinfo" in r]) == 1
    status, second = site.compose(location)
    assert (status, second["jobs"]) == (1, [])
    assert {p["state"] for p in second["products"]} == {"existing"}
    status, third = site.compose(location, "--force")
    assert status == 0
    assert len(third["jobs"]) == len(first["jobs"])
    states = {job["id"]: job["state"] for job in site.get("jobs", build=RAWHIDE)["jobs"]}
    assert {states[job] for job in first["jobs"]} == {"cancelled"}
    assert {states[job] for job in third["jobs"]} == {"scheduled"}


def test_a_whole_compose_makes_the_same_jobs_as_in_the_sandbox(site: Site) -> None:
    with Sandbox() as sandbox:
        site.configure(sandbox.url)
        status, shown = site.compose(sandbox.compose_location, "--arches", "")
        assert status == 0
        assert len(shown["products"]) == 25
        site.know(sandbox.url, key=sandbox.key, secret=sandbox.secret)
        status, _ = site.compose(
            sandbox.compose_location, "--arches", "", "--openqa-hostname", sandbox.url
        )
        assert status == 0
        build = sandbox.compose_location.split("/")[-2]
        real = site.get("jobs", build=build)["jobs"]
        ours = OpenQA_Client(server=sandbox.url).openqa_request(
            "GET", "jobs", params={"build": build}
        )["jobs"]
    assert jobs_by_name(ours) == jobs_by_name(real)
    assert len(real) == len(shown["jobs"]) > 300


def test_a_key_that_is_refused_is_said(site: Site, web: Web) -> None:
    site.configure(web.url)
    conf = site.directory / "client.conf"
    keys = conf.read_text()
    try:
        conf.write_text(keys.replace(site.openqa.secret, "0" * 16))
        status, shown = site.compose(f"{web.url}/compose/rawhide/{RAWHIDE}/compose", "--force")
    finally:
        conf.write_text(keys)
    assert status == 1
    assert all("refuses the API key" in p["reason"] for p in shown["products"])
