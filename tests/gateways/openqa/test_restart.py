import json
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path

import pytest

from fedora_openqa.errors import AmbiguousWriteError, RequestRefusedError
from fedora_openqa.gateways.http.transport import Limits
from fedora_openqa.gateways.openqa.api import RestOpenQA
from fedora_openqa.model.jobs import Job
from fedora_openqa.model.reruns import RestartAnswer
from tests.support.limits import LIMITS, limits_for
from tests.support.waiting import wait_for
from tests.support.web import Answer, Web, drop, hang, html, text

JOBS, RESTART = "GET /api/v1/jobs", "POST /api/v1/jobs/restart"


def client(web: Web, folder: Path, limits: Limits) -> RestOpenQA:
    (folder / "client.conf").write_text(f"[{web.host}]\nkey=K\nsecret=S\n")
    environ: Mapping[str, str] = {"OPENQA_CONFIG": str(folder)}
    return RestOpenQA(web.host, limits=limits, post_timeout=limits.total_timeout, environ=environ)


@pytest.fixture
def openqa(web: Web, tmp_path: Path) -> RestOpenQA:
    return client(web, tmp_path, LIMITS)


def test_a_job_is_read_with_all_that_a_rerun_needs(openqa: RestOpenQA, web: Web) -> None:
    shown = {
        "id": 6,
        "state": "done",
        "result": "failed",
        "settings": {"FLAVOR": "universal", "ARCH": "x86_64", "MACHINE": "64bit"},
        "test": "upgrade",
        "name": "fedora-43-universal-x86_64-BuildB-upgrade@64bit",
        "clone_id": 7,
        "parents": {"Chained": [1], "Directly chained": [2], "Parallel": [3, 4]},
        "t_started": "2026-11-21T02:00:00",
        "t_finished": "2026-11-21T02:11:32",
    }
    web.answers[JOBS] = text(json.dumps({"jobs": [shown]}))
    assert openqa.jobs_for_build("B") == (
        Job(
            id=6,
            flavor="universal",
            arch="x86_64",
            state="done",
            result="failed",
            test="upgrade",
            machine="64bit",
            name="fedora-43-universal-x86_64-BuildB-upgrade@64bit",
            clone_id=7,
            parents=(1, 2, 3, 4),
            direct_parents=(2,),
            started=datetime(2026, 11, 21, 2, 0),  # noqa: DTZ001 - openQA gives none
            finished=datetime(2026, 11, 21, 2, 11, 32),  # noqa: DTZ001
            parallel=(3, 4),
            settings={"FLAVOR": "universal", "ARCH": "x86_64", "MACHINE": "64bit"},
        ),
    )


def test_the_history_of_a_product_is_one_request(openqa: RestOpenQA, web: Web) -> None:
    web.answers[JOBS] = text('{"jobs": []}')
    assert openqa.passed_jobs(flavor="universal", arch="x86_64") == ()
    assert web.requests == [f"{JOBS}?flavor=universal&arch=x86_64&result=passed&limit=300"]


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        ('{"result": [{"1": 4, "3": 5}, {"2": 6}], "test_url": []}', RestartAnswer({1: 4, 3: 5, 2: 6})),
        ('{"result": [], "test_url": []}', RestartAnswer({})),
        (
            '{"result": [], "errors": ["Job 1 misses: x\\nEnsure to y"], "enforceable": 1}',
            RestartAnswer({}, errors=("Job 1 misses: x",), enforceable=True),
        ),
        ('{"result": [{"1": 2}], "warnings": ["a"]}', RestartAnswer({1: 2}, warnings=("a",))),
    ],
)  # fmt: skip
def test_what_openqa_restarted_is_told(
    openqa: RestOpenQA, web: Web, answer: str, expected: RestartAnswer
) -> None:
    web.answers[RESTART] = text(answer)
    assert openqa.restart_jobs((1, 2), force=False) == expected
    assert web.bodies == ["jobs=1&jobs=2"]


def test_force_is_passed_on_and_the_call_can_be_repeated_by_hand(
    openqa: RestOpenQA, web: Web, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO")
    web.answers[RESTART] = text('{"result": []}')
    openqa.restart_jobs((1, 2), force=True)
    assert web.bodies == ["jobs=1&jobs=2&force=1"]
    assert (
        f"openqa-cli api --host {web.url} -X POST jobs/restart jobs=1 jobs=2 force=1" in caplog.text
    )


@pytest.mark.parametrize("answer", [drop, hang, html(), html(502), text("", status=500)])
def test_a_restart_is_sent_once_whatever_happens(web: Web, tmp_path: Path, answer: Answer) -> None:
    web.answers[RESTART] = answer
    with pytest.raises(AmbiguousWriteError):
        client(web, tmp_path, limits_for(answer)).restart_jobs((1,), force=False)
    wait_for(lambda: web.requests)
    assert web.requests == [RESTART]


def test_a_restart_that_is_refused_is_told(openqa: RestOpenQA, web: Web) -> None:
    web.answers[RESTART] = text('{"error": "not authorized"}', status=403)
    with pytest.raises(RequestRefusedError, match="not authorized"):
        openqa.restart_jobs((1,), force=False)
