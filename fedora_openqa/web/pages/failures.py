"""Failures with one cause."""

from collections.abc import Collection, Mapping, Sequence
from typing import Literal, TypeAlias

from flask import render_template
from flask.typing import ResponseReturnValue
from markupsafe import Markup
from werkzeug.exceptions import NotFound

from fedora_openqa.errors import NotFoundError
from fedora_openqa.model.failures import FailureCluster, FailureKind, FailureState
from fedora_openqa.model.history import Scenario
from fedora_openqa.policy.causes import state_of
from fedora_openqa.policy.failure_rules import LONGEST
from fedora_openqa.views.failures import (
    ClusterStoryView,
    ClusterView,
    cluster_story_view,
    cluster_view,
    rule_views,
    trend_of,
)
from fedora_openqa.views.history import RunView
from fedora_openqa.views.times import when
from fedora_openqa.web.areas import Area, readers
from fedora_openqa.web.queries import Paged, Text, on_page
from fedora_openqa.web.svg import sparkline

pages = Area("failures", __name__)

LINKS = (("Failures", "/failures"),)

#: tests and facts that the list shows of a cluster
FEW = 5

#: more than openQA's ids
MOST = 2**53


#: empty: those that need a person
State: TypeAlias = Literal["", "open", "over", "closed", "all"]
Kind: TypeAlias = Literal["", "product", "test", "infra", "unknown"]


class FailuresQuery(Paged, frozen=True, kw_only=True):
    """Which clusters are shown."""

    state: State = ""
    kind: Kind = ""
    #: openQA's VERSION
    release: Text = ""


class MembersQuery(Paged, frozen=True, kw_only=True):
    """Which of the jobs of a cluster are shown."""


def find_failures(*, state: State, kind: Kind, release: str) -> list[ClusterView]:
    """Return the clusters that a page shows, the one that failed last first."""
    wanted = state or FailureState.OPEN
    found = [
        view
        for view in (cluster_view(one, of) for one, of in readers().failures().clusters)
        if wanted in ("all", view.state)
        and kind in ("", view.kind)
        and release in ("", view.release)
    ]
    return sorted(found, key=lambda view: (view.last_seen or "", view.id), reverse=True)


def find_cluster(job_id: int) -> ClusterStoryView:
    """Return the cluster that has a job.

    Raises:
        NotFound: nothing failed with it.
    """
    if job_id >= MOST:
        raise NotFound(f"openQA has no job {job_id}")
    try:
        cluster = readers().cluster(job_id)
    except NotFoundError as exc:
        raise NotFound(str(exc)) from exc
    now = readers().stories.now()
    hints = readers().hints(cluster)
    return cluster_story_view(cluster, state_of(cluster, now=now), hints=hints, now=now)


def causes_of(jobs: Collection[int]) -> Mapping[int, FailureCluster]:
    """Return the cluster of each of some jobs, by the id of the job; without one: not there."""
    return {
        run.job.id: cluster
        for cluster, _ in readers().failures().clusters
        for run in cluster.runs
        if run.job.id in jobs
    }


def open_causes_of(scenario: Scenario) -> Sequence[FailureCluster]:
    """Return the clusters of a scenario that need a person, the one with the oldest job first."""
    return [
        cluster
        for cluster, state in readers().failures().clusters
        if state is FailureState.OPEN and any(run.job.scenario == scenario for run in cluster.runs)
    ]


@pages.page("/failures", FailuresQuery)
def failures(query: FailuresQuery) -> ResponseReturnValue:
    """List failed jobs that seem to have one cause."""
    found = find_failures(state=query.state, kind=query.kind, release=query.release)
    seen = readers().failures()
    clusters = {one.id: one for one, _ in seen.clusters}
    return render_template(
        "failures.html.j2",
        query=query,
        items=[
            (one, _trend(trend_of(clusters[one.id], now=seen.now))) for one in on_page(found, query)
        ],
        total=len(found),
        few=FEW,
        states=[*map(str, FailureState), "all"],
        kinds=list(map(str, FailureKind)),
        rules=rule_views(seen),
        read=when(seen.now),
    )


@pages.page("/failures/<int:job_id>", MembersQuery)
def cluster(query: MembersQuery, job_id: int) -> ResponseReturnValue:
    """Show the jobs that failed with one cause, the newest first."""
    story = find_cluster(job_id)
    return render_template(
        "failure.html.j2",
        query=query,
        path=f"/failures/{job_id}",
        one=story.cluster,
        text=_text_of(story.members[-1].run),
        trend=_trend(story.trend),
        members=on_page(story.members, query),
        total=len(story.members),
    )


def _text_of(run: RunView) -> str:
    """Return what a rule about such failures may begin with: where a job failed, or why."""
    return next(iter(run.failed_modules), run.reason or "")[:LONGEST]


def _trend(days: Sequence[int]) -> Markup:
    numbers = ", ".join(map(str, days))
    return sparkline(days, f"failures on each of the last {len(days)} days: {numbers}")
