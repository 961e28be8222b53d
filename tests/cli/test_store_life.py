"""Workers beside a store that is upgraded, and after one that was restored."""

import json
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path
from typing import Any
from urllib.request import urlopen

import pytest

from fedora_openqa.errors import WRONG_DEPLOYMENT
from fedora_openqa.model.work import SubjectState
from fedora_openqa.sandbox.faults import Kind, Rule
from fedora_openqa.store.upgrading import Upgrader
from tests.cli.workers import UPDATES, Place, Run, place, run, wait_for
from tests.support.migrations import CONTRACTING, EXPANDING, with_next

__all__ = ["place", "run"]


@pytest.fixture(autouse=True)
def short_leases(place: Place) -> None:
    text = place.cli.config.read_text()
    place.cli.config.write_text(text.replace("lease = 600.0", "lease = 5.0"))


def upgrade(place: Place, folder: Path, *texts: str) -> None:
    """Upgrade as a later version would."""
    url = f"sqlite:///{place.cli.directory}/store.db"
    for _ in Upgrader(url, with_next(folder / "next", *texts)).upgrade():
        pass


def command(place: Place, *arguments: str) -> None:
    """Run a command as a process: one that ends leaves no connection to the store."""
    subprocess.run(
        [sys.executable, "-m", "fedora_openqa", *arguments],
        check=True,
        env=place.cli.whole_environ,
    )


def jobs(place: Place) -> Any:  # noqa: ANN401 - JSON
    with urlopen(f"{place.cli.sandbox.url}/api/v1/jobs") as answer:  # noqa: S310 - ours
        return json.load(answer)["jobs"]


def scenarios(place: Place) -> Counter[tuple[str, ...]]:
    """Return how many jobs there are of each scenario of each build."""
    names = ("BUILD", "FLAVOR", "ARCH", "TEST", "MACHINE")
    return Counter(tuple(job["settings"][name] for name in names) for job in jobs(place))


@pytest.mark.slow
def test_a_version_works_on_beside_a_store_that_the_next_one_has_expanded(
    place: Place, run: Run, tmp_path: Path
) -> None:
    place.cli.sandbox.faults.add(Rule(Kind.DELAY, path="/api/v1/isos", seconds=0.2))
    place.want(*UPDATES)
    worker = run("--only", "scheduling")
    wait_for(lambda: bool(place.cli.posts), worker, place)
    upgrade(place, tmp_path, EXPANDING)
    before = len(place.cli.posts)
    wait_for(lambda: len(place.cli.posts) > before, worker, place)
    worker.kill()
    worker.wait()
    worker = run("--only", "scheduling")
    wait_for(lambda: place.states() == {SubjectState.SCHEDULED}, worker, place)
    assert {build for build, *_ in scenarios(place)} == {f"Update-{name}" for name in UPDATES}
    assert set(scenarios(place).values()) == {1}


@pytest.mark.slow
@pytest.mark.parametrize("busy", [True, False])
def test_a_version_ends_beside_a_store_that_a_later_one_has_contracted(
    place: Place, run: Run, tmp_path: Path, *, busy: bool
) -> None:
    place.want(UPDATES[0])
    worker = run("--only", "scheduling")
    wait_for(lambda: place.states() == {SubjectState.SCHEDULED}, worker, place)
    if busy:
        place.cli.sandbox.faults.add(Rule(Kind.DELAY, path="/api/v1/isos", seconds=0.5))
        place.want(*UPDATES, again=True)
    upgrade(place, tmp_path, EXPANDING, CONTRACTING)
    assert worker.wait(100) == WRONG_DEPLOYMENT, place.log
    assert "the store has schema 0003 of fedora-openqa" in place.log.splitlines()[-1]
    # its statements did not fit for a while: no reason to park anything
    with place.engine.connect() as connection:
        states = connection.exec_driver_sql("SELECT DISTINCT state FROM subject").scalars().all()
    assert "parked" not in states


@pytest.mark.slow
def test_after_an_old_backup_is_restored_nothing_is_posted_twice(
    place: Place, run: Run, tmp_path: Path
) -> None:
    backup = str(tmp_path / "backup")
    place.want(UPDATES[0])
    worker = run("--only", "scheduling")
    wait_for(lambda: place.states() == {SubjectState.SCHEDULED}, worker, place)
    # the backup knows that the second update is wanted, and nothing of the third
    command(place, "pause", "update", "--reason", "a backup")
    place.want(UPDATES[1])
    command(place, "store", "backup", backup)
    command(place, "resume", "update")
    place.want(UPDATES[2])
    wait_for(lambda: place.states() == {SubjectState.SCHEDULED}, worker, place)
    worker.terminate()
    assert place.ended(worker) == 0
    place.engine.dispose()
    before = scenarios(place)
    command(place, "store", "restore", backup, "--force")
    command(place, "resume", "update")
    command(place, "sweep", "--since", "3650d")
    worker = run("--only", "scheduling")
    finished = {SubjectState.SCHEDULED, SubjectState.SKIPPED, SubjectState.PARKED}
    while not place.states() <= finished:
        assert worker.poll() is None, place.log
        time.sleep(0.1)
    assert {place.update(name).state for name in UPDATES} == {SubjectState.SCHEDULED}
    after = scenarios(place)
    assert before == {scenario: after[scenario] for scenario in before}
    assert set(after.values()) == {1}
