"""What reads the metadata of composes and builds."""

from fedora_openqa.config import Config
from fedora_openqa.gateways.http.client import Reader
from fedora_openqa.gateways.http.hosts import Hosts


def compose_reader(config: Config) -> Reader:
    """Return a reader that allowed hosts may redirect to each other.

    Raises:
        ConfigError: an allowed host is none.
    """
    return Reader(config.http, hosts=Hosts.listed(config.scheduling.allowed_hosts))
