"""Updates: whether gating lets one pass, and what each requirement needs."""

from flask import redirect, render_template
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import NotFound

from fedora_openqa.model.subjects import Kind
from fedora_openqa.policy.subject_names import parse_name
from fedora_openqa.views.builds import grid_view
from fedora_openqa.views.updates import update_view
from fedora_openqa.web.areas import Area, readers
from fedora_openqa.web.pages.badges import badge_of
from fedora_openqa.web.pages.feeds import feed_of
from fedora_openqa.web.queries import Query

pages = Area("updates", __name__)


@pages.page("/updates/<alias>", Query)
def update(_query: Query, alias: str) -> ResponseReturnValue:
    """Show why an update is blocked."""
    name = parse_name(alias)
    if name.kind is not Kind.UPDATE:
        raise NotFound(f"{alias!r} is not the alias of an update.")
    if name.bare != alias:
        return redirect(f"/updates/{name.bare}")
    found = readers().look(name.bare)
    return render_template(
        "update.html.j2",
        view=update_view(name.bare, found.summary, found.stories, readers().gating(name.bare)),
        grid=grid_view(found.summary.newest, whole=True),
        known=found.is_known,
        key=name.key,
        badge=badge_of(name.key),
        feed=feed_of(name),
    )
