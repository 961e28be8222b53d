"""Connects the workflows that deliver results to sinks."""

import time
from collections.abc import Callable, Collection, Mapping
from functools import partial

from fedora_openqa import ports
from fedora_openqa.config import Config
from fedora_openqa.data.wiki_tables import load_wiki_tables
from fedora_openqa.model.deliveries import Sink
from fedora_openqa.model.work import Lease, Step
from fedora_openqa.policy.autocloud import autocloud_result
from fedora_openqa.store.deliveries import Deliveries
from fedora_openqa.wiring.gateways import Gateways
from fedora_openqa.workflows.deliver.by_hand import ByHand, Deliver
from fedora_openqa.workflows.deliver.catch_up import (
    CatchUp,
    Evidence,
    ResultsDBEvidence,
    WikiEvidence,
)
from fedora_openqa.workflows.deliver.memory import NoDeliveries
from fedora_openqa.workflows.deliver.preview import Preview
from fedora_openqa.workflows.deliver.resultsdb import ResultsDBReporting
from fedora_openqa.workflows.deliver.wiki import WikiReporting
from fedora_openqa.workflows.worker import MINUTE, Attempt


def enabled_sinks(config: Config) -> frozenset[Sink]:
    """Return the sinks that the configuration enables."""
    switches = {
        Sink.RESULTSDB: config.resultsdb.enabled,
        Sink.WIKI: config.wiki.enabled,
        Sink.MAIL: config.mail.enabled,
    }
    return frozenset(sink for sink, enabled in switches.items() if enabled)


def worked_sinks(config: Config) -> frozenset[Sink]:
    """Return the sinks whose lanes a worker works on: reports that are not mailed are logged."""
    return enabled_sinks(config) | {Sink.MAIL}


def delays_of(config: Config, sinks: Collection[Sink]) -> Mapping[Sink, float]:
    """Return the seconds that each sink waits for more jobs of a build."""
    delays = {
        Sink.RESULTSDB: config.resultsdb.gather,
        Sink.WIKI: config.wiki.gather,
        Sink.MAIL: config.mail.quiet * MINUTE,
    }
    return {sink: delays[sink] for sink in Sink if sink in sinks}


def switch_mail(config: Config, board: ports.Sweeps) -> float:
    """Store whether this deployment mails; return since when it does, seconds since 1970.

    0: mails are only logged.
    """
    if config.mail.enabled:
        return board.switch_on(Sink.MAIL)
    board.switch_off(Sink.MAIL)
    return 0.0


def open_attempts(
    config: Config,
    sinks: Collection[Sink],
    deliveries: Deliveries,
    stories: ports.Stories,
    *,
    mailed_since: float,
    history: ports.JobHistory,
    failures: ports.Failures,
) -> Mapping[str, Attempt]:
    """Connect the attempt to deliver a leased build to each of some sinks.

    Mails are only logged if mail is not enabled.

    :param mailed_since: as of `switch_mail`
    :param history: where jobs that are read of openQA are remembered
    :param failures: what reports of composes tell about the causes of failures

    Raises:
        ConfigError: the deployment cannot work.
    """
    openers: Mapping[Sink, Callable[[], Deliver]] = {
        Sink.RESULTSDB: lambda: (
            open_resultsdb_reporting(config, deliveries, clock=stories.now, history=history).report
        ),
        Sink.WIKI: lambda: open_wiki_reporting(config, history=history).report,
        Sink.MAIL: lambda: _open_mail(
            config,
            deliveries,
            stories,
            mailed_since=mailed_since,
            history=history,
            failures=failures,
        ),
    }

    def attempt(deliver: Deliver, lease: Lease) -> Step:
        return deliver(lease.request["build"], deliveries.ledger(lease))

    return {sink: partial(attempt, openers[sink]()) for sink in Sink if sink in sinks}


