"""Runs the commands of the demo in processes of their own, and shortens their output."""

import json
import os
import re
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click

from fedora_openqa.cli.output import say

#: seconds to wait for a worker
PATIENCE = 60.0

#: what the log of the pages says of their address
ADDRESS = re.compile(r"pages on (http://\S+)")

#: characters of a line that are shown
WIDTH = 200


@dataclass(frozen=True, slots=True)
class Terminal:
    """Runs and prints commands with an environment that leads to the sandbox."""

    #: environment variables that name the configuration of the sandbox
    environ: Mapping[str, str]

    def type(self, *arguments: str, most: int = 40) -> None:
        """Run a command; print it and at most ``most`` lines of its output."""
        say(f"$ fedora-openqa {' '.join(arguments)}")
        ended = subprocess.run(  # noqa: S603 - our own command
            self._command(arguments),
            env=self._environ,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        say(*shorten(ended.stdout.splitlines(), most=most))
        say(f"(exit status {ended.returncode})")

    def ask(self, *arguments: str) -> Any:  # noqa: ANN401 - JSON
        """Run a command without printing it; return the JSON that it prints.

        Raises:
            CalledProcessError: its exit status is not 0; its errors are on standard error.
        """
        command = [*self._command(arguments), "--format", "json"]
        return json.loads(subprocess.check_output(command, env=self._environ))  # noqa: S603

    @contextmanager
    def worker(self, *options: str) -> Iterator[Callable[[Callable[[], bool]], None]]:
        """Run a worker in the background; yield a function that waits until a condition is true."""
        say(f"$ fedora-openqa {' '.join(['worker', *options])} &")
        process = subprocess.Popen(self._command(["worker", *options]), env=self._environ)  # noqa: S603

        def wait(done: Callable[[], bool]) -> None:
            deadline = time.monotonic() + PATIENCE
            while not done():
                if time.monotonic() > deadline or process.poll() is not None:
                    raise click.ClickException("the worker has ended or takes too long")
                time.sleep(0.1)

        try:
            yield wait
        finally:
            # it finishes its subject first
            process.terminate()
            process.wait(PATIENCE)

    @contextmanager
    def pages(self, listen: str) -> Iterator[str]:
        """Serve the pages in the background; yield their address once they are there.

        What the process prints, such as the token to log in with, is printed.

        :param listen: host and port; port 0: any that is free
        """
        say(f"$ fedora-openqa web --listen {listen} &")
        log = Path(self.environ["XDG_STATE_HOME"]) / "web.log"
        log.parent.mkdir(parents=True, exist_ok=True)
        with log.open("wb") as file:
            command = self._command(["web", "--listen", listen])
            process = subprocess.Popen(command, env=self._environ, stderr=file)  # noqa: S603
        try:
            deadline = time.monotonic() + PATIENCE
            while not (found := ADDRESS.search(log.read_text(errors="replace"))):
                if time.monotonic() > deadline or process.poll() is not None:
                    raise click.ClickException(f"the pages are not there: {log.read_text()}")
                time.sleep(0.1)
            yield found[1]
        finally:
            process.terminate()
            process.wait(PATIENCE)

    @property
    def _environ(self) -> Mapping[str, str]:
        return os.environ | self.environ

    def _command(self, arguments: Sequence[str]) -> Sequence[str]:
        return [sys.executable, "-m", "fedora_openqa", *arguments]


def shorten(lines: Sequence[str], *, most: int) -> Iterator[str]:
    """Yield at most ``most`` lines, without the middle of the text and the ends of long lines."""
    left_out = len(lines) - most
    if left_out > 0:
        lines = [*lines[: most - 1], f"… {left_out} more lines …", *lines[-1:]]
    for line in lines:
        yield f"{line[:WIDTH]}…" if len(line) > WIDTH else line
