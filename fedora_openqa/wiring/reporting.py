"""Connects the workflows that tell sinks of jobs."""

import os
import time
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path

from autocloudreporter.results import autocloud_result
from fedora_openqa import ports
from fedora_openqa.accounts import expand_home
from fedora_openqa.config import Config
from fedora_openqa.data.wiki_tables import load_wiki_tables
from fedora_openqa.errors import ConfigError, SubjectError
from fedora_openqa.gateways.composes.releases import ComposeReleases
from fedora_openqa.gateways.releases import MetadataReleases
from fedora_openqa.gateways.resultsdb.results import DryRunResultsDB, RestResultsDB
from fedora_openqa.gateways.wiki.filing import DryRunWiki, WikitcmsPages, WikitcmsWiki
from fedora_openqa.gateways.wiki.site import BotPassword, StoredToken, WikiAddress, WikiLogin
from fedora_openqa.model.deliveries import Delivery, DeliveryState, Sink, WantedDelivery
from fedora_openqa.model.results import ComposeItem, NotReported, Result
from fedora_openqa.model.wiki import WikiEvent, WikiTables
from fedora_openqa.model.work import Lease, Step
from fedora_openqa.policy.wiki_events import event_for, needs_label, needs_numbers
from fedora_openqa.store.deliveries import Deliveries
from fedora_openqa.store.stories import Stories
from fedora_openqa.wiring.http import limits_of, open_compose_reader, open_reader
from fedora_openqa.wiring.openqa import open_rest_openqa, public_url
from fedora_openqa.wiring.secrets import read_secret, warn_if_readable
from fedora_openqa.workflows.deliver.by_hand import ByHand, NoDeliveries, Reporting
from fedora_openqa.workflows.deliver.catch_up import (
    CatchUp,
    Evidence,
    ResultsDBEvidence,
    WikiEvidence,
)
from fedora_openqa.workflows.deliver.gathering import gather_build, gather_runs, job_ids
from fedora_openqa.workflows.deliver.preview import Preview
from fedora_openqa.workflows.deliver.resultsdb import ResultsDBReporting
from fedora_openqa.workflows.deliver.wiki import WikiReporting
from fedora_openqa.workflows.worker import Attempt

#: where OpenID Connect tokens of Fedora's tools are
TOKENS = "~/.openidc"


def open_attempts(
    config: Config, sinks: Collection[Sink], deliveries: Deliveries, stories: Stories
) -> Mapping[str, Attempt]:
    """Connect what tells each of some sinks of a leased build.

    Mails are only logged where they are not switched on.

    Raises:
        ConfigError: the deployment cannot work.
    """
    reportings: dict[Sink, Reporting] = {}
    if Sink.RESULTSDB in sinks:
        reportings[Sink.RESULTSDB] = open_resultsdb_reporting(
            config, deliveries, clock=stories.now
        ).report
    if Sink.WIKI in sinks:
        reportings[Sink.WIKI] = open_wiki_reporting(config).report
    if Sink.MAIL in sinks:
        # late: the others need none of it
        from fedora_openqa.wiring.compose_checks import open_compose_check

        reportings[Sink.MAIL] = open_compose_check(
            config, deliveries, stories=stories, dry_run=not config.mail.enabled
        ).report

    def attempt(reporting: Reporting, lease: Lease) -> Step:
        return reporting(lease.request["build"], deliveries.ledger(lease))

    return {sink: partial(attempt, reporting) for sink, reporting in reportings.items()}


def open_catch_up(config: Config, sinks: Collection[Sink], deliveries: ports.Deliveries) -> CatchUp:
    """Connect what finds jobs that sinks were never told of.

    Raises:
        ConfigError: the deployment cannot work.
    """
    openqa = open_rest_openqa(config)
    evidence: list[Evidence] = []
    if Sink.RESULTSDB in sinks:
        evidence.append(ResultsDBEvidence(open_resultsdb(config), public_url(config, openqa)))
    if Sink.WIKI in sinks:
        evidence.append(WikiEvidence(open_wiki(config), open_wiki_tables(config)))
    return CatchUp(
        openqa=openqa,
        deliveries=deliveries,
        sinks=tuple(evidence),
        mails=Sink.MAIL in sinks,
    )


def open_preview(config: Config, sink: Sink) -> Preview:
    """Connect what only says what a sink would be told.

    Raises:
        ConfigError: the deployment cannot work.
    """
    describe = {Sink.RESULTSDB: _describe_results, Sink.WIKI: _describe_passes}
    return Preview(sink=sink, describe=describe[sink](config))


def open_by_hand(config: Config, progress: Callable[[int, int], None]) -> ByHand:
    """Connect what a person's command tells sinks with.

    Raises:
        ConfigError: openQA's hostname is none.
    """
    return ByHand(
        openqa=open_rest_openqa(config), clock=time.time, sleep=time.sleep, progress=progress
    )


def open_resultsdb_reporting(
    config: Config,
    deliveries: ports.Deliveries,
    *,
    dry_run: bool = False,
    clock: Callable[[], float] = time.time,
) -> ResultsDBReporting:
    """Connect what tells ResultsDB.

    :param deliveries: where jobs that others lead to are wanted
    :param clock: returns the time by which they are stored

    Raises:
        ConfigError: the deployment cannot work.
    """
    openqa = open_rest_openqa(config)
    resultsdb = open_resultsdb(config)
    return ResultsDBReporting(
        openqa=openqa,
        resultsdb=DryRunResultsDB(resultsdb) if dry_run else resultsdb,
        deliveries=deliveries,
        base_url=public_url(config, openqa),
        result_of_facts=partial(autocloud_result, base_url=config.autocloud.url),
        posts_at_once=config.resultsdb.posts_at_once,
        settles_after=config.resultsdb.settles_after,
        hold=config.resultsdb.hold,
        clock=clock,
    )


