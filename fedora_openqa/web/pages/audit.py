"""What people did, and what came of it."""

from flask import render_template
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import NotFound

from fedora_openqa.views.audit import act_view
from fedora_openqa.web.areas import Area, readers
from fedora_openqa.web.queries import PAGE_SIZE, Paged, Query, Text

pages = Area("audit", __name__)

LINKS = (("Audit", "/audit"),)

#: more than any id of the store
MOST = 2**31


class Audited(Paged, frozen=True, kw_only=True):
    """Filters of the audit."""

    who: Text = ""


@pages.page("/audit", Audited)
def audit(query: Audited) -> ResponseReturnValue:
    """List what people did, the newest first."""
    acts = readers().audit.acts(who=query.who or None, limit=PAGE_SIZE, page=query.page)
    return render_template(
        "audit.html.j2",
        query=query,
        acts=[act_view(one) for one in acts],
        # the next page may have none
        more=len(acts) == PAGE_SIZE,
    )


@pages.page("/audit/<int:act_id>", Query)
def outcome(_query: Query, act_id: int) -> ResponseReturnValue:
    """Show one act, and what came of it."""
    found = readers().audit.find(act_id) if act_id < MOST else None
    if found is None:
        raise NotFound("There is no such act, or it is too old.")
    return render_template("outcome.html.j2", act=act_view(found))
