"""The sources of a sweep: Bodhi's lists, Datagrepper, lists of CoreOS builds, STATUS files."""

import json
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fedora_openqa.errors import (
    FedoraOpenQAError,
    RequestRefusedError,
    ServiceUnavailableError,
    TemporaryError,
)
from fedora_openqa.gateways import datagrepper
from fedora_openqa.gateways.bodhi import lists as bodhi_lists
from fedora_openqa.gateways.bodhi.lists import UpdateLists
from fedora_openqa.gateways.composes import status_files
from fedora_openqa.gateways.composes.status_files import StatusFiles
from fedora_openqa.gateways.coreos import StreamLists
from fedora_openqa.gateways.datagrepper import History
from fedora_openqa.gateways.http.client import Reader
from fedora_openqa.model.composes import ReleaseNumbers
from fedora_openqa.model.events import ComposeFinished, CoreOSBuildFinished, UpdateReady
from fedora_openqa.policy.compose_families import series_of
from fedora_openqa.ports import Source
from tests.support.composes import NUMBERS
from tests.support.fakes import FakeReleases
from tests.support.json_values import JSON
from tests.support.limits import LIMITS
from tests.support.web import Answer, Request, Web, drop, html, text

#: 2026-11-20 at noon, and a day before
UNTIL = 1_795_176_000.0
SINCE = UNTIL - 86400

Json = dict[str, Any]
Opens = Callable[[Web], Source]


def update_row(number: int) -> Json:
    return {
        "alias": f"FEDORA-2026-{number:010x}",
        "builds": [{"nvr": f"kernel-{number}-1.fc43"}],
        "release": {"version": "43", "id_prefix": "FEDORA"},
        "critpath": True,
        "critpath_groups": "core",
    }


