"""A server with two composes of many jobs: openQA, Greenwave and Fedora's archive in one."""

import json
from collections.abc import Iterable
from urllib.parse import parse_qs, urlsplit

from check_compose.facts import Log
from tests.support.jobs import BUILD
from tests.support.metadata import RAWHIDE, tree
from tests.support.web import Answer, Request, Web, page, text

PREVIOUS = "Fedora-Rawhide-20261119.n.0"
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
    """Return an answer with the jobs of a BUILD, or of all."""

    def answer(request: Request) -> None:
        query = parse_qs(urlsplit(request.path).query)
        found = [
            row
            for row in jobs
            if isinstance(row["settings"], dict)
            and row["settings"]["BUILD"] in query.get("build", [row["settings"]["BUILD"]])
            and row["test"] in query.get("test", [row["test"]])
        ]
        page(json.dumps({"jobs": found}))(request)

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
