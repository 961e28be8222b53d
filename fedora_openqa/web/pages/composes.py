"""Composes: whether one is good, and how it differs from another."""

from collections.abc import Iterator
from typing import Literal
from urllib.parse import quote

from flask import render_template
from flask.typing import ResponseReturnValue
from msgspec import structs
from werkzeug.exceptions import NotFound

from fedora_openqa.errors import NotFoundError
from fedora_openqa.model.builds import Category
from fedora_openqa.model.deliveries import Sink
from fedora_openqa.model.subjects import Kind
from fedora_openqa.policy.subject_names import SubjectName, parse_name
from fedora_openqa.policy.verdicts import of_subjects
from fedora_openqa.views.builds import (
    GridRowView,
    GridView,
    comparison_view,
    grid_view,
    summary_view,
)
from fedora_openqa.views.summaries import deliveries_view
from fedora_openqa.web.areas import Area, readers
from fedora_openqa.web.pages.badges import badge_of
from fedora_openqa.web.pages.failures import causes_of
from fedora_openqa.web.pages.feeds import feed_of
from fedora_openqa.web.queries import Paged, on_page

pages = Area("composes", __name__)

#: jobs that a grid has on a page
MOST_CELLS = 250

#: the tests of a comparison that are shown unless others are chosen
DEFAULT_CATEGORIES = (Category.REGRESSION, Category.FIXED, Category.NOT_YET)


class ComposeQuery(Paged, frozen=True, kw_only=True):
    """Which tests are shown: those that did not pass, or all."""

    show: Literal["", "all"] = ""


class CompareQuery(Paged, frozen=True, kw_only=True):
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


def grid_pages(grid: GridView, cells: int = MOST_CELLS) -> Iterator[GridView]:
    """Yield a grid in parts: each has one row, or several with so many jobs at most."""
    rows: list[GridRowView] = []
    room = cells
    for row in grid.rows:
        number = len(row.cells) - row.cells.count(None)
        if rows and number > room:
            yield structs.replace(grid, rows=tuple(rows))
            rows, room = [], cells
        rows.append(row)
        room -= number
    if rows:
        yield structs.replace(grid, rows=tuple(rows))


@pages.page("/composes/<compose_id>", ComposeQuery)
def compose(query: ComposeQuery, compose_id: str) -> ResponseReturnValue:
    """Show whether a compose is complete and good, and its tests."""
    name = _check(compose_id)
    found = readers().look(compose_id)
    if not found.is_known:
        raise NotFound(f"Nothing is known of {compose_id}.")
    reports = [
        one.delivery
        for one in deliveries_view(found)
        if one.sink == Sink.MAIL and one.delivery.summary
    ]
    parts = [*grid_pages(grid_view(found.summary.newest, whole=query.show == "all"))]
    return render_template(
        "compose.html.j2",
        query=query,
        compose_id=compose_id,
        subject=next(iter(of_subjects(found.stories)), None),
        summary=summary_view(found.summary),
        path=f"/composes/{quote(compose_id)}",
        badge=badge_of(name.key),
        feed=feed_of(name),
        grid=next(iter(parts[query.page - 1 :]), None),
        parts=len(parts),
        report=reports[-1] if reports else None,
    )


@pages.page("/composes/<compose_id>/compare/<other>", CompareQuery)
def compare(query: CompareQuery, compose_id: str, other: str) -> ResponseReturnValue:
    """Show what has become of the tests of a compose since another."""
    _check(compose_id)
    path = f"/composes/{quote(compose_id)}/compare/{quote(other)}"
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
    listed = on_page(tests, query)
    return render_template(
        "compare.html.j2",
        query=query,
        path=path,
        compose_id=compose_id,
        problem="",
        view=view,
        tests=listed,
        total=len(tests),
        causes=causes_of({one.after.id for one in listed if one.after}),
        counts={**view.counts, "soft failed": len(soft)},
    )


def _check(compose_id: str) -> SubjectName:
    name = parse_name(compose_id)
    if name.key != f"{Kind.COMPOSE}:{compose_id}":
        raise NotFound(f"{compose_id!r} is not the id of a compose.")
    return name
