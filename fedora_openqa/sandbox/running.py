"""Runs the sandbox: all embedded services in one application, in a thread or in the foreground.

It must not decide the answers of a service; each `add_…` adds its own routes to the application.
"""

import asyncio
import configparser
import io
import os
import signal
import tempfile
import threading
from collections.abc import Callable, Coroutine, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from queue import SimpleQueue
from types import TracebackType
from typing import Any, Self, TypeVar
from urllib.parse import urlsplit

from aiohttp import web

from fedora_openqa.errors import ConfigError
from fedora_openqa.sandbox.bodhi import add_bodhi
from fedora_openqa.sandbox.composes import add_composes, write_default_tree
from fedora_openqa.sandbox.coreos import add_coreos, write_coreos_builds
from fedora_openqa.sandbox.datagrepper import add_datagrepper
from fedora_openqa.sandbox.decisions import AwayError
from fedora_openqa.sandbox.faults import Faults, Kind, RequestLog, fault_middleware
from fedora_openqa.sandbox.finishing import Script, finish_jobs
from fedora_openqa.sandbox.gating_policies import POLICIES, Policy
from fedora_openqa.sandbox.greenwave import add_greenwave
from fedora_openqa.sandbox.mail import MailSink
from fedora_openqa.sandbox.openid import PREFIX as OPENID
from fedora_openqa.sandbox.openid import WAIVER_SCOPE, OpenIDServer, add_openid
from fedora_openqa.sandbox.openqa import OpenQAOptions, add_openqa
from fedora_openqa.sandbox.openqa.workers import Workers
from fedora_openqa.sandbox.own_files import write_own_files
from fedora_openqa.sandbox.respins import add_respins, write_respins
from fedora_openqa.sandbox.resultsdb import PREFIX as RESULTSDB
from fedora_openqa.sandbox.resultsdb import Results, ResultsDBOptions, add_resultsdb, latest_results
from fedora_openqa.sandbox.updates import EditedUpdates, load_updates
from fedora_openqa.sandbox.waiverdb import PREFIX as WAIVERDB
from fedora_openqa.sandbox.waiverdb import WaiverDBOptions, add_waiverdb
from fedora_openqa.sandbox.waivers import Waivers
from fedora_openqa.signals import first_of

HOST = "127.0.0.1"
TEMPLATES = Path(__file__).with_name("data") / "templates.json"
#: of its openQA
WORKERS = (
    # as many as run a controller of a domain with its clients
    *(("qa01", instance, "qemu_x86_64,tap,tpm") for instance in range(1, 9)),
    *(("qa02", instance, "qemu_x86_64") for instance in range(1, 5)),
)
START_SECONDS = 30.0
T = TypeVar("T")
#: most bytes of a form; an update with hundreds of packages has far fewer
_MAX_BODY = 64 * 1024 * 1024


@dataclass(frozen=True)
class SandboxOptions:
    """The sandbox's address and contents."""

    host: str = HOST
    #: 0: any free port
    port: int = 0
    openqa: OpenQAOptions = field(
        default_factory=lambda: OpenQAOptions(templates=TEMPLATES, workers=WORKERS)
    )
    resultsdb: ResultsDBOptions = field(default_factory=ResultsDBOptions)
    #: the folder that composes are served from; None: a temporary one with the default composes
    composes: Path | None = None
    waiverdb: WaiverDBOptions = field(default_factory=WaiverDBOptions)
    #: of its Greenwave
    policies: Sequence[Policy] = POLICIES
    #: recordings of its Datagrepper, the newest first
    messages: tuple[Mapping[str, Any], ...] = ()
    #: each adds another service to the application
    extra: tuple[Callable[[web.Application], None], ...] = ()


