"""Start a private, real RabbitMQ node, and end it without leaving anything.

Its name, ports, data, cookie and port mapper (epmd) are its own: Erlang would otherwise start
one mapper for the whole machine, and leave it running.
"""

import contextlib
import os
import shutil
import signal
import socket
import subprocess
from collections.abc import Iterator
from pathlib import Path

from tests.services.processes import (
    Account,
    account_for,
    end,
    free_port,
    listens,
    private_folder,
    require,
    wait_until,
)
from tests.support.certificates import Authority

#: the script behind Debian's own, which would change the user and the folder
SERVER = Path("/usr/lib/rabbitmq/bin/rabbitmq-server")
EPMD = Path("/usr/bin/epmd")
ACCOUNT = "rabbitmq"

#: what a client of AMQP 0-9-1 says first; a broker that is up answers with a method frame
GREETING = b"AMQP\x00\x00\x09\x01"
METHOD_FRAME = b"\x01"


class RabbitMQ:
    """A node that can be taken away for a while; what is durable survives that."""

    def __init__(self, root: Path, account: Account, *, port: int) -> None:
        """Prepare a node; its account's environment says the rest."""
        self._root = root
        self._account = account
        self._port = port
        self._node: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        """Where clients connect, and as whom."""
        return f"amqp://guest:guest@127.0.0.1:{self._port}/"

    def start(self) -> None:
        """Return once it speaks AMQP."""
        log = self._root / "rabbitmq.log"
        self._node = self._account.start([str(SERVER)], log)
        wait_until(self._answers, server=self._node, log=log)

    def stop(self) -> None:
        """Return once it has ended, in order; clients see their connection closed."""
        if self._node:
            end(self._node, signal.SIGTERM)
            self._node = None

    @contextlib.contextmanager
    def frozen(self) -> Iterator[None]:
        """Stop it for the block: connections stay open, new ones are accepted, nothing answers."""
        assert self._node
        group = os.getpgid(self._node.pid)
        os.killpg(group, signal.SIGSTOP)
        try:
            yield
        finally:
            os.killpg(group, signal.SIGCONT)

    def _answers(self) -> bool:
        try:
            with socket.create_connection(("127.0.0.1", self._port), timeout=5) as client:
                client.sendall(GREETING)
                return client.recv(1) == METHOD_FRAME
        except OSError:
            return False


@contextlib.contextmanager
def running_rabbitmq(
    *, authority: Authority | None = None, tls_port: int | None = None
) -> Iterator[RabbitMQ]:
    """Yield a RabbitMQ that answers, without plugins.

    :param authority: signs its certificate as `localhost`, and those of the clients that it
        accepts on `tls_port`; None: it has no TLS

    Raises:
        NotInstalledError: a Debian package is missing.
        TimeoutError: it was started and did not answer; its log is the text.
    """
    require(SERVER, EPMD)
    with private_folder("rabbitmq-") as root, contextlib.ExitStack() as stack:
        port, mapper_port = free_port(), free_port()
        # a certificate is a login, as at Fedora's broker
        plugins = "rabbitmq_auth_mechanism_ssl" if authority else ""
        (root / "enabled_plugins").write_text(f"[{plugins}].\n")
        if authority:
            _configure_tls(root, authority, tls_port)
        environment = _environment(root, port=port, mapper_port=mapper_port)
        account = account_for(ACCOUNT, root=root, environment=environment)
        stack.enter_context(_port_mapper(root, account, mapper_port))
        node = RabbitMQ(root, account, port=port)
        stack.callback(node.stop)
        node.start()
        yield node


def _configure_tls(root: Path, authority: Authority, port: int | None) -> None:
    own = authority.sign("rabbitmq", "localhost")
    for file in (authority.file, own.file, own.key):
        shutil.copy(file, root)
    (root / "rabbitmq.conf").write_text(
        f"listeners.ssl.1 = 127.0.0.1:{port}\n"
        f"ssl_options.cacertfile = {root / authority.file.name}\n"
        f"ssl_options.certfile = {root / own.file.name}\n"
        f"ssl_options.keyfile = {root / own.key.name}\n"
        "ssl_options.verify = verify_peer\n"
        "ssl_options.fail_if_no_peer_cert = true\n"
        "auth_mechanisms.1 = EXTERNAL\n"
        "auth_mechanisms.2 = PLAIN\n"
        "ssl_cert_login_from = common_name\n"
    )


def _environment(root: Path, *, port: int, mapper_port: int) -> dict[str, str]:
    return {
        # the cookie of the node goes there
        "HOME": str(root),
        "ERL_EPMD_PORT": str(mapper_port),
        "ERL_EPMD_ADDRESS": "127.0.0.1",
        "RABBITMQ_NODENAME": f"tests{port}@localhost",
        "RABBITMQ_NODE_IP_ADDRESS": "127.0.0.1",
        "RABBITMQ_NODE_PORT": str(port),
        "RABBITMQ_DIST_PORT": str(free_port()),
        "RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS": "-kernel inet_dist_use_interface {127,0,0,1}",
        "RABBITMQ_MNESIA_BASE": str(root / "mnesia"),
        "RABBITMQ_LOG_BASE": str(root / "log"),
        "RABBITMQ_ENABLED_PLUGINS_FILE": str(root / "enabled_plugins"),
        # nothing of the node that the machine may run for itself
        "RABBITMQ_CONF_ENV_FILE": str(root / "none"),
        "RABBITMQ_CONFIG_FILE": str(root / "rabbitmq.conf"),
        # the script then becomes the server, whose process id is the one we know
        "RUNNING_UNDER_SYSTEMD": "true",
    }


@contextlib.contextmanager
def _port_mapper(root: Path, account: Account, port: int) -> Iterator[None]:
    log = root / "epmd.log"
    mapper = account.start([str(EPMD), "-port", str(port), "-address", "127.0.0.1"], log)
    try:
        wait_until(lambda: listens(port), server=mapper, log=log)
        yield
    finally:
        end(mapper, signal.SIGTERM)
