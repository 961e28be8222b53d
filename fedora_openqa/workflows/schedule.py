"""Schedules the tests of a subject: gather facts, plan products by policy, post them to openQA.

The same steps for every kind of subject. Knows ports, never gateways; decisions are policy's.
"""

import logging
from collections.abc import Callable, Iterable
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
from fedora_openqa.logs import ContextPool
from fedora_openqa.model.composes import ReleaseNumbers
from fedora_openqa.model.jobs import Settings
from fedora_openqa.model.products import (
    Plan,
    Product,
    ProductResult,
    ProductState,
    ScheduleResult,
)
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
from fedora_openqa.policy.holds import Holds, reason_to_block, reason_to_wait, with_pauses
from fedora_openqa.policy.packages import (
    Repositories,
    plan_packages,
    reason_to_skip_packages,
    reason_withdrawn,
)
from fedora_openqa.workflows.post import Forgetful, Posting, Progress, no_progress

log = logging.getLogger(__name__)

T = TypeVar("T")

#: NVRs that an error lists
NVRS_SHOWN = 4


@dataclass(frozen=True, slots=True)
class Site:
    """The choices of our deployment that scheduling needs."""

    compose_tables: ComposeTables
    flavor_tables: FlavorTables
    #: job settings that depend on where the openQA workers are
    job_settings: Settings
    repositories: Repositories
    #: blocked subjects and paused lanes of the configuration
    holds: Holds
    #: the openQA job group that gets a comment for each candidate compose: ``"fedora"``
    candidate_group: str
    #: arches that packages are tested on unless the request names others
    update_arches: tuple[str, ...]
    #: products posted at a time
    posts_at_once: int
    #: seconds between two looks for the jobs of an unanswered POST
    look_again_after: float


