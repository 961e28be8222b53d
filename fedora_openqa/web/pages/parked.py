"""The parked items."""

from flask import render_template
from flask.typing import ResponseReturnValue

from fedora_openqa.views.parked import parked_view
from fedora_openqa.web.areas import Area, readers
from fedora_openqa.web.queries import PAGE_SIZE, Paged

pages = Area("parked", __name__)

LINKS = (("Parked", "/parked"),)


@pages.page("/parked", Paged)
def parked(query: Paged) -> ResponseReturnValue:
    """List what was set aside until a person decides, the newest first."""
    found = readers().stories.parked(limit=PAGE_SIZE, page=query.page)
    return render_template(
        "parked.html.j2",
        query=query,
        items=list(map(parked_view, found.subjects)),
        total=found.total,
    )
