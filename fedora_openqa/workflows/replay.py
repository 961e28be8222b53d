"""Plans the products of recorded messages, without storing or posting anything."""

from dataclasses import dataclass

from fedora_openqa.errors import FedoraOpenQAError
from fedora_openqa.events import parse
from fedora_openqa.model.events import ReportEvent
from fedora_openqa.model.recordings import PlannedProduct, PlannedSubject, Recording
from fedora_openqa.model.work import Ignored
from fedora_openqa.policy.contents import LAG_ATTEMPTS
from fedora_openqa.policy.wanted import subject_wanted
from fedora_openqa.workflows.schedule import Schedule
from fedora_openqa.workflows.worker import request_for


@dataclass(frozen=True, slots=True)
class Planner:
    """Plans what messages would schedule."""

    #: with an openQA that cannot be written to
    schedule: Schedule
    #: arches of a compose that are tested
    arches: tuple[str, ...]

    def plan(self, recording: Recording) -> PlannedSubject:
        """Return the products that would be posted after a message, or the reason for none."""
        topic, message_id = recording.topic, recording.id
        try:
            event = parse(topic, recording.body)
            if event is None:
                return PlannedSubject(message_id, topic, None, reason="not ours")
            if isinstance(event, ReportEvent):
                return PlannedSubject(message_id, topic, None, reason="about jobs, schedules none")
            wanted = subject_wanted(event, self.schedule.site.flavor_tables.fedora)
            if isinstance(wanted, Ignored):
                return PlannedSubject(message_id, topic, None, reason=wanted.reason)
            # with its present builds: the message may be of last year
            request = request_for(
                wanted.lane, wanted.request, arches=self.arches, attempts=LAG_ATTEMPTS
            )
            scheduled = self.schedule.schedule(request)
        except FedoraOpenQAError as exc:
            return PlannedSubject(message_id, topic, None, reason=f"cannot be planned: {exc}")
        return PlannedSubject(
            message_id,
            topic,
            wanted.key,
            products=tuple(
                PlannedProduct(
                    wanted.key, result.product.flavor, result.product.arch, result.product.settings
                )
                for result in scheduled.products
            ),
            reason=scheduled.reason,
        )
