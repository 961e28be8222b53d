"""Why a subject was not tested."""

from flask import render_template
from flask.typing import ResponseReturnValue

from fedora_openqa.model.subjects import Kind
from fedora_openqa.policy.subject_names import parse_name
from fedora_openqa.policy.verdicts import of_subjects
from fedora_openqa.views.why import WhyView, why_view
from fedora_openqa.web.areas import Area, readers
from fedora_openqa.web.queries import Query, Text

pages = Area("why", __name__)

LINKS = (("Why not tested?", "/why"),)


class WhyQuery(Query, frozen=True, kw_only=True):
    """What is asked about."""

    q: Text = ""


@pages.page("/why", WhyQuery)
def why(query: WhyQuery) -> ResponseReturnValue:
    """Show why a subject is tested or not."""
    text = query.q.strip()
    return render_template("why.html.j2", text=text, view=find_why(text) if text else None)


def find_why(text: str) -> WhyView:
    """Return what is known about a subject; Bodhi is asked only of an update that is not stored."""
    name = parse_name(text)
    explained = readers().explain(text)
    unknown = name.kind is Kind.UPDATE and not of_subjects(explained.stories)
    rule = readers().update_rule(name.bare) if unknown else None
    return why_view(name, explained, readers().sightings.look(name.key), rule)
