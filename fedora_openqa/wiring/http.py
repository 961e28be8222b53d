"""Opens readers over HTTP with the limits of the configuration."""

from fedora_openqa.config import Config, Http
from fedora_openqa.gateways.http.client import Reader
from fedora_openqa.gateways.http.hosts import Hosts
from fedora_openqa.gateways.http.transport import Limits


def limits_of(http: Http) -> Limits:
    """Return the limits that the table [http] sets."""
    return Limits(
        connect_timeout=http.connect_timeout,
        read_timeout=http.read_timeout,
        total_timeout=http.total_timeout,
        attempts=http.attempts,
        max_bytes=http.max_bytes,
    )


def open_reader(config: Config) -> Reader:
    """Return a reader for services of the configuration."""
    return Reader(limits_of(config.http))


def open_compose_reader(config: Config) -> Reader:
    """Return a reader for composes and builds, which allowed hosts may redirect to each other.

    Raises:
        ConfigError: an allowed host is not a host.
    """
    return Reader(limits_of(config.http), hosts=Hosts.listed(config.scheduling.allowed_hosts))
