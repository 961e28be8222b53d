"""Gating, for people: which requirements are missing, and the state of openQA's jobs for them.

It knows ports, never gateways, and takes no decision about the domain itself.
"""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from fedora_openqa import ports
from fedora_openqa.errors import PermanentError, TemporaryError
from fedora_openqa.model.gating import (
    Blocked,
    BlockedUpdates,
    Gated,
    GatingQuestion,
    NotAsked,
    Remedy,
)
from fedora_openqa.model.subjects import Update
from fedora_openqa.policy.contents import content_of
from fedora_openqa.policy.gating import (
    COMPOSE,
    Push,
    build_for,
    needs_jobs,
    question_about_compose,
    question_about_update,
    standings_of,
    subject_of,
)
from fedora_openqa.policy.packages import reason_to_skip_packages

#: updates that are looked at side by side
LOOKS_AT_ONCE = 8

#: told now and then how many updates are through, and of how many
Progress = Callable[[int, int], None]


def look(
    subject: str,
    *,
    push: Push | None,
    bodhi: ports.Bodhi,
    gating: ports.Gating,
    openqa: ports.OpenQA,
) -> Gated:
    """Return the requirements of a subject; openQA is asked only if one of its tests is missing.

    :param subject: id or URL of an update or a compose
    :param push: what an update is to be pushed to; None: what Bodhi asks about now

    Raises:
        SubjectError: there is no such update, or no policy applies to the subject.
        RequestRefusedError, ServiceUnavailableError: a service does not answer.
    """
    question = question_about(subject, push=push, bodhi=bodhi)
    return _look(question, gating=gating, openqa=openqa, verbose=True)


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
            question = question_about_update(update)
            found = _look(question, gating=gating, openqa=openqa, verbose=False)
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
            # a service that is away is away for the other updates, too
            if all(isinstance(one, NotAsked) for one in some):
                break
    return BlockedUpdates(
        waiting=len(waiting),
        blocked=tuple(one for one in looks if isinstance(one, Blocked) and one.standings),
        failed=tuple(one for one in looks if isinstance(one, NotAsked)),
        left=tuple(one.alias for one in waiting[len(looks) :]),
    )


def question_about(subject: str, *, push: Push | None, bodhi: ports.Bodhi) -> GatingQuestion:
    """Return the question that is asked about an update or a compose.

    Raises: as `look`.
    """
    subject_type, identifier = subject_of(subject)
    if subject_type == COMPOSE:
        return question_about_compose(identifier)
    return question_about_update(bodhi.load(identifier), push)


def _look(
    question: GatingQuestion, *, gating: ports.Gating, openqa: ports.OpenQA, verbose: bool
) -> Gated:
    decision = gating.decide(question, verbose=verbose)
    jobs = openqa.jobs_for_build(build_for(question)) if needs_jobs(decision) else ()
    locations = (job.settings.get("LOCATION") for job in jobs)
    return Gated(
        question=question,
        decision=decision,
        standings=standings_of(
            decision,
            jobs,
            subject_type=question.subject_type,
            content=content_of(question.builds) if question.builds else None,
        ),
        location=next(filter(None, locations), ""),
    )
