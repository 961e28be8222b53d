"""What a report tells of the past of its failed tests, and that it tells nothing without one."""

import json
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from check_compose.compare import compare
from check_compose.json_form import render_json
from check_compose.past import PastJobs
from check_compose.render import render_html, render_text
from check_compose.report import Report
from fedora_openqa.data.failure_reasons import load_reason_rules
from fedora_openqa.model.buckets import Bucket
from fedora_openqa.model.history import Scenario, StoredJob
from fedora_openqa.store.engine import Engine
from fedora_openqa.store.failures import Failures
from fedora_openqa.store.jobs import JobHistory
from tests.check_compose.cases import CASES
from tests.support.stores import new_store

FORMS: tuple[Callable[[Report], str], ...] = (render_text, render_html, render_json)


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    engine = new_store(tmp_path / "store.db")
    yield engine
    engine.dispose()


def past(engine: Engine) -> PastJobs:
    return PastJobs(JobHistory(engine), Failures(engine), load_reason_rules())


@pytest.fixture
def report() -> Report:
    return next(
        found for found in map(compare, CASES.values()) if len(found.having(Bucket.FAILED)) > 1
    )


def stored(report: Report, number: int, build: str, result: str, *, id_: int = 0) -> StoredJob:
    """Return a run of the failed test of a number; without an id it is that of the report."""
    test = report.having(Bucket.FAILED)[number]
    scenario = test.scenario
    now = time.time()
    return StoredJob(
        id_ or test.id,
        build,
        "Rawhide",
        Scenario(scenario.suite, scenario.flavor, scenario.arch, scenario.machine),
        state="done",
        result=result,
        failed_modules=("_boot",) if result == "failed" else (),
        started=now - 600.0,
        finished=now,
    )


@pytest.mark.parametrize("name", CASES)
def test_with_an_empty_store_a_report_is_the_same_to_the_letter(engine: Engine, name: str) -> None:
    report = compare(CASES[name])
    with_past = past(engine).add_to(report)
    assert [form(with_past) for form in FORMS] == [form(report) for form in FORMS]


def test_runs_of_the_compose_alone_are_no_past(engine: Engine, report: Report) -> None:
    JobHistory(engine).remember([stored(report, 0, report.compose, "failed")])
    assert past(engine).add_to(report) == report


def test_a_failed_test_has_the_strip_of_its_last_runs(engine: Engine, report: Report) -> None:
    ids = [test.id for test in report.having(Bucket.FAILED)]
    first = min(ids) - 10
    JobHistory(engine).remember(
        [
            stored(report, 0, report.compose, "failed"),
            stored(report, 0, "Fedora-Rawhide-20261001.n.0", "passed", id_=first),
            stored(report, 0, "Fedora-Rawhide-20261002.n.0", "failed", id_=first + 1),
            replace(
                stored(report, 0, "Fedora-Rawhide-20261002.n.0", "passed", id_=first + 2),
                origin_id=first + 1,
            ),
        ]
    )
    found = past(engine).add_to(report)
    lines = "Last runs, the newest first: FPFP", "Flaky: failed 1 of the last 4 on unchanged builds"
    for line in lines:
        assert render_text(found).count(line) == 1
        assert render_html(found).count(line) == 1
    (told,) = [one["past"] for one in json.loads(render_json(found))["tests"] if "past" in one]
    assert told == {
        "last_runs": "FPFP",
        "unchanged_builds": {"failed": 1, "runs": 4},
        "same_cause": 0,
    }
    # all else is the same
    assert [
        line
        for line in render_text(found).split("\n")
        if not line.startswith(("Last runs, ", "Flaky: "))
    ] == render_text(report).split("\n")


def test_a_failed_test_tells_of_others_with_the_same_cause(engine: Engine, report: Report) -> None:
    failed = report.having(Bucket.FAILED)
    before = "Fedora-Rawhide-20261001.n.0"
    others = [
        replace(
            stored(report, 0, report.compose, "failed", id_=failed[0].id + 1000 + number),
            scenario=Scenario(f"other_{number}", "Server-dvd-iso", "x86_64", "64bit"),
        )
        for number in range(4)
    ]
    passed = [replace(one, id=one.id - 2000, build=before, result="passed") for one in others]
    JobHistory(engine).remember(
        [
            stored(report, 0, report.compose, "failed"),
            stored(report, 0, before, "passed", id_=1),
            *others,
            *(replace(one, failed_modules=()) for one in passed),
        ]
    )
    text = render_text(past(engine).add_to(report))
    assert "Same cause as in 4 other tests" in text


def test_what_a_store_has_is_one_line_whatever_it_is(engine: Engine, report: Report) -> None:
    odd = "<b>\u202e{{7*7}}"
    JobHistory(engine).remember(
        [
            replace(stored(report, 0, report.compose, "failed"), failed_modules=(odd,)),
            stored(report, 0, odd, odd, id_=1),
        ]
    )
    text = render_html(past(engine).add_to(report))
    assert "Last runs, the newest first: F-" in text
    assert odd not in text
