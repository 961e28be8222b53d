from dataclasses import replace

import pytest

from fedora_openqa.errors import (
    AmbiguousWriteError,
    PermanentError,
    ServiceUnavailableError,
    SubjectError,
    TemporaryError,
)
from fedora_openqa.gateways.openqa.dry_run import DryRunOpenQA
from fedora_openqa.model.composes import ComposeName
from fedora_openqa.model.jobs import Job
from fedora_openqa.model.products import ProductResult, ProductState, ScheduleResult
from fedora_openqa.model.requests import (
    ComposeRequest,
    CoreOSRequest,
    PackagesRequest,
    Request,
    UpdateRequest,
)
from fedora_openqa.model.stories import Pause
from fedora_openqa.model.subjects import Copr, KojiTasks, SideTag
from fedora_openqa.policy.holds import Holds
from fedora_openqa.ports import OpenQA, Pauses, ProductLedger
from fedora_openqa.workflows.post import Forgetful
from fedora_openqa.workflows.schedule import Schedule
from tests.support.composes import CLOUD, LOCATION, RAWHIDE, SERVER_DVD, compose
from tests.support.fakes import FakeBodhi, FakeComposes, FakeCoreOSBuilds, FakeOpenQA, FakeReleases
from tests.support.packages import CORE_UPDATE, COREOS_BUILD, update
from tests.support.site import COMPOSE, SITE

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
) -> ScheduleResult:
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
    ledger: ProductLedger | None = None,
    holds: Holds = SITE.holds,
    pauses: Pauses | None = None,
) -> ScheduleResult:
    workflow = Schedule(
        composes=composes or FakeComposes(COMPOSE, named=RAWHIDE),
        releases=releases or FakeReleases(),
        bodhi=bodhi or FakeBodhi(),
        coreos=coreos or FakeCoreOSBuilds(),
        openqa=openqa or FakeOpenQA(),
        site=replace(SITE, holds=holds),
        pauses=pauses,
    )
    return workflow.schedule(request, ledger)


def states(scheduled: ScheduleResult) -> list[ProductState]:
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
            raise AmbiguousWriteError("503")

    scheduled = schedule(Mute(), FakeComposes(CANDIDATE, named=None))
    assert (scheduled.job_ids, scheduled.uncommented) == ((1,), None)
    assert "503" in caplog.text


def test_a_comment_that_openqa_takes_later_is_owed() -> None:
    class Busy(FakeOpenQA):
        def post_comment(self, group_id: int, text: str) -> None:  # noqa: ARG002
            raise ServiceUnavailableError("429", retry_after=60)

    scheduled = schedule(Busy(), FakeComposes(CANDIDATE, named=None))
    assert (scheduled.job_ids, scheduled.uncommented, scheduled.retry_after) == ((1,), "429", 60)


def test_a_dry_run_plans_the_same_and_writes_nothing() -> None:
    openqa = FakeOpenQA()
    scheduled = schedule(DryRunOpenQA(openqa), FakeComposes(CANDIDATE, named=None))
    assert states(scheduled) == [ProductState.POSTED]
    assert scheduled.products[0].product.settings["BUILD"] == "Fedora-44-20261118.0"
    assert openqa.posts == []
    assert openqa.comments == []


UPDATE = UpdateRequest(update=CORE_UPDATE.alias)


def test_an_update_is_posted_flavor_by_flavor() -> None:
    openqa = FakeOpenQA()
    scheduled = run(UPDATE, openqa=openqa)
    assert len(scheduled.posted) == 11
    assert {product.settings["BUILD"] for product in openqa.posts} == {
        "Update-FEDORA-2026-1bd5f4a0c2"
    }


def test_the_release_of_an_update_says_itself_whether_it_creates_automatic_updates() -> None:
    openqa, bodhi = FakeOpenQA(), FakeBodhi(update(release="45", automatic_updates=True))
    run(UPDATE, openqa=openqa, bodhi=bodhi)
    assert bodhi.asked_for_releases == []
    assert openqa.posts[0].settings["BUILDROOT_REPO"] == "f45-build"