class Sandbox:
    """A running sandbox; use it as a context manager."""

    def __init__(self, options: SandboxOptions | None = None) -> None:
        """Prepare a sandbox; nothing is started before the `with` block."""
        self.faults = Faults()
        #: the contents of its ResultsDB
        self.results = Results()
        #: the contents of its WaiverDB
        self.waivers = Waivers()
        #: its provider of identities
        self.openid = OpenIDServer(clock=self.faults.now)
        #: its SMTP server
        self.mail = MailSink()
        #: `http://127.0.0.1:43210`
        self.url = ""
        #: the path of the default compose below the URL; empty: there is none
        self.compose_path = ""
        #: the path of the compose before it
        self.previous_compose_path = ""
        #: the path of a CoreOS build below the URL; empty: there is none
        self.coreos_path = ""
        #: the path of the folder of live respins below the URL; empty: there is none
        self.respins_path = ""
        #: the updates of its Bodhi; set when it runs with all services
        self.updates: EditedUpdates
        #: of its openQA; set when it runs
        self._workers: Workers
        self._options = options or SandboxOptions()
        self._stack = ExitStack()
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="sandbox", daemon=True)
        self._runner: web.AppRunner | None = None

    @property
    def key(self) -> str:
        """Return the key of openQA's operator."""
        return self._options.openqa.key

    @property
    def secret(self) -> str:
        """Return the secret that belongs to the key."""
        return self._options.openqa.secret

    @property
    def requests(self) -> RequestLog:
        """Return the requests to the sandbox."""
        return self.faults.log

    @property
    def compose_location(self) -> str:
        """Return the URL of the default compose."""
        return f"{self.url}{self.compose_path}"

    @property
    def previous_compose_location(self) -> str:
        """Return the URL of the compose before the default one."""
        return f"{self.url}{self.previous_compose_path}"

    @property
    def issuer(self) -> str:
        """Return the issuer of its provider of identities."""
        return f"{self.url}{OPENID}/"

    @property
    def resultsdb_url(self) -> str:
        """Return the URL of ResultsDB's API."""
        return f"{self.url}{RESULTSDB}"

    def __enter__(self) -> Self:
        """Start to listen.

        Raises:
            ConfigError: the address is taken, or a service cannot be set up.
        """
        self._thread.start()
        try:
            self._stack.enter_context(self.mail)
            self._in_loop(self._start())
        except BaseException:
            self.close()
            raise
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Stop, and remove what was temporary."""
        self.close()

    def close(self) -> None:
        """Stop, and remove what was temporary."""
        if self._loop.is_closed():
            return
        if self._runner is not None:
            self._in_loop(_end(self._runner))
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()
        self._stack.close()

    def finish(self, build: str, script: Script) -> tuple[Mapping[str, Any], ...]:
        """End all jobs of a BUILD as openQA's workers would; return openQA's messages."""

        async def work() -> tuple[Mapping[str, Any], ...]:
            return finish_jobs(self._workers, build, script)

        return self._in_loop(work())

    def with_workers(self, change: Callable[[Workers], T]) -> T:
        """Let openQA's workers do something; return what a function of them returns."""

        async def work() -> T:
            return change(self._workers)

        return self._in_loop(work())

    def _in_loop(self, work: Coroutine[None, None, T]) -> T:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(START_SECONDS)

    async def _start(self) -> None:
        app = web.Application(
            middlewares=[fault_middleware(self.faults)], client_max_size=_MAX_BODY
        )
        self._workers = add_openqa(app, replace(self._options.openqa, clock=self.faults.now))
        resultsdb = replace(self._options.resultsdb, clock=self.faults.now)
        add_resultsdb(app, resultsdb, self.results)
        add_waiverdb(
            app,
            self.waivers,
            self._options.waiverdb,
            holder=partial(self.openid.holder, scope=WAIVER_SCOPE),
            clock=self.faults.now,
        )
        add_greenwave(
            app,
            latest=partial(self._latest, options=resultsdb),
            waivers=self._waivers_in_force,
            policies=self._options.policies,
        )
        self._add_services(app)
        for add in self._options.extra:
            add(app)
        # connections that hang on purpose must not delay the end
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
        await self._runner.setup()
        site = web.TCPSite(self._runner, self._options.host, self._options.port)
        try:
            await site.start()
        except OSError as problem:
            address = f"{self._options.host}:{self._options.port}"
            reason = os.strerror(problem.errno) if problem.errno else str(problem)
            raise ConfigError(f"sandbox: cannot listen on {address}: {reason}") from problem
        port = self._runner.addresses[0][1]
        self.url = f"http://{self._options.host}:{port}"

    def _latest(
        self, parameters: Mapping[str, Sequence[str]], *, options: ResultsDBOptions
    ) -> Sequence[Mapping[str, Any]]:
        self._check_reachable("GET", f"{RESULTSDB}/results/latest")
        return latest_results(self.results, options, parameters, base=self.resultsdb_url)

    def _waivers_in_force(self) -> Sequence[Mapping[str, Any]]:
        # a read: rules about writes do not apply
        self._check_reachable("GET", f"{WAIVERDB}/waivers/+filtered")
        return self.waivers.in_force()

    def _check_reachable(self, method: str, path: str) -> None:
        """Raise `AwayError` if a rule makes a service fail: it fails for other services, too."""
        rule = self.faults.take(method, path)
        if rule is not None and rule.kind is not Kind.DELAY:
            raise AwayError(f"{method} {self.url}{path}: {rule.kind.name.lower()}")

    def _add_services(self, app: web.Application) -> None:
        root = self._options.composes
        if root is None:
            name = tempfile.TemporaryDirectory(prefix="fedora-openqa-sandbox-")
            root = Path(self._stack.enter_context(name))
            self.compose_path, self.previous_compose_path = write_default_tree(root)
            self.coreos_path = write_coreos_builds(root)
            # the server keeps files of the previous respin for a while
            write_respins(root, release=42, date="20261001", desktops=["KDE"])
            self.respins_path = write_respins(root, release=43, date="20261101")
        add_composes(app, root)
        add_coreos(app, root)
        add_respins(app, root)
        self.updates = add_bodhi(app, load_updates())
        add_datagrepper(app, self._options.messages)
        add_openid(app, self.openid)


