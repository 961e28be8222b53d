"""The first page: what needs a person."""

from flask import render_template
from flask.typing import ResponseReturnValue

from fedora_openqa.views.parked import parked_view
from fedora_openqa.views.status import status_view
from fedora_openqa.web.areas import Area, readers
from fedora_openqa.web.queries import Query

pages = Area("overview", __name__)

LINKS = (("Overview", "/"),)

#: items of each list
SHORT = 10


@pages.page("/", Query)
def overview(_query: Query) -> ResponseReturnValue:
    """Show short lists of what needs a person."""
    parked = readers().stories.parked(limit=SHORT, page=1)
    return render_template(
        "overview.html.j2",
        status=status_view(readers().status()),
        parked=list(map(parked_view, parked.subjects)),
        parked_total=parked.total,
    )