def pages(rows_name: str, rows: list[Any], *, per_page: int, endless: bool = False) -> Answer:
    """Answer with the page that is asked for."""

    def answer(request: Request) -> None:
        number = int(parse_qs(urlsplit(request.path).query)["page"][0])
        some = rows if endless else rows[(number - 1) * per_page : number * per_page]
        last = number + 1 if endless else -(-len(rows) // per_page)
        text(json.dumps({rows_name: some, "pages": last}))(request)

    return answer


def bodhi(web: Web) -> Source:
    return UpdateLists(Reader(LIMITS), web.url)


def history(web: Web) -> Source:
    return History(Reader(LIMITS), web.url)


def streams(web: Web) -> Source:
    return StreamLists(Reader(LIMITS), web.url, ("rawhide", "branched"))


def composes(web: Web) -> Source:
    return StatusFiles(Reader(LIMITS), web.url, lambda: series_of(NUMBERS))


@pytest.mark.parametrize(
    ("source", "path"),
    [
        (bodhi, "/updates/"),
        (history, "/v2/search"),
        (streams, "/rawhide/builds/builds.json"),
        (composes, "/rawhide/Fedora-Rawhide-20261120.n.0/STATUS"),
    ],
)
@pytest.mark.parametrize(
    ("reply", "error"),
    [
        (drop, ServiceUnavailableError),
        (text("", status=503), ServiceUnavailableError),
        (text("", status=403), RequestRefusedError),
    ],
)
def test_who_does_not_answer_is_not_taken_for_empty(
    web: Web, source: Opens, path: str, reply: Answer, error: type[FedoraOpenQAError]
) -> None:
    web.answers[f"GET {path}"] = reply
    with pytest.raises(error):
        source(web).events(since=SINCE, until=UNTIL)


@pytest.mark.parametrize(
    ("source", "path"),
    [
        (composes, "/rawhide/Fedora-Rawhide-20261120.n.0/STATUS"),
        (bodhi, "/updates/"),
        (history, "/v2/search"),
        (streams, "/rawhide/builds/builds.json"),
    ],
)
def test_the_page_of_a_proxy_is_no_answer(web: Web, source: Opens, path: str) -> None:
    web.answers[f"GET {path}"] = html()
    with pytest.raises(ServiceUnavailableError, match="not the answer of this service"):
        source(web).events(since=SINCE, until=UNTIL)


@pytest.mark.parametrize("source", [bodhi, history])
def test_a_list_that_is_gone_is_not_empty(web: Web, source: Opens) -> None:
    with pytest.raises(ServiceUnavailableError, match="not there"):
        source(web).events(since=SINCE, until=UNTIL)


def test_bodhi_is_asked_for_new_and_changed_updates_in_pending_and_testing(web: Web) -> None:
    web.answers["GET /updates/"] = text('{"updates": [], "pages": 0}')
    assert bodhi(web).events(since=SINCE, until=UNTIL) == ()
    asked = [parse_qs(urlsplit(line.split()[1]).query) for line in web.requests]
    day = ["2026-11-19T12:00:00"]
    assert [(query["status"], query.get("submitted_since")) for query in asked] == [
        (["pending"], day),
        (["pending"], None),
        (["testing"], day),
        (["testing"], None),
    ]
    assert asked[1]["modified_since"] == day
    assert all(query["critpath"] == ["true"] for query in asked)


def test_all_pages_of_updates_are_read_and_each_update_is_told_once(web: Web) -> None:
    rows = [update_row(number) for number in range(250)]
    web.answers["GET /updates/"] = pages("updates", rows, per_page=100)
    events = bodhi(web).events(since=SINCE, until=UNTIL)
    assert len(events) == 250
    assert len(web.requests) == 4 * 3
    first = events[0]
    assert isinstance(first, UpdateReady)
    assert (first.update.alias, first.again) == ("FEDORA-2026-0000000000", False)


def test_one_broken_update_hides_no_other(web: Web, caplog: pytest.LogCaptureFixture) -> None:
    rows = [update_row(1), {"alias": "x"}, None, update_row(2)]
    web.answers["GET /updates/"] = pages("updates", rows, per_page=100)
    assert len(bodhi(web).events(since=SINCE, until=UNTIL)) == 2
    assert "skipped an update" in caplog.text


@pytest.mark.parametrize(
    ("source", "path", "name", "row", "most"),
    [
        (bodhi, "/updates/", "updates", update_row(1), 4 * bodhi_lists.SWEEP_PAGES),
        (history, "/v2/search", "raw_messages", {}, datagrepper.MOST_PAGES),
    ],
)
def test_a_list_without_an_end_is_left_and_that_is_said(
    web: Web,
    caplog: pytest.LogCaptureFixture,
    *,
    source: Opens,
    path: str,
    name: str,
    row: Json,
    most: int,
) -> None:
    web.answers[f"GET {path}"] = pages(name, [row], per_page=1, endless=True)
    source(web).events(since=SINCE, until=UNTIL)
    assert len(web.requests) == most
    assert "more pages than are read" in caplog.text


def test_messages_become_events(web: Web) -> None:
    rows = [
        {"topic": f"org.fedoraproject.prod.{topic}", "body": body, "id": "x"}
        for topic, body in [
            ("pungi.compose.status.change", COMPOSE_BODY),
            ("pungi.compose.status.change", {"status": "STARTED"}),
            ("pungi.compose.status.change", {"status": "FINISHED"}),
            ("coreos.build.state.change", COREOS_BODY),
            ("bodhi.update.status.testing.koji-build-group.build.complete", UPDATE_BODY),
            ("openqa.job.done", {}),
        ]
    ]
    web.answers["GET /v2/search"] = pages("raw_messages", [*rows, None, {}], per_page=3)
    events = history(web).events(since=SINCE, until=UNTIL)
    assert [type(event) for event in events] == [ComposeFinished, CoreOSBuildFinished, UpdateReady]
    query = parse_qs(urlsplit(web.requests[0].split()[1]).query)
    assert (query["start"], query["end"]) == (["1795089600"], ["1795176000"])
    assert query["topic"] == [
        "org.fedoraproject.prod.pungi.compose.status.change",
        "org.fedoraproject.prod.bodhi.update.status.testing.koji-build-group.build.complete",
        "org.fedoraproject.prod.coreos.build.state.change",
    ]


COMPOSE_BODY = {
    "status": "FINISHED_INCOMPLETE",
    "compose_id": "Fedora-43-20261120.0",
    "location": "https://kojipkgs.fedoraproject.org/compose/43/Fedora-43-20261120.0/compose",
    "compose_label": "RC-1.6",
}
COREOS_BODY = {
    "state": "FINISHED",
    "result": "SUCCESS",
    "build_id": "45.20261119.91.0",
    "basearch": "x86_64",
    "build_dir": "https://builds.coreos.fedoraproject.org/x",
}
UPDATE_BODY = {"update": update_row(1), "re-trigger": True}


def test_builds_of_the_days_are_listed_for_each_arch(web: Web) -> None:
    builds = [
        {"id": "45.20261120.91.0", "arches": ["x86_64", "aarch64"]},
        {"id": "45.20261118.91.1", "arches": ["x86_64"]},
        {"id": "45.20261117.91.0", "arches": ["x86_64"]},
    ]
    web.answers["GET /rawhide/builds/builds.json"] = text(json.dumps({"builds": builds}))
    events = streams(web).events(since=SINCE, until=UNTIL)
    folder = f"{web.url}/rawhide/builds"
    assert list(events) == [
        CoreOSBuildFinished(buildid=buildid, arch=arch, url=f"{folder}/{buildid}/{arch}")
        for buildid, arch in [
            ("45.20261120.91.0", "x86_64"),
            ("45.20261120.91.0", "aarch64"),
            ("45.20261118.91.1", "x86_64"),
        ]
    ]


def put(web: Web, compose: str, status: str) -> None:
    web.answers[f"GET /{compose}/STATUS"] = text(f"{status}\n", type_="text/plain")


def test_composes_are_found_by_their_status(web: Web) -> None:
    put(web, "rawhide/Fedora-Rawhide-20261120.n.0", "DOOMED")
    put(web, "rawhide/Fedora-Rawhide-20261120.n.1", "FINISHED_INCOMPLETE")
    put(web, "rawhide/Fedora-Rawhide-20261120.n.2", "STARTED")
    # respins are made one after another: the search ends at the first missing one
    put(web, "rawhide/Fedora-Rawhide-20261120.n.4", "FINISHED")
    put(web, "44/Fedora-44-20261119.0", "FINISHED")
    # begun on the day before, and it may have taken long
    put(web, "iot/Fedora-IoT-43-20261118.0", "FINISHED")
    put(web, "rawhide/Fedora-Rawhide-20261117.n.0", "FINISHED")
    events = composes(web).events(since=SINCE, until=UNTIL)
    found = [event for event in events if isinstance(event, ComposeFinished)]
    assert [event.location.removeprefix(web.url) for event in found] == [
        "/rawhide/Fedora-Rawhide-20261120.n.1/compose",
        "/44/Fedora-44-20261119.0/compose",
        "/iot/Fedora-IoT-43-20261118.0/compose",
    ]
    assert found[0].name.release == "Rawhide"


def test_composes_of_long_ago_are_not_looked_for(web: Web) -> None:
    numbers = ReleaseNumbers(stable=(43,), branched=())
    source = StatusFiles(Reader(LIMITS), web.url, lambda: series_of(numbers))
    source.events(since=0, until=UNTIL)
    assert len(web.requests) == status_files.MOST_DAYS * 5


def test_the_status_of_a_compose_that_has_ended_is_not_asked_for_again(web: Web) -> None:
    put(web, "rawhide/Fedora-Rawhide-20261120.n.0", "DOOMED")
    put(web, "rawhide/Fedora-Rawhide-20261120.n.1", "FINISHED")
    put(web, "rawhide/Fedora-Rawhide-20261120.n.2", "STARTED")
    source = composes(web)
    first = source.events(since=SINCE, until=UNTIL)
    web.requests.clear()
    put(web, "rawhide/Fedora-Rawhide-20261120.n.2", "FINISHED_INCOMPLETE")
    second = source.events(since=SINCE, until=UNTIL)
    assert (len(first), len(second)) == (1, 2)
    asked = {path.split("/")[-2] for path in web.requests}
    assert asked.isdisjoint({f"Fedora-Rawhide-20261120.n.{respin}" for respin in range(2)})
    assert {"Fedora-Rawhide-20261120.n.2", "Fedora-Rawhide-20261120.n.3"} <= asked


def test_a_day_that_is_over_is_soon_not_searched_for_further_respins(web: Web) -> None:
    numbers = ReleaseNumbers(stable=(43,), branched=())
    source = StatusFiles(Reader(LIMITS), web.url, lambda: series_of(numbers))
    put(web, "rawhide/Fedora-Rawhide-20261119.n.0", "FINISHED")
    counts = []
    for _ in range(4):
        web.requests.clear()
        assert len(source.events(since=SINCE, until=UNTIL)) == 1
        counts.append(len(web.requests))
    # five families, and today, yesterday and the day before
    assert counts == [16, 15, 5, 5]
    put(web, "rawhide/Fedora-Rawhide-20261120.n.0", "FINISHED")
    assert len(source.events(since=SINCE, until=UNTIL)) == 2


def test_respins_have_a_bound_and_that_is_said(web: Web, caplog: pytest.LogCaptureFixture) -> None:
    for respin in range(status_files.MOST_RESPINS + 1):
        put(web, f"eln/Fedora-eln-20261120.n.{respin}", "FINISHED")
    events = composes(web).events(since=SINCE, until=UNTIL)
    assert len(events) == status_files.MOST_RESPINS
    assert "there may be more respins" in caplog.text


def test_without_the_releases_there_is_no_list_of_composes(web: Web) -> None:
    releases = FakeReleases(ServiceUnavailableError("no metadata"))
    with pytest.raises(ServiceUnavailableError, match="no metadata"):
        StatusFiles(Reader(LIMITS), web.url, lambda: series_of(releases.load())).events(
            since=SINCE, until=UNTIL
        )


class Canned(Reader):
    def __init__(self, answer: object) -> None:
        super().__init__(LIMITS)
        self.answer = json.dumps(answer).encode()

    def fetch(self, url: str) -> bytes | None:  # noqa: ARG002
        return self.answer


BODIES = (COMPOSE_BODY, COREOS_BODY, UPDATE_BODY)
TOPICS = (
    "org.fedoraproject.prod.pungi.compose.status.change",
    "org.fedoraproject.prod.coreos.build.state.change",
    "org.fedoraproject.prod.bodhi.update.status.testing.koji-build-group.build.complete",
)
CHANGED_ROWS = st.one_of(
    JSON,
    st.builds(
        lambda kind, key, value: {
            "topic": TOPICS[kind],
            "body": BODIES[kind] | {sorted(BODIES[kind])[key % len(BODIES[kind])]: value},
        },
        st.integers(0, 2),
        st.integers(0, 9),
        JSON,
    ),
    st.builds(
        lambda key, value: update_row(1) | {key: value},
        st.sampled_from(sorted(update_row(1))),
        JSON,
    ),
    st.builds(lambda buildid, arches: {"id": buildid, "arches": arches}, JSON, JSON),
)


@given(
    answer=JSON
    | st.builds(
        lambda name, rows, number: {name: rows, "pages": number},
        st.sampled_from(["updates", "raw_messages", "builds"]),
        st.lists(CHANGED_ROWS, max_size=4),
        JSON | st.integers(0, 2),
    )
)
def test_any_answer_is_events_or_one_of_our_errors(answer: object) -> None:
    reader = Canned(answer)
    sources: tuple[Source, ...] = (
        UpdateLists(reader, "http://x"),
        History(reader, "http://x"),
        StreamLists(reader, "http://x", ("rawhide",)),
        StatusFiles(reader, "http://x", lambda: series_of(NUMBERS)),
    )
    for one in sources:
        try:
            events = one.events(since=SINCE, until=UNTIL)
        except TemporaryError:
            continue
        for event in events:
            assert isinstance(event, ComposeFinished | UpdateReady | CoreOSBuildFinished)
