"""Clusters of failed jobs that seem to have one cause. Nothing of it changes a result.

A cluster is a function of the jobs alone: the order in which they are known makes no difference.
"""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial
from itertools import combinations

from fedora_openqa.model.failures import (
    FailedRun,
    FailureCluster,
    FailureKind,
    FailureNote,
    FailureState,
    ReasonRule,
    Signature,
)
from fedora_openqa.policy.compose_ids import parse_compose_id
from fedora_openqa.policy.signatures import kind_of, signature_of
from fedora_openqa.policy.spells import groups_of, places_of, spells_of

HOUR = 3600.0

#: seconds between two failures of one cause, at most
GAP = 36 * HOUR

#: the same of workers, network and openQA itself, whose failures come close together
INFRA_GAP = 3 * HOUR

#: a cluster has at least so many builds, or tests
FEWEST_BUILDS, FEWEST_TESTS = 2, 3

#: share of the smaller of two bursts that is within the other, if they are one outage
OVERLAP = 0.6

#: failures of a burst that others beside it belong to, and the seconds around it
FEWEST_IN_BURST, BESIDE = 3, 900.0


def find_clusters(
    failed: Iterable[FailedRun], rules: Sequence[ReasonRule], notes: Iterable[FailureNote] = ()
) -> tuple[FailureCluster, ...]:
    """Return the clusters of failed jobs, the one with the oldest job first.

    :param rules: what reasons say about the cause
    :param notes: what persons have decided
    """
    notes = sorted(notes, key=lambda note: note.id)
    apart = {id_: note.id for note in notes for id_ in note.apart}
    runs = sorted(failed, key=lambda run: run.job.id)
    series, places = _series(runs), places_of(runs)
    # updates are tested every few minutes, composes once a day
    composes = {build for build in series if parse_compose_id(build)}
    kinds: dict[Signature, FailureKind] = {}
    signatures: dict[int, Signature] = {}
    infra: dict[Signature, list[FailedRun]] = defaultdict(list)
    lasting: dict[tuple[str, bool], list[tuple[Signature, FailedRun]]] = defaultdict(list)
    for run in runs:
        signature = signature_of(run.job)
        if signature is None:
            continue
        signatures[run.job.id] = signature
        if signature not in kinds:
            kinds[signature] = kind_of(signature, rules)
        if kinds[signature] is FailureKind.INFRA and run.job.id not in apart:
            infra[signature].append(run)
        elif run.job.id in apart or not _is_sporadic(run):
            of = run.job.version or series[run.job.build]
            lasting[of, run.job.build in composes].append((signature, run))
    make = partial(_cluster, signatures=signatures, kinds=kinds)
    found: list[FailureCluster] = []
    for (of, _is_compose), some in lasting.items():
        spells = spells_of(some, places)
        together = [it for it in spells if not it.ids & apart.keys()]
        groups = (part for group in groups_of(together) for part in _without_gaps(group, GAP))
        found += [make(group, series=of) for group in groups if _is_shared(group)]
        by_note: dict[int, list[FailedRun]] = defaultdict(list)
        for spell in spells:
            if ids := spell.ids & apart.keys():
                by_note[apart[min(ids)]] += spell.runs
        found += [make(members, series=of) for members in by_note.values()]
    clusters = [*found, *_outages(infra, make)]
    return tuple(
        replace(cluster, note=_note_of(cluster, notes))
        for cluster in sorted(clusters, key=lambda one: one.id)
    )


def containing(clusters: Iterable[FailureCluster], job_id: int) -> FailureCluster | None:
    """Return the cluster of a job, by whose id it may once have been known; None: there is none."""
    return next(
        (one for one in clusters if any(run.job.id == job_id for run in one.runs)),
        None,
    )


def state_of(cluster: FailureCluster, *, now: float) -> FailureState:
    """Return what is known of the end of a cause.

    :param now: seconds since the epoch
    """
    closed = cluster.note.closed if cluster.note else None
    if closed is not None and cluster.last_seen <= closed:
        return FailureState.CLOSED
    return FailureState.OPEN if now - cluster.last_seen <= GAP else FailureState.OVER


def _series(runs: Iterable[FailedRun]) -> dict[str, str]:
    """Return the release of each build: messages do not have it, what was read of a build has."""
    found: dict[str, str] = {}
    for run in runs:
        build = run.job.build
        if run.job.version:
            found[build] = run.job.version
        elif build not in found:
            compose = parse_compose_id(build)
            found[build] = compose.release.split("-")[-1] if compose else ""
    return found


