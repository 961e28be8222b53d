"""Connects the workflow that lets openQA keep jobs."""

from collections.abc import Mapping

from fedora_openqa.config import Config
from fedora_openqa.model.evidence import BuildKind, KeepRule, Which
from fedora_openqa.store.builds import StoredBuilds
from fedora_openqa.store.dry_run import DryRunKeptJobs
from fedora_openqa.store.kept_jobs import KeptJobs
from fedora_openqa.wiring.gateways import Gateways
from fedora_openqa.wiring.store import open_store
from fedora_openqa.workflows.evidence import Evidence


def rules_of(config: Config) -> Mapping[BuildKind, KeepRule]:
    """Return the rules of a configuration."""
    table = config.evidence
    return {
        kind: KeepRule(Which(getattr(table, kind)), days=getattr(table, f"{kind}_days"))
        for kind in BuildKind
    }


def open_evidence(config: Config, *, dry_run: bool) -> Evidence:
    """Connect the workflow with a store of its own.

    Raises:
        ConfigError: the deployment cannot work, or has no API key.
        ServiceUnavailableError: the database cannot be reached.
    """
    engine = open_store(config)
    return connect_evidence(config, KeptJobs(engine), StoredBuilds(engine), dry_run=dry_run)


def connect_evidence(
    config: Config, kept: KeptJobs, builds: StoredBuilds, *, dry_run: bool = False
) -> Evidence:
    """Connect the workflow with tables of the store; raises as `open_evidence`.

    :param dry_run: nothing is stored, and no comment is written
    """
    gateways = Gateways(config)
    return Evidence(
        openqa=gateways.job_comments(dry_run=dry_run),
        kept=DryRunKeptJobs(kept) if dry_run or gateways.in_shadow else kept,
        builds=builds,
        rules=rules_of(config),
        pages_url=config.web.url,
    )
