"""What the consumers log of a day: the history of each subject, found by its key."""

import io
import json
import logging
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

import pytest
from fedora_messaging.config import conf
from fedora_messaging.message import Message

from consumers.resultsdb_reporter import ResultsDBReporter
from consumers.scheduler import Scheduler
from fedora_openqa import __version__
from fedora_openqa.logs import OURS
from fedora_openqa.model.subjects import Kind
from fedora_openqa.model.work import SubjectState
from fedora_openqa.sandbox.config_files import write_config_files
from fedora_openqa.sandbox.finishing import UPDATES
from fedora_openqa.sandbox.running import Sandbox
from tests.support.messages import BODHI, PUNGI, UPDATE
from tests.support.store import subjects_of
from tests.support.waiting import wait_for

BUILD = f"Update-{UPDATE}"
REPORT = f"resultsdb:{BUILD}"

#: a line of a log as text
LINE = re.compile(
    r"(?P<time>\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z) (?P<level>[A-Z]+)"
    r" \[(?P<subject>.*?)\] \[(?P<message_id>.*?)\] (?P<text>.*)"
)

BODY = {
    "update": {
        "alias": UPDATE,
        "builds": [{"nvr": "mutter-49.4-1.fc43"}, {"nvr": "gnome-shell-49.4-1.fc43"}],
        "release": {"version": "43", "id_prefix": "FEDORA"},
        "critpath": True,
        "critpath_groups": "critical-path-gnome",
    }
}


@dataclass
class Log:
    """All that the process writes."""

    form: Literal["text", "json"]
    written: io.StringIO = field(default_factory=io.StringIO)

    def lines(self) -> list[dict[str, str | None]]:
        lines = self.written.getvalue().splitlines()
        if self.form == "json":
            return [json.loads(line) for line in lines]
        found = [LINE.fullmatch(line) for line in lines]
        return [match.groupdict() for match in found if match]

    def of(self, key: str) -> list[dict[str, str | None]]:
        """Return the lines that grep would find."""
        return [line for line in self.lines() if key in str(line.values())]


@pytest.fixture(params=["text", "json"])
def log(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[Log]:
    log = Log(request.param)
    handler = logging.StreamHandler(log.written)
    monkeypatch.setattr(logging.root, "handlers", [handler])
    before = [(logging.getLogger(name), logging.getLogger(name).level) for name in OURS]
    yield log
    for logger, level in before:
        logger.setLevel(level)


@pytest.fixture
def day(log: Log, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """An update is announced, tested and reported, among other messages."""
    settings = {
        "log": {"format": log.form},
        "openqa": {"look_again_after": 0.05},
        "resultsdb": {"enabled": True, "gather": 0.05, "hold": 0.05},
        "sweep": {"every": 0},
    }
    with Sandbox() as sandbox:
        for name, value in write_config_files(tmp_path, sandbox).items():
            monkeypatch.setenv(name, value)
        monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
        monkeypatch.setitem(
            conf, "consumer_config", {**settings, "bodhi": {"url": f"{sandbox.url}/bodhi"}}
        )
        scheduler, reporter = Scheduler(), ResultsDBReporter()
        store = subjects_of(scheduler.service)

        def has(key: str, state: SubjectState) -> bool:
            found = store.find(key)
            return found is not None and found.state is state

        try:
            scheduler(message(PUNGI, {"status": "STARTED"}, message_id="started"))
            scheduler(message("org.fedoraproject.prod.copr.build.end", {}, message_id="foreign"))
            scheduler(message(PUNGI, {"status": 7}, message_id="broken"))
            scheduler(message(BODHI, BODY, message_id="announced"))
            wait_for(lambda: has(f"{Kind.UPDATE}:{UPDATE}", SubjectState.SCHEDULED))
            scheduler(message(BODHI, BODY, message_id="again"))
            for ended in sandbox.finish(BUILD, UPDATES):
                reporter(message(ended["topic"], ended["body"], message_id=ended["id"]))
            wait_for(lambda: has(REPORT, SubjectState.REPORTED))
        finally:
            for consumer in (scheduler, reporter):
                consumer.service.end()
        yield


def message(topic: str, body: Mapping[str, object], *, message_id: str) -> Message:
    made = Message(topic=topic, body=body)
    made.id = message_id
    return made


@pytest.mark.usefixtures("day")
def test_the_log_of_a_day_has_the_history_of_each_subject(log: Log) -> None:
    lines = log.lines()
    assert lines
    assert len(lines) == len(log.written.getvalue().splitlines())
    assert len({tuple(line) for line in lines}) == 1
    texts = [line["text"] or "" for line in log.of(f"{Kind.UPDATE}:{UPDATE}")]
    assert_in_order(
        texts,
        "wanted: it is new",
        "attempt 1 at request 1",
        "openqa-cli api",
        "x86_64: posted",
        "scheduled",
        "wanted: no change",
    )
    posts = [text for text in texts if text.startswith("openqa-cli api")]
    assert len(posts) == len([text for text in texts if ": posted, " in text]) > 1
    history = [line["message_id"] for line in log.of(f"{Kind.UPDATE}:{UPDATE}")]
    assert set(history) == {"announced", "again"}
    texts = [line["text"] or "" for line in log.of(REPORT)]
    assert_in_order(texts, "to be delivered", "attempt 1", "update.", ": delivered as ", "reported")


@pytest.mark.usefixtures("day")
def test_a_message_has_a_line_if_it_is_ours(log: Log) -> None:
    (started,) = log.of("started")
    assert (started["level"], started["text"]) == (
        "INFO",
        "ignored: it is about nothing that is finished",
    )
    assert log.of("foreign") == []
    (broken,) = log.of("'broken'")
    assert broken["level"] == "WARNING"
    assert broken["subject"] == "message:broken"
    assert "`fedora-openqa parked release message:broken`" in (broken["text"] or "")
    starts = [
        line["text"] or ""
        for line in log.lines()
        if f"fedora-openqa {__version__}" in str(line["text"])
    ]
    assert [text.partition(", ")[2].partition(":")[0] for text in starts] == [
        "scheduler",
        "resultsdb_reporter",
    ]


def assert_in_order(texts: list[str], *expected: str) -> None:
    """Check that texts with these parts come in this order, with any others between them."""
    rest = iter(texts)
    for part in expected:
        assert any(part in text for text in rest), f"{part!r} is not in its place in {texts}"
