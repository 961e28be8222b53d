"""Atom feeds, and what robots are told."""

from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import quote

from flask import Response, render_template, request
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import NotFound

from fedora_openqa.model.lists import SubjectFilter
from fedora_openqa.model.subjects import Kind
from fedora_openqa.policy.compose_ids import parse_compose_id
from fedora_openqa.policy.subject_names import SubjectName, parse_name
from fedora_openqa.views.parked import parked_view
from fedora_openqa.views.stories import explained_view
from fedora_openqa.views.subjects import subject_view
from fedora_openqa.web.areas import Area, readers, site
from fedora_openqa.web.pages.failures import find_failures
from fedora_openqa.web.queries import PAGE_SIZE, Query

pages = Area("feeds", __name__)

#: entries of a feed of composes: a list is looked through for those that have ended
COMPOSES = 20

#: nothing was changed before the store was there
BEGINNING = "1970-01-01T00:00:00Z"

#: what is searched without an end, or acts
ROBOTS = """\
User-agent: *
Disallow: /act/
Disallow: /composes/*/compare
Disallow: /search
Disallow: /tests/*?
Disallow: /why
"""


@dataclass(frozen=True, slots=True)
class Entry:
    """An entry of a feed."""

    #: what tells it from all others, for ever: ``"parked:update:FEDORA-2026-1bd5f4a0c2:1"``
    name: str
    title: str
    text: str
    #: path of the page about it
    path: str
    updated: str

    @property
    def id(self) -> str:
        """Its id: an URN."""
        return f"urn:fedora-openqa:{quote(self.name, safe=':')}"


def feed_of(name: SubjectName) -> str:
    """Return the feed of a kind of subject; empty: there is none."""
    if name.kind is Kind.UPDATE:
        return f"/feeds/update/{quote(name.bare)}.atom"
    found = parse_compose_id(name.bare) if name.kind is Kind.COMPOSE else None
    return f"/feeds/compose/{quote(found.release.removeprefix('Fedora-'))}.atom" if found else ""


@pages.page("/feeds/parked.atom", Query)
def parked(_query: Query) -> ResponseReturnValue:
    """List what was parked, the newest first."""
    found = readers().stories.parked(limit=PAGE_SIZE, page=1)
    entries = [
        Entry(
            f"parked:{one.key}:{one.request}",
            f"{one.key} is parked",
            one.reason or "",
            f"/subjects/{quote(one.key)}",
            one.parked or BEGINNING,
        )
        for one in map(parked_view, found.subjects)
    ]
    return _feed("Parked", "/parked", entries)


@pages.page("/feeds/failures.atom", Query)
def failures(_query: Query) -> ResponseReturnValue:
    """List failures with one cause, the one that was first seen last first."""
    found = find_failures(state="all", kind="", release="")
    found.sort(key=lambda one: (one.first_seen or "", one.id), reverse=True)
    entries = [
        Entry(
            f"failure:{one.id}",
            one.title,
            f"{', '.join(one.signatures)}: {', '.join(one.builds[:1])}",
            f"/failures/{one.id}",
            one.first_seen or BEGINNING,
        )
        for one in found[:PAGE_SIZE]
    ]
    return _feed("Failures with one cause", "/failures", entries)


@pages.page("/feeds/compose/<release>.atom", Query)
def composes(_query: Query, release: str) -> ResponseReturnValue:
    """List the composes of a release whose known tests have ended, the newest first."""
    wanted = SubjectFilter(kind=Kind.COMPOSE, start=f"Fedora-{release}-")
    found = readers().lists.page(wanted, limit=COMPOSES, page=1, brief=True)
    entries = []
    for one in map(subject_view, found.subjects):
        jobs, name = one.jobs, one.key.partition(":")[2]
        if (jobs.passed or jobs.failed) and not jobs.running and not jobs.waiting:
            text = f"{jobs.passed} tests passed, {jobs.failed} did not"
            path, changed = f"/composes/{quote(name)}", one.changed or BEGINNING
            entries.append(Entry(one.key, f"{name}: {text}", text, path, changed))
    path = f"/subjects?kind=compose&release={quote(release)}"
    return _feed(f"Composes of Fedora {release}", path, entries)


@pages.page("/feeds/update/<update>.atom", Query)
def updates(_query: Query, update: str) -> ResponseReturnValue:
    """List the states of an update and of its results on their way."""
    name = parse_name(update)
    if name.kind is not Kind.UPDATE:
        raise NotFound(f"{update!r} is not the id of an update.")
    found = explained_view(readers().explain(name.key))
    entries = [
        Entry(
            f"{one.key}:{one.request}:{one.state}",
            f"{one.key}: {one.state}",
            one.reason or "",
            f"/updates/{quote(name.bare)}",
            one.updated or BEGINNING,
        )
        for one in found.stories
    ]
    return _feed(name.bare, f"/updates/{quote(name.bare)}", entries)


@pages.page("/robots.txt", Query)
def robots(_query: Query) -> ResponseReturnValue:
    """Return what robots should leave out."""
    return Response(ROBOTS, content_type="text/plain; charset=utf-8")


def _feed(title: str, path: str, entries: Sequence[Entry]) -> Response:
    text = render_template(
        "feed.atom.j2",
        title=title,
        base=site().url or request.url_root.rstrip("/"),
        path=path,
        own=request.path,
        entries=entries,
        updated=max((one.updated for one in entries), default=BEGINNING),
    )
    answer = Response(text, content_type="application/atom+xml; charset=utf-8")
    answer.headers["Cache-Control"] = "public, max-age=60"
    answer.add_etag()
    answer.make_conditional(request)
    return answer
