"""Subjects: the list, the story and the jobs of each, and the deep links to them."""

from collections.abc import Sequence
from typing import Annotated, Literal
from urllib.parse import quote

import msgspec
from flask import redirect, render_template
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import BadRequest, NotFound

from fedora_openqa.config import seconds_in
from fedora_openqa.model.buckets import Bucket
from fedora_openqa.model.history import StoredJob
from fedora_openqa.model.lists import SubjectFilter
from fedora_openqa.model.spelling import ARCHES
from fedora_openqa.model.subjects import Kind
from fedora_openqa.model.work import SubjectState
from fedora_openqa.policy.buckets import bucket_of
from fedora_openqa.policy.comparing import newest_of, order_of
from fedora_openqa.policy.subject_names import parse_name
from fedora_openqa.views.builds import grid_view
from fedora_openqa.views.stories import explained_view
from fedora_openqa.views.subjects import job_view, subject_view
from fedora_openqa.web.areas import Area, readers
from fedora_openqa.web.pages.badges import badge_of
from fedora_openqa.web.pages.composes import grid_pages
from fedora_openqa.web.pages.failures import causes_of
from fedora_openqa.web.pages.feeds import feed_of
from fedora_openqa.web.queries import PAGE_SIZE, Paged, Query, Text, on_page
from fedora_openqa.web.svg import strip

pages = Area("subjects", __name__)

LINKS = (("Subjects", "/subjects"),)

#: kinds of subjects to the pages about them
PAGES = {Kind.COMPOSE: "/composes", Kind.UPDATE: "/updates"}

#: more than any job has as its id
MOST_JOBS = 2**62

#: runs of a strip
RUNS = 10

#: jobs of the grid beside the list
FEW_CELLS = 150

#: products, and results on their way to a sink, that are shown
MOST_ROWS = 40


class Subjects(Paged, frozen=True, kw_only=True):
    """Filters of the list."""

    kind: Kind | None = None
    #: openQA's VERSION: ``"43"``, ``"Rawhide"``
    release: Text = ""
    arch: Text = ""
    state: SubjectState | None = None
    #: what the name begins with
    q: Text = ""
    #: changed within this time: ``"24h"``, ``"7d"``
    since: Annotated[str, msgspec.Meta(pattern=r"^([1-9][0-9]{0,4}[mhd])?\Z")] = ""


class Jobs(Paged, frozen=True, kw_only=True):
    """Which jobs of a subject are shown."""

    #: those that did not pass, or all of them
    show: Literal["", "all"] = ""
    arch: Text = ""
    #: what the name of the test or the flavor has in it
    q: Text = ""
    #: the test of this job alone, with each of its runs
    job: Annotated[int, msgspec.Meta(ge=0, lt=MOST_JOBS)] = 0


@pages.page("/subjects", Subjects)
def subjects(query: Subjects) -> ResponseReturnValue:
    """List subjects, the last changed first."""
    found = readers().lists.page(filter_of(query), limit=PAGE_SIZE, page=query.page)
    return render_template(
        "subjects.html.j2",
        query=query,
        items=list(map(subject_view, found.subjects)),
        more=found.more,
        kinds=list(map(str, Kind)),
        states=list(map(str, SubjectState)),
        arches=ARCHES,
    )


def filter_of(query: Subjects) -> SubjectFilter:
    """Return which subjects are asked for."""
    return SubjectFilter(
        kind=str(query.kind or ""),
        release=query.release,
        arch=query.arch,
        state=query.state,
        # a whole name, URL or key finds its subject, too
        start=parse_name(query.q).bare or query.q,
        since=readers().stories.now() - seconds_in(query.since) if query.since else 0.0,
    )


@pages.page("/subjects/<path:key>", Jobs)
def subject(query: Jobs, key: str) -> ResponseReturnValue:
    """Show the story of a subject and its jobs, those that did not pass first."""
    found = explained_view(readers().explain(key))
    name = parse_name(key)
    if found.known and not name.kind:
        # the id of a message, or the key of a sink's subject
        name = parse_name(found.stories[0].key)
    if not found.known and not found.rules:
        raise NotFound(f"The store does not know {key!r}, and its name does not say what it is.")
    jobs = readers().builds.jobs([name.build])[name.build].jobs if name.build else ()
    newest = sorted(newest_of(jobs).values(), key=lambda one: order_of(one.scenario))
    wanted = [one for one in newest if _is_wanted(one, query)]
    if query.job:
        scenarios = {one.scenario for one in jobs if one.id == query.job}
        shown = [one for one in jobs if one.scenario in scenarios]
    else:
        everything = query.show == "all"
        shown = [one for one in wanted if everything or bucket_of(one) is not Bucket.PASSED]
        shown.sort(key=lambda one: list(Bucket).index(bucket_of(one)))
    listed = on_page(shown, query)
    strips = readers().lists.strips([one.scenario for one in listed], most=RUNS)
    grid = grid_view(wanted, whole=query.show == "all")
    return render_template(
        "subject.html.j2",
        query=query,
        found=found,
        # a sink's subject has the tests of its build, which another subject shows
        path=f"/subjects/{quote(key)}",
        jobs=[(job_view(one), strip(strips.get(one.scenario, ()))) for one in listed],
        causes=causes_of({one.id for one in listed}),
        # the page of a compose has all of it
        grid=None if query.job or query.page > 1 else next(grid_pages(grid, FEW_CELLS), None),
        rows=len(grid.rows),
        most=MOST_ROWS,
        counts=_counts(newest),
        total=len(shown),
        better=_better(key, known=found.known),
        name=name.key,
        badge=badge_of(name.key),
        feed=feed_of(name),
    )


def _better(key: str, *, known: bool) -> str:
    """Return the page that says more about a kind of subject; empty: there is none."""
    name = parse_name(key)
    # gating of an update may be asked about without knowing it
    page = PAGES.get(name.kind) if name.kind and (known or name.kind is Kind.UPDATE) else None
    return f"{page}/{quote(name.bare)}" if page else ""


@pages.page("/b/<path:build>", Query)
def build(_query: Query, build: str) -> ResponseReturnValue:
    """Lead from openQA's BUILD to the page that says most about it."""
    name = parse_name(build)
    if not name.kind:
        raise NotFound(f"{build!r} is no BUILD of a compose, an update or a CoreOS build.")
    known = name.kind in PAGES and readers().look(build).is_known
    return redirect(_better(build, known=known) or f"/subjects/{quote(name.key)}")


@pages.page("/j/<int:number>", Query)
def job(_query: Query, number: int) -> ResponseReturnValue:
    """Lead from a job of openQA to its subject, with the runs of its test there."""
    if number >= MOST_JOBS:
        raise BadRequest("no job has such a number")
    found = readers().lists.job(number)
    if found is None:
        raise NotFound(f"The store does not know job {number}: no message was about it.")
    name = parse_name(found.build)
    if not name.kind:
        raise NotFound(f"Job {number} is of the build {found.build!r}, which is no subject.")
    return redirect(f"/subjects/{quote(name.key)}?job={number}#job-{number}")


def _is_wanted(one: StoredJob, query: Jobs) -> bool:
    text = query.q.lower()
    return query.arch in ("", one.scenario.arch) and (
        text in one.scenario.test.lower() or text in one.scenario.flavor.lower()
    )


def _counts(newest: Sequence[StoredJob]) -> dict[str, int]:
    """Return the groups of tests with their numbers, the worst first."""
    found = [bucket_of(one) for one in newest]
    return {str(bucket): found.count(bucket) for bucket in Bucket if bucket in found}
