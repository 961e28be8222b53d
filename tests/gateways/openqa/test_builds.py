import json
from urllib.parse import parse_qs, urlsplit

import pytest

from fedora_openqa.errors import FedoraOpenQAError, RequestRefusedError, ServiceUnavailableError
from fedora_openqa.gateways.http.client import Reader
from fedora_openqa.gateways.openqa.builds import OpenQABuilds
from fedora_openqa.model.jobs import Job
from tests.support.limits import LIMITS
from tests.support.web import Answer, Web, drop, html, text

PATH = "GET /api/v1/jobs"
JOB = Job(
    id=3001,
    flavor="Server-dvd-iso",
    arch="x86_64",
    state="done",
    result="passed",
    test="install_default@x",
    machine="64bit",
    settings={"DISTRI": "fedora", "VERSION": "Rawhide", "BUILD": "c", "MACHINE": "64bit"},
)


def builds(web: Web) -> OpenQABuilds:
    return OpenQABuilds(Reader(LIMITS), f"{web.url}/")


def answer(*jobs: tuple[int, object]) -> Answer:
    rows = [{"id": number, "settings": {"BUILD": build}} for number, build in jobs]
    return text(json.dumps({"jobs": [*rows, {"id": 1, "settings": {}}]}))


def test_builds_come_once_each_and_the_newest_first(web: Web) -> None:
    # openQA lists the newest jobs, but by their ids as texts
    web.answers[PATH] = answer((1000, "b"), (1001, "b"), (200, "a"), (999, 20261120))
    assert builds(web).before(JOB) == ("b", "20261120", "a")


def test_openqa_is_asked_for_earlier_runs_of_the_same_test_that_have_ended(web: Web) -> None:
    web.answers[PATH] = answer()
    assert builds(web).before(JOB) == ()
    (request,) = web.requests
    assert parse_qs(urlsplit(request.removeprefix("GET ")).query) == {
        "distri": ["fedora"],
        "version": ["Rawhide"],
        "flavor": ["Server-dvd-iso"],
        "arch": ["x86_64"],
        "test": ["install_default@x"],
        "machine": ["64bit"],
        "state": ["done"],
        "before": ["3001"],
        "limit": ["50"],
    }


@pytest.mark.parametrize(
    ("reply", "error"),
    [
        (drop, ServiceUnavailableError),
        (html(), ServiceUnavailableError),
        (html(404), ServiceUnavailableError),
        (text('{"jobs": [{"id": "x"}]}'), ServiceUnavailableError),
        (text('{"error": "x"}', status=400), RequestRefusedError),
    ],
)
def test_no_answer_is_not_an_empty_one(
    web: Web, reply: Answer, error: type[FedoraOpenQAError]
) -> None:
    web.answers[PATH] = reply
    with pytest.raises(error):
        builds(web).before(JOB)