async def _end(runner: web.AppRunner) -> None:
    await runner.cleanup()
    # delayed work for clients that have left
    late = asyncio.all_tasks() - {asyncio.current_task()}
    for task in late:
        task.cancel()
    await asyncio.gather(*late, return_exceptions=True)


def serve(options: SandboxOptions, *, started: Callable[[Sandbox], None]) -> None:
    """Run a sandbox in the foreground until SIGINT or SIGTERM; call `started` when it listens.

    Call it from the main thread: Python delivers signals there only.

    Raises:
        ConfigError: the address is taken, or a service cannot be set up.
    """
    ends: SimpleQueue[None] = SimpleQueue()
    previous = {
        number: signal.signal(number, lambda *_: ends.put(None))
        for number in (signal.SIGINT, signal.SIGTERM)
    }
    try:
        with Sandbox(options) as sandbox:
            started(sandbox)
            first_of(ends)
    finally:
        for number, action in previous.items():
            signal.signal(number, action)


def client_conf(sandbox: Sandbox) -> str:
    """Return a `client.conf` of openQA's clients with the sandbox's address and key."""
    parser = configparser.ConfigParser()
    parser[urlsplit(sandbox.url).netloc] = {"key": sandbox.key, "secret": sandbox.secret}
    text = io.StringIO()
    parser.write(text)
    return text.getvalue()


def write_client_files(directory: Path, sandbox: Sandbox) -> Mapping[str, Path]:
    """Write `client.conf`; return the file by its name.

    Raises: as `write_own_files`.
    """
    path = directory / "client.conf"
    write_own_files({path: client_conf(sandbox)})
    return {path.name: path}
