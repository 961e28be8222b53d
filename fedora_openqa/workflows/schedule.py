"""Scheduling: gather what is known of a subject, decide by policy, act on openQA.

One figure for all kinds of subjects. It knows ports, never gateways, and takes no
decision about the domain itself.
"""

import logging
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import TypeVar

from fedora_openqa import ports
from fedora_openqa.errors import (
    FedoraOpenQAError,
    PermanentError,
    ServiceUnavailableError,
    StaleAnswerError,
    SubjectError,
    TemporaryError,
)
from fedora_openqa.model.composes import ReleaseNumbers
from fedora_openqa.model.jobs import Settings
from fedora_openqa.model.products import Plan, ProductResult, ScheduleResult
from fedora_openqa.model.requests import (
    ComposeRequest,
    CoreOSRequest,
    PackagesRequest,
    Request,
    UpdateRequest,
)
from fedora_openqa.model.spelling import RAWHIDE
from fedora_openqa.model.subjects import Packages, Update
from fedora_openqa.model.tables import ComposeTables, FlavorTables
from fedora_openqa.policy.composes import plan_compose, reason_to_skip
from fedora_openqa.policy.contents import content_of
from fedora_openqa.policy.coreos import plan_coreos
from fedora_openqa.policy.duplicates import split_existing, split_posted
from fedora_openqa.policy.flavors import flavors_asked_for_by_hand, flavors_wanted_by_message
from fedora_openqa.policy.holds import Holds, reason_to_block, reason_to_wait
from fedora_openqa.policy.packages import (
    Repositories,
    plan_packages,
    reason_to_skip_packages,
    reason_withdrawn,
)
from fedora_openqa.workflows.post import Posting, Progress

log = logging.getLogger(__name__)

T = TypeVar("T")

#: package builds that an error names
NVRS_SHOWN = 4


@dataclass(frozen=True, slots=True)
class SchedulingPorts:
    """The foreign systems that scheduling speaks to."""

    composes: ports.Composes
    releases: ports.Releases
    bodhi: ports.Bodhi
    coreos: ports.CoreOSBuilds
    openqa: ports.OpenQA


@dataclass(frozen=True, slots=True)
class Site:
    """Our deployment's choices, as far as scheduling needs them."""

    compose_tables: ComposeTables
    flavor_tables: FlavorTables
    #: job settings that depend on where the openQA workers are
    job_settings: Settings
    repositories: Repositories
    holds: Holds
    #: the job group that is told which builds are candidates
    candidate_group: str
    #: arches that packages are tested on unless others are asked for
    update_arches: tuple[str, ...]
    #: products posted at a time
    posts_at_once: int
    #: seconds between two looks for what an unanswered POST has scheduled
    look_again_after: float


def schedule(
    request: Request,
    *,
    world: SchedulingPorts,
    ledger: ports.ProductLedger,
    site: Site,
    progress: Progress,
) -> ScheduleResult:
    """Schedule the tests of a subject; products that openQA already has are left alone.

    :param ledger: what was begun earlier for this request, and where this run is noted

    Raises:
        SubjectError: there is no such subject that could be tested.
        TemporaryError: the subject, or what openQA already has, could not be read.
        StaleAnswerError: the update that was read has other builds than those that were announced.
        RequestRefusedError, ConfigError: somebody does not let us ask.
    """
    # the id of a subject is often a part of its URL: what is blocked is not even read
    names = (request.target, *request.target.split("/"))
    if held := _held(request, names, lane=request.kind, holds=site.holds):
        return held
    plan = _plan(request, world, site)
    if held := _held(request, plan.names, lane=f"{request.kind}:{plan.release}", holds=site.holds):
        return held
    return _carry_out(
        plan, request, openqa=world.openqa, ledger=ledger, site=site, progress=progress
    )


def _held(
    request: Request, names: Iterable[str], *, lane: str, holds: Holds
) -> ScheduleResult | None:
    if reason := reason_to_block(names, holds):
        return ScheduleResult(target=request.target, reason=reason)
    if reason := reason_to_wait([lane], holds):
        return ScheduleResult(target=request.target, reason=reason, paused=True)
    return None


