"""The alert rules in Prometheus' own tool: each fires where its cause is there, and else is silent.

The causes are made in a deployment, whose metrics become the input of the rules.
"""

import json
import re
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml

from fedora_openqa.model.deliveries import Sink
from fedora_openqa.model.openqa_load import OpenQALoad
from fedora_openqa.model.stories import Pause
from fedora_openqa.model.work import Away
from tests.services.installed import skip_or_fail
from tests.services.processes import NotInstalledError
from tests.support.alerts import FOLDER, expressions
from tests.support.deployment import Deployment

pytestmark = pytest.mark.service

HOUR, DAY = 3600.0, 86_400.0

#: the metrics stay as they are at the end for so many steps of ten minutes, longer than any `for`
STEPS = 3 * 24 * 6 + 3


@pytest.fixture(scope="module")
def promtool() -> Callable[..., None]:
    with skip_or_fail():
        found = shutil.which("promtool")
        if found is None:
            raise NotInstalledError("promtool")

    def run(*arguments: str | Path) -> None:
        ended = subprocess.run(
            [found, *arguments], capture_output=True, text=True, check=False, timeout=120
        )
        assert ended.returncode == 0, ended.stdout + ended.stderr

    return run


def test_the_rules_are_valid_and_pass_their_tests(promtool: Callable[..., None]) -> None:
    promtool("check", "rules", FOLDER / "alerts.yml")
    promtool("test", "rules", FOLDER / "alerts_test.yml")


def test_the_expressions_of_the_dashboard_are_valid(
    promtool: Callable[..., None], tmp_path: Path
) -> None:
    rules = [{"record": f"x:{n}:y", "expr": it} for n, it in enumerate(expressions())]
    file = tmp_path / "rules.yml"
    file.write_text(yaml.safe_dump({"groups": [{"name": "dashboard", "rules": rules}]}))
    promtool("check", "rules", file)


def nothing(_deployment: Deployment) -> None:
    pass


def work_is_left(deployment: Deployment) -> None:
    deployment.want("update:U")
    deployment.clock.now += 0.5 * HOUR


def work_goes_on_but_one_is_left(deployment: Deployment) -> None:
    deployment.want("update:U")
    deployment.clock.now += 1.1 * HOUR
    deployment.pulse.progress(["update"])


def a_result_is_left(deployment: Deployment) -> None:
    deployment.report(Sink.RESULTSDB)
    assert deployment.subjects.lease("a", ["resultsdb"], seconds=DAY)
    deployment.clock.now += 1.1 * HOUR


def a_message_is_parked(deployment: Deployment) -> None:
    deployment.subjects.park_message("m", {}, reason="odd")


def a_sink_is_away(deployment: Deployment) -> None:
    deployment.report(Sink.WIKI)
    lease = deployment.subjects.lease("a", ["wiki"], seconds=60.0)
    assert lease
    deployment.subjects.postpone_lane(lease, Away("502"), delay=lambda _waited: DAY)
    deployment.clock.now += 0.6 * HOUR


def a_lane_is_paused(deployment: Deployment) -> None:
    deployment.pauses.pause(Pause("compose", by="me", reason="x", since=deployment.clock.now))


def sweeps_have_ended(deployment: Deployment) -> None:
    deployment.subjects.swept({})
    deployment.clock.now += 2 * HOUR


def jobs_wait(deployment: Deployment) -> None:
    deployment.load = OpenQALoad(
        jobs={("scheduled", "aarch64"): 30},
        workers={("tap", "dead"): 3, ("tap", "idle"): 1},
        oldest_scheduled={"tap": 5 * HOUR},
    )


def messages_stop(deployment: Deployment) -> None:
    deployment.pulse.hear("pungi.compose.status.change")
    deployment.subjects.swept({"compose": 1})
    deployment.clock.now += 1.2 * HOUR


def a_sweep_finds_one(deployment: Deployment) -> None:
    deployment.subjects.swept({"compose": 1})


