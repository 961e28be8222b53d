"""``fedora-openqa shadow diff`` beside an old system, which the sandbox plays."""

import json
import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

import pytest
import requests
from click.testing import CliRunner

from fedora_openqa.cli import main
from fedora_openqa.config import load_config
from fedora_openqa.gateways.openqa.api import RestOpenQA
from fedora_openqa.model.deliveries import Sink
from fedora_openqa.model.shadow import Explanation, OurProduct, Verdict
from fedora_openqa.model.wiki import WikiPass
from fedora_openqa.policy.shadow_diff import compare_products
from fedora_openqa.sandbox.faults import Kind, Rule
from fedora_openqa.sandbox.running import Sandbox
from fedora_openqa.store.engine import open_engine
from fedora_openqa.store.stories import Stories
from fedora_openqa.wiring.replay import open_intake
from fedora_openqa.wiring.service import open_service
from tests.cli.conftest import CommandOnSandbox
from tests.support.limits import LIMITS
from tests.support.messages import PUNGI
from tests.support.shadow import COMPOSE, ShadowSite, old_config, shadow_site
from tests.support.waiting import wait_for
from tests.support.web import Web

pytestmark = pytest.mark.slow

DONE = "org.fedoraproject.prod.openqa.job.done"
COREOS = "org.fedoraproject.prod.coreos.build.state.change"

#: a build of the sandbox that has no live ISO
IMAGELESS = "45.20261120.91.0"

#: tests of the DVD whose jobs end
TESTS = ("install_default_upload", "base_selinux", "base_services_start")


@dataclass
class Beside:
    """An old system, and a shadow that gets the same messages."""

    site: ShadowSite
    jobs: dict[str, int]

    def shadow(self, *arguments: str) -> Any:  # noqa: ANN401 - click's result
        return CliRunner().invoke(main, arguments, env=self.site.environ)

    def old(self, *arguments: str) -> Any:  # noqa: ANN401 - JSON
        result = CliRunner().invoke(main, arguments, env=old_config(self.site))
        assert result.exit_code == 0, result.output
        return json.loads(result.stdout)

    def take(self, *messages: tuple[str, dict[str, object]]) -> None:
        """Let the shadow take messages in, and work until nothing is left."""
        config = load_config(Path(self.site.environ["FEDORA_OPENQA_CONFIG"]), environ={})
        intake = open_intake(config, dry_run=False)
        for number, (topic, body) in enumerate(messages):
            intake.take(topic, body, message_id=f"{topic}-{number}-{threading.get_native_id()}")
        service = open_service(config, "worker", sinks=[Sink.RESULTSDB, Sink.WIKI])
        service.start(lambda _failure: None)
        stories = Stories(open_engine(config.store.url))
        try:
            wait_for(
                lambda: (
                    not any(
                        one.due + one.waiting + one.leased
                        for one in stories.lanes(now=stories.now())
                        if one.lane != "mail"
                    )
                )
            )
        finally:
            service.end()

    def end(self, test: str, result: str = "passed") -> None:
        """Let a job end, and both systems report it."""
        self.site.post(f"jobs/{self.jobs[test]}/set_done", result=result)
        self.take((DONE, {"id": self.jobs[test], "BUILD": COMPOSE, "remaining": 1}))
        self.old("report", str(self.jobs[test]), "--resultsdb", "--format", "json")
        names = {one.name for one in fields(WikiPass)}
        cells = self.old("report", COMPOSE, "--wiki", "--dry-run", "--format", "json")
        self.site.file(
            WikiPass(**{name: value for name, value in one.items() if name in names})
            for one in cells
            if "cid" in one
        )

    def diff(self) -> tuple[int, dict[str, Any]]:
        result = self.shadow("shadow", "diff", "--format", "json")
        assert result.exception is None or isinstance(result.exception, SystemExit)
        return result.exit_code, json.loads(result.stdout)