def _plan(request: Request, world: SchedulingPorts, site: Site) -> Plan:
    match request:
        case ComposeRequest():
            return _plan_compose(request, world, site)
        case UpdateRequest():
            return _plan_update(request, world, site)
        case PackagesRequest():
            return _plan_packages(request, world, site)
        case CoreOSRequest():
            return _plan_coreos(request, world, site)


def _plan_compose(request: ComposeRequest, world: SchedulingPorts, site: Site) -> Plan:
    named = world.composes.name_in(request.location)
    if named and (reason := reason_to_skip(named)):
        return Plan(reason=reason)
    compose, numbers = _beside_releases(lambda: world.composes.load(request.location), world)
    if request.compose_id not in {"", compose.name.id}:
        raise SubjectError(f"{request.location} is {compose.name.id}, not {request.compose_id}")
    return plan_compose(
        compose, request, tables=site.compose_tables, numbers=numbers, site=site.job_settings
    )


def _plan_update(request: UpdateRequest, world: SchedulingPorts, site: Site) -> Plan:
    update, numbers = _beside_releases(lambda: world.bodhi.load(request.update), world)
    content = content_of(update.nvrs)
    if request.content is not None and request.content != content:
        differing = sorted({*content} ^ {*request.content})
        raise StaleAnswerError(
            f"Bodhi does not show the announced builds of {update.alias} yet:"
            f" {', '.join(differing[:NVRS_SHOWN])} differ"
        )
    if reason := reason_to_skip_packages(update):
        return Plan(reason=reason, content=content)
    if not request.everything and (reason := reason_withdrawn(update)):
        # without a content: where the update is submitted again, its builds are new to us
        return Plan(reason=reason, content=())
    release = _numbered(request.release, world) if request.release else update.release
    if release != update.release:
        update = replace(update, release=release, automatic_updates=None)
    automatic_updates = update.automatic_updates
    if automatic_updates is None:
        automatic_updates = _automatic_updates(update.release, world.bodhi)
    plan = _decide_packages(
        update, request, numbers=numbers, automatic_updates=automatic_updates, site=site
    )
    return replace(plan, content=content)


def _plan_packages(request: PackagesRequest, world: SchedulingPorts, site: Site) -> Plan:
    packages = replace(request.packages, release=_numbered(request.packages.release, world))
    automatic_updates, numbers = _beside_releases(
        lambda: _automatic_updates(packages.release, world.bodhi), world
    )
    return _decide_packages(
        packages, request, numbers=numbers, automatic_updates=automatic_updates, site=site
    )


def _plan_coreos(request: CoreOSRequest, world: SchedulingPorts, site: Site) -> Plan:
    build, numbers = _beside_releases(lambda: world.coreos.load(request.url), world)
    if (request.buildid or build.buildid, request.arch or build.arch) != (
        build.buildid,
        build.arch,
    ):
        raise SubjectError(
            f"{request.url} is build {build.buildid} for {build.arch},"
            f" not {request.buildid} for {request.arch}"
        )
    return plan_coreos(build, flavors=request.flavors, numbers=numbers, site=site.job_settings)


def _decide_packages(
    packages: Packages,
    request: UpdateRequest | PackagesRequest,
    *,
    numbers: ReleaseNumbers | None,
    automatic_updates: bool | None,
    site: Site,
) -> Plan:
    tables = site.flavor_tables
    if (
        isinstance(packages, Update)
        and isinstance(request, UpdateRequest)
        and not request.everything
    ):
        flavors = flavors_wanted_by_message(packages, tables=tables, numbers=numbers)
    else:
        flavors = flavors_asked_for_by_hand(
            packages, request.flavors, tables=tables, numbers=numbers
        )
    return plan_packages(
        packages,
        flavors=flavors,
        arches=request.arches or site.update_arches,
        numbers=numbers,
        automatic_updates=automatic_updates,
        repositories=site.repositories,
        site=site.job_settings,
    )


