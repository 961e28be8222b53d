"""Subjects: their stories, and the deep links to them."""

from urllib.parse import quote

from flask import redirect, render_template
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import NotFound

from fedora_openqa.model.subjects import Kind
from fedora_openqa.policy.subject_names import parse_name
from fedora_openqa.views.stories import explained_view
from fedora_openqa.web.areas import Area, readers
from fedora_openqa.web.queries import Query

pages = Area("subjects", __name__)

#: kinds of subjects to the pages about them
PAGES = {Kind.COMPOSE: "/composes", Kind.UPDATE: "/updates"}


@pages.page("/subjects/<path:key>", Query)
def subject(_query: Query, key: str) -> ResponseReturnValue:
    """Show the story of a subject."""
    found = explained_view(readers().explain(key))
    if not found.known and not found.rules:
        raise NotFound(f"The store does not know {key!r}, and its name does not say what it is.")
    return render_template("subject.html.j2", found=found, better=_better(key, known=found.known))


def _better(key: str, *, known: bool) -> str:
    """Return the page that says more about a kind of subject; empty: there is none."""
    name = parse_name(key)
    # gating of an update may be asked about without knowing it
    page = PAGES.get(name.kind) if name.kind and (known or name.kind is Kind.UPDATE) else None
    return f"{page}/{quote(name.bare)}" if page else ""


@pages.page("/b/<path:build>", Query)
def build(_query: Query, build: str) -> ResponseReturnValue:
    """Lead from openQA's BUILD to the subject."""
    name = parse_name(build)
    if not name.kind:
        raise NotFound(f"{build!r} is no BUILD of a compose, an update or a CoreOS build.")
    return redirect(f"/subjects/{quote(name.key)}")
