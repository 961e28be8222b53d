"""Connects the compose check report."""

import logging
import time
from collections.abc import Callable
from functools import partial

from check_compose.gather import CheckOptions, CheckPorts, GatingPolicy
from check_compose.mails import Addresses
from check_compose.past import PastJobs
from check_compose.report import Report
from check_compose.system_changes import Thresholds
from check_compose.workflow import ComposeCheck, ScheduleState, scheduled_in
from fedora_openqa import ports
from fedora_openqa.config import Config
from fedora_openqa.data.failure_reasons import load_reason_rules
from fedora_openqa.errors import FedoraOpenQAError
from fedora_openqa.model.gating import GatingQuestion
from fedora_openqa.wiring.gateways import Gateways
from fedora_openqa.workflows.deliver.memory import NoDeliveries
from fedora_openqa.workflows.worker import MINUTE

log = logging.getLogger(__name__)


def open_compose_check(
    config: Config,
    deliveries: ports.Deliveries,
    *,
    stories: ports.Stories | None,
    dry_run: bool,
    mailed_since: float = 0.0,
    history: ports.JobHistory | None = None,
    remember: Callable[[Report], Report] = lambda report: report,
) -> ComposeCheck:
    """Connect the workflow.

    :param deliveries: where recipients that were refused for the moment wait
    :param stories: what the store knows of composes; None: there is no store
    :param dry_run: log mails instead of sending them
    :param mailed_since: when mail was switched on, seconds since 1970
    :param history: where jobs that are read of openQA are remembered
    :param remember: as of `ComposeCheck`

    Raises:
        ConfigError: the deployment cannot work.
    """
    gateways = Gateways(config, history)
    table = config.compose_check
    return ComposeCheck(
        services=CheckPorts(
            openqa=gateways.openqa,
            builds=gateways.builds,
            files=gateways.job_files,
            series=gateways.series,
            composes=gateways.composes,
            known=gateways.known_composes,
            gating=gateways.gating,
        ),
        options=CheckOptions(
            base_url=gateways.public_url,
            project_url=table.project_url,
            pages_url=config.web.url,
            gating=tuple(
                GatingPolicy(
                    name=one.name,
                    release=one.release,
                    type=one.type,
                    question=GatingQuestion(
                        product_version=one.product_version,
                        contexts=(one.context,),
                        subject_type="compose",
                        subject="",
                    ),
                )
                for one in table.gating
            ),
            most_systems=table.most_systems,
        ),
        mailer=gateways.mailer(dry_run=dry_run),
        deliveries=deliveries,
        addresses=Addresses(
            sender=config.mail.sender,
            recipients=config.mail.recipients,
            subscribers=config.mail.subscribers,
        ),
        scheduled=partial(scheduled_in, stories)
        if stories
        else lambda _compose_id: ScheduleState(),
        quiet=config.mail.quiet * MINUTE,
        wait=config.mail.wait * MINUTE,
        thresholds=Thresholds(
            load=table.load,
            load_share=table.load_share,
            cpu=table.cpu,
            memory_share=table.memory_share,
            mount_share=table.mount_share,
        ),
        clock=stories.now if stories else time.time,
        mailed_since=mailed_since,
        remember=remember,
    )


def past_jobs(config: Config, history: ports.JobHistory, failures: ports.Failures) -> PastJobs:
    """Connect what adds to a report what is remembered of its failed tests."""
    return PastJobs(history, failures, load_reason_rules(config.tables_directory))


def remember_if_stored(config: Config) -> Callable[[Report], Report]:
    """Return what adds to a report what the store knows, if there is one and it answers."""

    def remember(report: Report) -> Report:
        # late: a report needs no store
        from fedora_openqa.store.engine import open_engine, store_exists
        from fedora_openqa.store.failures import Failures
        from fedora_openqa.store.jobs import JobHistory
        from fedora_openqa.wiring.store import limits_of, store_url

        url = store_url(config)
        try:
            if not store_exists(url):
                return report
            engine = open_engine(url, limits=limits_of(config))
            try:
                return past_jobs(config, JobHistory(engine), Failures(engine)).add_to(report)
            finally:
                engine.dispose()
        except FedoraOpenQAError as exc:
            log.warning("the report does not tell of earlier runs: %s", exc)
            return report

    return remember


def open_printing(config: Config) -> ComposeCheck:
    """Connect the workflow for reports that are printed, with or without a store.

    Raises:
        ConfigError: the deployment cannot work.
    """
    return open_compose_check(
        config, NoDeliveries(), stories=None, dry_run=True, remember=remember_if_stored(config)
    )
