"""The numbers of days."""

from datetime import UTC, date, datetime, timedelta
from typing import Annotated

import msgspec
from flask import render_template
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import BadRequest

from fedora_openqa.views.statistics import StatisticsView, statistics_view
from fedora_openqa.web.areas import Area, readers
from fedora_openqa.web.queries import Query

pages = Area("statistics", __name__)

LINKS = (("Statistics", "/statistics"),)

#: days that are shown unless others are asked for, and at most
USUAL_DAYS, MOST_DAYS = 7, 31

Day = Annotated[str, msgspec.Meta(pattern=r"^([0-9]{4}-[0-9]{2}-[0-9]{2})?\Z")]


class StatisticsQuery(Query, frozen=True, kw_only=True, rename={"first": "from", "last": "to"}):
    """The first and the last day; empty: the last week."""

    first: Day = ""
    last: Day = ""


@pages.page("/statistics", StatisticsQuery)
def statistics(query: StatisticsQuery) -> ResponseReturnValue:
    """Show the numbers of some days."""
    first, last = span_of(query)
    return render_template(
        "statistics.html.j2",
        first=first,
        last=last,
        most=MOST_DAYS,
        view=find_statistics(query),
    )


def find_statistics(query: StatisticsQuery) -> StatisticsView:
    """Return the numbers of the days that were asked for."""
    first, last = span_of(query)
    return statistics_view(readers().statistics.days(first.isoformat(), last.isoformat()))


def span_of(query: StatisticsQuery) -> tuple[date, date]:
    """Return the first and the last day.

    Raises:
        BadRequest: a day is impossible, or there are too many.
    """
    try:
        last = date.fromisoformat(query.last) if query.last else datetime.now(tz=UTC).date()
        first = (
            date.fromisoformat(query.first)
            if query.first
            else last - timedelta(days=USUAL_DAYS - 1)
        )
    except (ValueError, OverflowError) as exc:
        raise BadRequest(f"parameter: {exc}") from exc
    if not 0 <= (last - first).days < MOST_DAYS:
        raise BadRequest(f"from {first} to {last} is not 1 to {MOST_DAYS} days")
    return first, last
