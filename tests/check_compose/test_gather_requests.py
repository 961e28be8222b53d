"""What gathering costs whoever is asked, with the real gateways."""

import json
from collections.abc import Iterable
from urllib.parse import parse_qs, urlsplit

import pytest

from check_compose.compare import compare
from check_compose.facts import Facts, ImageKind, Log
from check_compose.gather import Settings, World, gather
from check_compose.render import render_text
from fedora_openqa.config import Http
from fedora_openqa.gateways.compose_series import SeriesFiles
from fedora_openqa.gateways.composes import PungiComposes
from fedora_openqa.gateways.decisions import GreenwaveDecisions
from fedora_openqa.gateways.http import Reader
from fedora_openqa.gateways.job_files import OpenQAFiles
from fedora_openqa.gateways.known_composes import FedfindComposes
from fedora_openqa.gateways.openqa import RestOpenQA
from fedora_openqa.gateways.openqa_builds import OpenQABuilds
from tests.gateways.metadata import RAWHIDE, tree
from tests.jobs import BUILD
from tests.web import Answer, Request, Web, text

PREVIOUS = "Fedora-Rawhide-20261119.n.0"
LIMITS = Http(connect_timeout=5, read_timeout=10, total_timeout=20, attempts=1)
JOBS = 250
DECISION = {
    "policies_satisfied": True,
    "summary": "All required tests passed",
    "satisfied_requirements": [],
    "unsatisfied_requirements": [],
}
LOGS = {
    Log.RPMS: "bash-5.3-2.fc45.x86_64\n",
    Log.SERVICES: "dbus.service loaded active running D-Bus\n",
    Log.FREE: "Mem: 2014264 1014264 412332\nSwap: 2014204 0 2014204\n",
    Log.DF: "/dev/vda1 15718400 1371840 13318400 16% /\n",
    Log.TOP: "top - 07:23:44 up 2 min, load average: 0.10, 0.14, 0.05\n",
}


def rows(web: Web, build: str, *, first: int, with_data: int) -> list[dict[str, object]]:
    return [
        {
            "id": first + number,
            "state": "done",
            "result": "passed",
            "test": f"test_{number:03}",
            "settings": {
                "DISTRI": "fedora",
                "VERSION": "Rawhide",
                "BUILD": build,
                "FLAVOR": "Server-dvd-iso",
                "ARCH": "x86_64",
                "MACHINE": "64bit",
                "TEST_TARGET": "COMPOSE",
                "LOCATION": f"{web.url}/compose/rawhide/{build}/compose",
            },
            "modules": [{"name": "_collect_data", "result": "passed"}] * (number < with_data),
            "t_finished": "2026-11-20T20:00:00",
        }
        for number in range(JOBS)
    ]


def lists(jobs: Iterable[dict[str, object]]) -> Answer:
    """Answer with the jobs of a build, or of all builds."""

    def answer(request: Request) -> None:
        query = parse_qs(urlsplit(request.path).query)
        found = [
            row
            for row in jobs
            if isinstance(row["settings"], dict)
            and row["settings"]["BUILD"] in query.get("build", [row["settings"]["BUILD"]])
            and row["test"] in query.get("test", [row["test"]])
        ]
        text(json.dumps({"jobs": found}))(request)

    return answer


def fill(web: Web, *, with_data: int) -> None:
    jobs = []
    for build, first in ((PREVIOUS, 2000), (BUILD, 3000)):
        jobs += rows(web, build, first=first, with_data=with_data)
        place = f"{web.url}/compose/rawhide/{build}"
        for url, content in tree(RAWHIDE, place, cid=build).items():
            web.answers[f"GET {url.removeprefix(web.url)}"] = text(content)
        for number in range(with_data):
            for log, lines in LOGS.items():
                more = "zsh-5.9-1.fc45.x86_64\n" if (build, log) == (BUILD, Log.RPMS) else ""
                path = f"/tests/{first + number}/file/{log.filename}"
                web.answers[f"GET {path}"] = text(lines + more)
    web.answers["GET /api/v1/jobs"] = lists(jobs)
    web.answers["GET /compose/metadata-archive/series/Fedora-rawhide"] = text(
        f"{PREVIOUS}\n{BUILD}\n"
    )
    web.answers["POST /api/v1.0/decision"] = text(json.dumps(DECISION))


def facts_from(web: Web) -> Facts:
    reader = Reader(LIMITS)
    world = World(
        openqa=RestOpenQA(web.url, limits=LIMITS, post_timeout=10, environ={}),
        builds=OpenQABuilds(reader, web.url),
        files=OpenQAFiles(LIMITS, web.url),
        series=SeriesFiles(reader, f"{web.url}/compose"),
        composes=PungiComposes(reader, allowed_hosts=[web.host]),
        known=FedfindComposes(),
        gating=GreenwaveDecisions(LIMITS, web.url),
    )
    settings = Settings(
        base_url=web.url, project_url="https://fedora-openqa.example", most_systems=3
    )
    return gather(BUILD, previous=None, world=world, settings=settings)


@pytest.mark.parametrize(("with_data", "requests"), [(0, 10), (1, 20), (8, 40)])
def test_two_composes_of_many_jobs_cost_few_requests(
    web: Web, with_data: int, requests: int
) -> None:
    fill(web, with_data=with_data)
    facts = facts_from(web)
    assert len(web.requests) == requests
    assert facts.previous
    assert (len(facts.compose.jobs), len(facts.previous.jobs)) == (JOBS, JOBS)
    assert facts.compose.images == facts.previous.images != frozenset()
    # the metadata is a part of a real compose's
    assert facts.missing_images
    assert ImageKind("cloud_base", "qcow2", "x86_64") in facts.missing_images
    assert ImageKind("server", "dvd", "x86_64") not in facts.missing_images
    assert len(facts.reported_as) == JOBS
    assert facts.gating
    assert facts.gating.decision
    report = render_text(compare(facts))
    assert report.count("1 packages(s) added since previous compose: zsh") == min(with_data, 3)


def test_without_the_series_openqa_is_asked_once_what_came_before(web: Web) -> None:
    fill(web, with_data=0)
    del web.answers["GET /compose/metadata-archive/series/Fedora-rawhide"]
    facts = facts_from(web)
    assert facts.previous
    assert facts.previous.id == PREVIOUS
    assert len(web.requests) == 11
