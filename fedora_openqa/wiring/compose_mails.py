"""Connects what a person, or cron, prints and mails compose check reports with."""

import os
import socket
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from check_compose.report import Report
from check_compose.workflow import ComposeCheck
from fedora_openqa import ports
from fedora_openqa.config import Config
from fedora_openqa.errors import ConfigError, SubjectError
from fedora_openqa.gateways.composes.status_files import StatusFiles
from fedora_openqa.gateways.releases import MetadataReleases
from fedora_openqa.model.deliveries import Delivery, Sink, WantedDelivery
from fedora_openqa.model.events import ComposeFinished
from fedora_openqa.model.subjects import Kind
from fedora_openqa.policy.compose_families import series_of
from fedora_openqa.policy.effects import REPORT
from fedora_openqa.policy.subject_names import parse_name
from fedora_openqa.store.deliveries import Deliveries
from fedora_openqa.store.dry_run import look_into
from fedora_openqa.store.engine import open_engine
from fedora_openqa.store.stories import Stories
from fedora_openqa.store.subjects import Subjects
from fedora_openqa.wiring.compose_checks import open_compose_check
from fedora_openqa.wiring.http import open_reader
from fedora_openqa.wiring.openqa import open_rest_openqa
from fedora_openqa.wiring.reporting import open_attempts
from fedora_openqa.wiring.store import store_url
from fedora_openqa.workflows.deliver.by_hand import NoDeliveries
from fedora_openqa.workflows.worker import DAY, Worker


@dataclass(frozen=True, slots=True)
class Sender:
    """Mails the reports on composes, each once."""

    #: where reports are wanted
    deliveries: ports.Deliveries
    #: lists what has finished
    composes: ports.Source
    #: knows what was tested
    openqa: ports.OpenQA
    #: tells what is due; nothing: this is a dry run
    worker: Worker | None

    def require_jobs(self, compose_id: str) -> None:
        """Make sure that there is something to report on, now or later.

        Raises:
            SubjectError: openQA has no jobs of a compose.
            RequestRefusedError, ServiceUnavailableError: it does not say.
        """
        if not self.openqa.jobs_for_build(compose_id):
            raise SubjectError(f"openQA has no jobs of {compose_id}")

    def finished_since(self, seconds: float) -> tuple[str, ...]:
        """List the tested composes that finished in the last seconds and were not reported on.

        Raises:
            PermanentError, TemporaryError: nobody says.
        """
        until = time.time()
        events = self.composes.events(since=until - seconds, until=until)
        found = [event.name.id for event in events if isinstance(event, ComposeFinished)]
        left = [one for one in dict.fromkeys(found) if not self._is_told(one)]
        return tuple(one for one in left if self.openqa.jobs_for_build(one))

    def send(self, composes: Sequence[str]) -> Mapping[str, Delivery | None]:
        """Mail the reports on composes; gives what became of each.

        Raises:
            ConfigError: the deployment is wrong.
            ServiceUnavailableError: the store is away.
        """
        wanted = [_wanted(compose_id) for compose_id in composes]
        self.deliveries.want(wanted)
        while self.worker and self.worker.work():
            pass
        return {one.build: self._found(one) if self.worker else None for one in wanted}

    def _is_told(self, compose_id: str) -> bool:
        found = self._found(_wanted(compose_id))
        return bool(found and found.reference)

    def _found(self, wanted: WantedDelivery) -> Delivery | None:
        rows = self.deliveries.all(wanted.key)
        return next((row for row in rows if row.item == wanted.item), None)


def open_sender(config: Config, *, dry_run: bool) -> Sender:
    """Connect what mails reports.

    :param dry_run: nothing is stored, and nothing sent

    Raises:
        ConfigError: the deployment cannot work, or nothing is mailed from it.
        ServiceUnavailableError: the database cannot be reached.
    """
    if not config.mail.enabled and not dry_run:
        raise ConfigError("[mail] enabled is false: nothing is mailed from here")
    reader = open_reader(config)
    releases = MetadataReleases(reader, config.fedora.release_metadata_url)
    composes = StatusFiles(reader, config.sweep.composes_url, lambda: series_of(releases.load()))
    openqa = open_rest_openqa(config)
    url = store_url(config)
    if dry_run:
        return Sender(look_into(url)[1], composes, openqa, None)
    engine = open_engine(url)
    deliveries = Deliveries(engine)
    worker = Worker(
        backlog=Subjects(engine),
        attempts=open_attempts(config, [Sink.MAIL], deliveries, Stories(engine)),
        owner=f"{socket.gethostname()}:{os.getpid()}:check-compose",
        lease_seconds=config.worker.lease,
        keep_seconds=config.store.keep_days * DAY,
        awake=threading.Event(),
    )
    return Sender(deliveries, composes, openqa, worker)


def open_printer(config: Config) -> Callable[[str, str | None], Report]:
    """Connect what makes a report, with no store.

    Raises:
        ConfigError: the deployment cannot work.
    """
    check: ComposeCheck = open_compose_check(config, NoDeliveries(), stories=None, dry_run=True)

    def look(compose: str, previous: str | None) -> Report:
        _facts, report = check.check(compose_id_in(compose), previous=previous)
        return report

    return look


def compose_id_in(compose: str) -> str:
    """Give the id of a compose that is named by it, or by a URL.

    Raises:
        SubjectError: it is none.
    """
    name = parse_name(compose)
    if name.kind is not Kind.COMPOSE:
        raise SubjectError(f"{compose} is not a compose")
    return name.bare


def _wanted(compose_id: str) -> WantedDelivery:
    return WantedDelivery(sink=Sink.MAIL, build=compose_id, item=REPORT)
