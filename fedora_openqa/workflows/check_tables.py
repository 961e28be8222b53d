"""Checks our tables against openQA, gating policies and the wiki.

Knows ports, never gateways; the comparisons are policy.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from fedora_openqa import ports
from fedora_openqa.errors import SubjectError
from fedora_openqa.model.findings import Finding
from fedora_openqa.model.wiki import WikiRow, WikiTables
from fedora_openqa.policy.coverage import compare_templates, coverage_of, products_of_composes
from fedora_openqa.policy.gating_coverage import Automatic, compare_gating
from fedora_openqa.policy.wiki_events import newest_nightlies
from fedora_openqa.policy.wiki_tables import check_tables, compare_pages, compare_suites, pages_of
from fedora_openqa.workflows.schedule import Site
from fedora_openqa.workflows.wiki_events import WikiEvents

#: nightlies that are searched for result pages: few have some, at least one in two weeks
MOST_NIGHTLIES = 30


@dataclass(frozen=True, slots=True)
class WikiCheck:
    """The wiki's result pages to compare with."""

    pages: ports.ResultPages
    events: WikiEvents
    series: ports.ComposeSeries
    #: compose id; empty: the newest nightly with result pages
    compose: str

    def rows(self, cid: str, testtypes: Sequence[str]) -> tuple[WikiRow, ...]:
        """Read the rows of a compose's result pages."""
        return self.pages.rows(self.events.of(cid), testtypes)


@dataclass(frozen=True, slots=True)
class Checked:
    """The tables in force, and the findings."""

    site: Site
    wiki_tables: WikiTables
    findings: tuple[Finding, ...] = ()
    #: compose id of the result pages that were compared; empty: none
    compose: str = ""

    @property
    def problems(self) -> tuple[Finding, ...]:
        """Findings that need a change."""
        return tuple(finding for finding in self.findings if finding.is_problem)

    @property
    def notices(self) -> tuple[Finding, ...]:
        """Findings that may be intended."""
        return tuple(finding for finding in self.findings if not finding.is_problem)


def check(
    site: Site,
    *,
    wiki_tables: WikiTables,
    compose_arches: Collection[str],
    openqa: ports.OpenQATemplates | None,
    gating: ports.GatingPolicies | None,
    wiki: WikiCheck | None,
) -> Checked:
    """Compare our tables with each other, with openQA, with gating policies and the wiki.

    :param compose_arches: arches of a compose that are tested by themselves; empty: all
    :param openqa: None: no comparison with openQA; likewise ``gating`` and ``wiki``

    Raises:
        ConfigError, PermanentError, TemporaryError: a server does not answer.
    """
    findings = check_tables(wiki_tables)
    templates = openqa.load() if openqa else None
    if templates:
        coverage = coverage_of(
            site.compose_tables,
            site.flavor_tables,
            compose_arches=compose_arches,
            update_arches=site.update_arches,
        )
        findings += compare_templates(coverage, templates)
        findings += compare_suites(wiki_tables, templates, coverage.composes)
    if gating:
        automatic = Automatic(
            composes=products_of_composes(site.compose_tables, compose_arches),
            tables=site.flavor_tables,
            update_arches=site.update_arches,
        )
        findings += compare_gating(gating.load(), automatic, templates)
    compose = ""
    if wiki:
        testtypes = pages_of(wiki_tables)
        compose = wiki.compose or _newest_with_pages(wiki, testtypes[:1])
        rows = wiki.rows(compose, testtypes)
        if not rows:
            raise SubjectError(f"{compose} has no result pages")
        findings += compare_pages(wiki_tables, rows)
    return Checked(site=site, wiki_tables=wiki_tables, findings=findings, compose=compose)


def _newest_with_pages(wiki: WikiCheck, testtypes: Sequence[str]) -> str:
    """Find the newest nightly that has these pages."""
    releases = ("Rawhide", *map(str, wiki.events.releases.load().branched))
    nightlies = newest_nightlies(
        cid for release in releases for cid in wiki.series.of(f"Fedora-{release}")
    )
    for cid in nightlies[:MOST_NIGHTLIES]:
        if wiki.rows(cid, testtypes):
            return cid
    raise SubjectError("none of the newest nightlies has result pages: name a compose")
