"""What follows from an event: a subject that is wanted, deliveries, or nothing."""

from collections.abc import Mapping
from datetime import UTC, datetime

from fedora_openqa.model.deliveries import Sink, WantedDelivery
from fedora_openqa.model.events import CloudImageTested, Event, JobsChanged, ReportEvent
from fedora_openqa.model.tables import FlavorTable
from fedora_openqa.model.work import Ignored, Wanted
from fedora_openqa.policy.compose_ids import COMPOSE_ID
from fedora_openqa.policy.wanted import subject_wanted
from fedora_openqa.policy.wiki_passes import might_pass

#: item of the one mail about a compose: the compose check report
REPORT = "report"


def before_mail(since: float) -> str:
    """Return why something old is not mailed, as words after a verb.

    :param since: when mail was switched on, seconds since 1970
    """
    return f"before mail was switched on at {datetime.fromtimestamp(since, UTC):%Y-%m-%dT%H:%M:%SZ}"


def effect_of(
    event: Event, *, table: FlavorTable, delays: Mapping[Sink, float]
) -> Wanted | Ignored | tuple[WantedDelivery, ...]:
    """Return the subject or the deliveries that an event asks for, or why it asks for none.

    :param table: the flavors that test updates of Fedora
    :param delays: as of `deliveries_wanted`
    """
    if isinstance(event, ReportEvent):
        return deliveries_wanted(event, delays)
    return subject_wanted(event, table)


def deliveries_wanted(
    event: ReportEvent, delays: Mapping[Sink, float]
) -> tuple[WantedDelivery, ...]:
    """Return the deliveries that an event asks for; empty: it concerns no sink.

    :param delays: the enabled sinks, to the seconds that each waits for further jobs
    """
    match event:
        case JobsChanged(job_ids, build, ended):
            return tuple(
                WantedDelivery(sink=sink, build=build, item=item, delay=delay)
                for sink, delay in delays.items()
                if concerns(sink, build, ended=ended)
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


def concerns(sink: Sink, build: str, *, ended: bool) -> bool:
    """Return whether a sink may get something of a build.

    :param ended: whether a job of it has ended
    """
    match sink:
        case Sink.RESULTSDB:
            return True
        case Sink.WIKI:
            # only what has passed goes there
            return ended and might_pass(build)
        case Sink.MAIL:
            return ended and bool(COMPOSE_ID.fullmatch(build))
