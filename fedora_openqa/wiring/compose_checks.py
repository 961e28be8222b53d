"""Connects the compose check report."""

import os
import time
from collections.abc import Callable

from check_compose.gather import CheckOptions, CheckPorts, GatingPolicy
from check_compose.mails import Addresses
from check_compose.system_changes import Thresholds
from check_compose.workflow import ComposeCheck, ScheduleState
from fedora_openqa import ports
from fedora_openqa.config import Config, Mail
from fedora_openqa.gateways.composes.archive import SeriesFiles
from fedora_openqa.gateways.composes.fedfind import FedfindComposes
from fedora_openqa.gateways.composes.pungi import PungiComposes
from fedora_openqa.gateways.greenwave.decisions import GreenwaveDecisions
from fedora_openqa.gateways.mail.smtp import DryRunMailer, SmtpLogin, SmtpMailer
from fedora_openqa.gateways.openqa.builds import OpenQABuilds
from fedora_openqa.gateways.openqa.job_files import OpenQAFiles
from fedora_openqa.model.gating import GatingQuestion
from fedora_openqa.model.products import ProductState
from fedora_openqa.model.work import SubjectState
from fedora_openqa.store.stories import Stories
from fedora_openqa.wiring.http import limits_of, open_compose_reader, open_reader
from fedora_openqa.wiring.openqa import open_rest_openqa, public_url
from fedora_openqa.wiring.secrets import read_secret
from fedora_openqa.wiring.sinks import MINUTE


def open_compose_check(
    config: Config, deliveries: ports.Deliveries, *, stories: Stories | None, dry_run: bool
) -> ComposeCheck:
    """Connect the workflow.

    :param deliveries: where recipients that were refused for the moment wait
    :param stories: what the store knows of composes; nothing: there is none
    :param dry_run: log mails instead of sending them

    Raises:
        ConfigError: the deployment cannot work.
    """
    reader = open_reader(config)
    openqa = open_rest_openqa(config)
    table = config.compose_check
    return ComposeCheck(
        services=CheckPorts(
            openqa=openqa,
            builds=OpenQABuilds(reader, openqa.url),
            files=OpenQAFiles(limits_of(config.http), openqa.url),
            series=SeriesFiles(reader, config.sweep.composes_url),
            composes=PungiComposes(
                open_compose_reader(config), allowed_hosts=config.scheduling.allowed_hosts
            ),
            known=FedfindComposes(config.sweep.composes_url),
            gating=GreenwaveDecisions(limits_of(config.http), config.greenwave.url),
        ),
        options=CheckOptions(
            base_url=public_url(config, openqa),
            project_url=table.project_url,
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
        mailer=DryRunMailer() if dry_run else _open_mailer(config.mail),
        deliveries=deliveries,
        addresses=Addresses(
            sender=config.mail.sender,
            recipients=config.mail.recipients,
            subscribers=config.mail.subscribers,
        ),
        scheduled=_schedule_in(stories) if stories else lambda _compose_id: ScheduleState(),
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
    )


def _open_mailer(table: Mail) -> SmtpMailer:
    login = None
    if table.smtp_user:
        variable = "FEDORA_OPENQA_SMTP_PASSWORD"
        password = read_secret(table.smtp_password_file, variable, os.environ)
        login = SmtpLogin(table.smtp_user, password)
    return SmtpMailer(table.smtp, starttls=table.starttls, login=login)


def _schedule_in(stories: Stories) -> Callable[[str], ScheduleState]:
    def look(compose_id: str) -> ScheduleState:
        for story in stories.find(f"compose:{compose_id}"):
            wanted = story.subject.state is SubjectState.WANTED
            begun = {product.state for product in story.products} - {*ProductState}
            return ScheduleState(asked=story.asked, is_owed=wanted or bool(begun))
        return ScheduleState()

    return look
