"""Gating, for people: what it waits for, what openQA says about that, and waivers.

It knows ports, never gateways, and takes no decision about the domain itself.
"""

import logging
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from fedora_openqa import ports
from fedora_openqa.errors import (
    AmbiguousWriteError,
    FedoraOpenQAError,
    PermanentError,
    TemporaryError,
)
from fedora_openqa.model.gating import (
    Blocked,
    BlockedUpdates,
    Gated,
    GatingQuestion,
    NotAsked,
    Remedy,
    Waived,
    Waiver,
    WaiverRequest,
)
from fedora_openqa.model.subjects import Update
from fedora_openqa.policy.packages import reason_to_skip_packages
from fedora_openqa.policy.requirements import (
    COMPOSE,
    Push,
    build_for,
    needs_jobs,
    question_about_compose,
    question_about_update,
    standings_of,
    subject_of,
    whole_testcase,
)

log = logging.getLogger(__name__)

#: updates that are looked at side by side
LOOKS_AT_ONCE = 8

#: told now and then how many updates are through, and of how many
Progress = Callable[[int, int], None]


def look(
    subject: str, *, push: Push, bodhi: ports.Bodhi, gating: ports.Gating, openqa: ports.OpenQA
) -> Gated:
    """Say what a subject waits for; openQA is asked only if it waits for tests of openQA's.

    :param subject: id or URL of an update or a compose
    :param push: what an update is to be let through to

    Raises:
        SubjectError: there is no such update, or no policy is about the subject.
        RequestRefusedError, ServiceUnavailableError: somebody does not say.
    """
    question = _question(subject, push=push, bodhi=bodhi)
    return _look(question, gating=gating, openqa=openqa)


def find_blocked(
    *,
    since: float,
    updates: ports.GatedUpdates,
    gating: ports.Gating,
    openqa: ports.OpenQA,
    progress: Progress = lambda _done, _total: None,
) -> BlockedUpdates:
    """Find updates that wait for results that openQA has; one that fails delays no other.

    :param since: seconds since 1970; updates submitted before are not looked at

    Raises:
        ConfigError: the deployment is wrong.
        RequestRefusedError, ServiceUnavailableError: Bodhi does not say which updates wait.
    """

    def look_at(update: Update) -> Blocked | NotAsked:
        try:
            found = _look(question_about_update(update), gating=gating, openqa=openqa)
        except (PermanentError, TemporaryError) as exc:
            return NotAsked(update.alias, str(exc))
        return Blocked(update, tuple(it for it in found.standings if it.remedy is Remedy.REPORT))

    waiting = [one for one in updates.waiting(since=since) if not reason_to_skip_packages(one)]
    looks: list[Blocked | NotAsked] = []
    with ThreadPoolExecutor(max_workers=LOOKS_AT_ONCE) as pool:
        for start in range(0, len(waiting), LOOKS_AT_ONCE):
            some = list(pool.map(look_at, waiting[start : start + LOOKS_AT_ONCE]))
            looks += some
            progress(len(looks), len(waiting))
            # whoever is away now is away for the others, too
            if all(isinstance(one, NotAsked) for one in some):
                break
    return BlockedUpdates(
        waiting=len(waiting),
        blocked=tuple(one for one in looks if isinstance(one, Blocked) and one.standings),
        failed=tuple(one for one in looks if isinstance(one, NotAsked)),
        left=tuple(one.alias for one in waiting[len(looks) :]),
    )


def waive(request: WaiverRequest, *, bodhi: ports.Bodhi, waivers: ports.Waivers) -> Waived:
    """Say that a test does not matter, once, and where that is stored.

    Raises:
        ConfigError: there is no usable token.
        SubjectError: there is no such subject.
        RequestRefusedError, ServiceUnavailableError: nothing was stored.
        AmbiguousWriteError: it may be stored later, or nobody says whether it is.
    """
    subject_type, identifier = subject_of(request.subject)
    waiver = Waiver(
        subject_type=subject_type,
        subject=identifier,
        testcase=whole_testcase(request.test, subject_type),
        product_version=request.product_version
        or _question(request.subject, push=Push.STABLE, bodhi=bodhi).product_version,
        comment=request.comment,
        scenario=request.scenario,
    )
    try:
        return Waived(waiver, waivers.post(waiver))
    except AmbiguousWriteError as exc:
        log.warning("%s; asking whether it is stored", exc)
        return Waived(waiver, _stored(waiver, exc, waivers=waivers))


def _question(subject: str, *, push: Push, bodhi: ports.Bodhi) -> GatingQuestion:
    subject_type, identifier = subject_of(subject)
    if subject_type == COMPOSE:
        return question_about_compose(identifier)
    return question_about_update(bodhi.load(identifier), push)


def _look(question: GatingQuestion, *, gating: ports.Gating, openqa: ports.OpenQA) -> Gated:
    decision = gating.decide(question)
    jobs = openqa.jobs_for_build(build_for(question)) if needs_jobs(decision) else ()
    locations = (job.settings.get("LOCATION") for job in jobs)
    return Gated(
        question=question,
        decision=decision,
        standings=standings_of(decision, jobs, subject_type=question.subject_type),
        location=next(filter(None, locations), ""),
    )


def _stored(waiver: Waiver, unanswered: AmbiguousWriteError, *, waivers: ports.Waivers) -> int:
    try:
        found = waivers.find(waiver)
    except FedoraOpenQAError as exc:
        raise AmbiguousWriteError(f"it may be waived: {unanswered}; {exc}") from exc
    if found is None:
        raise AmbiguousWriteError(
            f"{unanswered}; WaiverDB does not have the waiver now, but may store it yet"
        ) from unanswered
    return found
