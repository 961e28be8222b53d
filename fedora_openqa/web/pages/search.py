"""The search box: any id, job number, BUILD or URL leads to the page about it."""

import re
from urllib.parse import quote

from flask import redirect, render_template
from flask.typing import ResponseReturnValue

from fedora_openqa.policy.subject_names import parse_name
from fedora_openqa.web.areas import Area
from fedora_openqa.web.queries import Query, Text

pages = Area("search", __name__)

#: a job: its number, or its URL
JOB = re.compile(r"#?([1-9][0-9]{0,17})|https?://\S+/t(?:ests/)?([1-9][0-9]{0,17})(?:[/?#]\S*)?")


class Search(Query, frozen=True, kw_only=True):
    """What was typed."""

    q: Text = ""


@pages.page("/search", Search)
def search(query: Search) -> ResponseReturnValue:
    """Lead to the page about what was typed."""
    text = query.q.strip()
    if found := JOB.fullmatch(text):
        return redirect(f"/j/{found[1] or found[2]}")
    name = parse_name(text)
    if name.kind:
        return redirect(f"/subjects/{quote(name.key)}")
    return render_template("search.html.j2", text=text)
