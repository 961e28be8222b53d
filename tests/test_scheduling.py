from dataclasses import replace

import pytest

from fedora_openqa.data import load_compose_tables, load_flavor_tables
from fedora_openqa.errors import PermanentError, ServiceUnavailableError, SubjectError
from fedora_openqa.gateways.dry_run import DryRunOpenQA
from fedora_openqa.model.composes import ComposeName
from fedora_openqa.model.products import Job, ProductState, Scheduled
from fedora_openqa.model.requests import ComposeRequest, Request
from fedora_openqa.policy.holds import Holds
from fedora_openqa.ports import OpenQA
from fedora_openqa.scheduling import Site, World
from fedora_openqa.scheduling import schedule as run_workflow
from tests.composes import CLOUD, LOCATION, RAWHIDE, SERVER_DVD, compose
from tests.fakes import FakeBodhi, FakeComposes, FakeCoreOSBuilds, FakeOpenQA, FakeReleases
from tests.packages import REPOSITORIES

SITE = Site(
    compose_tables=load_compose_tables(),
    flavor_tables=load_flavor_tables(),
    job_settings={"QEMU_HOST_IP": "172.16.2.2"},
    repositories=REPOSITORIES,
    holds=Holds(blocked={}, paused={}),
    candidate_group="fedora",
    update_arches=("x86_64",),
    posts_at_once=2,
    look_again_after=0.01,
)
COMPOSE = compose(SERVER_DVD, CLOUD, full=False)
CANDIDATE = compose(
    SERVER_DVD,
    name=ComposeName("Fedora-44-20261118.0", "Fedora", "44", "ga"),
    type_="production",
    label="RC-1.2",
    full=False,
)


def schedule(
    openqa: OpenQA,
    composes: FakeComposes | None = None,
    releases: FakeReleases | None = None,
    *,
    force: bool = False,
    arches: tuple[str, ...] = (),
) -> Scheduled:
    return run(
        ComposeRequest(location=LOCATION, force=force, arches=arches),
        openqa=openqa,
        composes=composes,
        releases=releases,
    )


def run(
    request: Request,
    *,
    openqa: OpenQA | None = None,
    composes: FakeComposes | None = None,
    releases: FakeReleases | None = None,
    bodhi: FakeBodhi | None = None,
    coreos: FakeCoreOSBuilds | None = None,
    holds: Holds = SITE.holds,
) -> Scheduled:
    world = World(
        composes=composes or FakeComposes(COMPOSE, named=RAWHIDE),
        releases=releases or FakeReleases(),
        bodhi=bodhi or FakeBodhi(),
        coreos=coreos or FakeCoreOSBuilds(),
        openqa=openqa or FakeOpenQA(),
    )
    site = replace(SITE, holds=holds)
    return run_workflow(request, world=world, site=site, progress=lambda _result, _total: None)


def states(scheduled: Scheduled) -> list[ProductState]:
    return [result.state for result in scheduled.products]


def test_every_wanted_image_is_posted() -> None:
    openqa = FakeOpenQA()
    scheduled = schedule(openqa)
    assert sorted(product.flavor for product in openqa.posts) == [
        "Cloud_Base-qcow2-qcow2",
        "Server-dvd-iso",
    ]
    assert scheduled.job_ids == (1, 2)
    assert scheduled.target == LOCATION


def test_a_second_run_posts_nothing_and_force_posts_again() -> None:
    openqa = FakeOpenQA()
    schedule(openqa)
    again = schedule(openqa)
    assert states(again) == [ProductState.EXISTING] * 2
    assert again.job_ids == ()
    assert len(openqa.posts) == 2
    assert len(schedule(openqa, force=True).job_ids) == 2
    assert len(openqa.posts) == 4


def test_only_what_is_missing_is_posted() -> None:
    openqa = FakeOpenQA([Job(1, "Server-dvd-iso", "x86_64", "done", "failed")])
    assert states(schedule(openqa)) == [ProductState.EXISTING, ProductState.POSTED]


@pytest.mark.parametrize("named", [True, False])
def test_an_updates_compose_is_skipped_with_a_reason(*, named: bool) -> None:
    name = ComposeName("Fedora-43-updates-20261120.0", "Fedora", "43", "updates")
    composes = FakeComposes(compose(name=name), named=name if named else None)
    openqa = FakeOpenQA()
    scheduled = schedule(openqa, composes)
    assert "updates" in (scheduled.reason or "")
    assert openqa.posts == []
    # a name in the URL is reason enough not to ask anybody
    assert composes.loads == (0 if named else 1)


def test_no_image_to_test_is_a_reason() -> None:
    scheduled = schedule(FakeOpenQA(), arches=("s390x",))
    assert scheduled.reason == "Compose found, but no available images"


@pytest.mark.parametrize("error", [PermanentError("not there"), ServiceUnavailableError("503")])
def test_without_release_numbers_everything_still_runs(
    error: PermanentError | ServiceUnavailableError, caplog: pytest.LogCaptureFixture
) -> None:
    openqa = FakeOpenQA()
    schedule(openqa, releases=FakeReleases(error))
    assert {product.settings["CURRREL"] for product in openqa.posts} == {"FEDFINDERROR"}
    assert len(openqa.posts) == 2
    assert str(error) in caplog.text


def test_unknown_is_no_answer_where_it_matters() -> None:
    class Silent(FakeOpenQA):
        def jobs_for_build(self, build: str) -> tuple[Job, ...]:  # noqa: ARG002
            raise ServiceUnavailableError("GET jobs: 503")

    openqa = Silent()
    with pytest.raises(ServiceUnavailableError):
        schedule(openqa)
    assert openqa.posts == []


def test_a_compose_that_cannot_be_tested_is_an_error() -> None:
    error = SubjectError("doomed")
    with pytest.raises(SubjectError, match="doomed"):
        schedule(FakeOpenQA(), FakeComposes(error, named=None))


def test_openqa_is_told_to_keep_a_candidate() -> None:
    openqa = FakeOpenQA()
    schedule(openqa, FakeComposes(CANDIDATE, named=None))
    assert openqa.comments == [(1, "tag:Fedora-44-20261118.0:important:candidate")]


def test_but_not_if_nothing_was_scheduled() -> None:
    openqa = FakeOpenQA([Job(1, "Server-dvd-iso", "x86_64", "done", "failed")])
    schedule(openqa, FakeComposes(CANDIDATE, named=None))
    assert openqa.comments == []


def test_a_missing_group_is_a_warning(caplog: pytest.LogCaptureFixture) -> None:
    openqa = FakeOpenQA()
    openqa.groups = {}
    assert schedule(openqa, FakeComposes(CANDIDATE, named=None)).job_ids == (1,)
    assert "no job group 'fedora'" in caplog.text


def test_a_comment_that_fails_is_a_warning(caplog: pytest.LogCaptureFixture) -> None:
    class Mute(FakeOpenQA):
        def post_comment(self, group_id: int, text: str) -> None:  # noqa: ARG002
            raise ServiceUnavailableError("503")

    assert schedule(Mute(), FakeComposes(CANDIDATE, named=None)).job_ids == (1,)
    assert "503" in caplog.text


def test_a_dry_run_plans_the_same_and_writes_nothing() -> None:
    openqa = FakeOpenQA()
    scheduled = schedule(DryRunOpenQA(openqa), FakeComposes(CANDIDATE, named=None))
    assert states(scheduled) == [ProductState.POSTED]
    assert scheduled.products[0].product.settings["BUILD"] == "Fedora-44-20261118.0"
    assert openqa.posts == []
    assert openqa.comments == []
