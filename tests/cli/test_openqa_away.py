"""``fedora-openqa worker`` as a process, while openQA is away for a while."""

from urllib.error import HTTPError
from urllib.request import urlopen

import pytest

from fedora_openqa.model.work import SubjectState
from fedora_openqa.sandbox.faults import Kind, Rule
from tests.cli.workers import UPDATES, Place, Run, place, run, wait_for
from tests.services.processes import free_port

__all__ = ["place", "run"]


def ready(port: int) -> tuple[int, str]:
    try:
        with urlopen(f"http://127.0.0.1:{port}/ready", timeout=30) as answer:
            return answer.status, answer.read().decode()
    except HTTPError as exc:
        return exc.code, exc.read().decode()
    except OSError as exc:
        return 0, str(exc)


@pytest.mark.slow
def test_work_goes_on_when_openqa_is_back_and_the_process_is_not_ready_meanwhile(
    place: Place, run: Run
) -> None:
    port = free_port()
    place.cli.sandbox.faults.add(Rule(Kind.ANSWER, path="^/api/v1/", status=502))
    place.want(*UPDATES)
    worker = run("--only", "scheduling", "--listen", f":{port}")
    wait_for(lambda: ready(port) == (503, "openQA does not answer\n"), worker, place)
    wait_for(lambda: bool(place.status()["away"]), worker, place)
    assert place.status()["away"][0]["lane"] == "update"
    # longer than a subject of its own would wait
    wait_for(lambda: place.log.count("its service is away") > 5, worker, place)
    assert place.states() == {SubjectState.WANTED}
    asked = place.cli.sandbox.requests.all(path="^/api/v1/")
    place.cli.sandbox.faults.clear()
    wait_for(lambda: place.states() == {SubjectState.SCHEDULED}, worker, place)
    wait_for(lambda: ready(port) == (200, "ready\n"), worker, place)
    assert place.log.count("openQA is away") == 1
    assert place.log.count("openQA answers again") == 1
    assert place.status()["away"] == []
    # while it was away: some attempts that had begun, and then one small request now and then
    small = [request for request in asked if "ids=1&limit=1" in request.query]
    assert len(asked) - len(small) <= 2 * len(UPDATES)
    assert all(place.update(alias).attempts == 1 for alias in UPDATES)


def test_an_idle_worker_notices_that_openqa_is_away_and_back(place: Place, run: Run) -> None:
    port = free_port()
    worker = run("--only", "scheduling", "--listen", f":{port}")
    wait_for(lambda: ready(port) == (200, "ready\n"), worker, place)
    place.cli.sandbox.faults.add(Rule(Kind.DROP, path="^/api/v1/"))
    wait_for(lambda: ready(port) == (503, "openQA does not answer\n"), worker, place)
    place.cli.sandbox.faults.clear()
    wait_for(lambda: ready(port) == (200, "ready\n"), worker, place)
