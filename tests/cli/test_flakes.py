"""``fedora-openqa flakes`` on a store with known flaky tests."""

import time

from fedora_openqa.sandbox.made_history import make_history
from fedora_openqa.sandbox.made_shapes import shape_of
from fedora_openqa.store.engine import open_engine
from fedora_openqa.store.jobs import JobHistory
from tests.cli.conftest import CommandOnSandbox


def test_flaky_tests_come_with_their_evidence(cli: CommandOnSandbox) -> None:
    assert cli.run("flakes").status == 1
    made = make_history(shape_of(6_000, end=time.time(), days=60.0, seed=1))
    engine = open_engine(f"sqlite:///{cli.directory}/.local/state/fedora-openqa/store.db")
    JobHistory(engine).remember([one.job for one in made.jobs])
    engine.dispose()
    asked = len(cli.sandbox.requests.all())
    shown = cli.run("flakes", "--limit", "1")
    assert shown.status == 0
    found = cli.run("flakes", "--format", "json").json
    worst = found[0]
    assert shown.out.startswith(f"{worst['test']} {worst['flavor']} {worst['arch']}")
    scenarios = {tuple(scenario) for scenario in made.flaky}
    assert (worst["test"], worst["flavor"], worst["arch"], worst["machine"]) in scenarios
    assert [one["score"] for one in found] == sorted((one["score"] for one in found), reverse=True)
    jobs = {one.job.id: one.job for one in made.jobs}
    for one in worst["evidence"]:
        assert jobs[one["id"]].result not in ("passed", "softfailed")
        assert one["url"].endswith(f"/tests/{one['id']}")
        if one["passed"]:
            assert jobs[one["passed"]].result in ("passed", "softfailed")
            assert jobs[one["passed"]].build == one["build"]
    assert len(cli.sandbox.requests.all()) == asked
    assert {one["arch"] for one in cli.run("flakes", "--arch", "x86_64", "--format", "json").json} <= {
        "x86_64"
    }  # fmt: skip