def open_wiki_reporting(config: Config, *, dry_run: bool = False) -> WikiReporting:
    """Connect what tells the wiki.

    Raises:
        ConfigError: the deployment cannot work.
    """
    wiki = open_wiki(config)
    return WikiReporting(
        openqa=open_rest_openqa(config),
        wiki=DryRunWiki(wiki) if dry_run else wiki,
        tables=open_wiki_tables(config),
    )


def open_resultsdb(config: Config) -> RestResultsDB:
    """Connect ResultsDB.

    Raises:
        ConfigError: the password cannot be read.
    """
    hosts = config.scheduling.allowed_hosts
    return RestResultsDB(
        config.resultsdb.url,
        limits=limits_of(config.http),
        releases=ComposeReleases(
            open_compose_reader(config), allowed_hosts=hosts, composes_url=config.sweep.composes_url
        ),
        # whoever has not answered by then is looked after, not waited for
        post_timeout=config.resultsdb.settles_after,
        username=config.resultsdb.username,
        password=read_secret(
            config.resultsdb.password_file, "FEDORA_OPENQA_RESULTSDB_PASSWORD", os.environ
        ),
    )


def open_wiki(config: Config) -> WikitcmsWiki:
    """Connect the wiki; nothing is asked of it before it is needed.

    Raises:
        ConfigError: the bot password cannot be read.
    """
    return WikitcmsWiki(
        _wiki_address(config),
        _wiki_login(config),
        limits=limits_of(config.http),
        event_for=_events(config),
    )


def open_result_pages(config: Config) -> WikitcmsPages:
    """Connect the wiki's result pages, to read only."""
    return WikitcmsPages(
        _wiki_address(config), limits=limits_of(config.http), event_for=_events(config)
    )


def open_wiki_tables(config: Config) -> WikiTables:
    """Read which test cases which suites pass.

    Raises:
        ConfigError: a table is broken.
    """
    return load_wiki_tables(Path(config.tables.directory) if config.tables.directory else None)


def _wiki_address(config: Config) -> WikiAddress:
    table = config.wiki
    return WikiAddress(host=table.hostname, scheme=table.scheme, path=table.path)


def _wiki_login(config: Config) -> WikiLogin:
    table = config.wiki
    if not table.bot_user:
        folder = expand_home(table.token_dir or TOKENS, os.environ)
        if folder is None:
            raise ConfigError("[wiki] token_dir: this account has no home folder for it")
        warn_if_readable(*folder.glob("*.json"))
        return StoredToken(folder, table.identity_url)
    password = read_secret(table.bot_password_file, "FEDORA_OPENQA_WIKI_PASSWORD", os.environ)
    if not password:
        raise ConfigError(
            "[wiki] bot_user has no password: it belongs into the file bot_password_file names"
        )
    return BotPassword(table.bot_user, password)


def _events(config: Config) -> Callable[[str], WikiEvent]:
    """Give what says to which validation event composes belong; each is asked for once."""
    reader = open_reader(config)
    numbers = MetadataReleases(reader, config.fedora.release_metadata_url)
    releases = ComposeReleases(
        open_compose_reader(config),
        allowed_hosts=config.scheduling.allowed_hosts,
        composes_url=config.sweep.composes_url,
    )
    known: dict[str, WikiEvent] = {}

    def find(cid: str) -> WikiEvent:
        if cid not in known:
            label = releases.load(ComposeItem(cid)).label if needs_label(cid) else None
            today = numbers.load() if needs_numbers(cid) else None
            event = event_for(cid, label=label, numbers=today)
            if isinstance(event, NotReported):
                raise SubjectError(event.reason)
            known[cid] = event
        return known[cid]

    return find


def _describe_results(config: Config) -> Callable[[str, Sequence[WantedDelivery]], Iterator[str]]:
    reporting = open_resultsdb_reporting(config, NoDeliveries(), dry_run=True)

    def describe(_build: str, wanted: Sequence[WantedDelivery]) -> Iterator[str]:
        deliveries = [_delivery(one) for one in wanted]
        jobs = gather_runs(reporting.openqa, job_ids(deliveries))
        for delivery in deliveries:
            decided = reporting.decide(delivery, jobs)
            if isinstance(decided, Result):
                yield f"{decided.ref_url}: {decided.testcase} is {decided.outcome}"
            else:
                yield f"nothing of {delivery.item}: {decided}"

    return describe


def _describe_passes(config: Config) -> Callable[[str, Sequence[WantedDelivery]], Iterator[str]]:
    reporting = open_wiki_reporting(config, dry_run=True)

    def describe(build: str, wanted: Sequence[WantedDelivery]) -> Iterator[str]:
        deliveries = [_delivery(one) for one in wanted]
        siblings, jobs = gather_build(reporting.openqa, build, job_ids(deliveries))
        for delivery in deliveries:
            decided = reporting.decide(delivery, siblings=siblings, jobs=jobs)
            if isinstance(decided, tuple):
                yield from (f"job {delivery.item}: {cell}" for cell in decided)
            else:
                yield f"nothing of {delivery.item}: {decided.reason}"

    return describe


def _delivery(report: WantedDelivery) -> Delivery:
    return Delivery(item=report.item, number=1, state=DeliveryState.PENDING, facts=report.facts)
