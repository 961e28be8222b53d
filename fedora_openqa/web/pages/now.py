"""What is tested or waits at present, and with which workers."""

from flask import render_template
from flask.typing import ResponseReturnValue

from fedora_openqa.model.now import Stage
from fedora_openqa.views.capacity import capacity_view
from fedora_openqa.views.now import now_view
from fedora_openqa.web.areas import Area, readers
from fedora_openqa.web.queries import Paged, Query, on_page
from fedora_openqa.web.svg import sparkline

pages = Area("now", __name__)

LINKS = (("Now", "/now"), ("Capacity", "/capacity"))


@pages.page("/now", Paged)
def now(query: Paged) -> ResponseReturnValue:
    """List what is tested or waits: what runs, what waits in openQA, what is not scheduled yet."""
    view = now_view(readers().now())
    shown = on_page(view.subjects, query)
    return render_template(
        "now.html.j2",
        query=query,
        view=view,
        total=len(view.subjects),
        parts=[(stage, [one for one in shown if one.state == stage]) for stage in Stage],
    )


@pages.page("/capacity", Query)
def capacity(_query: Query) -> ResponseReturnValue:
    """Show openQA's workers by class, and what waits for them."""
    view = capacity_view(readers().capacity())
    lines = [
        (text, sparkline([getattr(one, name) for one in view.series], f"{text}, the last day"))
        for text, name in (
            ("Jobs that wait", "waiting"),
            ("Jobs that run", "running"),
            ("Workers online", "online"),
        )
    ]
    return render_template("capacity.html.j2", view=view, lines=lines if view.series else [])
