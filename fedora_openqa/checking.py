"""Checking: gather what the servers around us have, and compare our tables with it by policy.

It knows ports, never gateways, and takes no decision about the domain itself.
"""

from collections.abc import Collection
from dataclasses import dataclass

from fedora_openqa import ports
from fedora_openqa.model.findings import Finding
from fedora_openqa.model.wiki_tables import WikiTables
from fedora_openqa.policy.coverage import compare_templates, coverage_of, products_of_composes
from fedora_openqa.policy.gating import Automatic, compare_gating
from fedora_openqa.policy.wiki_tables import check_tables
from fedora_openqa.scheduling import Site


@dataclass(frozen=True, slots=True)
class Checked:
    """What is in force, and what does not fit."""

    site: Site
    wiki_tables: WikiTables
    findings: tuple[Finding, ...] = ()

    @property
    def problems(self) -> tuple[Finding, ...]:
        """What somebody has to mend."""
        return tuple(finding for finding in self.findings if finding.is_problem)

    @property
    def notices(self) -> tuple[Finding, ...]:
        """What may well be on purpose."""
        return tuple(finding for finding in self.findings if not finding.is_problem)


def check(
    site: Site,
    *,
    wiki_tables: WikiTables,
    compose_arches: Collection[str],
    openqa: ports.OpenQATemplates | None,
    gating: ports.GatingPolicies | None,
) -> Checked:
    """Compare our tables with each other, with what openQA has and what Greenwave waits for.

    :param compose_arches: arches of a compose that are tested by themselves; empty: all
    :param openqa: none: no comparison with it, and so for ``gating``

    Raises:
        ConfigError, PermanentError, TemporaryError: somebody does not say.
    """
    findings = check_tables(wiki_tables)
    templates = openqa.load() if openqa else None
    if templates:
        coverage = coverage_of(
            site.compose_tables, site.flavor_tables, update_arches=site.update_arches
        )
        findings += compare_templates(coverage, templates)
    if gating:
        automatic = Automatic(
            composes=products_of_composes(site.compose_tables, compose_arches),
            tables=site.flavor_tables,
            update_arches=site.update_arches,
        )
        findings += compare_gating(gating.load(), automatic, templates)
    return Checked(site=site, wiki_tables=wiki_tables, findings=findings)
