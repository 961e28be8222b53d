"""Clusters: the jobs that openQA restarts together, by its walk along dependencies.

The walk is that of openQA's ``cluster_jobs``.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from fedora_openqa.model.jobs import Job


@dataclass(frozen=True, slots=True)
class Cluster:
    """The jobs that openQA copies in one restart."""

    #: ids of the jobs, the one sent to openQA included
    members: frozenset[int]
    #: members that are the topmost job of a chain; a restart of another member copies them
    #: without the jobs that wait for them
    tops: frozenset[int]


class Relatives:
    """The dependencies between all jobs of a build."""

    def __init__(self, jobs: Iterable[Job]) -> None:
        """Index all jobs of a build, also those that have a copy."""
        self.jobs: Mapping[int, Job] = {job.id: job for job in jobs}
        #: id of a job to the ids of its chained and parallel children
        self.children: dict[int, list[int]] = {}
        for job in self.jobs.values():
            # openQA does not restart children that have a copy
            if job.clone_id is None:
                for parent in job.parents:
                    self.children.setdefault(parent, []).append(job.id)

    def cluster(self, asked: int) -> Cluster:
        """Return the cluster that openQA copies when one job is restarted."""
        walk = _Walk(self)
        walk.visit(asked, with_children=True)
        tops = (id_ for id_ in walk.without_children if not self.above(self.jobs[id_]))
        return Cluster(frozenset(walk.members), frozenset(tops))

    def root(self, wanted: int) -> int:
        """Return the job to send to openQA, so that a wanted job is restarted with its whole chain.

        openQA copies a failed parent along with a child, but without the parent's other
        children, and refuses to copy these later.
        """
        found = self.cluster(wanted)
        for top in sorted(found.tops):
            if wanted in self.cluster(top).members:
                return top
        return wanted

    def above(self, job: Job) -> list[int]:
        """Return the parents that are copied with a job: failed and directly chained ones."""
        return [
            parent
            for parent in job.parents
            if parent in self.jobs
            and parent not in job.parallel
            and (parent in job.direct_parents or not self.jobs[parent].is_ok)
        ]

    def beside(self, job: Job) -> list[int]:
        """Return the parallel parents of a job; its parallel children are among its children."""
        return [parent for parent in job.parents if parent in job.parallel and parent in self.jobs]


class _Walk:
    """One walk along dependencies, in openQA's order.

    The children of a job that is visited again before the visit of its parents ends are left out.
    """

    def __init__(self, relatives: Relatives) -> None:
        self.members: set[int] = set()
        self.without_children: set[int] = set()
        self._relatives = relatives

    def visit(self, id_: int, *, with_children: bool) -> None:
        if id_ in self.members:
            if with_children and id_ in self.without_children:
                self.without_children.discard(id_)
                self._visit_children(id_)
            return
        self.members.add(id_)
        job = self._relatives.jobs[id_]
        for parent in self._relatives.above(job):
            self.visit(parent, with_children=False)
        for parent in self._relatives.beside(job):
            self.visit(parent, with_children=True)
        if with_children:
            self._visit_children(id_)
        else:
            self.without_children.add(id_)

    def _visit_children(self, id_: int) -> None:
        for child in self._relatives.children.get(id_, ()):
            self.visit(child, with_children=True)
