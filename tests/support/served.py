"""A process that serves pages, and a browser of it over HTTP."""

import re
import socket
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import requests

from tests.support.acting import fields
from tests.support.waiting import wait_for

#: a path without a page
MISSING = "/nothing"


@dataclass
class ServedPages:
    """The pages at an address, with the cookies of one browser."""

    address: str
    session: requests.Session = field(default_factory=requests.Session)
    #: that programs send
    token: str = ""

    def get(self, path: str, status: int = 200) -> str:
        """Return a page."""
        answer = self.session.get(f"{self.address}{path}", timeout=120)
        assert answer.status_code == status, f"{path}: {answer.status_code}: {answer.text}"
        return answer.text

    def send(self, path: str, *, loaded: str = "", **changes: str) -> requests.Response:
        """Send the form of a page, and follow to what it leads to.

        :param path: of the form
        :param loaded: of the page with the form; empty: the same
        """
        form = fields(self.get(loaded or path), path.split("?", maxsplit=1)[0])
        return self.session.post(
            f"{self.address}{path.split('?', maxsplit=1)[0]}",
            data=form | changes,
            headers={"Origin": self.address},
            timeout=300,
        )

    def post(self, path: str, body: object, status: int) -> requests.Response:
        """Send JSON as a program does, which has no cookies."""
        headers = {"Authorization": f"Bearer {self.token}"}
        url = f"{self.address}/api/v1{path}"
        answer = requests.post(url, json=body, headers=headers, timeout=300)
        assert answer.status_code == status, f"{path}: {answer.status_code}: {answer.text}"
        return answer


@dataclass(frozen=True)
class Served:
    """A process that serves pages."""

    #: ``"http://127.0.0.1:8080"``
    address: str
    #: what it prints
    out: Path
    #: one URL for each rule of the application
    samples: Mapping[str, str] = field(default_factory=dict)


@contextmanager
def serving(folder: Path, environ: Mapping[str, str], *, port: int = 0) -> Iterator[Served]:
    """Serve pages for the block; fail if the process has logged a fault.

    :param folder: for what it prints and logs
    :param environ: all variables, which name its configuration
    :param port: 0: any that is free
    """
    out, log = folder / "web.out", folder / "web.log"
    with out.open("wb") as stdout, log.open("wb") as stderr:
        process = subprocess.Popen(
            [sys.executable, "-m", "fedora_openqa", "web", "--listen", f":{port}"],
            env=environ,
            stdout=stdout,
            stderr=stderr,
        )
    try:
        wait_for(lambda: "pages on http" in log.read_text() or process.poll() is not None)
        found = re.search(r"pages on (http://\S+)", log.read_text())
        assert found, log.read_text()
        yield Served(found[1], out)
    finally:
        process.terminate()
        process.wait(120)
    assert "Traceback" not in log.read_text()


def free_port() -> int:
    """Return a port that nothing listens on."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port: int = free.getsockname()[1]
        return port


def token_in(text: str) -> str:
    """Return the token that a process printed; empty: it printed none yet."""
    found = re.search(r"^Token to log in with[^:]*: (\S+)\n", text, flags=re.MULTILINE)
    return found[1] if found else ""
