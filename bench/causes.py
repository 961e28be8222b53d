"""Measures how well failures with one cause are found, on made-up history with known causes.

``python -m bench.causes`` makes up 90 days for each seed. Of all pairs of failed jobs that a
cluster has, precision is the share that has one cause; of all pairs that have one, recall is the
share that a cluster has. Recall counts lasting causes (regressions, toggles, outages) with at least
two builds or three tests: no others are to be found. Beside it the plain rule: the same signature
in a release, no more than 36 hours apart.

The same for builds in the form of a public openQA, whose jobs go on after a failed module: see
`bench.public_builds`.

``python -m bench.causes FILE…`` reads recorded answers of openQA's ``GET jobs?build=…``, and files
with the comments of a job, whose id is in the name; of a directory all files. See `bench.recorded`.
There is no truth in them: it prints how often failures come again in the next build, what clusters
leave to look at, and, where comments link jobs with bugs, the same precision and recall by these.
"""

import statistics
import sys
from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from itertools import combinations, pairwise
from pathlib import Path
from typing import Any

from bench.public_builds import make_builds
from bench.recorded import read_files, stored_jobs
from bench.tables import Row, at_least, at_most, show
from fedora_openqa.data.failure_reasons import load_reason_rules
from fedora_openqa.model.failures import FailedRun, Signature
from fedora_openqa.model.history import StoredJob
from fedora_openqa.policy.causes import FEWEST_BUILDS, FEWEST_TESTS, GAP, find_clusters
from fedora_openqa.policy.signatures import signature_of
from fedora_openqa.sandbox.made_causes import CauseKind
from fedora_openqa.sandbox.made_history import make_history
from fedora_openqa.sandbox.made_shapes import shape_of
from tests.support.failures import failed_runs

SEEDS = range(1, 9)

#: of builds in the form of a public openQA: none was used to choose a limit
PUBLIC_SEEDS = range(5001, 5101)
JOBS, DAYS, END = 60_000, 90.0, 1_800_000_000.0

#: wanted of all seeds together
LEAST_PRECISION, LEAST_RECALL = 0.95, 0.8

LASTING = (CauseKind.REGRESSION, CauseKind.TOGGLE, CauseKind.OUTAGE)

RULES = load_reason_rules()

#: clusters as ids of jobs
Clusters = Sequence[Collection[int]]


def main(files: Sequence[str]) -> int:
    if files:
        return measure_recorded([Path(name) for name in files])
    return max(measure_made(), measure_public())


def ours(failed: Sequence[FailedRun]) -> Clusters:
    return [[run.job.id for run in one.runs] for one in find_clusters(failed, RULES)]


def plain(failed: Sequence[FailedRun]) -> Clusters:
    """Return what has the same signature in a release, with no gap of more than 36 hours."""
    alike: dict[tuple[str, Signature], list[StoredJob]] = defaultdict(list)
    for run in failed:
        if signature := signature_of(run.job):
            alike[run.job.version, signature].append(run.job)
    return [
        [job.id for job in part]
        for some in alike.values()
        for part in parts(sorted(some, key=lambda job: job.finished or 0.0))
        if is_to_be_found(part)
    ]


def parts(jobs: Sequence[StoredJob]) -> Iterator[list[StoredJob]]:
    part = list(jobs[:1])
    for one, job in pairwise(jobs):
        if (job.finished or 0.0) - (one.finished or 0.0) > GAP:
            yield part
            part = []
        part.append(job)
    yield part


def is_to_be_found(jobs: Collection[StoredJob]) -> bool:
    builds, tests = ({job.build for job in jobs}, {job.scenario.test for job in jobs})
    return len(builds) >= FEWEST_BUILDS or len(tests) >= FEWEST_TESTS


def pairs(number: int) -> int:
    return number * (number - 1) // 2


#: what is compared
RULES_OF_CLUSTERS: Mapping[str, Callable[[Sequence[FailedRun]], Clusters]] = {
    "ours": ours,
    "plain": plain,
}


