"""What failures of one cluster have in common: facts with their counts, no verdict."""

from collections import Counter
from collections.abc import Iterable, Iterator

from fedora_openqa.model.failures import FailedRun, FailureCluster, Hint, Trait
from fedora_openqa.model.history import Scenario

#: share of the failures that a fact must be true for
SHARE = 0.8


def hints_of(cluster: FailureCluster) -> tuple[Hint, ...]:
    """Return what most failures of a cluster have in common."""
    firsts: dict[Scenario, FailedRun] = {}
    for run in cluster.runs:
        firsts.setdefault(run.job.scenario, run)
    return tuple(_hints(cluster, firsts.values()))


def _hints(cluster: FailureCluster, firsts: Iterable[FailedRun]) -> Iterator[Hint]:
    """Yield hints.

    :param firsts: the first failure of each scenario
    """
    jobs = [run.job for run in cluster.runs]
    builds = len(cluster.builds) > 1
    yield from _common("fails since", (run.job.build for run in firsts if builds))
    yield from _common("passed before in", (run.before.build for run in firsts if run.before))
    yield from _common("build", (job.build for job in jobs))
    yield from _common("test", (job.scenario.test for job in jobs))
    yield from _common(Trait.FLAVOR, (job.scenario.flavor for job in jobs))
    yield from _common(Trait.ARCH, (job.scenario.arch for job in jobs))
    yield from _common(Trait.MACHINE, (job.scenario.machine for job in jobs))
    yield from _common(Trait.HOST, (job.worker_host for job in jobs if job.worker_host))
    yield from _common("worker class", (job.worker_class for job in jobs if job.worker_class))


def _common(what: str, values: Iterable[str]) -> Iterator[Hint]:
    """Yield the most frequent value, if most have it."""
    counts = Counter(values)
    total = counts.total()
    # of equally frequent ones always the same
    value, count = max(counts.items(), key=lambda item: (item[1], item[0]), default=("", 0))
    if count > 1 and count >= SHARE * total:
        yield Hint(what, value, count, total)