def test_an_update_may_be_tested_on_another_release() -> None:
    openqa, bodhi = FakeOpenQA(), FakeBodhi(automatic_updates=True)
    run(replace(UPDATE, release="45"), openqa=openqa, bodhi=bodhi)
    assert bodhi.asked_for_releases == ["45"]
    assert openqa.posts[0].settings["VERSION"] == "45"
    assert openqa.posts[0].settings["BUILDROOT_REPO"] == "f45-build"


def test_not_to_know_about_automatic_updates_is_said(caplog: pytest.LogCaptureFixture) -> None:
    openqa = FakeOpenQA()
    bodhi = FakeBodhi(automatic_updates=ServiceUnavailableError("GET releases: 503"))
    run(PackagesRequest(packages=SideTag("f43-build-side-1", "43")), openqa=openqa, bodhi=bodhi)
    assert "scheduling without BUILDROOT_REPO: GET releases: 503" in caplog.text
    assert "BUILDROOT_REPO" not in openqa.posts[0].settings


def test_other_updates_end_in_a_reason_without_more_questions() -> None:
    epel = update(id_prefix="FEDORA-EPEL", automatic_updates=None)
    openqa, bodhi = FakeOpenQA(), FakeBodhi(epel)
    scheduled = run(UPDATE, openqa=openqa, bodhi=bodhi)
    assert "FEDORA-EPEL" in (scheduled.reason or "")
    assert bodhi.asked_for_releases == []
    assert openqa.posts == []


@pytest.mark.parametrize(
    ("status", "by_message"),
    [
        ("pending", True),
        ("testing", True),
        ("stable", True),
        ("", True),
        ("obsolete", False),
        ("unpushed", False),
    ],
)
def test_an_update_that_was_withdrawn_is_tested_only_if_a_person_wants_it(
    status: str, *, by_message: bool
) -> None:
    bodhi = FakeBodhi(replace(CORE_UPDATE, status=status))
    scheduled = run(replace(UPDATE, everything=False), bodhi=bodhi)
    assert bool(scheduled.posted) is by_message
    assert by_message or f"is {status} by now" in (scheduled.reason or "")
    assert run(UPDATE, bodhi=bodhi).posted


def test_other_builds_than_those_that_were_announced_are_no_answer() -> None:
    openqa = FakeOpenQA()
    announced = replace(UPDATE, content=("kernel-6.17.5-300.fc43",))
    with pytest.raises(TemporaryError, match="does not show the announced builds"):
        run(announced, openqa=openqa)
    assert openqa.posts == []
    assert run(replace(UPDATE, content=tuple(sorted(CORE_UPDATE.nvrs)))).posted


@pytest.mark.parametrize(
    ("request_", "build"),
    [
        (PackagesRequest(packages=KojiTasks((1, 2), "43")), "Kojitask-1_2-NOREPORT"),
        (PackagesRequest(packages=SideTag("side", "43")), "TAG_side-NOREPORT"),
        (PackagesRequest(packages=Copr("@g/n", "43")), "COPR_@g/n-NOREPORT"),
        (CoreOSRequest(url=COREOS_BUILD.url), "Fedora-CoreOS-45.20261119.91.0"),
    ],
)
def test_everything_else_is_posted_too(request_: Request, build: str) -> None:
    openqa = FakeOpenQA()
    scheduled = run(request_, openqa=openqa)
    assert scheduled.posted
    assert {product.settings["BUILD"] for product in openqa.posts} == {build}


@pytest.mark.parametrize(
    "holds",
    [
        Holds(blocked={"*Fedora-Rawhide-20261120.n.0*": "no"}, paused={}),
        Holds(blocked={RAWHIDE.id: "no"}, paused={}),
        Holds(blocked={}, paused={"compose": "no"}),
    ],
)
def test_a_blocked_compose_is_not_even_read(holds: Holds) -> None:
    composes, openqa = FakeComposes(COMPOSE, named=RAWHIDE), FakeOpenQA()
    request = ComposeRequest(location=LOCATION)
    scheduled = run(request, composes=composes, openqa=openqa, holds=holds)
    assert (scheduled.reason or "").endswith(": no")
    assert (composes.loads, openqa.posts) == (0, [])


