"""Finds the jobs that fail, are cancelled or restarted together with a job.

It must not change anything: it follows the stored dependencies.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from fedora_openqa.sandbox.openqa.database import Database, Dependency
from fedora_openqa.sandbox.openqa.links import CHAINED, DIRECTLY_CHAINED
from fedora_openqa.sandbox.openqa.states import OK_RESULTS, PENDING_STATES


class DirectParentError(Exception):
    """A directly chained parent would have to be restarted, too; the text is openQA's."""


@dataclass
class Member:
    """A job of a cluster, and its dependencies within the cluster."""

    ok: bool
    #: False: it was reached only as the child of another job
    is_parent_or_initial: bool
    parents: list[Dependency] = field(default_factory=list)
    children: list[Dependency] = field(default_factory=list)
    children_skipped: bool = False


@dataclass(frozen=True)
class Reach:
    """The dependencies that a cluster includes."""

    #: the jobs are to be cancelled: chained parents are left out
    cancelling: bool = False
    skip_parents: bool = False
    skip_children: bool = False
    refuse_direct_parent: bool = False


def cluster(database: Database, number: int, reach: Reach) -> Mapping[int, Member]:
    """Return the jobs that fail, are cancelled or restarted together with one.

    Raises:
        DirectParentError: the cluster needs the parent and `reach` refuses it.
    """
    walk = _Walk(database)
    walk.visit(number, reach)
    return walk.members


class _Walk:
    def __init__(self, database: Database) -> None:
        self.members: dict[int, Member] = {}
        self._database = database

    def visit(self, number: int, reach: Reach, *, as_child: bool = False) -> Member:
        member = self.members.get(number)
        if member is not None:
            if member.children_skipped and not reach.skip_children:
                member.children_skipped = False
                self._visit_children(number, member, Reach(cancelling=reach.cancelling))
            return member
        row = self._database.job(number)
        ok = row is not None and row["result"] in OK_RESULTS
        member = self.members[number] = Member(ok=ok, is_parent_or_initial=not as_child)
        for dependency in self._database.parents(number):
            member.parents.append(dependency)
            self._visit_parent(dependency, reach)
        if reach.skip_children:
            member.children_skipped = True
        else:
            self._visit_children(number, member, reach)
        return member

    def _visit_parent(self, dependency: Dependency, reach: Reach) -> None:
        parent = dependency.parent
        if dependency.kind not in (CHAINED, DIRECTLY_CHAINED):
            if not (reach.cancelling and self._goes_on_without(parent)) and not reach.skip_parents:
                self.visit(parent, replace(reach, skip_children=False))
            return
        if reach.skip_parents or reach.cancelling:
            return
        upwards = Reach(skip_children=True)
        if dependency.kind == CHAINED:
            # a parent that passed need not run again
            row = self._database.job(parent)
            if row is not None and row["result"] not in OK_RESULTS:
                self.visit(parent, upwards)
        elif parent not in self.members:
            if reach.refuse_direct_parent:
                raise DirectParentError(_direct_parent_text(parent))
            self.visit(parent, upwards)

    def _goes_on_without(self, parent: int) -> bool:
        setting = self._database.settings([parent])[parent].get("PARALLEL_CANCEL_WHOLE_CLUSTER")
        if setting not in ("", "0"):
            return False
        for dependency in self._database.children(parent):
            child = self._database.job(dependency.child)
            if child is not None and child["state"] in PENDING_STATES:
                return dependency.child not in self.members
        return False

    def _visit_children(self, number: int, member: Member, reach: Reach) -> None:
        for dependency in self._database.children(number):
            row = self._database.job(dependency.child)
            if row is None or row["clone_id"] is not None:
                continue
            child = self.visit(dependency.child, reach, as_child=True)
            member.children.append(dependency)
            member.ok = member.ok and child.ok


def _direct_parent_text(parent: int) -> str:
    link = "https://open.qa/docs/#_handling_of_related_jobs_on_failure_cancellation_restart"
    return (
        f"Direct parent {parent} needs to be cloned as well for the directly chained dependency "
        "to work correctly. It is generally better to restart the parent which will restart all "
        f'children as well. Checkout the <a href="{link}">documentation</a> for more information.'
    )
