"""Messages as they look on the wire, and what they mean."""

import contextlib
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fedora_openqa.errors import MessageError
from fedora_openqa.events import parse, understands
from fedora_openqa.model.events import (
    CloudImageTested,
    ComposeFinished,
    CoreOSBuildFinished,
    Event,
    JobsChanged,
    UpdateReady,
)

MESSAGES = Path(__file__).parent / "data/messages"
KOJI = "https://kojipkgs.fedoraproject.org/compose"
PUNGI = "org.fedoraproject.prod.pungi.compose.status.change"
BODHI = "org.fedoraproject.prod.bodhi.update.status.testing.koji-build-group.build.complete"
DONE = "org.fedoraproject.prod.openqa.job.done"
RESTART = "org.fedoraproject.prod.openqa.job.restart"
IMAGE = "org.fedoraproject.prod.autocloud.image.success"
COREOS = "org.fedoraproject.prod.coreos.build.state.change"


def message(name: str) -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads((MESSAGES / f"{name}.json").read_text())
    return loaded


def event(name: str) -> Event | None:
    loaded = message(name)
    return parse(loaded["topic"], loaded["body"])


#: what each recorded message means
MEANINGS: dict[str, object] = {
    "pungi.compose.status.change.started": None,
    "pungi.compose.status.change.doomed": None,
    "pungi.compose.status.change.terminated": None,
    "pungi.compose.status.change.finished": ("Fedora-Rawhide-20261120.n.0", "rawhide"),
    "pungi.compose.status.change.finished_incomplete": ("Fedora-Rawhide-", "rawhide"),
    "pungi.compose.status.change.candidate": ("Fedora-4", "4"),
    "pungi.compose.status.change.updates_testing": ("Fedora-43-updates-testing-", "updates"),
    "pungi.compose.status.change.eln": ("Fedora-eln-", "eln"),
    "pungi.compose.status.change.iot": ("Fedora-IoT-", "iot"),
    "coreos.build.state.change.started": None,
    "coreos.build.state.change.finished_failure": None,
    "coreos.build.state.change.finished_success": "45.20261119.91.0",
    "bodhi.update.ready.v3.create": ("43", False),
    "bodhi.update.ready.v3.edit": ("43", False),
    "bodhi.update.ready.v3.retrigger": ("43", True),
    "bodhi.update.ready.v3.eln": ("eln", False),
    "bodhi.update.ready.v3.rawhide_sidetag": ("45", False),
    "bodhi.update.ready.v1_old": MessageError,
    "bodhi.update.comment": None,
    "bodhi.update.edit.v2": None,
    "bodhi.update.request.testing": None,
    "openqa.job.done.passed": ((3912345,), "Fedora-Rawhide-20261120.n.0", True),
    "openqa.job.done.update": ((3912400,), "Update-FEDORA-2025-1bd5f4a0c2", True),
    "openqa.job.done.bugref": ((3912399,), "Fedora-Rawhide-20261120.n.0", True),
    "openqa.job.done.failed_last": ((3912399,), "Fedora-Rawhide-20261120.n.0", True),
    "openqa.job.cancel": ((3912346,), "Fedora-Rawhide-20261120.n.0", True),
    "openqa.job.create": ((3912345,), "Fedora-Rawhide-20261120.n.0", False),
    # of the whole cluster
    "openqa.job.restart": ((3912500, 3912501, 3912502), "Fedora-Rawhide-20261120.n.0", False),
    "openqa.job.restart.auto": ((3912500,), "Fedora-Rawhide-20261120.n.0", False),
    "openqa.comment.create": None,
    "autocloud.image.success": ("2023", "success"),
    "autocloud.image.failed": ("2023", "failed"),
    "autocloud.image.running": None,
}


def test_every_recorded_message_has_a_meaning() -> None:
    assert {path.stem for path in MESSAGES.glob("*.json")} == set(MEANINGS)


@pytest.mark.parametrize(("recorded", "meaning"), MEANINGS.items())
def test_a_recorded_message_means_this(recorded: str, meaning: Any) -> None:  # noqa: ANN401
    if meaning is MessageError:
        with pytest.raises(MessageError, match="required field `update`"):
            event(recorded)
        return
    match event(recorded):
        case None:
            assert meaning is None
        case ComposeFinished(name, location):
            prefix, folder = meaning
            compose_id = name.id
            assert compose_id.startswith(prefix)
            assert name.short.startswith("Fedora")
            assert location.startswith(f"{KOJI}/{folder}")
            assert location.endswith(f"/{compose_id}/compose")
        case UpdateReady(update, again):
            assert (update.release, again) == meaning
            assert update.alias.startswith("FEDORA-")
            assert update.nvrs
            assert update.groups
            assert update.critical
        case CoreOSBuildFinished(buildid, arch, url):
            assert buildid == meaning
            assert url.endswith(f"/{buildid}/{arch}")
        case JobsChanged(job_ids, build, ended):
            assert (job_ids, build, ended) == meaning
        case CloudImageTested(job_id, compose_id, image_url, status):
            assert (job_id, status) == meaning
            assert f"/{compose_id}/" in image_url


