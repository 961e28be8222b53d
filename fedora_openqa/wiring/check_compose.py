"""Connects the compose check report."""

import time
from functools import partial

from check_compose.gather import CheckOptions, CheckPorts, GatingPolicy
from check_compose.mails import Addresses
from check_compose.system_changes import Thresholds
from check_compose.workflow import ComposeCheck, ScheduleState, scheduled_in
from fedora_openqa import ports
from fedora_openqa.config import Config
from fedora_openqa.model.gating import GatingQuestion
from fedora_openqa.wiring.gateways import Gateways
from fedora_openqa.workflows.deliver.memory import NoDeliveries
from fedora_openqa.workflows.worker import MINUTE


def open_compose_check(
    config: Config,
    deliveries: ports.Deliveries,
    *,
    stories: ports.Stories | None,
    dry_run: bool,
    mailed_since: float = 0.0,
    history: ports.JobHistory | None = None,
) -> ComposeCheck:
    """Connect the workflow.

    :param deliveries: where recipients that were refused for the moment wait
    :param stories: what the store knows of composes; None: there is no store
    :param dry_run: log mails instead of sending them
    :param mailed_since: when mail was switched on, seconds since 1970
    :param history: where jobs that are read of openQA are remembered

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
            pages_url=config.web.url.rstrip("/"),
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
    )


def open_printing(config: Config) -> ComposeCheck:
    """Connect the workflow for reports that are printed, without a store.

    Raises:
        ConfigError: the deployment cannot work.
    """
    return open_compose_check(config, NoDeliveries(), stories=None, dry_run=True)