@pytest.fixture
def beside(tmp_path: Path, web: Web) -> Iterator[Beside]:
    """A compose that both systems have scheduled, and three of its jobs that both reported."""
    with Sandbox() as sandbox:
        beside = Beside(shadow_site(sandbox, web, tmp_path), {})
        location = sandbox.compose_location
        body = {"status": "FINISHED", "compose_id": COMPOSE, "location": location}
        beside.take((PUNGI, {**body}))
        beside.old("compose", location, "--format", "json")
        beside.jobs |= {
            job["test"]: job["id"]
            for job in beside.site.jobs(COMPOSE)
            if job["settings"]["FLAVOR"] == "Server-dvd-iso"
        }
        for test in TESTS:
            beside.end(test)
        yield beside


def shown(rows: Sequence[dict[str, Any]]) -> set[tuple[str, ...]]:
    return {
        (row["service"], row["about"], row["verdict"], *(key["name"] for key in row["keys"]))
        for row in rows
    }


@pytest.mark.parametrize(
    ("words", "build"),
    [
        (("update", "FEDORA-2026-3c1e7a90d2"), "Update-FEDORA-2026-3c1e7a90d2"),
        (("update", "FEDORA-2026-a84f20c6be"), "Update-FEDORA-2026-a84f20c6be"),
        (("fcosbuild", "COREOS"), "Fedora-CoreOS-45.20261119.91.0"),
        (("compose", "COMPOSE", "--arches", ""), COMPOSE),
    ],
)
def test_what_is_posted_is_the_same_as_its_jobs_in_openqa(
    cli: CommandOnSandbox, words: tuple[str, ...], build: str
) -> None:
    sandbox = cli.sandbox
    places = {"COREOS": f"{sandbox.url}{sandbox.coreos_path}", "COMPOSE": sandbox.compose_location}
    named = [places.get(word, word) for word in words]
    planned = cli.run(*named, "--dry-run", "--format", "json").json
    assert cli.run(*named).status == 0
    jobs = RestOpenQA(sandbox.url, limits=LIMITS, post_timeout=10.0).jobs_for_build(build)
    ours = [OurProduct(flavor=one["FLAVOR"], arch=one["ARCH"], settings=one) for one in planned]
    compared = compare_products(build, ours, jobs)
    assert [one for one in compared if one.verdict is not Verdict.SAME] == []
    assert len(compared) == len(planned)


def test_two_systems_that_do_the_same_do_not_differ(beside: Beside) -> None:
    status, found = beside.diff()
    assert found["differences"] == found["explained"] == found["unknown"] == []
    assert status == 0
    assert found["same"]["openQA"] == len(
        {job["settings"]["FLAVOR"] for job in beside.site.jobs(COMPOSE)}
    )
    assert found["same"]["ResultsDB"] == len(TESTS)
    assert found["same"]["wiki"] > 0
    said = beside.shadow("shadow", "diff").stdout
    assert said.splitlines()[-1].endswith(". 0 differences, 0 explained")


