"""Which deliveries an event asks for, of which sink."""

import pytest

from fedora_openqa.model.deliveries import Sink, WantedDelivery
from fedora_openqa.model.events import CloudImageTested, JobsChanged
from fedora_openqa.policy.effects import REPORT, deliveries_wanted
from tests.support.jobs import BUILD

UPDATE = "Update-FEDORA-2026-1bd5f4a0c2"
ELN = "Fedora-eln-20261120.n.0"
DELAYS = {Sink.RESULTSDB: 5.0, Sink.WIKI: 60.0, Sink.MAIL: 0.0}


@pytest.mark.parametrize(
    ("build", "ended", "sinks"),
    [
        (BUILD, True, [Sink.RESULTSDB, Sink.WIKI, Sink.MAIL]),
        # that a job waits or runs is for ResultsDB only
        (BUILD, False, [Sink.RESULTSDB]),
        # the wiki has no pages of ELN, but its composes have reports
        (ELN, True, [Sink.RESULTSDB, Sink.MAIL]),
        (UPDATE, True, [Sink.RESULTSDB]),
        ("", True, [Sink.RESULTSDB]),
    ],
)
def test_a_job_is_delivered_to_the_sinks_that_its_build_concerns(
    build: str, *, ended: bool, sinks: list[Sink]
) -> None:
    wanted = deliveries_wanted(JobsChanged((1,), build, ended), DELAYS)
    items = {Sink.RESULTSDB: "1", Sink.WIKI: "1", Sink.MAIL: REPORT}
    assert wanted == tuple(
        WantedDelivery(sink=sink, build=build, item=items[sink], delay=DELAYS[sink])
        for sink in sinks
    )


def test_each_job_is_a_delivery_and_the_report_is_one_for_all() -> None:
    wanted = deliveries_wanted(JobsChanged((1, 2), BUILD, ended=True), DELAYS)
    assert [(one.sink, one.item) for one in wanted] == [
        (Sink.RESULTSDB, "1"),
        (Sink.RESULTSDB, "2"),
        (Sink.WIKI, "1"),
        (Sink.WIKI, "2"),
        (Sink.MAIL, REPORT),
    ]


def test_nothing_is_delivered_to_a_sink_that_is_switched_off() -> None:
    assert deliveries_wanted(JobsChanged((1,), BUILD, ended=True), {}) == ()
    assert deliveries_wanted(CloudImageTested("7", BUILD, "https://x/y", "success"), {}) == ()


def test_a_cloud_image_is_delivered_to_resultsdb_with_the_facts_of_its_message() -> None:
    event = CloudImageTested("7", BUILD, "https://x/y", "success")
    (wanted,) = deliveries_wanted(event, DELAYS)
    assert (wanted.sink, wanted.build, wanted.item) == (Sink.RESULTSDB, BUILD, "autocloud:7")
    assert wanted.facts == {
        "compose_id": BUILD,
        "job_id": "7",
        "image_url": "https://x/y",
        "status": "success",
    }
