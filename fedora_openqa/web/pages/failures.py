"""Failures with one cause."""

from typing import Literal, TypeAlias

from flask import render_template
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import NotFound

from fedora_openqa.errors import NotFoundError
from fedora_openqa.model.failures import FailureKind, FailureState
from fedora_openqa.policy.causes import state_of
from fedora_openqa.views.failures import (
    ClusterStoryView,
    ClusterView,
    cluster_story_view,
    cluster_view,
)
from fedora_openqa.views.times import when
from fedora_openqa.web.areas import Area, readers
from fedora_openqa.web.queries import PAGE_SIZE, Paged, Text
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
    return cluster_story_view(cluster, state_of(cluster, now=now), now=now)


@pages.page("/failures", FailuresQuery)
def failures(query: FailuresQuery) -> ResponseReturnValue:
    """List failed jobs that seem to have one cause."""
    found = find_failures(state=query.state, kind=query.kind, release=query.release)
    start = PAGE_SIZE * (query.page - 1)
    return render_template(
        "failures.html.j2",
        query=query,
        items=found[start : start + PAGE_SIZE],
        total=len(found),
        few=FEW,
        states=[*map(str, FailureState), "all"],
        kinds=list(map(str, FailureKind)),
        read=when(readers().failures().now),
    )


@pages.page("/failures/<int:job_id>", MembersQuery)
def cluster(query: MembersQuery, job_id: int) -> ResponseReturnValue:
    """Show the jobs that failed with one cause, the newest first."""
    story = find_cluster(job_id)
    start = PAGE_SIZE * (query.page - 1)
    return render_template(
        "failure.html.j2",
        query=query,
        path=f"/failures/{job_id}",
        one=story.cluster,
        trend=sparkline(
            story.trend, f"failures on each of the last {len(story.trend)} days: {story.trend}"
        ),
        members=story.members[start : start + PAGE_SIZE],
        total=len(story.members),
    )
