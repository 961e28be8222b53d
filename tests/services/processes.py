"""What all private servers share: a folder, an account, a port, a beginning and an end.

A server is ended by the process id it was started with, never by its name.
"""

import contextlib
import grp
import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

START_SECONDS = 60.0
STOP_SECONDS = 20.0


class NotInstalledError(Exception):
    """A program of the real service is missing."""


@dataclass(frozen=True)
class Account:
    """Whom a server runs as, and with which environment."""

    #: ``None``: whoever runs the tests
    name: str | None
    group: str | None
    environment: Mapping[str, str]

    def start(self, command: Sequence[str], log: Path) -> subprocess.Popen[bytes]:
        with log.open("ab") as output:
            return subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                cwd="/",
                env=self.environment,
                start_new_session=True,
                user=self.name,
                group=self.group,
            )

    def run(self, command: Sequence[str]) -> subprocess.CompletedProcess[bytes]:
        return subprocess.run(
            command,
            check=False,
            capture_output=True,
            cwd="/",
            env=self.environment,
            timeout=120,
            user=self.name,
            group=self.group,
        )


@contextlib.contextmanager
def private_folder(prefix: str) -> Iterator[Path]:
    # below /tmp and with a short name: a socket's path has at most 107 bytes
    root = Path(tempfile.mkdtemp(prefix=prefix, dir="/tmp"))
    try:
        yield root
    finally:
        shutil.rmtree(root, ignore_errors=True)


def account_for(name: str, *, root: Path, environment: Mapping[str, str]) -> Account:
    """Use a package's own account where we are root, which most servers refuse to run as.

    Whatever is in the folder by now belongs to that account afterwards.

    Raises:
        NotInstalledError: the package is missing.
    """
    environment = {"PATH": "/usr/bin:/bin", "LANG": "C.UTF-8", **environment}
    if os.geteuid() != 0:
        return Account(None, None, environment)
    try:
        owner = pwd.getpwnam(name)
    except KeyError:
        raise NotInstalledError(f"account {name}") from None
    for path in (root, *root.rglob("*")):
        os.chown(path, owner.pw_uid, owner.pw_gid)
    return Account(name, grp.getgrgid(owner.pw_gid).gr_name, environment)


def require(*programs: Path) -> None:
    """Check that programs are there.

    Raises:
        NotInstalledError: one is not.
    """
    for program in programs:
        if not program.exists():
            raise NotInstalledError(str(program))


def wait_until(answers: Callable[[], bool], *, server: subprocess.Popen[bytes], log: Path) -> None:
    """Give a server time to answer.

    Raises:
        TimeoutError: it did not, or ended; its log is the text.
    """
    deadline = time.monotonic() + START_SECONDS
    while not answers():
        if time.monotonic() > deadline or server.poll() is not None:
            raise TimeoutError(log.read_text(errors="replace")[-2000:])
        time.sleep(0.1)


def listens(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), timeout=5).close()
    except OSError:
        return False
    return True


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def end(server: subprocess.Popen[bytes], how: signal.Signals) -> None:
    server.send_signal(how)
    try:
        server.wait(STOP_SECONDS)
    except subprocess.TimeoutExpired:
        server.kill()
        server.wait()