def measure_made() -> int:
    """Print figures for each seed and of all; return the exit status."""
    found: dict[str, list[tuple[float, float]]] = defaultdict(list)
    split = 0
    print(f"{JOBS:,} jobs of {DAYS:.0f} days; precision and recall of pairs")
    for seed in SEEDS:
        made = make_history(shape_of(JOBS, end=END, days=DAYS, seed=seed))
        failed = failed_runs(one.job for one in made.jobs)
        causes = {one.job.id: one.cause.id for one in made.jobs if one.cause}
        kinds = {one.id: one.kind for one in made.causes}
        caused: dict[str, list[StoredJob]] = defaultdict(list)
        for run in failed:
            caused[causes[run.job.id]].append(run.job)
        wanted = {
            name: jobs
            for name, jobs in caused.items()
            if kinds[name] in LASTING and is_to_be_found(jobs)
        }
        cells = []
        for name, rule in RULES_OF_CLUSTERS.items():
            clusters = rule(failed)
            found[name].append(score(clusters, causes, wanted))
            cells.append(f"{name} {found[name][-1][0]:.3f} {found[name][-1][1]:.3f}")
            if name == "ours":
                homes: dict[str, set[int]] = defaultdict(set)
                for number, cluster in enumerate(clusters):
                    for id_ in cluster:
                        homes[causes[id_]].add(number)
                outages = [one for one in wanted if kinds[one] is CauseKind.OUTAGE]
                split += sum(len(homes[one]) != 1 for one in outages)
                cells.append(f"{len(outages)} outages, {len(wanted)} lasting causes")
        print(f"  seed {seed}: {len(failed):5} failed; {'; '.join(cells)}", flush=True)
    rows = [
        *summary(found, LEAST_PRECISION, LEAST_RECALL),
        at_most("outages that are not one cluster", split, 0),
    ]
    show(f"{len(SEEDS)} seeds", rows)
    return int(any(row.holds is False for row in rows))


def measure_public() -> int:
    """Print figures of builds in the form of a public openQA; return the exit status."""
    found: dict[str, list[tuple[float, float]]] = defaultdict(list)
    told_apart: list[float] = []
    for seed in PUBLIC_SEEDS:
        made = make_builds(seed)
        failed = failed_runs(stored_jobs(made.answers))
        caused: dict[str, list[StoredJob]] = defaultdict(list)
        for run in failed:
            caused[made.causes[run.job.id]].append(run.job)
        wanted = {
            name: jobs
            for name, jobs in caused.items()
            if name in made.lasting and is_to_be_found(jobs)
        }
        for name, rule in RULES_OF_CLUSTERS.items():
            clusters = rule(failed)
            found[name].append(score(clusters, made.causes, wanted))
            if name == "ours":
                told_apart.append(precision_of_looks(clusters, made.causes, made.looks))
    rows = [
        *summary(found),
        at_least(
            "mean precision, ours, where causes look different",
            statistics.mean(told_apart),
            LEAST_PRECISION,
        ),
    ]
    show(f"{len(PUBLIC_SEEDS)} seeds of builds in the form of a public openQA", rows)
    return int(any(row.holds is False for row in rows))


def precision_of_looks(
    clusters: Clusters, causes: Mapping[int, str], looks: Mapping[int, object]
) -> float:
    """Return the precision without pairs of two causes that nothing tells apart."""
    right = wrong = 0
    for cluster in clusters:
        mine = sum(pairs(it) for it in Counter(causes[id_] for id_ in cluster).values())
        alike = sum(pairs(it) for it in Counter(looks[id_] for id_ in cluster).values())
        both = Counter((causes[id_], looks[id_]) for id_ in cluster)
        right += mine
        wrong += pairs(len(cluster)) - mine - alike + sum(pairs(it) for it in both.values())
    return right / max(right + wrong, 1)


def summary(found: Mapping[str, Sequence[tuple[float, float]]], *least: float) -> Iterator[Row]:
    """Yield the mean and the smallest precision and recall of each rule.

    :param least: the means of ours that are wanted, if any are
    """
    for name, scores in found.items():
        for at, what in enumerate(("precision", "recall")):
            values = [one[at] for one in scores]
            mean = statistics.mean(values)
            if name == "ours" and least:
                yield at_least(f"mean {what}, {name}", mean, least[at])
            else:
                yield Row(f"mean {what}, {name}", f"{mean:.3f}")
            yield Row(f"smallest {what}, {name}", f"{min(values):.3f}")