def test_jobs_without_a_build_are_known_by_their_ids() -> None:
    body = {"id": "12", "BUILD": None, "remaining": None}
    topic = "org.fedoraproject.prod.openqa.job.done"
    assert parse(topic, body) == JobsChanged(job_ids=(12,), build="", ended=True)


def test_a_restart_names_each_job_with_its_copy() -> None:
    body = message("openqa.job.restart")["body"]
    event = parse(RESTART, body)
    assert isinstance(event, JobsChanged)
    assert event.copies == ((3912345, 3912500), (3912399, 3912501), (3912401, 3912502))
    (copy,) = event.known
    assert (copy.id, copy.origin_id) == (3912500, 3912345)
    assert copy.scenario == ("install_default_upload", "Server-dvd-iso", "x86_64", "64bit")


@pytest.mark.parametrize("result", [{"x": 9}, {"-1": 9}, {"9": 9}, {"10": 9}])
def test_what_cannot_be_a_copy_is_linked_to_nothing(result: dict[str, int]) -> None:
    body = message("openqa.job.restart")["body"] | {"result": result}
    event = parse(RESTART, body)
    assert isinstance(event, JobsChanged)
    assert event.job_ids == (9,)
    assert not event.copies
    assert not event.known


def test_a_restart_that_restarted_nothing_means_nothing() -> None:
    body = {"id": 12, "BUILD": "B", "result": {}}
    assert parse("org.fedoraproject.prod.openqa.job.restart", body) is None


def test_the_staging_bus_is_understood_too() -> None:
    loaded = message("pungi.compose.status.change.finished")
    assert parse(loaded["topic"].replace(".prod.", ".stg."), loaded["body"])


@pytest.mark.parametrize(
    ("topic", "name", "broken"),
    [
        (PUNGI, "pungi.compose.status.change.finished", {"location": None}),
        (PUNGI, "pungi.compose.status.change.finished", {"location": "x y"}),
        (PUNGI, "pungi.compose.status.change.finished", {"compose_id": "../../x"}),
        (PUNGI, "pungi.compose.status.change.finished", {"compose_id": "x" * 10_000}),
        (PUNGI, "pungi.compose.status.change.finished", {"compose_id": "Fedora-43-1.0\n"}),
        (PUNGI, "pungi.compose.status.change.finished", {"location": "https://x/y\n"}),
        (PUNGI, "pungi.compose.status.change.finished", {"status": "FINISHED\n"}),
        (PUNGI, "pungi.compose.status.change.started", {"status": None}),
        (PUNGI, "pungi.compose.status.change.started", {"status": ["STARTED"]}),
        (PUNGI, "pungi.compose.status.change.started", {"status": 5}),
        (COREOS, "coreos.build.state.change.finished_success", {"state": None}),
        (COREOS, "coreos.build.state.change.finished_success", {"state": "finished"}),
        (COREOS, "coreos.build.state.change.finished_success", {"result": None}),
        (COREOS, "coreos.build.state.change.finished_success", {"result": True}),
        (COREOS, "coreos.build.state.change.started", {"state": {}}),
        (BODHI, "bodhi.update.ready.v3.edit", {"update": None}),
        (BODHI, "bodhi.update.ready.v3.edit", {"update": {"alias": "FEDORA-2026-1"}}),
        (COREOS, "coreos.build.state.change.finished_success", {"build_dir": None}),
        (COREOS, "coreos.build.state.change.finished_success", {"result": ["SUCCESS"]}),
        (PUNGI, "pungi.compose.status.change.finished", {"status": None}),
        (PUNGI, "pungi.compose.status.change.started", {"status": 7}),
        # a pattern must not end before the last line break
        (PUNGI, "pungi.compose.status.change.finished", {"compose_id": "Fedora-1\n"}),
        (PUNGI, "pungi.compose.status.change.finished", {"location": "https://x\n"}),
        (PUNGI, "pungi.compose.status.change.finished", {"release_type": "ga\nforged"}),
        (PUNGI, "pungi.compose.status.change.finished", {"compose_label": "\ud800"}),
        (DONE, "openqa.job.done.passed", {"id": "12\n"}),
        (DONE, "openqa.job.done.passed", {"BUILD": "B\n"}),
        (DONE, "openqa.job.done.passed", {"id": None}),
        (DONE, "openqa.job.done.passed", {"id": -1}),
        (DONE, "openqa.job.done.passed", {"id": "1; drop"}),
        (DONE, "openqa.job.done.passed", {"BUILD": "x" * 1000}),
        (DONE, "openqa.job.done.passed", {"BUILD": "two\nlines"}),
        (DONE, "openqa.job.done.passed", {"BUILD": "a line\n"}),
        (DONE, "openqa.job.done.passed", {"\ud800": 1}),
        (RESTART, "openqa.job.restart", {"result": {"1": "two"}}),
        (IMAGE, "autocloud.image.success", {"compose_url": None}),
    ],
)
def test_a_message_of_ours_that_says_nothing_is_an_error(
    topic: str, name: str, broken: dict[str, Any]
) -> None:
    with pytest.raises(MessageError) as failure:
        parse(topic, message(name)["body"] | broken)
    assert str(failure.value).startswith(topic)
    assert "\n" not in str(failure.value)


