"""A report as people get to read it: text, HTML, JSON; and what has changed since."""

from dataclasses import dataclass

from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape

from check_compose.grids import grids
from check_compose.json_form import to_json
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
    """What readers of a report are told later."""

    #: ``"Re: Fedora-Rawhide-20261120.n.0 compose check report"``
    subject: str
    text: str
    html: str


def render_text(report: Report) -> str:
    """Write a report as text."""
    return _text(report, sections(report))


def render_html(report: Report) -> str:
    """Write a report as one HTML page that needs nothing from elsewhere."""
    return _html(
        report,
        after_failures(report),
        title=report.subject,
        picture=True,
    )


def render_json(report: Report) -> str:
    """Write a report as JSON."""
    return to_json(report)


def render_follow_up(before: Verdict, report: Report) -> FollowUp | None:
    """Write what has changed since the last report; nothing: readers need not hear of it."""
    changes = follow_up_sections(before, report)
    if not changes:
        return None
    intro = Section(heading=f"Results of {report.compose} have changed since they were reported.")
    subject = f"Re: {report.subject}"
    return FollowUp(
        subject=subject,
        text=_text(report, (intro, *changes)),
        html=_html(report, (intro, *changes), title=subject, picture=False),
    )


def _text(report: Report, parts: tuple[Section, ...]) -> str:
    template = _environment().get_template("report.txt.j2")
    return template.render(sections=parts, project_url=report.project_url)


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
            # what is no web address is no link
            location=report.location if report.location.startswith(("http:", "https:")) else "",
        )
    )


def _environment() -> Environment:
    return Environment(
        loader=PackageLoader("check_compose"),
        autoescape=select_autoescape(enabled_extensions=("html.j2",)),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
