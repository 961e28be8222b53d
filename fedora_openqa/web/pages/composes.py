"""Composes: whether one is good, and how it differs from another."""

from typing import Literal

from flask import render_template
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import NotFound

from fedora_openqa.errors import NotFoundError
from fedora_openqa.model.builds import Category
from fedora_openqa.model.deliveries import Sink
from fedora_openqa.model.subjects import Kind
from fedora_openqa.policy.subject_names import parse_name
from fedora_openqa.policy.verdicts import of_subjects
from fedora_openqa.views.builds import comparison_view, grid_view, summary_view
from fedora_openqa.web.areas import Area, readers
from fedora_openqa.web.queries import Query

pages = Area("composes", __name__)

#: the tests of a comparison that are shown unless others are chosen
DEFAULT_CATEGORIES = (Category.REGRESSION, Category.FIXED, Category.NOT_YET)


class ComposeQuery(Query, frozen=True, kw_only=True):
    """Which tests are shown: those that did not pass, or all."""

    show: Literal["", "all"] = ""


class CompareQuery(Query, frozen=True, kw_only=True):
    """Which tests are shown: those of one category, or all."""

    show: Literal[
        "",
        "all",
        "soft failed",
        "regression",
        "fixed",
        "not yet",
        "new failure",
        "still failing",
        "new pass",
        "no result",
        "appeared",
        "disappeared",
        "still passing",
    ] = ""


@pages.page("/composes/<compose_id>", ComposeQuery)
def compose(query: ComposeQuery, compose_id: str) -> ResponseReturnValue:
    """Show whether a compose is complete and good, and its tests."""
    _check(compose_id)
    found = readers().look(compose_id)
    if not found.is_known:
        raise NotFound(f"Nothing is known of {compose_id}.")
    mailed = [
        one.summary
        for story in found.stories
        if story.subject.lane == Sink.MAIL
        for one in story.deliveries
        if one.summary
    ]
    return render_template(
        "compose.html.j2",
        query=query,
        compose_id=compose_id,
        subject=next(iter(of_subjects(found.stories)), None),
        summary=summary_view(found.summary),
        grid=grid_view(found.summary, whole=query.show == "all"),
        mailed=mailed,
    )


@pages.page("/composes/<compose_id>/compare/<other>", CompareQuery)
def compare(query: CompareQuery, compose_id: str, other: str) -> ResponseReturnValue:
    """Show what has become of the tests of a compose since another."""
    _check(compose_id)
    path = f"/composes/{compose_id}/compare/{other}"
    try:
        view = comparison_view(readers().compare(compose_id, other))
    except NotFoundError as exc:
        # a link that a page has must not be broken
        return render_template(
            "compare.html.j2", query=query, path=path, compose_id=compose_id, problem=str(exc)
        )
    soft = [one for one in view.tests if one.after and one.after.soft_failed]
    if query.show == "soft failed":
        tests = soft
    elif query.show == "all":
        tests = list(view.tests)
    else:
        shown = [query.show] if query.show else list(DEFAULT_CATEGORIES)
        tests = [one for one in view.tests if one.category in shown]
    return render_template(
        "compare.html.j2",
        query=query,
        path=path,
        compose_id=compose_id,
        problem="",
        view=view,
        tests=tests,
        counts={**view.counts, "soft failed": len(soft)},
    )


def _check(compose_id: str) -> None:
    if parse_name(compose_id).key != f"{Kind.COMPOSE}:{compose_id}":
        raise NotFound(f"{compose_id!r} is not the id of a compose.")
