"""Start a private, real openQA with its own database, and end it without leaving anything.

It must not touch an openQA that the machine runs for itself: everything is below a temporary folder,
on a free port of 127.0.0.1 and on a database socket of its own.
"""

import contextlib
import signal
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import requests

from tests.services.postgresql import PostgreSQL, started
from tests.services.processes import (
    Account,
    account_for,
    end,
    free_port,
    private_folder,
    require,
    wait_until,
)

OPENQA = Path("/usr/share/openqa/script/openqa")
CREATE_ADMIN = Path("/usr/share/openqa/script/create_admin")
LOAD_TEMPLATES = Path("/usr/bin/openqa-load-templates")

#: the packages' own account; neither PostgreSQL nor openQA will run its database as root
ACCOUNT = "geekotest"
KEY = "1234567890ABCDEF"
SECRET = "FEDCBA0987654321"  # noqa: S105 - of a server that lives for one test run

OPENQA_INI = """\
[global]
download_domains = fedoraproject.org 127.0.0.1 localhost
[auth]
method = Fake
"""

BASE_FOLDERS = (
    "openqa/share/factory/iso",
    "openqa/share/factory/hdd",
    "openqa/share/factory/other",
    "openqa/share/factory/repo",
    "openqa/share/factory/tmp",
    "openqa/share/tests",
    "openqa/testresults",
    "openqa/images",
    "openqa/webui/cache",
    "openqa/db",
)


@dataclass(frozen=True)
class RealOpenQA:
    """A running openQA and the operator's key to it."""

    url: str
    key: str
    secret: str

    def load_templates(self, path: Path) -> None:
        """Add the machines, test suites, products and job templates of a JSON file."""
        command = [str(LOAD_TEMPLATES), "--host", self.url]
        command += ["--apikey", self.key, "--apisecret", self.secret, str(path)]
        subprocess.run(command, check=True, capture_output=True, timeout=300)


@dataclass(frozen=True)
class PrivateOpenQA(RealOpenQA):
    """An openQA that can be taken away for a while; its database stays."""

    root: Path
    account: Account
    database: PostgreSQL
    _servers: list[subprocess.Popen[bytes]] = field(default_factory=list)

    def start(self) -> None:
        """Return once it answers."""
        command = [str(OPENQA), "prefork", "-m", "production", "--listen", self.url]
        command += ["-w", "4", "-c", "1", "-P", str(self.root / "run/webui.pid")]
        log = self.root / "webui.log"
        self._servers.append(self.account.start(command, log))
        wait_until(lambda: _answers(self.url), server=self._servers[-1], log=log)

    def command(self, *arguments: str) -> str:
        """Run a command of openQA's own, and return what it prints."""
        name, *others = arguments
        command = [str(OPENQA), name, "-m", "production", *others]
        return self.account.run(command).stdout.decode()

    def stop(self) -> None:
        """Return once it has ended."""
        while self._servers:
            end(self._servers.pop(), signal.SIGTERM)


@contextlib.contextmanager
def running_openqa(*, configuration: str = OPENQA_INI) -> Iterator[PrivateOpenQA]:
    """Yield an openQA that answers and has an operator's key.

    Raises:
        NotInstalledError: a Debian package is missing.
        TimeoutError: a server was started and did not answer; its log is the text.
    """
    require(OPENQA, CREATE_ADMIN, LOAD_TEMPLATES)
    with private_folder("openqa-") as root:
        account = _prepare(root, configuration)
        with started(PostgreSQL(root / "run", account, user="openqa")) as database:
            database.create("openqa")
            url = f"http://127.0.0.1:{free_port()}"
            openqa = PrivateOpenQA(url, KEY, SECRET, root, account, database)
            try:
                openqa.start()
                made = account.run(
                    [str(CREATE_ADMIN), "--key", KEY, "--secret", SECRET, "contract"]
                )
                if made.returncode:
                    raise RuntimeError(made.stderr.decode())
                yield openqa
            finally:
                openqa.stop()


def _prepare(root: Path, configuration: str) -> Account:
    folders = [root / "run", root / "conf", root / "home"]
    folders += [root / "base" / name for name in BASE_FOLDERS]
    for folder in folders:
        folder.mkdir(parents=True)
    (root / "conf/openqa.ini").write_text(configuration)
    (root / "conf/database.ini").write_text(
        f"[production]\ndsn = DBI:Pg:dbname=openqa;host={root}/run\nuser = openqa\n"
    )
    environment = {
        "HOME": str(root / "home"),
        "OPENQA_CONFIG": str(root / "conf"),
        "OPENQA_BASEDIR": str(root / "base"),
    }
    return account_for(ACCOUNT, root=root, environment=environment)


def _answers(url: str) -> bool:
    try:
        return requests.get(f"{url}/api/v1/jobs", timeout=5).ok
    except requests.RequestException:
        return False
