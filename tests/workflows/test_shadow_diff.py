"""What a shadow recorded, compared: facts that are missing, and what is not compared."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from typing import Any

import pytest

from fedora_openqa.data.wiki_tables import load_wiki_tables
from fedora_openqa.errors import ServiceUnavailableError
from fedora_openqa.model.deliveries import Delivery, DeliveryState
from fedora_openqa.model.jobs import Job
from fedora_openqa.model.shadow import Explanation, PassedCells, Service, ShadowDiff, Verdict
from fedora_openqa.model.stories import StoredProduct, Story
from fedora_openqa.model.templates import Templates
from fedora_openqa.model.wiki import WikiEvent, WikiPass
from fedora_openqa.model.work import StoredSubject, SubjectState
from fedora_openqa.policy.autocloud import autocloud_result
from fedora_openqa.policy.results import result_for
from fedora_openqa.workflows.shadow_diff import Comparing
from tests.support.resultsdb import BASE_URL, BUILD, FACTS, FakeJobs, FakeResultsDB, job
from tests.support.wiki import EVENTS

UPDATE = BUILD.removeprefix("Update-")


def story(
    key: str,
    state: SubjectState = SubjectState.SCHEDULED,
    *,
    products: Sequence[StoredProduct] = (),
    deliveries: Sequence[Delivery] = (),
    reason: str | None = None,
) -> Story:
    subject = StoredSubject(
        key=key,
        lane=key.partition(":")[0],
        request={},
        number=1,
        state=state,
        reason=reason,
        due=0.0,
        attempts=1,
        last_error=None,
        message_id=None,
        created=0.0,
        updated=0.0,
    )
    return Story(subject, 0.0, None, (), tuple(products), tuple(deliveries))


def product(state: str = "posted", **settings: str) -> StoredProduct:
    own = {
        "FLAVOR": "updates-server",
        "ARCH": "x86_64",
        "BUILD": BUILD,
        "ADVISORY": UPDATE,
        **settings,
    }
    return StoredProduct(1, "updates-server", "x86_64", own, state, (), None, 0.0)


def delivered(item: str, told: str, **facts: str) -> Delivery:
    return Delivery(item=item, number=1, state=DeliveryState.DELIVERED, told=told, facts=facts)


class NoPasses:
    """Pages without a pass."""

    def passed(
        self, event: WikiEvent, testtypes: Sequence[str], wanted: Collection[WikiPass]
    ) -> PassedCells:
        assert event
        assert testtypes
        return PassedCells(impossible=frozenset(wanted))


class NoTemplates:
    """An openQA without job templates."""

    def load(self) -> Templates:
        return Templates(frozenset(), frozenset())


@dataclass
class FakeRecords:
    stories: Sequence[Story]

    def now(self) -> float:
        return 100.0

    def recorded_since(self, time: float) -> tuple[Story, ...]:
        assert time == 40.0
        return tuple(self.stories)


@dataclass
class Away(FakeJobs):
    """An openQA that does not answer about one build."""

    jobs: dict[int, Job] = field(default_factory=dict)

    def jobs_for_build(self, build: str) -> tuple[Job, ...]:
        if build == BUILD:
            raise ServiceUnavailableError("GET jobs: 503")
        return super().jobs_for_build(build)


def compared(
    *stories: Story,
    openqa: FakeJobs | None = None,
    resultsdb: FakeResultsDB | None = None,
) -> ShadowDiff:
    fakes: dict[str, Any] = {
        "stories": FakeRecords(stories),
        "openqa": openqa or FakeJobs({}),
        "templates": NoTemplates(),
        "resultsdb": resultsdb or FakeResultsDB(),
        "pages": NoPasses(),
    }
    comparing = Comparing(
        **fakes,
        events=EVENTS,
        tables=load_wiki_tables(),
        imageless=(),
        base_url=BASE_URL,
        result_of_facts=lambda facts: autocloud_result(facts, base_url=BASE_URL),
    )
    return comparing.diff(60.0, progress=lambda _done, _all, _name: None)


def test_products_are_compared_with_the_jobs_of_their_build() -> None:
    found = compared(story(f"update:{UPDATE}", products=[product()]), openqa=FakeJobs.of(job(1)))
    assert [one.verdict for one in found.comparisons] == [Verdict.SAME]
    assert found.number_of_same(Service.OPENQA) == 1


def test_a_product_that_openqa_makes_no_jobs_of_is_explained() -> None:
    (found,) = compared(story(f"update:{UPDATE}", products=[product()])).comparisons
    assert (found.verdict, found.explanation) == (Verdict.OURS, Explanation.NO_TEMPLATES)


@pytest.mark.parametrize("state", ["failed", "intended"])
def test_a_product_that_failed_is_none_of_ours(state: str) -> None:
    recorded = story(
        f"update:{UPDATE}", SubjectState.PARKED, products=[product(state)], reason="no"
    )
    (found,) = compared(recorded, openqa=FakeJobs.of(job(1))).comparisons
    assert (found.verdict, found.reason) == (Verdict.THEIRS, "no")


def test_what_is_not_done_or_was_found_by_a_sweep_is_named_and_not_compared() -> None:
    found = compared(
        story(f"update:{UPDATE}", SubjectState.WANTED),
        story("update:FEDORA-2026-aaaaaaaaaa"),
        story("message:x", SubjectState.PARKED),
        openqa=FakeJobs.of(job(1)),
    )
    assert found.comparisons == ()
    assert sorted(found.skipped) == [
        f"update:{UPDATE}: not done yet",
        "update:FEDORA-2026-aaaaaaaaaa: a sweep found it with its jobs",
    ]


def test_a_build_that_cannot_be_read_delays_no_other() -> None:
    other = "FEDORA-2026-aaaaaaaaaa"
    found = compared(
        story(f"update:{UPDATE}", products=[product()]),
        story(f"update:{other}", products=[product(BUILD=f"Update-{other}")]),
        openqa=Away(),
    )
    assert found.unknown == (f"update:{UPDATE}: GET jobs: 503",)
    assert [one.build for one in found.comparisons] == [f"Update-{other}"]


def test_the_jobs_of_a_build_are_read_once() -> None:
    jobs = FakeJobs.of(job(1))
    compared(
        story(f"update:{UPDATE}", products=[product()]),
        story(f"resultsdb:{BUILD}", SubjectState.REPORTED, deliveries=[delivered("1", "PASSED")]),
        openqa=jobs,
    )
    assert jobs.builds == 1


def test_results_are_compared_with_the_rows_of_their_update() -> None:
    resultsdb = FakeResultsDB()
    for number in (1, 2):
        result = result_for(job(number), base_url=BASE_URL)
        resultsdb.post(resultsdb.prepare(result))  # type: ignore[arg-type] # it is reported
    recorded = [delivered("1", "PASSED"), delivered("3", "FAILED")]
    found = compared(
        story(f"resultsdb:{BUILD}", SubjectState.REPORTED, deliveries=recorded),
        openqa=FakeJobs.of(job(1), job(2), job(3, "failed")),
        resultsdb=resultsdb,
    )
    assert [(one.about, one.verdict) for one in found.comparisons] == [
        ("update.test_1 of job 1", Verdict.SAME),
        ("update.test_2 of job 2", Verdict.THEIRS),
        ("update.test_3 of job 3", Verdict.OURS),
    ]


def test_results_of_cloud_images_are_compared_too() -> None:
    resultsdb = FakeResultsDB()
    resultsdb.post(resultsdb.prepare(autocloud_result(FACTS, base_url=BASE_URL)))
    recorded = delivered("autocloud:2023", "PASSED", **FACTS)
    found = compared(
        story(
            "resultsdb:Fedora-Atomic-25-20170206.0", SubjectState.REPORTED, deliveries=[recorded]
        ),
        resultsdb=resultsdb,
    )
    assert [one.verdict for one in found.comparisons] == [Verdict.SAME]


def test_a_build_without_result_pages_has_no_cells() -> None:
    recorded = [delivered("1", "pass")]
    found = compared(
        story(f"wiki:{BUILD}", SubjectState.REPORTED, deliveries=recorded),
        openqa=FakeJobs.of(job(1)),
    )
    assert (found.comparisons, found.unknown) == ((), ())


def test_reports_are_listed() -> None:
    recorded = [
        Delivery(
            item="report", number=1, state=DeliveryState.DELIVERED, told="{}", summary="1 failed"
        )
    ]
    found = compared(story("mail:Fedora-X", SubjectState.REPORTED, deliveries=recorded))
    assert found.mails == ("mail:Fedora-X: 1 failed",)
