"""Checks the file that fedora-messaging reads for a consumer, and its broker.

Starts nothing and changes nothing. The command line uses it, so it must not import the callbacks,
which it looks up by their names.
"""

import logging
import ssl
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pika
from fedora_messaging.config import LazyConfig
from fedora_messaging.exceptions import ConfigurationException

from fedora_openqa.config import (
    Config,
    consumer_config,
    differing_keys,
    keys_for_workers,
    old_keys,
)
from fedora_openqa.config.queues import queue_warnings
from fedora_openqa.errors import ConfigError, NotAllowedError, ServiceUnavailableError
from fedora_openqa.model.findings import Finding, FindingKind
from fedora_openqa.texts import first_line

#: the package of our callbacks
PACKAGE = __name__.partition(".")[0]


@dataclass(frozen=True, slots=True)
class ConsumerFile:
    """A file of fedora-messaging with one of our callbacks."""

    path: Path
    #: fedora-messaging's configuration, with its defaults
    content: Mapping[str, Any]
    #: ``"consumers.scheduler:Scheduler"``; empty: there is none
    callback: str
    #: the configuration of the deployment, with what the file overrides
    config: Config
    #: the keys that it overrides: ``"worker.threads"``
    overrides: tuple[str, ...]
    findings: tuple[Finding, ...]

    @property
    def broker(self) -> str:
        """The URL of its broker, without user and password."""
        url = urlsplit(self.content["amqp_url"])
        return f"{url.scheme}://{url.netloc.rpartition('@')[2]}{url.path}"

    def ask_broker(self) -> str:
        """Connect to the broker and look at the queues; declare, read and acknowledge nothing.

        Raises:
            ConfigError: a file of TLS cannot be used.
            NotAllowedError: the broker refuses the login, or has not the queue.
            ServiceUnavailableError: the broker cannot be reached.
        """
        parameters = self._parameters()
        # it logs the same error seven times
        logging.getLogger("pika").setLevel(logging.CRITICAL)
        # others are declared by the consumer
        queues = self.content["queues"] if self.content["passive_declares"] else ()
        waiting = []
        try:
            with pika.BlockingConnection(parameters) as connection:
                for name in queues:
                    declared = connection.channel().queue_declare(name, passive=True)
                    waiting.append(f"{declared.method.message_count} messages in {name}")
        except (
            pika.exceptions.ChannelClosedByBroker,
            pika.exceptions.ProbableAuthenticationError,
            pika.exceptions.ProbableAccessDeniedError,
        ) as exc:
            raise NotAllowedError(f"the broker refuses: {_reason(exc)}") from exc
        except (pika.exceptions.AMQPError, OSError) as exc:
            raise ServiceUnavailableError(_reason(exc)) from exc
        return ", ".join(["logged in", *waiting])

    def _parameters(self) -> pika.URLParameters:
        parameters = pika.URLParameters(self.content["amqp_url"])
        parameters.connection_attempts = 1
        limit = self.config.http.connect_timeout
        parameters.socket_timeout = limit
        parameters.stack_timeout = parameters.blocked_connection_timeout = 2 * limit
        if self.content["amqp_url"].startswith("amqps"):
            tls = self.content["tls"]
            parameters.ssl_options = pika.SSLOptions(tls_context(tls), parameters.host)
            if tls["certfile"] and tls["keyfile"]:
                parameters.credentials = pika.credentials.ExternalCredentials()
        return parameters


def read_consumer_file(path: Path, shared: Config) -> ConsumerFile:
    """Read and check the file of a consumer.

    :param shared: the configuration of the deployment

    Raises:
        ConfigError: fedora-messaging does not accept the file, or ``[consumer_config]`` is wrong.
    """
    content = LazyConfig()
    try:
        content.load_config(str(path))
    except (ConfigurationException, OSError) as exc:
        raise ConfigError(f"{path}: {first_line(str(exc))}") from exc
    name = content["callback"] or ""
    callback, reason = _find(name)
    settings = content["consumer_config"]
    sink = getattr(callback, "sink", None)
    try:
        config = consumer_config(settings, shared, reports=sink)
    except ConfigError as exc:
        raise ConfigError(f"{path}: {exc}") from exc
    findings = [
        *_problems(path, content, reason),
        *(
            Finding(FindingKind.NOT_FOR_WORKERS, f"{path}: {key}")
            for key in keys_for_workers(config, shared)
        ),
        *(
            Finding(FindingKind.CONSUMER_WARNING, f"{path}: {warning}")
            for warning in (
                *(
                    f"{old} is an old name of {new}"
                    for old, new in old_keys(settings, reports=sink)
                ),
                *queue_warnings(content),
            )
        ),
    ]
    return ConsumerFile(
        path=path,
        content=content,
        callback=name,
        config=config,
        overrides=differing_keys(config, shared),
        findings=tuple(findings),
    )


def tls_context(tls: Mapping[str, str | None]) -> ssl.SSLContext:
    """Return the TLS settings of a consumer.

    Raises:
        ConfigError: a file is missing, or cannot be used.
    """
    context = ssl.create_default_context()
    try:
        if ca_cert := tls["ca_cert"]:
            context.load_verify_locations(cafile=ca_cert)
    except OSError as exc:
        raise ConfigError(f"[tls] ca_cert {ca_cert}: {exc.strerror or exc}") from exc
    certificate, key = tls["certfile"], tls["keyfile"]
    try:
        if certificate and key:
            context.load_cert_chain(certificate, key)
    except OSError as exc:
        raise ConfigError(
            f"[tls] certfile {certificate} and keyfile {key}: {exc.strerror or exc}"
        ) from exc
    return context


def _find(callback: str) -> tuple[type | None, str]:
    """Return a callback of ours, or why there is none."""
    module, _, name = callback.partition(":")
    try:
        found = getattr(import_module(module), name)
    except (ImportError, AttributeError, ValueError) as exc:
        return None, f"callback {callback!r}: {first_line(str(exc))}"
    ours = [one.__module__.partition(".")[0] == PACKAGE for one in getattr(found, "__mro__", ())]
    return (found, "") if any(ours) else (None, f"callback {callback!r} is not ours")


def _problems(path: Path, content: Mapping[str, Any], reason: str) -> Iterator[Finding]:
    if reason:
        yield Finding(FindingKind.CONSUMER, f"{path}: {reason}")
    if content["amqp_url"].startswith("amqps"):
        try:
            tls_context(content["tls"])
        except ConfigError as exc:
            yield Finding(FindingKind.CONSUMER, f"{path}: {exc}")


def _reason(exc: Exception) -> str:
    """Return the reason of an error of pika, which wraps it several times."""
    while exc.args and isinstance(exc.args[0], Exception):
        exc = exc.args[0]
    inner = getattr(exc, "exception", None)
    return _reason(inner) if inner else first_line(str(exc)) or type(exc).__name__