@pytest.mark.parametrize(
    ("topic", "name", "missing"),
    [
        (PUNGI, "pungi.compose.status.change.started", "status"),
        (PUNGI, "pungi.compose.status.change.finished", "compose_id"),
        (COREOS, "coreos.build.state.change.started", "state"),
        (COREOS, "coreos.build.state.change.finished_success", "state"),
        (COREOS, "coreos.build.state.change.finished_success", "result"),
        (BODHI, "bodhi.update.ready.v3.edit", "update"),
        (DONE, "openqa.job.done.passed", "id"),
        (RESTART, "openqa.job.restart", "result"),
        (IMAGE, "autocloud.image.success", "job_id"),
    ],
)
def test_nothing_is_concluded_from_what_a_message_lacks(
    topic: str, name: str, missing: str
) -> None:
    body = message(name)["body"]
    del body[missing]
    with pytest.raises(MessageError, match=f"`{missing}`"):
        parse(topic, body)


OUR_TOPICS = sorted(
    {loaded["topic"] for name in MEANINGS if understands((loaded := message(name))["topic"])}
)


@pytest.mark.parametrize("topic", OUR_TOPICS)
@pytest.mark.parametrize(
    "body", [{}, {"\ud800": 1}, [], None, "text", 7, True, [{"status": "FINISHED"}]], ids=ascii
)
def test_a_body_that_says_nothing_is_an_error_on_every_topic_of_ours(
    topic: str, body: object
) -> None:
    with pytest.raises(MessageError):
        parse(topic, body)


@pytest.mark.parametrize(
    "name", sorted(name for name in MEANINGS if understands(message(name)["topic"]))
)
def test_a_wrapped_body_is_an_error_that_says_so(name: str) -> None:
    loaded = message(name)
    with pytest.raises(MessageError, match="wrapped in 'msg'"):
        parse(loaded["topic"], {"topic": loaded["topic"], "msg": loaded["body"]})


JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=10)
    | st.sampled_from(["FINISHED", "SUCCESS", "\x00", "\ud800", "x" * 100_000]),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner, max_size=3)
    ),
    max_leaves=10,
)
OURS = st.sampled_from(sorted(name for name, meaning in MEANINGS.items() if meaning))


@given(name=OURS, data=st.data())
def test_any_body_is_an_event_or_none_or_an_error(name: str, data: st.DataObject) -> None:
    loaded = message(name)
    body = loaded["body"]
    inner = body.get("update", body)
    for key in data.draw(st.sets(st.sampled_from(sorted(inner)), max_size=4)):
        if data.draw(st.booleans()):
            del inner[key]
        else:
            inner[key] = data.draw(JSON)
    try:
        found = parse(loaded["topic"], body)
    except MessageError:
        return
    match found:
        case UpdateReady(update):
            assert all(isinstance(nvr, str) and nvr.split() == [nvr] for nvr in update.nvrs)
        case ComposeFinished(compose, location):
            assert compose.id.split() == [compose.id]
            assert location.split() == [location]


@given(topic=st.sampled_from(OUR_TOPICS), body=st.deferred(lambda: JSON))
def test_any_body_on_our_topics_is_an_event_or_needs_nothing_or_is_an_error(
    topic: str, body: object
) -> None:
    with contextlib.suppress(MessageError):
        parse(topic, body)


@given(
    topic=st.text() | st.sampled_from([PUNGI, BODHI, COREOS, DONE]),
    body=st.dictionaries(st.text(), JSON),
)
def test_any_topic_is_survived(topic: str, body: dict[str, Any]) -> None:
    if topic in (PUNGI, BODHI, COREOS, DONE):
        with contextlib.suppress(MessageError):
            parse(topic, body)
    else:
        assert parse(topic, body) is None


def test_a_body_that_is_too_deep_is_an_error_at_most() -> None:
    deep: Any = []
    for _ in range(100_000):
        deep = [deep]
    with pytest.raises(MessageError):
        parse(BODHI, {"update": {"alias": "FEDORA-2026-1", "builds": deep, "release": deep}})