@dataclass(frozen=True, slots=True)
class Schedule:
    """Schedules the tests of subjects."""

    composes: ports.Composes
    releases: ports.Releases
    bodhi: ports.Bodhi
    coreos: ports.CoreOSBuilds
    openqa: ports.OpenQA
    site: Site
    #: lanes that an operator has paused. None: a command, which pauses do not stop
    pauses: ports.Pauses | None = None

    def schedule(
        self,
        request: Request,
        ledger: ports.ProductLedger | None = None,
        progress: Progress = no_progress,
    ) -> ScheduleResult:
        """Schedule the tests of a subject; products that openQA already has are left alone.

        :param ledger: products of this request so far; None: nothing is remembered

        Raises:
            SubjectError: there is no such subject that could be tested.
            TemporaryError: the subject, or the jobs that openQA already has, could not be read.
            StaleAnswerError: Bodhi shows other builds of the update than the message announced.
            RequestRefusedError, ConfigError: a service refuses our requests.
        """
        holds = self.site.holds
        if self.pauses:
            holds = with_pauses(holds, self.pauses.all())
        # the id of a subject is often a part of its URL: a blocked subject is not even read
        names = (request.target, *request.target.split("/"))
        if held := _held(request, names, lane=request.kind, holds=holds):
            return held
        plan = self._plan(request)
        if held := _held(request, plan.names, lane=f"{request.kind}:{plan.release}", holds=holds):
            return held
        return self._carry_out(plan, request, ledger or Forgetful(), progress)

    def _plan(self, request: Request) -> Plan:
        match request:
            case ComposeRequest():
                return self._plan_compose(request)
            case UpdateRequest():
                return self._plan_update(request)
            case PackagesRequest():
                return self._plan_packages(request)
            case CoreOSRequest():
                return self._plan_coreos(request)

    def _plan_compose(self, request: ComposeRequest) -> Plan:
        named = self.composes.name_in(request.location)
        if named and (reason := reason_to_skip(named)):
            return Plan(reason=reason)
        compose, numbers = self._beside_releases(lambda: self.composes.load(request.location))
        if request.compose_id not in {"", compose.name.id}:
            raise SubjectError(f"{request.location} is {compose.name.id}, not {request.compose_id}")
        return plan_compose(
            compose,
            request,
            tables=self.site.compose_tables,
            numbers=numbers,
            site=self.site.job_settings,
        )

    def _plan_update(self, request: UpdateRequest) -> Plan:
        update, numbers = self._beside_releases(lambda: self.bodhi.load(request.update))
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
            # no content is stored: if the update is submitted again, its builds count as new
            return Plan(reason=reason, content=())
        release = self._numbered(request.release) if request.release else update.release
        if release != update.release:
            update = replace(update, release=release, automatic_updates=None)
        automatic_updates = update.automatic_updates
        if automatic_updates is None:
            automatic_updates = self._automatic_updates(update.release)
        plan = self._decide_packages(
            update, request, numbers=numbers, automatic_updates=automatic_updates
        )
        return replace(plan, content=content)

    def _plan_packages(self, request: PackagesRequest) -> Plan:
        packages = replace(request.packages, release=self._numbered(request.packages.release))
        automatic_updates, numbers = self._beside_releases(
            lambda: self._automatic_updates(packages.release)
        )
        return self._decide_packages(
            packages, request, numbers=numbers, automatic_updates=automatic_updates
        )

    def _plan_coreos(self, request: CoreOSRequest) -> Plan:
        build, numbers = self._beside_releases(lambda: self.coreos.load(request.url))
        if (request.buildid or build.buildid, request.arch or build.arch) != (
            build.buildid,
            build.arch,
        ):
            raise SubjectError(
                f"{request.url} is build {build.buildid} for {build.arch},"
                f" not {request.buildid} for {request.arch}"
            )
        return plan_coreos(
            build, flavors=request.flavors, numbers=numbers, site=self.site.job_settings
        )

    def _decide_packages(
        self,
        packages: Packages,
        request: UpdateRequest | PackagesRequest,
        *,
        numbers: ReleaseNumbers | None,
        automatic_updates: bool | None,
    ) -> Plan:
        tables = self.site.flavor_tables
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
            arches=request.arches or self.site.update_arches,
            numbers=numbers,
            automatic_updates=automatic_updates,
            repositories=self.site.repositories,
            site=self.site.job_settings,
        )

    def _beside_releases(self, load: Callable[[], T]) -> tuple[T, ReleaseNumbers | None]:
        """Load a subject, and the release numbers beside it. None: the numbers cannot be read."""
        with ContextPool(max_workers=2) as pool:
            loading = pool.submit(load)
            numbering = pool.submit(self.releases.load)
        loaded = loading.result()
        try:
            return loaded, numbering.result()
        except (PermanentError, TemporaryError) as exc:
            log.warning("scheduling without the numbers of today's releases: %s", exc)
            return loaded, None

    def _numbered(self, release: str) -> str:
        """Return a release, Rawhide as its number.

        Raises:
            PermanentError, TemporaryError: the number of Rawhide cannot be read.
        """
        return str(self.releases.load().rawhide) if release == RAWHIDE else release

    def _automatic_updates(self, release: str) -> bool | None:
        """Ask Bodhi whether a release has automatic updates. None: Bodhi does not answer."""
        try:
            return self.bodhi.creates_automatic_updates(release)
        except (PermanentError, TemporaryError) as exc:
            log.warning("scheduling without BUILDROOT_REPO: %s", exc)
            return None

    def _carry_out(
        self,
        plan: Plan,
        request: Request,
        ledger: ports.ProductLedger,
        progress: Progress,
    ) -> ScheduleResult:
        """Post the products of a plan that openQA does not have yet."""
        if plan.content is not None:
            ledger.begin(plan.content)
        results: tuple[ProductResult, ...] = ()
        refusal = None
        planned = (*plan.products, *(result.product for result in plan.impossible))
        if planned:
            known = self.openqa.jobs_for_build(planned[0].settings["BUILD"])
            settled = ledger.finished()
            open_ = [p for p in plan.products if (p.flavor, p.arch) not in settled]
            posted, unposted = split_posted(open_, known, intended=ledger.intended())
            duplicates = () if request.force else known
            existing, wanted = split_existing(unposted, duplicates)
            unanswered = ledger.unanswered()
            awaited = tuple(
                _awaited(product, unanswered[product.flavor, product.arch])
                for product in wanted
                if (product.flavor, product.arch) in unanswered
            )
            wanted = tuple(p for p in wanted if (p.flavor, p.arch) not in unanswered)
            # a person may have scheduled one by its file name
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
                openqa=self.openqa,
                ledger=ledger,
                known=frozenset(job.id for job in known),
                at_once=self.site.posts_at_once,
                look_again_after=self.site.look_again_after,
            )
            decided = (*impossible, *settled.values(), *posted, *existing, *there, *awaited)
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
            missing = self._comment(plan.group_comment)
            if missing:
                retry_after = max(scheduled.retry_after or 0.0, missing.retry_after or 0.0) or None
                return replace(scheduled, uncommented=str(missing), retry_after=retry_after)
        return scheduled

    def _comment(self, text: str) -> ServiceUnavailableError | None:
        """Comment on the job group, and return the error after which to try again; None: no retry.

        The jobs run without the comment, too.
        """
        group = self.site.candidate_group
        try:
            group_id = self.openqa.group_id(group)
            if group_id is None:
                log.warning("openQA has no job group %r for the comment %s", group, text)
            else:
                self.openqa.post_comment(group_id, text)
        except FedoraOpenQAError as exc:
            log.warning("openQA may lack the comment %s: %s", text, exc)
            return exc if isinstance(exc, ServiceUnavailableError) else None
        return None


def _held(
    request: Request, names: Iterable[str], *, lane: str, holds: Holds
) -> ScheduleResult | None:
    if reason := reason_to_block(names, holds):
        return ScheduleResult(target=request.target, reason=reason)
    if reason := reason_to_wait([lane], holds):
        return ScheduleResult(target=request.target, reason=reason, paused=True)
    return None


def _awaited(product: Product, seconds: float) -> ProductResult:
    """Return the result of a product whose POST may still arrive."""
    return ProductResult(
        product=product,
        state=ProductState.FAILED,
        reason="openQA may still be scheduling it for a worker that was stopped",
        retry_after=seconds,
    )