def test_each_known_defect_is_found_and_explained_and_nothing_else(beside: Beside) -> None:
    sandbox, site = beside.site.sandbox, beside.site
    # a product without an image is posted again
    settings = beside.old(
        "compose", sandbox.compose_location, "--flavors", "universal", "--force", "--dry-run", "--format", "json"
    )  # fmt: skip
    site.post("isos", **settings[0])
    # a CoreOS build without a live ISO is posted
    folder = f"{sandbox.url}/coreos/rawhide/builds/{IMAGELESS}/x86_64"
    build = {"build_id": IMAGELESS, "basearch": "x86_64", "stream": "rawhide"}
    done = {**build, "state": "FINISHED", "result": "SUCCESS", "build_dir": folder}
    beside.take((COREOS, {**done}))
    site.post(
        "isos",
        DISTRI="fedora",
        VERSION="45",
        FLAVOR="CoreOS-colive-iso",
        ARCH="x86_64",
        BUILD=f"Fedora-CoreOS-{IMAGELESS}",
        SUBVARIANT="CoreOS",
        IMAGETYPE="colive",
        ISO_URL=f"{folder}/None",
        LOCATION="",
    )
    # an old run is reported after a new one
    first = beside.jobs["base_selinux"]
    site.post(f"jobs/{first}/restart", force="1")
    job = requests.get(f"{sandbox.url}/api/v1/jobs/{first}", timeout=10).json()["job"]
    beside.jobs["base_selinux"] = job["clone_id"]
    beside.end("base_selinux")
    posted = next(row for row in sandbox.results.all() if (row.ref_url or "").endswith(f"/{first}"))
    late = {
        "outcome": "FAILED",
        "testcase": posted.testcase,
        "groups": [{"uuid": group} for group in posted.groups],
        "ref_url": posted.ref_url,
        "data": {name: list(values) for name, values in posted.data.items()},
    }
    answer = requests.post(f"{sandbox.url}/resultsdb/api/v2.0/results", json=late, timeout=10)
    assert answer.status_code == 201, answer.text
    status, found = beside.diff()
    assert (status, found["differences"], found["unknown"]) == (0, [], [])
    assert shown(found["explained"]) == {
        ("openQA", "universal x86_64", "differs", "posts"),
        ("openQA", "CoreOS-colive-iso x86_64", "theirs only"),
        ("ResultsDB", f"compose.base_selinux of job {first}", "differs", "outcome"),
    }
    assert {row["explanation"] for row in found["explained"]} == {
        Explanation.POSTED_TWICE,
        Explanation.NO_IMAGE,
        Explanation.OLD_RUN,
    }


def test_other_differences_are_shown_key_by_key(beside: Beside) -> None:
    site = beside.site
    # what only they schedule, and what they schedule again with another setting
    product = {"DISTRI": "fedora", "VERSION": "Rawhide", "BUILD": COMPOSE}
    site.post("isos", **product, FLAVOR="updates-server", ARCH="x86_64")
    site.post("isos", **product, FLAVOR="KDE-live-iso", ARCH="x86_64", LABEL="RC-1.1")
    # what only we report
    job_id = beside.jobs["base_update_cli"]
    site.post(f"jobs/{job_id}/set_done", result="passed")
    beside.take((DONE, {"id": job_id, "BUILD": COMPOSE, "remaining": 1}))
    # what only they file, and a person's pass that is none of theirs
    title = next(title for title in site.pages if title.endswith(" Server"))
    site.pages[title] = (
        site.pages[title]
        .replace("{{result|none}}", "{{result|pass|coconut|bot=true}}", 1)
        .replace("{{result|none}}", "{{result|pass|somebody}}", 1)
    )
    result = beside.shadow("shadow", "diff")
    assert result.exit_code == 1, result.output
    products, results = f"openQA {COMPOSE}: ", f"ResultsDB {COMPOSE}: "
    lines = result.stdout.splitlines()
    assert f"{products}updates-server x86_64: theirs only" in lines
    assert f'{products}KDE-live-iso x86_64: LABEL: ours none, theirs "RC-1.1"' in lines
    assert f'{products}KDE-live-iso x86_64: posts: ours "1", theirs "2"' in lines
    assert f"{results}compose.base_update_cli of job {job_id}: ours only" in lines
    (filed,) = (line for line in lines if "wiki" in line and line.endswith(": theirs only"))
    assert "QA:Testcase_" in filed
    assert lines[-1].endswith(" explained")


def test_what_cannot_be_found_out_is_an_exit_status_of_its_own(beside: Beside) -> None:
    beside.site.sandbox.faults.add(Rule(Kind.ANSWER, path="/resultsdb/", status=503))
    result = beside.shadow("shadow", "diff")
    assert result.exit_code == 2
    assert f"Could not find out: resultsdb:{COMPOSE}: " in result.stderr
    assert "wiki " in result.stdout