@pytest.mark.parametrize(
    ("request_", "holds"),
    [
        (
            ComposeRequest(location="https://dl.fedoraproject.org/pub/alt/stage/x"),
            Holds(blocked={RAWHIDE.id: "no"}, paused={}),
        ),
        (UPDATE, Holds(blocked={}, paused={"update:43": "no"})),
        (CoreOSRequest(url="https://x"), Holds(blocked={"45.2026*": "no"}, paused={})),
    ],
)
def test_what_is_blocked_by_what_it_turns_out_to_be_is_not_posted(
    request_: Request, holds: Holds
) -> None:
    openqa = FakeOpenQA()
    assert (run(request_, openqa=openqa, holds=holds).reason or "").endswith(": no")
    assert openqa.posts == []


def test_a_compose_must_be_the_one_that_was_announced() -> None:
    request = ComposeRequest(location=LOCATION, compose_id=RAWHIDE.id)
    assert run(request).posted
    openqa = FakeOpenQA()
    with pytest.raises(SubjectError, match=f"is {RAWHIDE.id}, not Fedora-Rawhide-20261119"):
        run(replace(request, compose_id="Fedora-Rawhide-20261119.n.0"), openqa=openqa)
    assert not openqa.posts


@pytest.mark.parametrize(
    ("buildid", "arch"), [("1.2", COREOS_BUILD.arch), (COREOS_BUILD.buildid, "s390x")]
)
def test_a_coreos_build_must_be_the_one_that_was_announced(buildid: str, arch: str) -> None:
    request = CoreOSRequest(url="x", buildid=COREOS_BUILD.buildid, arch=COREOS_BUILD.arch)
    assert run(request).posted
    with pytest.raises(SubjectError, match=f"is build {COREOS_BUILD.buildid} for"):
        run(replace(request, buildid=buildid, arch=arch))


class Recording(Forgetful):
    """Keeps what became of products."""

    def __init__(self) -> None:
        self.results: list[ProductResult] = []

    def record(self, result: ProductResult) -> None:
        self.results.append(result)


ALIKE = compose(SERVER_DVD, replace(SERVER_DVD, url=f"{LOCATION}/other.iso"), CLOUD, full=False)


def test_what_cannot_be_told_apart_is_stored_as_failed_and_stops_no_other() -> None:
    ledger = Recording()
    scheduled = run(
        ComposeRequest(location=LOCATION),
        composes=FakeComposes(ALIKE, named=RAWHIDE),
        ledger=ledger,
    )
    expected = {
        "Server-dvd-iso": (
            ProductState.FAILED,
            "several images, and no rule which one to test: Server-dvd-x86_64.iso and other.iso",
        ),
        "Cloud_Base-qcow2-qcow2": (ProductState.POSTED, None),
    }
    for results in (scheduled.products, ledger.results):
        assert {one.product.flavor: (one.state, one.reason) for one in results} == expected


def test_what_cannot_be_told_apart_is_no_matter_once_a_person_has_scheduled_it() -> None:
    openqa = FakeOpenQA([Job(1, "Server-dvd-iso", "x86_64", "done", "passed")])
    composes = FakeComposes(ALIKE, named=RAWHIDE)
    scheduled = run(ComposeRequest(location=LOCATION), composes=composes, openqa=openqa)
    assert not scheduled.failed
    assert [product.flavor for product in openqa.posts] == ["Cloud_Base-qcow2-qcow2"]


class OnePause:
    """`fedora_openqa.ports.Pauses` with the lane of composes paused."""

    def all(self) -> tuple[Pause, ...]:
        return (Pause(lane="compose", by="ada", reason="mass rebuild", since=0.0),)

    def pause(self, pause: Pause) -> None:
        raise NotImplementedError

    def resume(self, lane: str) -> bool:
        raise NotImplementedError


def test_a_lane_that_an_operator_has_paused_is_not_read() -> None:
    composes = FakeComposes(COMPOSE, named=RAWHIDE)
    scheduled = run(ComposeRequest(location=LOCATION), composes=composes, pauses=OnePause())
    assert scheduled.paused
    assert "mass rebuild" in (scheduled.reason or "")
    assert composes.loads == 0