def _is_sporadic(run: FailedRun) -> bool:
    """Return whether a copy of a job passed: what failed does not fail always."""
    job, after = run.job, run.after
    return after is not None and (
        after.origin_id == job.origin_id or (after.build == job.build and job.clone_id is not None)
    )


def _is_shared(runs: Collection[FailedRun]) -> bool:
    return (
        len({run.job.build for run in runs}) >= FEWEST_BUILDS
        or len({run.job.scenario.test for run in runs}) >= FEWEST_TESTS
    )


def _cluster(
    runs: Iterable[FailedRun],
    *,
    signatures: Mapping[int, Signature],
    kinds: Mapping[Signature, FailureKind],
    series: str,
) -> FailureCluster:
    """Return a cluster.

    :param signatures: of each job, by its id
    """
    members = tuple(sorted(runs, key=lambda run: run.job.id))
    mine = tuple(dict.fromkeys(signatures[run.job.id] for run in members))
    return FailureCluster(
        id=members[0].job.id, series=series, signatures=mine, kind=kinds[mine[0]], runs=members
    )


def _without_gaps(runs: Iterable[FailedRun], gap: float) -> Iterator[list[FailedRun]]:
    """Yield the parts of failures that are no longer than a gap apart."""
    part: list[FailedRun] = []
    for run in sorted(runs, key=lambda it: (it.job.finished or 0.0, it.job.id)):
        if part and (run.job.finished or 0.0) - (part[-1].job.finished or 0.0) > gap:
            yield part
            part = []
        part.append(run)
    if part:
        yield part


def _outages(
    infra: Mapping[Signature, Sequence[FailedRun]], make: Callable[..., FailureCluster]
) -> list[FailureCluster]:
    """Return the clusters of failures of workers, network and openQA: of any release and reason."""
    bursts = [
        make(members, series="")
        for some in infra.values()
        for members in _without_gaps(some, INFRA_GAP)
    ]
    outages = (
        [run for one in joined for run in one.runs] for joined in _joined(bursts, _are_one_outage)
    )
    return [make(runs, series="") for runs in outages if _is_shared(runs)]


def _are_one_outage(one: FailureCluster, other: FailureCluster) -> bool:
    """Return whether most of the smaller of two bursts is within the other."""
    small, large = sorted((one, other), key=lambda it: (len(it.runs), it.id))
    if len(large.runs) < FEWEST_IN_BURST:
        return False
    start, end = large.first_seen - BESIDE, large.last_seen + BESIDE
    within = sum(start <= (run.job.finished or 0.0) <= end for run in small.runs)
    return within >= OVERLAP * len(small.runs)


def _joined(
    clusters: Iterable[FailureCluster], are_one: Callable[[FailureCluster, FailureCluster], bool]
) -> Iterable[list[FailureCluster]]:
    """Return clusters by cause."""
    left = sorted(clusters, key=lambda one: one.id)
    roots = {one.id: one.id for one in left}

    def root(id_: int) -> int:
        while roots[id_] != id_:
            id_ = roots[id_]
        return id_

    for one, other in combinations(left, 2):
        if are_one(one, other):
            older, newer = sorted((root(one.id), root(other.id)))
            roots[newer] = older
    members: dict[int, list[FailureCluster]] = defaultdict(list)
    for one in left:
        members[root(one.id)].append(one)
    return members.values()


def _note_of(cluster: FailureCluster, notes: Iterable[FailureNote]) -> FailureNote | None:
    """Return what persons decided about a cluster, whichever of its jobs it was named by."""
    ids = {run.job.id for run in cluster.runs}
    mine = [note for note in notes if note.id in ids]
    if not mine:
        return None
    closed = [note.closed for note in mine if note.closed is not None]
    last = max(mine, key=lambda note: note.at)
    return FailureNote(
        id=cluster.id,
        title=next((note.title for note in mine if note.title), ""),
        bug=next((note.bug for note in mine if note.bug), ""),
        kind=next((note.kind for note in mine if note.kind), None),
        closed=max(closed, default=None),
        apart=tuple(id_ for note in mine for id_ in note.apart),
        by=last.by,
        at=last.at,
    )
