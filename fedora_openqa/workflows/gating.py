"""Shows people which gating requirements are missing, and the state of openQA's jobs for them.

Knows ports, never gateways.
"""

import logging
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass

from fedora_openqa import ports
from fedora_openqa.errors import PermanentError, TemporaryError
from fedora_openqa.logs import ContextPool
from fedora_openqa.model.gating import (
    Blocked,
    BlockedUpdates,
    Gated,
    GatedUpdate,
    GatingQuestion,
    GivenWaiver,
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

#: updates that are checked at a time
LOOKS_AT_ONCE = 8

#: waivers of an update whose givers are asked for
WAIVERS_AT_MOST = 10

log = logging.getLogger(__name__)

#: called with the number of updates checked so far, and of all
Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class GatingView:
    """Reads gating requirements and openQA's jobs for them."""

    bodhi: ports.Bodhi
    updates: ports.GatedUpdates
    gating: ports.Gating
    openqa: ports.OpenQA

    def look(self, subject: str, push: Push | None) -> Gated:
        """Return the requirements of a subject; openQA is asked only if a test of it is missing.

        :param subject: id or URL of an update or a compose
        :param push: the repository that an update goes to. None: the one Bodhi asks about now

        Raises:
            SubjectError: there is no such update, or no policy applies to the subject.
            RequestRefusedError, ServiceUnavailableError: a service does not answer.
        """
        return self._look(question_about(subject, push=push, bodhi=self.bodhi), verbose=True)

    def find_blocked(
        self, *, since: float, progress: Progress = lambda _done, _total: None
    ) -> BlockedUpdates:
        """Find updates that wait for results that openQA has; one that fails delays no other.

        :param since: seconds since 1970; updates submitted before are left out

        Raises:
            ConfigError: the deployment is wrong.
            RequestRefusedError, ServiceUnavailableError: Bodhi does not list the updates.
        """
        waiting = [
            one for one in self.updates.waiting(since=since) if not reason_to_skip_packages(one)
        ]
        looks: list[Blocked | NotAsked] = []
        with ContextPool(max_workers=LOOKS_AT_ONCE) as pool:
            for start in range(0, len(waiting), LOOKS_AT_ONCE):
                some = list(pool.map(self._blocked, waiting[start : start + LOOKS_AT_ONCE]))
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

    def _blocked(self, update: Update) -> Blocked | NotAsked:
        try:
            found = self._look(question_about_update(update), verbose=False)
        except (PermanentError, TemporaryError) as exc:
            return NotAsked(update.alias, str(exc))
        return Blocked(update, tuple(it for it in found.standings if it.remedy is Remedy.REPORT))

    def _look(self, question: GatingQuestion, *, verbose: bool) -> Gated:
        decision = self.gating.decide(question, verbose=verbose)
        jobs = self.openqa.jobs_for_build(build_for(question)) if needs_jobs(decision) else ()
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


@dataclass(frozen=True, slots=True)
class UpdateGating:
    """Reads the gating of updates, for pages."""

    view: GatingView
    waivers: ports.GivenWaivers

    def look(self, alias: str) -> GatedUpdate:
        """Return the gating of an update with the waivers that it uses.

        Raises: as `GatingView.look`.
        """
        gated = self.view.look(alias, None)
        ids = {one.waiver_id for one in gated.decision.requirements if one.waiver_id is not None}
        return GatedUpdate(gated, dict(self._given(ids)))

    def _given(self, ids: Collection[int]) -> Iterator[tuple[int, GivenWaiver]]:
        for waiver_id in sorted(ids)[:WAIVERS_AT_MOST]:
            try:
                yield waiver_id, self.waivers.given(waiver_id)
            except (PermanentError, TemporaryError) as exc:
                # who gave it is not worth the decision
                log.warning("waiver %d: %s", waiver_id, exc)


def question_about(subject: str, *, push: Push | None, bodhi: ports.Bodhi) -> GatingQuestion:
    """Return the question that Greenwave is asked about an update or a compose.

    Raises: as `GatingView.look`.
    """
    subject_type, identifier = subject_of(subject)
    if subject_type == COMPOSE:
        return question_about_compose(identifier)
    return question_about_update(bodhi.load(identifier), push)
