"""The report, and the follow-up to it, as text and as HTML; pure."""

from dataclasses import dataclass
from functools import cache

from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape

from check_compose.grids import grids
from check_compose.report import Report
from check_compose.sections import (
    Section,
    after_failures,
    at_a_glance,
    before_failures,
    failures,
    sections,
)
from check_compose.verdicts import Verdict, follow_up_sections


@dataclass(frozen=True, slots=True)
class FollowUp:
    """The changes since the last report, rendered."""

    text: str
    html: str


def render_text(report: Report) -> str:
    """Return a report as text."""
    return _text(report, sections(report))


def render_html(report: Report) -> str:
    """Return a report as one HTML page without external resources."""
    return _html(report, after_failures(report), title=report.title, picture=True)


def render_follow_up(before: Verdict, report: Report, *, title: str) -> FollowUp | None:
    """Return the changes since the last report; None: there are none worth a mail.

    :param before: the verdict that was sent last
    :param title: of the HTML page
    """
    changes = follow_up_sections(before, report)
    if not changes:
        return None
    intro = Section(heading=f"Results of {report.compose} have changed since they were reported.")
    return FollowUp(
        text=_text(report, (intro, *changes)),
        html=_html(report, (intro, *changes), title=title, picture=False),
    )


def _text(report: Report, parts: tuple[Section, ...]) -> str:
    template = _environment().get_template("report.txt.j2")
    return template.render(sections=parts, page_url=report.page_url, project_url=report.project_url)


def _html(report: Report, parts: tuple[Section, ...], *, title: str, picture: bool) -> str:
    return (
        _environment()
        .get_template("report.html.j2")
        .render(
            title=title,
            report=report,
            at_a_glance=at_a_glance(report) if picture else (),
            grids=grids(report.tests) if picture else (),
            above=(*before_failures(report), *failures(report)) if picture else (),
            sections=parts,
            # only a web address becomes a link
            location=report.location if report.location.startswith(("http:", "https:")) else "",
        )
    )


@cache
def _environment() -> Environment:
    return Environment(
        loader=PackageLoader("check_compose"),
        autoescape=select_autoescape(enabled_extensions=("html.j2",)),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