def _open_mail(
    config: Config,
    deliveries: ports.Deliveries,
    stories: ports.Stories,
    *,
    mailed_since: float,
    history: ports.JobHistory,
    failures: ports.Failures,
) -> Deliver:
    # late: the other sinks do not need what it loads
    from fedora_openqa.wiring.check_compose import open_compose_check, past_jobs

    return open_compose_check(
        config,
        deliveries,
        stories=stories,
        dry_run=not config.mail.enabled,
        mailed_since=mailed_since,
        history=history,
        remember=past_jobs(config, history, failures).add_to,
    ).report


def open_catch_up(
    config: Config,
    sinks: Collection[Sink],
    deliveries: ports.Deliveries,
    board: ports.Sweeps,
    *,
    history: ports.JobHistory | None = None,
) -> CatchUp:
    """Connect the search for jobs that sinks do not have.

    Raises:
        ConfigError: the deployment cannot work.
    """
    gateways = Gateways(config, history)
    evidence: list[Evidence] = []
    if Sink.RESULTSDB in sinks:
        evidence.append(ResultsDBEvidence(gateways.resultsdb, gateways.public_url))
    if Sink.WIKI in sinks:
        tables = load_wiki_tables(config.tables_directory)
        evidence.append(WikiEvidence(gateways.wiki, tables, gateways.wiki_events))
    return CatchUp(
        openqa=gateways.openqa,
        deliveries=deliveries,
        board=board,
        sinks=tuple(evidence),
        budget=config.sweep.budget,
        mails=Sink.MAIL in sinks,
    )


def open_preview(config: Config, sink: Sink) -> Preview:
    """Connect the workflow that logs deliveries to ResultsDB or the wiki instead of sending them.

    Raises:
        ConfigError: the deployment cannot work.
    """
    if sink is Sink.WIKI:
        return Preview(sink, open_wiki_reporting(config, dry_run=True).describe)
    reporting = open_resultsdb_reporting(config, NoDeliveries(), dry_run=True)
    return Preview(sink, reporting.describe)


def open_by_hand(config: Config, *, progress: Callable[[int, int], None]) -> ByHand:
    """Connect the delivery of jobs that a person names.

    :param progress: called with the number of jobs done, and of all

    Raises:
        ConfigError: openQA's hostname is invalid.
    """
    gateways = Gateways(config)
    return ByHand(
        openqa=gateways.openqa,
        bodhi=gateways.bodhi,
        resultsdb=partial(open_resultsdb_reporting, config, NoDeliveries()),
        wiki=partial(open_wiki_reporting, config),
        clock=time.time,
        sleep=time.sleep,
        progress=progress,
    )


def open_resultsdb_reporting(
    config: Config,
    deliveries: ports.Deliveries,
    *,
    dry_run: bool = False,
    clock: Callable[[], float] = time.time,
    history: ports.JobHistory | None = None,
) -> ResultsDBReporting:
    """Connect the delivery to ResultsDB.

    :param deliveries: where deliveries of related jobs are stored
    :param clock: returns the time of ``deliveries``, seconds since 1970

    Raises:
        ConfigError: the deployment cannot work.
    """
    gateways = Gateways(config, history)
    return ResultsDBReporting(
        openqa=gateways.openqa,
        resultsdb=gateways.resultsdb_to_write(dry_run=dry_run),
        deliveries=deliveries,
        base_url=gateways.public_url,
        result_of_facts=partial(autocloud_result, base_url=config.autocloud.url),
        posts_at_once=config.resultsdb.posts_at_once,
        settles_after=config.resultsdb.settles_after,
        hold=config.resultsdb.hold,
        clock=clock,
        pages_url=config.web.url,
    )


def open_wiki_reporting(
    config: Config, *, dry_run: bool = False, history: ports.JobHistory | None = None
) -> WikiReporting:
    """Connect the delivery to the wiki.

    Raises:
        ConfigError: the deployment cannot work.
    """
    gateways = Gateways(config, history)
    return WikiReporting(
        openqa=gateways.openqa,
        wiki=gateways.wiki_to_write(dry_run=dry_run),
        tables=load_wiki_tables(config.tables_directory),
        events=gateways.wiki_events,
    )
