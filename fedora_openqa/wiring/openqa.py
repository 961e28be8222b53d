"""Connects openQA: the real one, or one that a dry run can do no harm to."""

from fedora_openqa.config import Config
from fedora_openqa.gateways.openqa.api import RestOpenQA
from fedora_openqa.gateways.openqa.dry_run import DryRunOpenQA
from fedora_openqa.ports import OpenQA
from fedora_openqa.wiring.http import limits_of
from fedora_openqa.wiring.secrets import warn_if_readable


def open_openqa(config: Config, *, dry_run: bool, needs_jobs: bool = False) -> OpenQA:
    """Connect openQA, or one that cannot be written to.

    :param needs_jobs: not even a dry run makes sense without the jobs it already has

    Raises:
        ConfigError: the hostname is none, or there is no key to the server.
    """
    openqa = open_rest_openqa(config)
    if dry_run:
        return DryRunOpenQA(openqa, needs_jobs=needs_jobs)
    openqa.require_key()
    return openqa


def open_rest_openqa(config: Config) -> RestOpenQA:
    """Connect openQA, with a key or without.

    Raises:
        ConfigError: the hostname is none.
    """
    openqa = RestOpenQA(
        config.openqa.hostname,
        limits=limits_of(config.http),
        post_timeout=config.openqa.post_timeout,
    )
    warn_if_readable(*openqa.key_files)
    return openqa


def describe_openqa(config: Config) -> str:
    """Return which openQA it is, and where its API key was found.

    Raises:
        ConfigError: the hostname is none, or ``client.conf`` is broken.
    """
    openqa = open_rest_openqa(config)
    key = f"API key from {openqa.key_source}" if openqa.key_source else "no API key"
    return f"{openqa.url}, {key}"


def public_url(config: Config, openqa: RestOpenQA) -> str:
    """Say what the URLs of openQA's jobs begin with in results and mails."""
    return (config.openqa.baseurl or openqa.url).rstrip("/")
