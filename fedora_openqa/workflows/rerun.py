"""Reruns jobs of a build: select them, estimate how long they run, restart them.

Three steps, so that a person may refuse before the last. Knows ports, never gateways.
"""

import logging
import time
from dataclasses import dataclass

from fedora_openqa import ports
from fedora_openqa.errors import AmbiguousWriteError, FedoraOpenQAError
from fedora_openqa.model.reruns import Estimate, Rerun, RerunRequest, RestartAnswer, Selection
from fedora_openqa.policy import reruns
from fedora_openqa.policy.subject_names import parse_build
from fedora_openqa.workflows.history import read_history

log = logging.getLogger(__name__)

#: looks at openQA for the copies of jobs after a restart without an answer
LOOKS = 3


@dataclass(frozen=True, slots=True)
class Reruns:
    """Restarts jobs that people name."""

    openqa: ports.OpenQA
    #: seconds between two looks after a restart without an answer
    look_again_after: float

    def select(self, request: RerunRequest) -> Selection:
        """Select the jobs of a request.

        Raises:
            RequestRefusedError, ServiceUnavailableError: openQA does not answer.
        """
        jobs = self.openqa.jobs_for_build(parse_build(request.subject))
        return reruns.select_jobs(jobs, request)

    def estimate(self, selection: Selection) -> Estimate:
        """Estimate how long the jobs run; unknown if openQA does not answer."""
        jobs = selection.jobs + selection.along
        return reruns.estimate(jobs, read_history(self.openqa, jobs))

    def restart(self, selection: Selection, *, force: bool) -> Rerun:
        """Restart jobs, once, and return their copies and the refusals.

        :param force: restart also jobs whose assets are missing

        Raises:
            ConfigError, RequestRefusedError, ServiceUnavailableError: nothing was restarted.
            AmbiguousWriteError: openQA does not answer which jobs were restarted.
        """
        asked = tuple(sorted(set(selection.asked_as.values())))
        answer = RestartAnswer({})
        if asked:
            try:
                answer = self.openqa.restart_jobs(asked, force=force)
            except AmbiguousWriteError as exc:
                log.warning("%s; asking what was restarted", exc)
                answer = self._look(selection, exc)
        return reruns.conclude(selection, answer)

    def _look(self, selection: Selection, unanswered: AmbiguousWriteError) -> RestartAnswer:
        """Read the copies of jobs; openQA may still be making them.

        Raises:
            AmbiguousWriteError: openQA does not answer this request either.
        """
        copies: dict[int, int | None] = {}
        for look in range(LOOKS):
            if look:
                time.sleep(self.look_again_after)
            try:
                jobs = self.openqa.jobs_for_build(selection.build)
            except FedoraOpenQAError as exc:
                raise AmbiguousWriteError(f"it may be restarted: {unanswered}; {exc}") from exc
            clones = {job.id: job.clone_id for job in jobs if job.clone_id is not None}
            # jobs that were copied before are older; a copy may have been copied in turn
            newest = max(selection.asked_as)
            copies = {
                old: new for old, new in clones.items() if old in selection.asked_as or old > newest
            }
            if copies.keys() >= selection.asked_as.keys():
                break
        return RestartAnswer(copies, errors=(f"{unanswered}; openQA has no copy of it",))
