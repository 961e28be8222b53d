"""Loads the facts of a report from openQA, Greenwave and the compose's metadata, side by side.

Without openQA there is no report. Other facts that cannot be loaded are marked as unknown, and the
reason is logged. It knows ports, never gateways, and judges nothing.
"""

import logging
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import islice

from check_compose.counting import Counted, counted
from check_compose.facts import (
    ComposeFacts,
    Facts,
    GatingFacts,
    ImageKind,
    Log,
    LogFile,
    Logs,
    ReportedAs,
)
from fedora_openqa import ports
from fedora_openqa.errors import PermanentError, SubjectError, TemporaryError
from fedora_openqa.logs import ContextPool
from fedora_openqa.model.buckets import Bucket
from fedora_openqa.model.gating import GatingQuestion
from fedora_openqa.model.jobs import Job, JobResult, JobState
from fedora_openqa.model.results import Result
from fedora_openqa.policy.compose_ids import ComposeId, composes_before, parse_compose_id
from fedora_openqa.policy.gating import question_about_compose
from fedora_openqa.policy.results import result_for

log = logging.getLogger(__name__)

#: requests at a time
AT_ONCE = 8

#: most older composes that are looked up in openQA, one request each, for one that was tested
MOST_TRIED = 10

#: most tests whose earlier runs are looked up in openQA
MOST_TESTS = 3

#: the module of a job that uploads system data
COLLECTS = "_collect_data"

#: results of modules that have not run
NOT_RUN = frozenset({JobResult.NONE, JobResult.SKIPPED})

#: suffix of subvariants since Fedora 33; fedfind's list of expected images does not have it
APPLIANCE = "_appliance"


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckPorts:
    """The services that know something about a compose."""

    openqa: ports.OpenQA
    builds: ports.Builds
    files: ports.JobFiles
    series: ports.ComposeSeries
    composes: ports.Composes
    known: ports.KnownComposes
    gating: ports.Gating


@dataclass(frozen=True, slots=True, kw_only=True)
class GatingPolicy:
    """The composes that are gated, and Greenwave's question about them."""

    #: for headings: ``"Rawhide"``
    name: str
    #: dist and release of the composes: ``"Fedora-Rawhide"``
    release: str
    #: their type as in their ids: ``"n"``; empty: production composes
    type: str
    #: the question, with an empty compose id
    question: GatingQuestion


RAWHIDE = GatingPolicy(
    name="Rawhide", release="Fedora-Rawhide", type="n", question=question_about_compose("")
)


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckOptions:
    """The deployment's choices for the report."""

    #: openQA's URL for people: ``"https://openqa.fedoraproject.org"``
    base_url: str
    #: this project's home page, at the end of each report
    project_url: str
    #: what the URLs of our pages begin with; empty: there are none to link to
    pages_url: str = ""
    #: the first that matches the compose is asked
    gating: tuple[GatingPolicy, ...] = (RAWHIDE,)
    #: most tests whose system data is compared, ten requests each; the rest of a report needs ten
    most_systems: int


@dataclass(frozen=True, slots=True)
class _Tested:
    """A compose with its jobs."""

    id: str
    #: all jobs of its BUILD
    jobs: tuple[Job, ...]

    @property
    def counted(self) -> Counted:
        """Its tests, each with its newest job."""
        return counted(self.jobs)