def _beside_releases(
    load: Callable[[], T], world: SchedulingPorts
) -> tuple[T, ReleaseNumbers | None]:
    """Read something, and at the same time which releases exist; that is not vital."""
    with ThreadPoolExecutor(max_workers=2) as pool:
        loading = pool.submit(load)
        numbering = pool.submit(world.releases.load)
    loaded = loading.result()
    try:
        return loaded, numbering.result()
    except (PermanentError, TemporaryError) as exc:
        log.warning("scheduling without the numbers of today's releases: %s", exc)
        return loaded, None


def _numbered(release: str, world: SchedulingPorts) -> str:
    """Return the release that packages are of, where Rawhide has its number.

    Raises:
        PermanentError, TemporaryError: the number of Rawhide cannot be read.
    """
    return str(world.releases.load().rawhide) if release == RAWHIDE else release


def _automatic_updates(release: str, bodhi: ports.Bodhi) -> bool | None:
    """Ask Bodhi about a release; not to know is neither yes nor no, and is said."""
    try:
        return bodhi.creates_automatic_updates(release)
    except (PermanentError, TemporaryError) as exc:
        log.warning("scheduling without BUILDROOT_REPO: %s", exc)
        return None


def _carry_out(
    plan: Plan,
    request: Request,
    *,
    openqa: ports.OpenQA,
    ledger: ports.ProductLedger,
    site: Site,
    progress: Progress,
) -> ScheduleResult:
    """Post the products of a plan, but for those that openQA already has."""
    if plan.content is not None:
        ledger.begin(plan.content)
    results: tuple[ProductResult, ...] = ()
    refusal = None
    planned = (*plan.products, *(result.product for result in plan.impossible))
    if planned:
        known = openqa.jobs_for_build(planned[0].settings["BUILD"])
        settled = ledger.finished()
        open_ = [p for p in plan.products if (p.flavor, p.arch) not in settled]
        posted, unposted = split_posted(open_, known, intended=ledger.intended())
        duplicates = () if request.force else known
        existing, wanted = split_existing(unposted, duplicates)
        # a person may have scheduled one by its file
        unsettled = [
            result
            for result in plan.impossible
            if (result.product.flavor, result.product.arch) not in settled
        ]
        there, absent = split_existing([result.product for result in unsettled], duplicates)
        impossible = [result for result in unsettled if result.product in absent]
        for result in (*posted, *existing, *there, *impossible):
            ledger.record(result)
        posting = Posting(
            openqa=openqa,
            ledger=ledger,
            known=frozenset(job.id for job in known),
            at_once=site.posts_at_once,
            look_again_after=site.look_again_after,
        )
        decided = (*impossible, *settled.values(), *posted, *existing, *there)
        results = (*decided, *posting.post(wanted, progress))
        refusal = posting.refusal
    scheduled = ScheduleResult(
        target=request.target,
        products=results,
        reason=plan.reason,
        retry_after=max((it.retry_after for it in results if it.retry_after), default=None),
        refusal=refusal,
    )
    if plan.group_comment and scheduled.posted:
        missing = _comment(plan.group_comment, openqa=openqa, group=site.candidate_group)
        if missing:
            retry_after = max(scheduled.retry_after or 0.0, missing.retry_after or 0.0) or None
            return replace(scheduled, uncommented=str(missing), retry_after=retry_after)
    return scheduled


def _comment(text: str, *, openqa: ports.OpenQA, group: str) -> ServiceUnavailableError | None:
    """Comment on a job group, and return why the comment may be tried again; None: it may not.

    What was scheduled runs without a comment, too.
    """
    try:
        group_id = openqa.group_id(group)
        if group_id is None:
            log.warning("openQA has no job group %r for the comment %s", group, text)
        else:
            openqa.post_comment(group_id, text)
    except FedoraOpenQAError as exc:
        log.warning("openQA may lack the comment %s: %s", text, exc)
        return exc if isinstance(exc, ServiceUnavailableError) else None
    return None
