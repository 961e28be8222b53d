import threading
from collections.abc import Callable, Iterable

import pytest

from fedora_openqa.errors import (
    ConfigError,
    RequestRefusedError,
    ServiceUnavailableError,
    SubjectError,
)
from fedora_openqa.model.gating import (
    BlockedUpdates,
    Decision,
    Gated,
    GatingQuestion,
    Remedy,
    Requirement,
    RequirementState,
)
from fedora_openqa.model.jobs import Job
from fedora_openqa.model.subjects import Update
from fedora_openqa.policy.gating import Push
from fedora_openqa.workflows.gating import LOOKS_AT_ONCE, GatingView
from tests.support.fakes import FakeBodhi
from tests.support.gating import FakeGating, FakeUpdates, OpenQAWithBuilds, job, requirement
from tests.support.packages import CORE_UPDATE, update

ALIAS = CORE_UPDATE.alias
COMPOSE = "Fedora-Rawhide-20261120.n.0"
AWAY = ServiceUnavailableError("POST /decision: 502")


def decision(*requirements: Requirement) -> Decision:
    return Decision(satisfied=not requirements, summary="a summary", requirements=requirements)


def look(
    subject: str, *, push: Push, bodhi: FakeBodhi, gating: FakeGating, openqa: OpenQAWithBuilds
) -> Gated:
    return GatingView(bodhi, FakeUpdates([]), gating, openqa).look(subject, push)


def test_what_an_update_waits_for_is_put_beside_its_jobs() -> None:
    gating = FakeGating(lambda _question: decision(requirement()))
    openqa = OpenQAWithBuilds({f"Update-{ALIAS}": [job(4)]})
    found = look(ALIAS, push=Push.TESTING, bodhi=FakeBodhi(), gating=gating, openqa=openqa)
    [standing] = found.standings
    assert (standing.remedy, standing.job) == (Remedy.REPORT, job(4))
    assert found.question == gating.asked[0]
    assert found.question.contexts[-1] == "bodhi_update_push_testing"
    # only here the URLs of results are shown
    assert gating.verbose
    assert openqa.asked == [f"Update-{ALIAS}"]


def test_openqa_is_not_asked_for_nothing() -> None:
    gating = FakeGating(lambda _question: decision())
    openqa = OpenQAWithBuilds({})
    found = look(ALIAS, push=Push.STABLE, bodhi=FakeBodhi(), gating=gating, openqa=openqa)
    assert found.decision.satisfied
    assert openqa.asked == []


def test_bodhi_is_not_asked_about_a_compose() -> None:
    gating = FakeGating(lambda _question: decision(requirement(testcase="compose.podman")))
    bodhi = FakeBodhi(SubjectError("there is no such update"))
    jobs = [Job(1, "F", "x86_64", "done", "passed", settings={"LOCATION": "https://x/compose"})]
    openqa = OpenQAWithBuilds({COMPOSE: jobs})
    found = look(COMPOSE, push=Push.STABLE, bodhi=bodhi, gating=gating, openqa=openqa)
    assert found.question.subject_type == "compose"
    assert found.location == "https://x/compose"


@pytest.mark.parametrize("who", ["bodhi", "gating", "openqa"])
def test_who_does_not_say_leaves_no_answer(who: str) -> None:
    bodhi = FakeBodhi(AWAY if who == "bodhi" else CORE_UPDATE)
    gating = FakeGating(lambda _question: AWAY if who == "gating" else decision(requirement()))
    openqa = OpenQAWithBuilds({f"Update-{ALIAS}": AWAY if who == "openqa" else []})
    with pytest.raises(ServiceUnavailableError):
        look(ALIAS, push=Push.STABLE, bodhi=bodhi, gating=gating, openqa=openqa)


def some(number: int) -> tuple[Update, ...]:
    return tuple(update(alias=f"FEDORA-2026-{index:010x}") for index in range(number))


def build(one: Update) -> str:
    return f"Update-{one.alias}"


def blocked(
    updates: Iterable[Update],
    gating: FakeGating,
    openqa: OpenQAWithBuilds,
    progress: Callable[[int, int], None] = lambda _done, _total: None,
) -> BlockedUpdates:
    view = GatingView(FakeBodhi(), FakeUpdates(updates), gating, openqa)
    return view.find_blocked(since=7.0, progress=progress)


def test_updates_are_blocked_whose_results_openqa_has() -> None:
    reported, lost, running = updates = some(3)
    answers = {
        reported.alias: decision(),
        lost.alias: decision(requirement(), requirement(testcase="update.other")),
        running.alias: decision(requirement(RequirementState.RUNNING)),
    }
    openqa = OpenQAWithBuilds({build(lost): [job(5)], build(running): [job(6, outcome="running")]})
    found = blocked(updates, FakeGating(lambda question: answers[question.subject]), openqa)
    assert (found.waiting, found.failed, found.left) == (3, (), ())
    [one] = found.blocked
    assert one.update == lost
    assert [it.job for it in one.standings] == [job(5)]
    assert found.job_ids == (5,)
    assert sorted(openqa.asked) == [build(lost), build(running)]


def test_the_urls_of_results_are_not_asked_for_in_vain() -> None:
    gating = FakeGating(lambda _question: decision())
    blocked(some(1), gating, OpenQAWithBuilds({}))
    assert gating.verbose is False


def test_updates_that_are_not_tested_here_are_not_asked_about() -> None:
    gating = FakeGating(lambda _question: decision())
    others = [update(id_prefix="FEDORA-EPEL"), update(content_type="flatpak")]
    assert blocked(others, gating, OpenQAWithBuilds({})).waiting == 0
    assert gating.asked == []


def test_an_update_nobody_answers_about_delays_no_other() -> None:
    updates = some(LOOKS_AT_ONCE + 1)
    refused, away = updates[0], updates[1]
    gating = FakeGating(
        lambda question: (
            RequestRefusedError("no")
            if question.subject == refused.alias
            else decision(requirement())
        )
    )
    openqa = OpenQAWithBuilds({build(away): AWAY} | {build(one): [job(9)] for one in updates[2:]})
    found = blocked(updates, gating, openqa)
    assert [it.alias for it in found.failed] == [refused.alias, away.alias]
    assert [it.update for it in found.blocked] == list(updates[2:])


def test_a_service_that_is_away_is_not_asked_about_every_update() -> None:
    updates = some(3 * LOOKS_AT_ONCE)
    gating = FakeGating(lambda _question: AWAY)
    found = blocked(updates, gating, OpenQAWithBuilds({}))
    assert len(gating.asked) == len(found.failed) == LOOKS_AT_ONCE
    assert found.left == tuple(one.alias for one in updates[LOOKS_AT_ONCE:])


def test_a_wrong_deployment_ends_it() -> None:
    gating = FakeGating(lambda _question: ConfigError("redirected"))
    with pytest.raises(ConfigError):
        blocked(some(2), gating, OpenQAWithBuilds({}))


def test_updates_are_looked_at_side_by_side_and_counted() -> None:
    together = threading.Barrier(LOOKS_AT_ONCE)

    def answer(_question: GatingQuestion) -> Decision:
        together.wait(60)
        return decision()

    counts: list[tuple[int, int]] = []
    total = 2 * LOOKS_AT_ONCE
    blocked(
        some(total),
        FakeGating(answer),
        OpenQAWithBuilds({}),
        lambda done, of: counts.append((done, of)),
    )
    assert counts == [(LOOKS_AT_ONCE, total), (total, total)]
