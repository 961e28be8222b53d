"""Rerunning: find jobs of a build, say how long they take, have openQA restart them.

Three steps, for a person may say no before the last. Knows ports, never gateways, and
takes no decision about the domain itself.
"""

import logging
import time
from concurrent.futures import ThreadPoolExecutor

from fedora_openqa import ports
from fedora_openqa.errors import AmbiguousWriteError, FedoraOpenQAError
from fedora_openqa.model.jobs import Job
from fedora_openqa.model.reruns import Estimate, Rerun, RerunRequest, RestartAnswer, Selection
from fedora_openqa.policy import reruns
from fedora_openqa.policy.subject_names import parse_build

log = logging.getLogger(__name__)

#: looks at openQA for the effect of a restart that was not answered
LOOKS = 3

#: flavors whose history is read at a time
READS_AT_ONCE = 4


def select(request: RerunRequest, *, openqa: ports.OpenQA) -> Selection:
    """Find the jobs that a request is about.

    Raises:
        RequestRefusedError, ServiceUnavailableError: openQA does not say.
    """
    return reruns.select_jobs(openqa.jobs_for_build(parse_build(request.subject)), request)


def estimate(selection: Selection, *, openqa: ports.OpenQA) -> Estimate:
    """Say how long the jobs usually run; what openQA cannot tell is unknown."""
    jobs = selection.jobs + selection.along
    products = sorted({(job.flavor, job.arch) for job in jobs})

    def history(product: tuple[str, str]) -> tuple[Job, ...]:
        try:
            return openqa.passed_jobs(flavor=product[0], arch=product[1])
        except FedoraOpenQAError as exc:
            log.warning("openQA does not say how long jobs usually run: %s", exc)
            return ()

    with ThreadPoolExecutor(max_workers=READS_AT_ONCE) as pool:
        found = pool.map(history, products)
    return reruns.estimate(jobs, [job for jobs in found for job in jobs])


def restart(
    selection: Selection, *, openqa: ports.OpenQA, force: bool, look_again_after: float
) -> Rerun:
    """Restart jobs, once, and say what became of each.

    :param force: restart also what misses assets
    :param look_again_after: seconds between two looks after a restart without an answer

    Raises:
        ConfigError, RequestRefusedError, ServiceUnavailableError: nothing was restarted.
        AmbiguousWriteError: nor does openQA say what was.
    """
    asked = tuple(sorted(set(selection.asked_as.values())))
    answer = RestartAnswer({})
    if asked:
        try:
            answer = openqa.restart_jobs(asked, force=force)
        except AmbiguousWriteError as exc:
            log.warning("%s; asking what was restarted", exc)
            answer = _look(selection, exc, openqa=openqa, look_again_after=look_again_after)
    return reruns.conclude(selection, answer)


def _look(
    selection: Selection,
    unanswered: AmbiguousWriteError,
    *,
    openqa: ports.OpenQA,
    look_again_after: float,
) -> RestartAnswer:
    """Read the copies of jobs; openQA may still be making them.

    Raises:
        AmbiguousWriteError: nor does openQA answer that question.
    """
    copies: dict[int, int | None] = {}
    for look in range(LOOKS):
        if look:
            time.sleep(look_again_after)
        try:
            jobs = openqa.jobs_for_build(selection.build)
        except FedoraOpenQAError as exc:
            raise AmbiguousWriteError(f"it may be restarted: {unanswered}; {exc}") from exc
        clones = {job.id: job.clone_id for job in jobs if job.clone_id is not None}
        # what was copied before is older; a copy may have been copied in turn
        newest = max(selection.asked_as)
        copies = {
            old: new for old, new in clones.items() if old in selection.asked_as or old > newest
        }
        if copies.keys() >= selection.asked_as.keys():
            break
    return RestartAnswer(copies, errors=(f"{unanswered}; openQA has no copy of it",))
