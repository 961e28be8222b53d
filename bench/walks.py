"""Counts the functions, files and nested calls of ours that one message needs.

Four walks on the sandbox: a Bodhi message to its POSTs, the command `compose` to its POSTs,
a finished job to its row in ResultsDB, and a compose whose jobs have all ended to its mail.
Not counted: the sandbox, the tables, the configuration, and opening the store.
"""

import contextlib
import json
import os
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from types import FrameType
from typing import Any
from urllib.request import urlopen

from click.testing import CliRunner

from fedora_openqa.cli import main as command
from fedora_openqa.config import Config, load_config, with_threads
from fedora_openqa.model.deliveries import Sink
from fedora_openqa.sandbox.config_files import write_config_files
from fedora_openqa.sandbox.finishing import TODAY, UPDATES, YESTERDAY
from fedora_openqa.sandbox.running import Sandbox
from fedora_openqa.wiring.service import open_service

ROOT = Path(__file__).parent.parent
OURS = ("fedora_openqa", "consumers", "check_compose", "autocloudreporter")
LEFT_OUT = ("fedora_openqa/sandbox", "fedora_openqa/config", "fedora_openqa/data")
BODHI = "org.fedoraproject.prod.bodhi.update.status.testing.koji-build-group.build.complete"
UPDATE = "FEDORA-2026-5d02b7e318"
#: delivers the jobs of a build at once
QUICK = "gather = 0.05"


class Walk:
    """Counts the calls of our functions while it is active."""

    def __init__(self) -> None:
        self.functions: set[tuple[str, str]] = set()
        self.files: set[str] = set()
        self.depth = 0

    def __call__(self, frame: FrameType, event: str, _argument: object) -> None:
        file = _ours(frame) if event == "call" else None
        if file is None:
            return
        self.files.add(file)
        self.functions.add((file, frame.f_code.co_qualname))
        depth = 0
        caller: FrameType | None = frame
        while caller is not None:
            depth += _ours(caller) is not None
            caller = caller.f_back
        self.depth = max(self.depth, depth)

    def __str__(self) -> str:
        return f"{len(self.functions):4} functions {len(self.files):4} files {self.depth:4} frames"


_known: dict[str, str | None] = {}


def _ours(frame: FrameType) -> str | None:
    name = frame.f_code.co_filename
    if name not in _known:
        path = Path(name)
        short = str(path.relative_to(ROOT)) if path.is_relative_to(ROOT) else ""
        counts = short.startswith(OURS) and not short.startswith(LEFT_OUT)
        _known[name] = short if counts and "migrations" not in short else None
    return _known[name]


@contextlib.contextmanager
def walking() -> Iterator[Walk]:
    walk = Walk()
    threading.setprofile(walk)
    sys.setprofile(walk)
    try:
        yield walk
    finally:
        sys.setprofile(None)
        threading.setprofile(None)


def until(happened: Callable[[], object]) -> None:
    deadline = time.monotonic() + 60
    while not happened():
        if time.monotonic() > deadline:
            raise TimeoutError("a walk takes longer than a minute")
        time.sleep(0.05)


def walk_of_service(
    config: Config,
    messages: list[tuple[str, Any]],
    end: Callable[[], object],
    *,
    sinks: tuple[Any, ...] = (),
) -> Walk:
    service = open_service(config, "bench", schedules=not sinks, sinks=sinks)
    with walking() as walk:
        for topic, body in messages:
            service.intake.take(topic, body, message_id=None)
        service.start(lambda _failure: None)
        until(end)
    service.end()
    return walk


def main() -> None:
    with Sandbox() as sandbox, tempfile.TemporaryDirectory() as name:
        directory = Path(name)
        os.environ |= {
            **write_config_files(directory, sandbox),
            "HOME": name,
            "XDG_STATE_HOME": name,
        }
        file = directory / "config.toml"
        file.write_text(file.read_text().replace("gather = 1.0", QUICK))
        config = with_threads(load_config(), 1)
        with urlopen(f"{sandbox.url}/bodhi/updates/{UPDATE}", timeout=30) as answer:  # noqa: S310 - ours
            update = json.load(answer)["update"]
        message = (BODHI, {"update": update, "agent": "bodhi", "re-trigger": False})
        show(
            "a message of Bodhi to its POSTs",
            walk_of_service(
                config, [message], lambda: sandbox.requests.all(method="POST", path="/api/v1/isos$")
            ),
        )
        location = sandbox.compose_location
        run("compose", sandbox.previous_compose_location)
        with walking() as walk:
            run("compose", location)
        show("`compose URL` to its POSTs", walk)
        done = sandbox.finish(f"Update-{UPDATE}", UPDATES)
        show(
            "a finished job to its row in ResultsDB",
            walk_of_service(
                config, [as_taken(done[0])], sandbox.results.all, sinks=(Sink.RESULTSDB,)
            ),
        )
        sandbox.finish(location_build(sandbox.previous_compose_location), YESTERDAY)
        done = sandbox.finish(location_build(location), TODAY)
        show(
            "the last job of a compose to its mail",
            walk_of_service(
                config, list(map(as_taken, done)), sandbox.mail.messages, sinks=(Sink.MAIL,)
            ),
        )


def run(*arguments: str) -> None:
    CliRunner().invoke(command, arguments, catch_exceptions=False)


def as_taken(message: Mapping[str, Any]) -> tuple[str, Any]:
    return message["topic"], message["body"]


def location_build(location: str) -> str:
    return location.split("/")[-2]


def show(title: str, walk: Walk) -> None:
    print(f"{title:40} {walk}")


if __name__ == "__main__":
    main()
