"""The lanes: what is paused, what waits because its service is away, and how much there is."""

from flask import render_template
from flask.typing import ResponseReturnValue

from fedora_openqa.views.status import status_view
from fedora_openqa.web.areas import Area, readers
from fedora_openqa.web.queries import Query

pages = Area("pauses", __name__)

LINKS = (("Lanes", "/pauses"),)


@pages.page("/pauses", Query)
def pauses(_query: Query) -> ResponseReturnValue:
    """Show pauses with their reasons, absences, lanes and processes."""
    return render_template("pauses.html.j2", status=status_view(readers().status()))