def gather(
    compose_id: str,
    *,
    previous: str | None,
    services: CheckPorts,
    options: CheckOptions,
    jobs: tuple[Job, ...] | None = None,
) -> Facts:
    """Return the facts of a compose and of the one before it.

    :param jobs: all of its BUILD, if the caller has just read them; None: openQA is asked
    :param previous: the id of the compose to compare with; None: the newest older compose of its
        series that has finished jobs in openQA

    Raises:
        SubjectError: either is no compose id, or openQA has no jobs of `previous`.
        RequestRefusedError, ServiceUnavailableError: openQA does not answer.
        ConfigError: the deployment is wrong.
    """
    compose = _parsed(compose_id)
    chosen = _parsed(previous) if previous else None
    with ContextPool(max_workers=AT_ONCE) as pool:
        asked_gating = pool.submit(_gating, compose, services=services, options=options)
        asked_jobs = pool.submit(_jobs, compose.id, jobs, services=services)
        # meanwhile, in this thread: neither depends on the requests in the pool
        before = _chosen(chosen, services=services) if chosen else None
        series = () if chosen else _series(compose, services=services)
        now = _Tested(compose.id, asked_jobs.result())
        asked_facts = pool.submit(_facts, now, services=services)
        before = before or _latest(compose, now, series, services=services)
        asked_facts_before = pool.submit(_facts, before, services=services) if before else None
        logs = _logs(_systems(before, now, most=options.most_systems), services=services, pool=pool)
        facts = asked_facts.result()
        facts_before = asked_facts_before.result() if asked_facts_before else None
        return Facts(
            compose=_with_logs(facts, logs),
            previous=_with_logs(facts_before, logs) if facts_before else None,
            missing_images=_missing(services.known.expected_images(compose.id), facts.images),
            gating=asked_gating.result(),
            reported_as=dict(_reported_as(now.jobs, options.base_url)),
            base_url=options.base_url,
            project_url=options.project_url,
            pages_url=options.pages_url,
        )


def _jobs(
    compose_id: str, jobs: tuple[Job, ...] | None, *, services: CheckPorts
) -> tuple[Job, ...]:
    return services.openqa.jobs_for_build(compose_id) if jobs is None else jobs


def _parsed(compose_id: str) -> ComposeId:
    compose = parse_compose_id(compose_id)
    if compose is None:
        raise SubjectError(f"{compose_id!r} is not a compose id")
    return compose


def _gating(
    compose: ComposeId, *, services: CheckPorts, options: CheckOptions
) -> GatingFacts | None:
    kind = (compose.release, compose.type)
    policy = next((it for it in options.gating if (it.release, it.type) == kind), None)
    if policy is None:
        return None
    try:
        decision = services.gating.decide(replace(policy.question, subject=compose.id))
    except (PermanentError, TemporaryError) as exc:
        log.warning("%s: %s", compose.id, exc)
        return GatingFacts(name=policy.name, decision=None, reason=str(exc))
    return GatingFacts(name=policy.name, decision=decision)


def _chosen(compose: ComposeId, *, services: CheckPorts) -> _Tested:
    jobs = services.openqa.jobs_for_build(compose.id)
    if not jobs:
        raise SubjectError(f"{compose.id}: openQA has no jobs of it to compare with")
    return _Tested(compose.id, jobs)


def _series(compose: ComposeId, *, services: CheckPorts) -> tuple[str, ...]:
    try:
        return composes_before(compose, services.series.of(compose.release))
    except (PermanentError, TemporaryError) as exc:
        log.warning("%s: openQA is asked what came before: %s", compose.id, exc)
        return ()


def _latest(
    compose: ComposeId, now: _Tested, series: Iterable[str], *, services: CheckPorts
) -> _Tested | None:
    """Return the newest older compose with finished tests, from the series or else from openQA."""
    for candidates in (series, _builds(compose, now, services=services)):
        for candidate in islice(candidates, MOST_TRIED):
            tested = _Tested(candidate, services.openqa.jobs_for_build(candidate))
            outcomes = {outcome for _, outcome in tested.counted.values()}
            if outcomes - {Bucket.RUNNING, Bucket.CANCELLED}:
                return tested
    return None


def _builds(compose: ComposeId, now: _Tested, *, services: CheckPorts) -> Iterator[str]:
    """Yield older composes in which openQA ran a test of this compose.

    One test of each of the largest flavors is tried: a test may be new, or was not run last time.
    """
    of_flavor: dict[str, list[Job]] = {}
    for job, _ in now.counted.values():
        of_flavor.setdefault(job.flavor, []).append(job)
    for jobs in sorted(of_flavor.values(), key=len, reverse=True)[:MOST_TESTS]:
        found = composes_before(compose, services.builds.before(jobs[0]))
        if found:
            yield from found
            return


