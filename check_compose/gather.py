"""Everything a report is made of, from whoever knows it: few requests, side by side.

Without openQA there is no report; whatever else cannot be had is said in the report, or
left out of it, and the log says why. It knows ports, never gateways, and judges nothing.
"""

import logging
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from itertools import islice

from check_compose.counting import Bucket, Counted, counted
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
from fedora_openqa.model.gating import GatingQuestion
from fedora_openqa.model.jobs import Job, JobResult, JobState
from fedora_openqa.model.results import Result
from fedora_openqa.policy.compose_ids import ComposeId, composes_before, parse_compose_id
from fedora_openqa.policy.gating import question_about_compose
from fedora_openqa.policy.results import result_for

log = logging.getLogger(__name__)

#: requests at a time
AT_ONCE = 8

#: older composes that are tried, each of which costs a request, until openQA has tested one
MOST_TRIED = 10

#: tests that openQA is asked for earlier runs of, until it has any
MOST_TESTS = 3

#: the module of a job that uploads system data
COLLECTS = "_collect_data"

#: results of modules that have not run
NOT_RUN = frozenset({JobResult.NONE, JobResult.SKIPPED})

#: ends of subvariants that fedfind does not look at: Fedora 33 began to write them
APPLIANCE = "_appliance"


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckPorts:
    """Whoever knows something about composes."""

    openqa: ports.OpenQA
    builds: ports.Builds
    files: ports.JobFiles
    series: ports.ComposeSeries
    composes: ports.Composes
    known: ports.KnownComposes
    gating: ports.Gating


@dataclass(frozen=True, slots=True, kw_only=True)
class GatingPolicy:
    """Composes that gating is asked about."""

    #: what the heading calls it: ``"Rawhide"``
    name: str
    #: dist and release of the composes: ``"Fedora-Rawhide"``
    release: str
    #: their type as in their ids: ``"n"``; empty: production composes
    type: str
    #: what is asked, but for the id of the compose
    question: GatingQuestion


RAWHIDE = GatingPolicy(
    name="Rawhide", release="Fedora-Rawhide", type="n", question=question_about_compose("")
)


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckOptions:
    """What our deployment chooses."""

    #: openQA's, for people: ``"https://openqa.fedoraproject.org"``
    base_url: str
    #: where this project is at home
    project_url: str
    #: the first that fits a compose is asked for
    gating: tuple[GatingPolicy, ...] = (RAWHIDE,)
    #: tests whose system data is compared; each costs ten requests, all the rest some ten
    most_systems: int


@dataclass(frozen=True, slots=True)
class _Tested:
    """A compose that openQA has been asked about."""

    id: str
    #: all jobs of its BUILD
    jobs: tuple[Job, ...]

    @property
    def counted(self) -> Counted:
        """Its tests, and the job of each that counts."""
        return counted(self.jobs)


def gather(
    compose_id: str,
    *,
    previous: str | None,
    services: CheckPorts,
    options: CheckOptions,
    jobs: tuple[Job, ...] | None = None,
) -> Facts:
    """Gather what is known of a compose and of the one before it.

    :param jobs: all of its BUILD, where they have just been read; None: openQA is asked
    :param previous: the id of what to compare with, where a person has chosen; nothing: the
        latest older compose like it that has finished jobs in openQA

    Raises:
        SubjectError: either is no compose id, or openQA has no jobs of the one chosen.
        RequestRefusedError, ServiceUnavailableError: openQA does not say.
        ConfigError: the deployment is wrong.
    """
    compose = _parsed(compose_id)
    chosen = _parsed(previous) if previous else None
    with ThreadPoolExecutor(max_workers=AT_ONCE) as pool:
        asked_gating = pool.submit(_gating, compose, services=services, options=options)
        asked_jobs = pool.submit(_jobs, compose.id, jobs, services=services)
        # asked meanwhile, and not in the pool: nothing here waits for anything else
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
    """Find the newest compose that openQA has tested; in what it tested itself, if need be."""
    for candidates in (series, _builds(compose, now, services=services)):
        for candidate in islice(candidates, MOST_TRIED):
            tested = _Tested(candidate, services.openqa.jobs_for_build(candidate))
            outcomes = {outcome for _, outcome in tested.counted.values()}
            if outcomes - {Bucket.RUNNING, Bucket.CANCELLED}:
                return tested
    return None


def _builds(compose: ComposeId, now: _Tested, *, services: CheckPorts) -> Iterator[str]:
    """Ask openQA which composes it ran the same tests for: one of each of the largest flavors.

    A test may be new, or may have been left out the last time.
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
    # composes of others are where their jobs say
    locations = Counter(filter(None, (job.settings.get("LOCATION") for job in tested.jobs)))
    usual = locations.most_common(1)
    location = usual[0][0] if usual else services.known.location(tested.id)
    return ComposeFacts(
        id=tested.id,
        jobs=tested.jobs,
        location=location,
        images=_images(tested.id, location, services=services) if location else None,
    )


def _images(compose_id: str, location: str, *, services: CheckPorts) -> frozenset[ImageKind] | None:
    try:
        compose = services.composes.load(location)
    except (PermanentError, TemporaryError) as exc:
        log.warning("the images of %s are not known: %s", compose_id, exc)
        return None
    if compose.name.id != compose_id:
        log.warning("the images of %s are not known: %s is there", compose_id, compose.name.id)
        return None
    return frozenset(ImageKind(it.subvariant, it.type, it.arch) for it in compose.images)


def _missing(
    expected: Iterable[tuple[str, str, str]] | None, images: Iterable[ImageKind] | None
) -> tuple[ImageKind, ...] | None:
    """Say which images are missing, as fedfind does."""
    if expected is None or images is None:
        return None
    there = {(it.subvariant.lower().removesuffix(APPLIANCE), it.type, it.arch) for it in images}
    return tuple(ImageKind(*kind) for kind in sorted(set(expected) - there))


def _reported_as(jobs: Iterable[Job], base_url: str) -> Iterator[tuple[int, ReportedAs]]:
    for job in jobs:
        # gating may wait for a result of a job that was cancelled
        result = result_for(job, base_url=base_url, announced=True)
        if isinstance(result, Result):
            yield job.id, ReportedAs(result.testcase, result.extradata["scenario"])


def _systems(before: _Tested | None, now: _Tested, *, most: int) -> tuple[Job, ...]:
    """Choose the jobs whose systems can be compared: those of the same tests, of both composes."""
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


def _logs(
    jobs: Iterable[Job], *, services: CheckPorts, pool: ThreadPoolExecutor
) -> Mapping[int, Logs]:
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