def score(
    clusters: Clusters, causes: Mapping[int, str], wanted: Mapping[str, Collection[object]]
) -> tuple[float, float]:
    """Return precision and recall of clusters."""
    together: Counter[str] = Counter()
    all_pairs = 0
    for cluster in clusters:
        all_pairs += pairs(len(cluster))
        for cause, number in Counter(causes[id_] for id_ in cluster).items():
            together[cause] += pairs(number)
    to_find = sum(pairs(len(jobs)) for jobs in wanted.values())
    return (
        together.total() / max(all_pairs, 1),
        sum(together[name] for name in wanted) / max(to_find, 1),
    )


def measure_recorded(files: Sequence[Path]) -> int:
    """Print figures of recorded jobs; return the exit status."""
    recorded = read_files(files)
    jobs, bugs = recorded.jobs, recorded.bugs
    for problem in recorded.problems:
        print(f"not read: {problem}")
    if not jobs:
        print("no file has jobs: expected are answers of openQA's GET jobs?build=…, as JSON")
        return 1
    failed = failed_runs(jobs.values())
    clusters = ours(failed)
    in_cluster = {id_: number for number, cluster in enumerate(clusters) for id_ in cluster}
    left = len(clusters) + len(failed) - len(in_cluster)
    rows = [
        Row("jobs", f"{len(jobs)} of {len({job.build for job in jobs.values()})} builds"),
        Row("failed by themselves", f"{len(failed)}"),
        Row("in clusters", f"{len(in_cluster)} in {len(clusters)}"),
        Row("left to look at: clusters and single jobs", f"{left}"),
        *recurrence(failed, in_cluster),
        *by_bugs(failed, in_cluster, bugs),
    ]
    show(f"{len(files)} files", rows)
    return 0


def recurrence(failed: Sequence[FailedRun], in_cluster: Mapping[int, int]) -> Iterator[Row]:
    """Yield how often a scenario that failed in two builds in a row failed in the same way."""
    by_build: dict[str, dict[Any, StoredJob]] = defaultdict(dict)
    for run in failed:
        by_build[run.job.build].setdefault(run.job.scenario, run.job)
    both: list[tuple[StoredJob, StoredJob]] = []
    others: list[tuple[StoredJob, StoredJob]] = []
    for one, other in pairwise(by_build.values()):
        both += [(job, other[scenario]) for scenario, job in one.items() if scenario in other]
        others += [(a, b) for s, a in one.items() for t, b in other.items() if s.test != t.test]
    for name, some in (("scenarios that failed twice in a row", both), ("different tests", others)):
        same = sum(signature_of(a) == signature_of(b) for a, b in some)
        near = sum(a.id in in_cluster and in_cluster[a.id] == in_cluster.get(b.id) for a, b in some)
        yield Row(f"{name}: pairs", f"{len(some)}")
        yield Row("  with the same signature", share(same, len(some)))
        yield Row("  in the same cluster", share(near, len(some)))


def by_bugs(
    failed: Iterable[FailedRun], in_cluster: Mapping[int, int], bugs: Mapping[int, Collection[str]]
) -> Iterator[Row]:
    """Yield precision and recall by the bugs that comments name."""
    named = [run.job.id for run in failed if bugs.get(run.job.id)]
    right = together = same = 0
    for one, other in combinations(named, 2):
        is_same = bool(set(bugs[one]) & set(bugs[other]))
        is_together = one in in_cluster and in_cluster[one] == in_cluster.get(other)
        same += is_same
        together += is_together
        right += is_same and is_together
    yield Row("failed jobs with a bug", f"{len(named)}")
    yield Row("precision of pairs by bugs", share(right, together))
    yield Row("recall of pairs by bugs", share(right, same))


def share(number: int, of: int) -> str:
    return f"{number} of {of} ({number / of:.0%})" if of else "none"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
