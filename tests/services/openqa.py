"""Start a private, real openQA with its own database, and end it without leaving anything.

It must not touch an openQA that the machine runs for itself: everything is below a temporary folder,
on a free port of 127.0.0.1 and on a database socket of its own.
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
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import requests

OPENQA = Path("/usr/share/openqa/script/openqa")
CREATE_ADMIN = Path("/usr/share/openqa/script/create_admin")
LOAD_TEMPLATES = Path("/usr/bin/openqa-load-templates")
POSTGRESQL_VERSIONS = Path("/usr/lib/postgresql")

#: the packages' own account; neither PostgreSQL nor openQA will run its database as root
ACCOUNT = "geekotest"
KEY = "1234567890ABCDEF"
SECRET = "FEDCBA0987654321"  # noqa: S105 - of a server that lives for one test run
START_SECONDS = 60.0
STOP_SECONDS = 20.0

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


class NotInstalledError(Exception):
    """A program of the real service is missing."""


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
class _Account:
    """Whom the servers run as, and with which environment."""

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
def running_openqa(*, configuration: str = OPENQA_INI) -> Iterator[RealOpenQA]:
    """Yield an openQA that answers and has an operator's key.

    Raises:
        NotInstalledError: a Debian package is missing.
        TimeoutError: a server was started and did not answer; its log is the text.
    """
    postgresql = _postgresql_programs()
    for program in (OPENQA, CREATE_ADMIN, LOAD_TEMPLATES):
        if not program.exists():
            raise NotInstalledError(str(program))
    # below /tmp and with a short name: a socket's path has at most 107 bytes
    root = Path(tempfile.mkdtemp(prefix="openqa-", dir="/tmp"))
    try:
        with contextlib.ExitStack() as stack:
            account = _prepare(root, configuration)
            stack.enter_context(_database(root, account, postgresql))
            yield stack.enter_context(_webui(root, account))
    finally:
        shutil.rmtree(root, ignore_errors=True)


def _postgresql_programs() -> Path:
    found = sorted(POSTGRESQL_VERSIONS.glob("*/bin/postgres"))
    if not found:
        raise NotInstalledError("postgres")
    return found[-1].parent


def _prepare(root: Path, configuration: str) -> _Account:
    folders = [root / "run", root / "conf", root / "home"]
    folders += [root / "base" / name for name in BASE_FOLDERS]
    for folder in folders:
        folder.mkdir(parents=True)
    (root / "conf/openqa.ini").write_text(configuration)
    (root / "conf/database.ini").write_text(
        f"[production]\ndsn = DBI:Pg:dbname=openqa;host={root}/run\nuser = openqa\n"
    )
    environment = {
        "PATH": "/usr/bin:/bin",
        "HOME": str(root / "home"),
        "LANG": "C.UTF-8",
        "OPENQA_CONFIG": str(root / "conf"),
        "OPENQA_BASEDIR": str(root / "base"),
    }
    if os.geteuid() != 0:
        return _Account(None, None, environment)
    try:
        owner = pwd.getpwnam(ACCOUNT)
    except KeyError:
        raise NotInstalledError(f"account {ACCOUNT}") from None
    for path in (root, *root.rglob("*")):
        os.chown(path, owner.pw_uid, owner.pw_gid)
    return _Account(ACCOUNT, grp.getgrgid(owner.pw_gid).gr_name, environment)


@contextlib.contextmanager
def _database(root: Path, account: _Account, programs: Path) -> Iterator[None]:
    data = str(root / "data")
    made = account.run(
        [str(programs / "initdb"), "-A", "trust", "-U", "openqa", "-E", "UTF8", "-D", data]
    )
    if made.returncode:
        raise RuntimeError(made.stderr.decode())
    run = str(root / "run")
    server = account.start(
        [str(programs / "postgres"), "-D", data, "-k", run, "-c", "listen_addresses=", "-F"],
        root / "postgres.log",
    )
    try:
        create = [str(programs / "createdb"), "-h", run, "-U", "openqa", "openqa"]
        deadline = time.monotonic() + START_SECONDS
        while account.run(create).returncode:
            _check_time(deadline, root / "postgres.log")
        yield
    finally:
        # SIGINT is PostgreSQL's "fast" shutdown: it does not wait for clients
        _end(server, signal.SIGINT)


@contextlib.contextmanager
def _webui(root: Path, account: _Account) -> Iterator[RealOpenQA]:
    port = _free_port()
    url = f"http://127.0.0.1:{port}"
    command = [str(OPENQA), "prefork", "-m", "production", "--listen", url]
    command += ["-w", "4", "-c", "1", "-P", str(root / "run/webui.pid")]
    log = root / "webui.log"
    server = account.start(command, log)
    try:
        deadline = time.monotonic() + START_SECONDS
        while not _answers(url):
            _check_time(deadline, log)
        made = account.run([str(CREATE_ADMIN), "--key", KEY, "--secret", SECRET, "contract"])
        if made.returncode:
            raise RuntimeError(made.stderr.decode())
        yield RealOpenQA(url, KEY, SECRET)
    finally:
        _end(server, signal.SIGTERM)


def _answers(url: str) -> bool:
    try:
        return requests.get(f"{url}/api/v1/jobs", timeout=5).ok
    except requests.RequestException:
        return False


def _check_time(deadline: float, log: Path) -> None:
    if time.monotonic() > deadline:
        raise TimeoutError(log.read_text(errors="replace")[-2000:])
    time.sleep(0.1)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _end(server: subprocess.Popen[bytes], how: signal.Signals) -> None:
    server.send_signal(how)
    try:
        server.wait(STOP_SECONDS)
    except subprocess.TimeoutExpired:
        server.kill()
        server.wait()
