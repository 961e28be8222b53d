"""Mails the reports that a person or cron asks for, each once. Knows ports, never gateways."""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from fedora_openqa import ports
from fedora_openqa.errors import SubjectError
from fedora_openqa.model.deliveries import Delivery, DeliveryState, Sink, WantedDelivery
from fedora_openqa.model.events import ComposeFinished
from fedora_openqa.model.subjects import Kind
from fedora_openqa.policy.effects import REPORT
from fedora_openqa.policy.subject_names import parse_name

#: seconds in which another process has sent a mail that it is at, and between two looks
PATIENCE, LOOK_SECONDS = 30.0, 0.5


@dataclass(frozen=True, slots=True)
class Sending:
    """Mails the reports on composes, each once."""

    deliveries: ports.Deliveries
    #: lists finished composes
    composes: ports.Source
    openqa: ports.OpenQA
    #: sends one mail that is due, and returns whether there was one. None: a dry run
    work: Callable[[], bool] | None
    sleep: Callable[[float], object] = time.sleep

    def require_jobs(self, compose_id: str) -> None:
        """Make sure that there is something to report on, now or later.

        Raises:
            SubjectError: openQA has no jobs of a compose.
            RequestRefusedError, ServiceUnavailableError: openQA does not answer.
        """
        if not self.openqa.jobs_for_build(compose_id):
            raise SubjectError(f"openQA has no jobs of {compose_id}")

    def finished_since(self, seconds: float) -> tuple[str, ...]:
        """List the tested composes without a report that finished in the last seconds.

        Raises:
            PermanentError, TemporaryError: a service does not answer.
        """
        until = time.time()
        events = self.composes.events(since=until - seconds, until=until)
        found = [event.name.id for event in events if isinstance(event, ComposeFinished)]
        left = [one for one in dict.fromkeys(found) if not self._is_sent(one)]
        return tuple(one for one in left if self.openqa.jobs_for_build(one))

    def send(self, composes: Sequence[str]) -> Mapping[str, Delivery | None]:
        """Mail the reports on composes, and return their deliveries. None: a dry run.

        Raises:
            ConfigError: the deployment is wrong.
            ServiceUnavailableError: the store is away.
        """
        wanted = [_wanted(compose_id) for compose_id in composes]
        self.deliveries.want(wanted)
        if self.work:
            self._work(self.work, wanted)
        return {one.build: self._delivery(one) if self.work else None for one in wanted}

    def _work(self, work: Callable[[], bool], wanted: Sequence[WantedDelivery]) -> None:
        """Send what is due; wait for what a worker in another process sends at this moment."""
        worked = False
        while work():
            worked = True
        waited = 0.0
        while not worked and waited < PATIENCE and any(map(self._is_due, wanted)):
            self.sleep(LOOK_SECONDS)
            waited += LOOK_SECONDS
            worked = work()

    def _is_due(self, wanted: WantedDelivery) -> bool:
        found = self._delivery(wanted)
        return bool(found and found.state is DeliveryState.PENDING and found.due <= time.time())

    def _is_sent(self, compose_id: str) -> bool:
        found = self._delivery(_wanted(compose_id))
        return bool(found and found.reference)

    def _delivery(self, wanted: WantedDelivery) -> Delivery | None:
        rows = self.deliveries.all(wanted.key)
        return next((row for row in rows if row.item == wanted.item), None)


def compose_id_in(compose: str) -> str:
    """Return the compose id in an id or URL of a compose.

    Raises:
        SubjectError: it is not the id or URL of a compose.
    """
    name = parse_name(compose)
    if name.kind is not Kind.COMPOSE:
        raise SubjectError(f"{compose} is not a compose")
    return name.bare


def _wanted(compose_id: str) -> WantedDelivery:
    return WantedDelivery(sink=Sink.MAIL, build=compose_id, item=REPORT)
