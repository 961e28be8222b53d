"""What recorded messages would come to, without storing or posting anything."""

from collections.abc import Callable

from fedora_openqa.errors import FedoraOpenQAError
from fedora_openqa.events import parse
from fedora_openqa.model.events import ReportEvent
from fedora_openqa.model.products import ScheduleResult
from fedora_openqa.model.recordings import PlannedProduct, PlannedSubject, Recording
from fedora_openqa.model.requests import Request
from fedora_openqa.model.tables import FlavorTable
from fedora_openqa.model.work import Ignored
from fedora_openqa.policy.contents import LAG_ATTEMPTS
from fedora_openqa.policy.wanted import subject_wanted
from fedora_openqa.workflows.worker import request_for


def plan(
    recording: Recording,
    *,
    table: FlavorTable,
    arches: tuple[str, ...],
    schedule: Callable[[Request], ScheduleResult],
) -> PlannedSubject:
    """Say which products would be posted after a message, or why none.

    :param table: which flavors test updates of Fedora
    :param arches: arches of a compose that are tested
    :param schedule: the workflow, with an openQA that has no way to write
    """
    topic, message_id = recording.topic, recording.id
    try:
        event = parse(topic, recording.body)
        if event is None:
            return PlannedSubject(message_id, topic, None, reason="not ours")
        if isinstance(event, ReportEvent):
            return PlannedSubject(message_id, topic, None, reason="about jobs, schedules none")
        wanted = subject_wanted(event, table)
        if isinstance(wanted, Ignored):
            return PlannedSubject(message_id, topic, None, reason=wanted.reason)
        # what it has now: the message may be of last year
        request = request_for(wanted.lane, wanted.request, arches=arches, attempts=LAG_ATTEMPTS)
        scheduled = schedule(request)
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
