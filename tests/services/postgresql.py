"""Start a private, real PostgreSQL, and end it without leaving anything.

It listens on a socket below a temporary folder and on no port.
"""

import contextlib
import itertools
import os
import shutil
import signal
import subprocess
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from tests.services.processes import (
    Account,
    NotInstalledError,
    account_for,
    end,
    private_folder,
    wait_until,
)
from tests.support.certificates import Certificate

VERSIONS = Path("/usr/lib/postgresql")

#: Debian's account; PostgreSQL will not run as root
ACCOUNT = "postgres"
USER = "tests"


class PostgreSQL:
    """A server that can be taken away for a while."""

    def __init__(
        self, root: Path, account: Account, *, user: str, options: Sequence[str] = ()
    ) -> None:
        """Prepare a server whose data is below a folder that the account may write to.

        :param options: further options: ``"ssl=on"``
        """
        self._options = options
        self._programs = _programs()
        self._root = root
        self._account = account
        self._user = user
        self._server: subprocess.Popen[bytes] | None = None
        self._names = (f"tests{number}" for number in itertools.count())
        self._run_once("initdb", "-A", "trust", "-U", user, "-E", "UTF8", "-D", str(self._data))

    def start(self) -> None:
        """Return once it answers."""
        command = [str(self._programs / "postgres"), "-D", str(self._data), "-k", self.folder]
        # -F: nothing here has to survive a power cut
        command += ["-c", "listen_addresses=", "-F"]
        for option in self._options:
            command += ["-c", option]
        log = self._root / "postgres.log"
        self._server = self._account.start(command, log)
        wait_until(self._answers, server=self._server, log=log)

    def stop(self) -> None:
        """Return once it has ended; whatever its clients are doing."""
        if self._server:
            # SIGINT is PostgreSQL's "fast" shutdown: it does not wait for clients
            end(self._server, signal.SIGINT)
            self._server = None

    @contextlib.contextmanager
    def frozen(self) -> Iterator[None]:
        """Stop all its processes for the block: connections stay open, and nothing answers."""
        assert self._server
        pid = self._server.pid
        # first of all the one that starts others
        os.kill(pid, signal.SIGSTOP)
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
        _signal(map(int, children), signal.SIGSTOP)
        try:
            yield
        finally:
            _signal([*map(int, children), pid], signal.SIGCONT)

    def create(self, name: str | None = None, *, template: str = "template1") -> str:
        """Create a database and return its SQLAlchemy URL.

        :param template: the database to copy, without connections; ``"template1"``: an empty one
        """
        name = name or next(self._names)
        self._run_once("createdb", "-h", self.folder, "-U", self._user, "-T", template, name)
        return f"postgresql+psycopg://{self._user}@/{name}?host={self.folder}"

    @property
    def folder(self) -> str:
        """Where its socket is."""
        return str(self._root)

    @property
    def _data(self) -> Path:
        return self._root / "data"

    def _answers(self) -> bool:
        ready = [str(self._programs / "pg_isready"), "-q", "-h", self.folder]
        return self._account.run(ready).returncode == 0

    def _run_once(self, program: str, *arguments: str) -> None:
        made = self._account.run([str(self._programs / program), *arguments])
        if made.returncode:
            raise RuntimeError(made.stderr.decode())


def _signal(pids: Iterable[int], number: signal.Signals) -> None:
    for pid in pids:
        # the process of a connection ends with it
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, number)


@contextlib.contextmanager
def running_postgresql(
    *, certificate: Certificate | None = None, port: int | None = None
) -> Iterator[PostgreSQL]:
    """Yield a PostgreSQL that answers.

    :param certificate: its certificate for TLS on `port` of 127.0.0.1; None: it has only a socket

    Raises:
        NotInstalledError: a Debian package is missing.
        TimeoutError: it was started and did not answer; its log is the text.
    """
    with private_folder("postgresql-") as root:
        options, environment = [], {"HOME": str(root)}
        if certificate:
            for file in (certificate.file, certificate.key):
                shutil.copy(file, root)
            options = [
                "listen_addresses=127.0.0.1",
                f"port={port}",
                "ssl=on",
                f"ssl_cert_file={root / certificate.file.name}",
                f"ssl_key_file={root / certificate.key.name}",
            ]
            environment["PGPORT"] = str(port)
        account = account_for(ACCOUNT, root=root, environment=environment)
        with started(PostgreSQL(root, account, user=USER, options=options)) as server:
            yield server


@contextlib.contextmanager
def started(server: PostgreSQL) -> Iterator[PostgreSQL]:
    """Let a server run for the block."""
    try:
        server.start()
        yield server
    finally:
        server.stop()


def _programs() -> Path:
    # by number: version 9 came before 15
    found = sorted(VERSIONS.glob("*/bin/postgres"), key=lambda path: float(path.parts[-3]))
    if not found:
        raise NotInstalledError("postgres")
    return found[-1].parent
