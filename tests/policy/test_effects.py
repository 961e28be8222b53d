"""Which event asks for which deliveries, to which sinks."""

from collections.abc import Mapping

import pytest

from fedora_openqa.data import load_flavor_tables
from fedora_openqa.model.deliveries import Sink, WantedDelivery
from fedora_openqa.model.events import CloudImageTested, CoreOSBuildFinished, JobsChanged
from fedora_openqa.model.work import Wanted
from fedora_openqa.policy.effects import REPORT, deliveries_wanted, effect_of
from tests.support.jobs import BUILD as COMPOSE

UPDATE = "Update-FEDORA-2026-1bd5f4a0c2"
COREOS = "Fedora-CoreOS-45.20261119.91.0"
ALL: Mapping[Sink, float] = {Sink.RESULTSDB: 0.0, Sink.WIKI: 60.0, Sink.MAIL: 300.0}
IMAGE = CloudImageTested(
    job_id="7", compose_id=COMPOSE, image_url="https://x/Cloud.qcow2", status="success"
)


def sent(build: str, *, ended: bool, delays: Mapping[Sink, float] = ALL) -> list[tuple[Sink, str]]:
    event = JobsChanged(job_ids=(1, 2), build=build, ended=ended)
    return [(one.sink, one.item) for one in deliveries_wanted(event, delays)]


RESULTSDB = [(Sink.RESULTSDB, "1"), (Sink.RESULTSDB, "2")]
WIKI = [(Sink.WIKI, "1"), (Sink.WIKI, "2")]
MAIL = [(Sink.MAIL, REPORT)]


@pytest.mark.parametrize(
    ("build", "ended", "expected"),
    [
        (COMPOSE, True, RESULTSDB + WIKI + MAIL),
        # a job that was only scheduled or cloned changes neither the wiki nor the mail
        (COMPOSE, False, RESULTSDB),
        (UPDATE, True, RESULTSDB),
        (UPDATE, False, RESULTSDB),
        (COREOS, True, RESULTSDB),
        # a respin that is no compose id of ours has no report
        ("Fedora-Rawhide-20261120.n.12345x", True, RESULTSDB),
    ],
)
def test_each_sink_gets_the_items_that_concern_it(
    build: str, *, ended: bool, expected: list[tuple[Sink, str]]
) -> None:
    assert sent(build, ended=ended) == expected


@pytest.mark.parametrize(
    ("sink", "expected"), [(Sink.RESULTSDB, RESULTSDB), (Sink.WIKI, WIKI), (Sink.MAIL, MAIL)]
)
def test_a_sink_that_is_not_enabled_gets_nothing(
    sink: Sink, expected: list[tuple[Sink, str]]
) -> None:
    assert sent(COMPOSE, ended=True, delays={sink: 1.0}) == expected
    assert sent(COMPOSE, ended=True, delays={}) == []


def test_each_delivery_waits_as_long_as_its_sink_does() -> None:
    event = JobsChanged(job_ids=(1,), build=COMPOSE, ended=True)
    delays = {one.sink: one.delay for one in deliveries_wanted(event, ALL)}
    assert delays == ALL


def test_a_cloud_image_concerns_resultsdb_only() -> None:
    (wanted,) = deliveries_wanted(IMAGE, ALL)
    facts = {"job_id": "7", "image_url": "https://x/Cloud.qcow2", "status": "success"}
    assert wanted == WantedDelivery(
        sink=Sink.RESULTSDB,
        build=COMPOSE,
        item="autocloud:7",
        facts={"compose_id": COMPOSE, **facts},
    )
    assert deliveries_wanted(IMAGE, {Sink.WIKI: 0.0, Sink.MAIL: 0.0}) == ()


def test_an_event_is_about_a_subject_or_about_results() -> None:
    table = load_flavor_tables().fedora
    build = CoreOSBuildFinished("45.1", "x86_64", "https://x")
    assert isinstance(effect_of(build, table=table, delays=ALL), Wanted)
    assert effect_of(IMAGE, table=table, delays=ALL) == deliveries_wanted(IMAGE, ALL)