def _facts(tested: _Tested, *, services: CheckPorts) -> ComposeFacts:
    # jobs of composes from another server have its URL in LOCATION
    locations = Counter(filter(None, (job.settings.get("LOCATION") for job in tested.jobs)))
    usual = locations.most_common(1)
    location = usual[0][0] if usual else services.known.location(tested.id)
    sizes = _images(tested.id, location, services=services) if location else None
    return ComposeFacts(
        id=tested.id,
        jobs=tested.jobs,
        location=location,
        images=None if sizes is None else frozenset(sizes),
        sizes={image: size for image, size in (sizes or {}).items() if size},
    )


def _images(
    compose_id: str, location: str, *, services: CheckPorts
) -> Mapping[ImageKind, int] | None:
    """Return the images of a compose with their bytes; of one kind together."""
    try:
        compose = services.composes.load(location)
    except (PermanentError, TemporaryError) as exc:
        log.warning("the images of %s are not known: %s", compose_id, exc)
        return None
    if compose.name.id != compose_id:
        log.warning("the images of %s are not known: %s is there", compose_id, compose.name.id)
        return None
    sizes: Counter[ImageKind] = Counter()
    for it in compose.images:
        sizes[ImageKind(it.subvariant, it.type, it.arch)] += it.size
    return sizes


def _missing(
    expected: Iterable[tuple[str, str, str]] | None, images: Iterable[ImageKind] | None
) -> tuple[ImageKind, ...] | None:
    """Return the missing images, compared as fedfind does."""
    if expected is None or images is None:
        return None
    there = {(it.subvariant.lower().removesuffix(APPLIANCE), it.type, it.arch) for it in images}
    return tuple(ImageKind(*kind) for kind in sorted(set(expected) - there))


def _reported_as(jobs: Iterable[Job], base_url: str) -> Iterator[tuple[int, ReportedAs]]:
    for job in jobs:
        # gating may require the result of a job that was cancelled
        result = result_for(job, base_url=base_url, announced=True)
        if isinstance(result, Result):
            yield job.id, ReportedAs(result.testcase, result.extradata["scenario"])


def _systems(before: _Tested | None, now: _Tested, *, most: int) -> tuple[Job, ...]:
    """Return the jobs whose systems can be compared: pairs of one test in both composes."""
    jobs, jobs_before = now.counted, before.counted if before else {}
    pairs = [
        pair
        for scenario in sorted(jobs.keys() & jobs_before, key=lambda scenario: scenario.order)
        if all(map(_has_system_data, pair := (jobs_before[scenario][0], jobs[scenario][0])))
    ]
    if len(pairs) > most:
        log.warning("%s: of %d tests with system data, %d are compared", now.id, len(pairs), most)
    return tuple(job for pair in pairs[:most] for job in pair)


def _has_system_data(job: Job) -> bool:
    return job.state == JobState.DONE and any(
        module.name == COLLECTS and module.result not in NOT_RUN for module in job.modules
    )


def _logs(jobs: Iterable[Job], *, services: CheckPorts, pool: ContextPool) -> Mapping[int, Logs]:
    def load(job_id: int, kind: Log) -> LogFile | None:
        try:
            content = services.files.load(job_id, kind.filename)
        except (PermanentError, TemporaryError) as exc:
            return LogFile(None, str(exc))
        return None if content is None else LogFile(content)

    asked = {job.id: {kind: pool.submit(load, job.id, kind) for kind in Log} for job in jobs}
    return {
        job_id: {kind: found for kind, loading in kinds.items() if (found := loading.result())}
        for job_id, kinds in asked.items()
    }


def _with_logs(facts: ComposeFacts, logs: Mapping[int, Logs]) -> ComposeFacts:
    return replace(facts, logs={job.id: logs[job.id] for job in facts.jobs if job.id in logs})
