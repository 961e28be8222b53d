"""The embedded openQA makes the same jobs of the sandbox's own templates as the real one."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from fedora_openqa.sandbox.openqa import load_templates
from fedora_openqa.sandbox.running import TEMPLATES, Sandbox
from tests.contract.conftest import embedded
from tests.contract.json_types import Json
from tests.contract.signed import OpenQA
from tests.contract.templates import contract_templates
from tests.services.openqa import RealOpenQA

HOST = "https://kojipkgs.fedoraproject.org/compose"
POSTED = {
    "LOCATION": f"{HOST}/compose",
    "ISO_URL": f"{HOST}/Fedora.iso",
    "HDD_2_DECOMPRESS_URL": f"{HOST}/Fedora.raw.xz",
    "CURRREL": "43",
    "UP1REL": "42",
    "UP2REL": "41",
    "RAWREL": "44",
    "_OBSOLETE": "1",
    "_ONLY_OBSOLETE_SAME_BUILD": "1",
}


@pytest.fixture
def templates(tmp_path: Path) -> Path:
    """The sandbox's templates, or the contract's where a checkout has none."""
    if TEMPLATES.exists():
        return TEMPLATES
    path = tmp_path / "templates.json"
    path.write_text(json.dumps(contract_templates()))
    return path


@pytest.fixture
def sandbox(templates: Path) -> Iterator[OpenQA]:
    with Sandbox(embedded(templates)) as sandbox:
        yield OpenQA(sandbox.url, sandbox.key, sandbox.secret)


def by_name(jobs: list[Json]) -> dict[str, Json]:
    """Return what two servers should agree on, with scenarios in place of numbers."""
    names = {job["id"]: job["name"] for job in jobs}
    found = {}
    for job in jobs:
        settings = {key: value for key, value in job["settings"].items() if key != "NAME"}
        if classes := settings.get("WORKER_CLASS"):
            # openQA keeps a row for each, and reads them in no order
            settings["WORKER_CLASS"] = ",".join(sorted(classes.split(",")))
        assets = {kind: sorted(files) for kind, files in job.get("assets", {}).items()}
        linked = {
            f"{side} {kind}": sorted(names[number] for number in numbers)
            for side in ("parents", "children")
            for kind, numbers in job[side].items()
        }
        same = {key: job[key] for key in ("state", "result", "priority", "group", "test")}
        blocked = names.get(job["blocked_by_id"])
        found[job["name"]] = {**same, **linked, **assets, **settings, "blocked": blocked}
    return found


def complaints(answer: Json) -> list[list[str]]:
    if not answer["failed"]:
        return []
    return sorted(failed["error_messages"] for failed in answer["failed"])


@pytest.mark.service
def test_the_same_products_become_the_same_jobs(
    private_openqa: RealOpenQA, sandbox: OpenQA, templates: Path
) -> None:
    private_openqa.load_templates(templates)
    real = OpenQA(private_openqa.url, private_openqa.key, private_openqa.secret)
    total = 0
    for number, row in enumerate(load_templates(templates).products):
        build = f"Fedora-Rawhide-20261120.n.{number}"
        posted = {
            "DISTRI": row.distri,
            "VERSION": "Rawhide" if row.version == "*" else row.version,
            "FLAVOR": row.flavor,
            "ARCH": row.arch,
            "BUILD": build,
            **POSTED,
        }
        answers = [server.signed("POST", "isos", data=posted).json() for server in (real, sandbox)]
        expected, actual = (by_name(server.jobs(build=build)) for server in (real, sandbox))
        assert actual == expected
        assert complaints(answers[1]) == complaints(answers[0])
        assert answers[1]["count"] == answers[0]["count"]
        total += answers[0]["count"]
    assert total > 0
    groups = [[group["name"] for group in server.read("job_groups")] for server in (real, sandbox)]
    assert groups[0] == groups[1]
    assert group_texts(sandbox) == group_texts(real)


def group_texts(openqa: OpenQA) -> dict[str, Json]:
    """Return what the groups have; openQA leaves the order of a suite's rows to its database."""
    groups = {
        name: yaml.safe_load(text)
        for name, text in yaml.safe_load(openqa.get("job_templates_scheduling").text).items()
    }
    for group in groups.values():
        for products in group["scenarios"].values():
            for tests in products.values():
                tests.sort(key=json.dumps)
    return groups