def messages_come(deployment: Deployment) -> None:
    deployment.pulse.hear("pungi.compose.status.change")
    deployment.subjects.swept({"compose": 1})


def a_sweep_finds_many(deployment: Deployment) -> None:
    deployment.subjects.swept({"compose": 6})


def requests_go_well(deployment: Deployment) -> None:
    deployment.measures.request("https://x/updates", 0.1, None)


def requests_are_refused(deployment: Deployment) -> None:
    for _ in range(20):
        deployment.measures.request("https://x/updates", 0.1, "4xx")


def jobs_pass(deployment: Deployment) -> None:
    for result in ("passed", "failed"):
        deployment.measures.job_result("update", "x86_64", result)


def jobs_fail(deployment: Deployment) -> None:
    for _ in range(20):
        deployment.measures.job_result("update", "x86_64", "failed")


#: what happens after the metrics were read for three days
CHANGES: dict[Callable[[Deployment], None], Callable[[Deployment], None]] = {
    messages_stop: a_sweep_finds_one,
    messages_come: a_sweep_finds_many,
    requests_go_well: requests_are_refused,
    jobs_pass: jobs_fail,
}

CAUSES: list[tuple[Callable[[Deployment], None], set[str]]] = [
    (nothing, set()),
    (work_is_left, {"NoProgress"}),
    (work_goes_on_but_one_is_left, {"UnplannedOld"}),
    (a_result_is_left, {"UnreportedOld"}),
    (a_message_is_parked, {"Parked"}),
    (a_sink_is_away, {"SinkAway"}),
    (a_lane_is_paused, {"PausedLong"}),
    (sweeps_have_ended, {"SweepMissed"}),
    (messages_stop, {"Silent"}),
    (messages_come, {"SweepFindsMuch"}),
    (requests_go_well, {"Refusing"}),
    (jobs_pass, {"FailureSurge"}),
    (jobs_wait, {"WorkersAway", "TooFewRunning", "QueueOld"}),
]


@pytest.mark.parametrize(("cause", "expected"), CAUSES, ids=lambda it: getattr(it, "__name__", ""))
def test_a_cause_fires_its_alerts_and_no_others(
    promtool: Callable[..., None],
    tmp_path: Path,
    cause: Callable[[Deployment], None],
    expected: set[str],
) -> None:
    deployment = Deployment(tmp_path)
    cause(deployment)
    now = deployment.clock.now
    before = dict(map(split, deployment.scrape()))
    if change := CHANGES.get(cause):
        change(deployment)
    series = [
        as_series(name, before.get(name, value), value, now=now)
        for name, value in map(split, deployment.scrape())
    ]
    fires = [{"labels": f'{{alertname="FedoraOpenQA{it}"}}', "value": 1} for it in expected]
    test = {
        "interval": "10m",
        "input_series": series,
        "promql_expr_test": [
            {
                "expr": 'count by (alertname) (ALERTS{alertstate="firing"}) > bool 0',
                "eval_time": f"{STEPS * 10}m",
                "exp_samples": fires,
            }
        ],
    }
    file = tmp_path / "test.yml"
    rules = [str(FOLDER / "alerts.yml")]
    file.write_text(
        json.dumps({"rule_files": rules, "evaluation_interval": "10m", "tests": [test]})
    )
    promtool("test", "rules", file)


def split(line: str) -> tuple[str, float]:
    """Return the name with labels, and the value of a sample."""
    name, _, value = line.rpartition(" ")
    return name, float(value)


def as_series(name: str, before: float, value: float, *, now: float) -> dict[str, str]:
    """Return a sample as a series that changes once, in the last step but one.

    Times keep their distance from now.
    """
    if re.search(r"_timestamp_seconds(\{|$)", name):
        return {"series": name, "values": f"{value - now:.0f}+600x{STEPS}"}
    return {"series": name, "values": f"{before:g}x{STEPS - 2} {value:g}x2"}
