"""What openQA's own clean-up does to jobs that are kept, and to those that are not."""

import re
import time
from pathlib import Path

import pytest
from sqlalchemy import Engine, create_engine, text

from fedora_openqa.gateways.openqa.api import RestOpenQA
from fedora_openqa.policy.history import stored_job
from fedora_openqa.sandbox.running import Sandbox
from fedora_openqa.store.engine import open_engine
from fedora_openqa.store.jobs import JobHistory
from tests.services.openqa import PrivateOpenQA
from tests.services.real_site import Site, open_site
from tests.support.limits import limits_with

pytestmark = [pytest.mark.service, pytest.mark.timeout(300)]

BUILD = "Fedora-Rawhide-20261120.n.0"
FLAVOR = "i3-live-iso"
#: openQA's defaults, in days: results go after a year, the logs of kept jobs after four months
YEAR, RECENT = 400, 90


@pytest.fixture
def site(private_openqa: PrivateOpenQA, tmp_path: Path) -> Site:
    return open_site(private_openqa, tmp_path)


def test_a_kept_job_survives_the_clean_up_and_one_that_is_released_goes(
    private_openqa: PrivateOpenQA, site: Site
) -> None:
    with Sandbox() as sandbox:
        site.configure(sandbox.url)
        url = f"sqlite:///{site.directory}/store.db"
        with (site.directory / "config.toml").open("a") as config:
            # comments link to the pages, and openQA obeys them all the same
            config.write(f'\n[store]\nurl = "{url}"\n[web]\nurl = "https://pages.example.org"\n')
        status, _ = site.compose(sandbox.compose_location, "--flavors", FLAVOR)
        assert status == 0
        openqa = RestOpenQA(
            private_openqa.url, limits=limits_with(attempts=1), post_timeout=60, environ={}
        )
        ids = [job.id for job in openqa.jobs_for_build(BUILD)]
        kept = ids[0]
        for job in reversed(ids):
            result = "failed" if job == kept else "passed"
            site.client.openqa_request("POST", f"jobs/{job}/set_done", params={"result": result})
        JobHistory(open_engine(url)).remember(
            [stored_job(job) for job in openqa.jobs_for_build(BUILD)]
        )
        status, answer = site.run("keep", BUILD, "--reason", "a waiver")
        assert (status, answer["kept"]) == (0, [kept])
        (comment,) = site.get(f"jobs/{kept}/comments")
        assert comment["text"].endswith(f": https://pages.example.org/j/{kept}")
        # what is done for the whole build keeps nothing: no job has the build that openQA reads
        (group, *_) = site.get("job_groups")
        tag = {"text": f"tag:{BUILD}:important:candidate"}
        site.client.openqa_request("POST", f"groups/{group['id']}/comments", data=tag)
        execute(private_openqa, "UPDATE jobs SET logs_present = true, result_dir = id::text")
        assert logs(private_openqa) == set(ids)
        age(private_openqa, days=RECENT)
        clean_up(private_openqa)
        assert {job.id for job in openqa.jobs_for_build(BUILD)} == set(ids)
        assert logs(private_openqa) == {kept}
        age(private_openqa, days=YEAR)
        clean_up(private_openqa)
        assert [job.id for job in openqa.jobs_for_build(BUILD)] == [kept]
        status, answer = site.run("keep", BUILD, "--release")
        assert (status, answer["released"]) == (0, [kept])
        clean_up(private_openqa)
        assert openqa.jobs_for_build(BUILD) == ()
        status, answer = site.run("keep", BUILD, "--reason", "too late")
        assert (status, answer["gone"]) == (1, [kept])
        assert site.run("keep", "--list") == (0, [])


def clean_up(openqa: PrivateOpenQA) -> None:
    """Run openQA's task that deletes what is old."""
    asked = openqa.command("minion", "job", "-e", "limit_results_and_logs")
    (number,) = re.findall(r"\d+", asked)
    deadline = time.monotonic() + 120
    while "state: finished" not in openqa.command("minion", "job", number):
        assert time.monotonic() < deadline, openqa.command("minion", "job", number)
        openqa.command("minion", "job", "-f", number)


def age(openqa: PrivateOpenQA, *, days: int) -> None:
    """Make all jobs as old as that."""
    execute(openqa, "UPDATE jobs SET t_finished = now() - make_interval(days => :days)", days=days)


def logs(openqa: PrivateOpenQA) -> set[int]:
    """Return the jobs whose logs openQA has."""
    with engine(openqa).connect() as connection:
        return set(connection.scalars(text("SELECT id FROM jobs WHERE logs_present")))


def execute(openqa: PrivateOpenQA, statement: str, **values: int) -> None:
    with engine(openqa).begin() as connection:
        connection.execute(text(statement), values)


def engine(openqa: PrivateOpenQA) -> Engine:
    return create_engine(f"postgresql+psycopg://openqa@/openqa?host={openqa.database.folder}")
