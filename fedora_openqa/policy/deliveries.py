"""Which deliveries are wanted after an event."""

from collections.abc import Mapping

from fedora_openqa.model.deliveries import Sink, WantedDelivery
from fedora_openqa.model.events import CloudImageTested, JobsChanged, ReportEvent
from fedora_openqa.policy.compose_ids import COMPOSE_ID
from fedora_openqa.policy.wiki_passes import might_pass

#: what is mailed of a compose: one report on all of it
REPORT = "report"


def reports_wanted(event: ReportEvent, delays: Mapping[Sink, float]) -> tuple[WantedDelivery, ...]:
    """Say what sinks should be told of; nothing where it is sure that they are not to know.

    :param delays: the sinks that are switched on, to the seconds that each waits for others
    """
    match event:
        case JobsChanged(job_ids, build, ended):
            return tuple(
                WantedDelivery(sink=sink, build=build, item=item, delay=delay)
                for sink, delay in delays.items()
                if _concerns(sink, build, ended=ended)
                for item in ([REPORT] if sink is Sink.MAIL else map(str, job_ids))
            )
        case CloudImageTested(job_id, compose_id, image_url, status):
            if Sink.RESULTSDB not in delays:
                return ()
            facts = {"job_id": job_id, "image_url": image_url, "status": status}
            return (
                WantedDelivery(
                    sink=Sink.RESULTSDB,
                    build=compose_id,
                    item=f"autocloud:{job_id}",
                    facts={"compose_id": compose_id, **facts},
                ),
            )


def _concerns(sink: Sink, build: str, *, ended: bool) -> bool:
    match sink:
        case Sink.RESULTSDB:
            return True
        case Sink.WIKI:
            # only what has passed goes there
            return ended and might_pass(build)
        case Sink.MAIL:
            return ended and bool(COMPOSE_ID.fullmatch(build))
