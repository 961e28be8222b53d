"""Workflows that schedule: gather what is known, decide by policy, act on openQA.

They know ports, never gateways, and take no decision about the domain themselves.
"""

import logging
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from fedora_openqa import ports
from fedora_openqa.errors import FedoraOpenQAError, PermanentError, TemporaryError
from fedora_openqa.model.composes import Compose, ReleaseNumbers
from fedora_openqa.model.products import Plan, ProductResult, Scheduled, Settings
from fedora_openqa.model.requests import ComposeRequest
from fedora_openqa.model.tables import ComposeTables
from fedora_openqa.policy.composes import plan_compose, reason_to_skip
from fedora_openqa.policy.duplicates import split_existing
from fedora_openqa.posting import Posting, Progress

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Site:
    """Our deployment's choices, as far as scheduling needs them."""

    tables: ComposeTables
    #: job settings that depend on where the openQA workers are
    job_settings: Settings
    #: the job group that is told which builds are candidates
    candidate_group: str
    #: products posted at a time
    posts_at_once: int
    #: seconds between two looks for what an unanswered POST has scheduled
    look_again_after: float


def schedule_compose(
    request: ComposeRequest,
    *,
    composes: ports.Composes,
    releases: ports.Releases,
    openqa: ports.OpenQA,
    site: Site,
    progress: Progress,
) -> Scheduled:
    """Schedule the tests of a compose; products that openQA already has are left alone.

    Raises:
        SubjectError: there is no such compose that could be tested.
        TemporaryError: the compose, or what openQA already has, could not be read.
        RequestRefusedError, ConfigError: openQA does not let us ask.
    """
    named = composes.name_in(request.location)
    if named and (reason := reason_to_skip(named)):
        return Scheduled(target=request.target, reason=reason)
    compose, numbers = _gather_compose(request.location, composes=composes, releases=releases)
    plan = plan_compose(
        compose, request, tables=site.tables, numbers=numbers, site=site.job_settings
    )
    return _carry_out(plan, request, openqa=openqa, site=site, progress=progress)


def _gather_compose(
    location: str, *, composes: ports.Composes, releases: ports.Releases
) -> tuple[Compose, ReleaseNumbers | None]:
    with ThreadPoolExecutor(max_workers=2) as pool:
        loading = pool.submit(composes.load, location)
        numbering = pool.submit(releases.load)
    compose = loading.result()
    try:
        return compose, numbering.result()
    except (PermanentError, TemporaryError) as exc:
        log.warning("scheduling without the numbers of today's releases: %s", exc)
        return compose, None


def _carry_out(
    plan: Plan,
    request: ComposeRequest,
    *,
    openqa: ports.OpenQA,
    site: Site,
    progress: Progress,
) -> Scheduled:
    """Post the products of a plan, but for those that openQA already has."""
    results: tuple[ProductResult, ...] = ()
    if plan.products:
        known = openqa.jobs_for_build(plan.products[0].settings["BUILD"])
        existing, wanted = split_existing(plan.products, () if request.force else known)
        posting = Posting(
            openqa=openqa,
            known=frozenset(job.id for job in known),
            at_once=site.posts_at_once,
            look_again_after=site.look_again_after,
        )
        results = existing + posting.post(wanted, progress)
    scheduled = Scheduled(
        target=request.target, products=plan.impossible + results, reason=plan.reason
    )
    if plan.group_comment and scheduled.posted:
        _comment(plan.group_comment, openqa=openqa, group=site.candidate_group)
    return scheduled


def _comment(text: str, *, openqa: ports.OpenQA, group: str) -> None:
    """Comment on a job group; what was scheduled runs without that, too."""
    try:
        group_id = openqa.group_id(group)
        if group_id is None:
            log.warning("openQA has no job group %r for the comment %s", group, text)
        else:
            openqa.post_comment(group_id, text)
    except FedoraOpenQAError as exc:
        log.warning("openQA may lack the comment %s: %s", text, exc)
