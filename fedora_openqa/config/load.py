"""Finds, loads and checks configuration files."""

import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import msgspec

from fedora_openqa.accounts import expand_home
from fedora_openqa.config.secrets import refuse_if_readable
from fedora_openqa.config.tables import Config, _converted
from fedora_openqa.errors import ConfigError

#: environment variable with the path of the configuration file; ``--config`` goes first
VARIABLE = "FEDORA_OPENQA_CONFIG"


#: tables that are about the process that reads them
PROCESS_TABLES = frozenset({"log", "monitoring", "web", "worker"})

#: names in consumers' configurations of today to table and key
CONSUMER_KEYS = {
    "autocloud_url": ("autocloud", "url"),
    "openqa_baseurl": ("openqa", "baseurl"),
    "openqa_hostname": ("openqa", "hostname"),
    "resultsdb_url": ("resultsdb", "url"),
    "update_arches": ("scheduling", "update_arches"),
    "wiki_hostname": ("wiki", "hostname"),
}


def load_config(path: Path | None = None, *, environ: Mapping[str, str] = os.environ) -> Config:
    """Return the configuration of the first file that exists; without a file, the defaults.

    :param path: the file that must exist; None: the usual places are searched

    Raises:
        ConfigError: with the file, the key and what is expected.
    """
    named = path or (Path(environ[VARIABLE]) if environ.get(VARIABLE) else None)
    for candidate in [named] if named else _usual_places(environ):
        try:
            config = parse_config(candidate.read_bytes(), source=str(candidate))
        except FileNotFoundError as exc:
            if named:
                raise ConfigError(f"{candidate}: no such configuration file") from exc
            continue
        except OSError as exc:
            raise ConfigError(f"{candidate}: cannot be read: {exc.strerror}") from exc
        if _has_password(config.store.url):
            refuse_if_readable(candidate)
        return config
    return Config()


def find_config(
    path: Path | None = None, *, environ: Mapping[str, str] = os.environ
) -> Path | None:
    """Return the file that `load_config` reads; None: it returns the defaults.

    :param path: as of `load_config`
    """
    if path or environ.get(VARIABLE):
        return path or Path(environ[VARIABLE])
    return next((place for place in _usual_places(environ) if place.exists()), None)


def parse_config(text: bytes, *, source: str) -> Config:
    """Return the configuration in the text of a file.

    Raises:
        ConfigError: with ``source``, the key and what is expected.
    """
    try:
        return msgspec.toml.decode(text, type=Config)
    except (msgspec.DecodeError, UnicodeDecodeError) as exc:
        raise ConfigError(f"{source}: {exc}") from exc


def _has_password(url: str) -> bool:
    """Return whether a URL of a database has a password, as a login or as a parameter."""
    _, _, rest = url.partition("://")
    return ":" in rest.rpartition("@")[0] or "password=" in rest


def _usual_places(environ: Mapping[str, str]) -> list[Path]:
    home = environ.get("XDG_CONFIG_HOME") or expand_home("~/.config", environ)
    own = [Path(home) / "fedora-openqa/config.toml"] if home else []
    return [*own, Path("/etc/fedora-openqa/config.toml")]


def consumer_config(
    settings: Mapping[str, Any], config: Config, *, reports: str | None = None
) -> Config:
    """Return a configuration with the values of a consumer's ``[consumer_config]``.

    These may have the tables and keys of the file, and the names of today's consumers:
    ``openqa_hostname``, ``update_arches``, ``resultsdb_url``, …

    :param reports: the table whose ``enabled`` is set by ``do_report``; None: by none

    Raises:
        ConfigError: with the key and what is expected.
    """
    merged = msgspec.to_builtins(config)
    keys = consumer_keys(reports)
    for key, value in settings.items():
        table, name = keys.get(key, (key, ""))
        if name:
            merged[table][name] = value
        elif isinstance(value, Mapping) and isinstance(merged.get(table), dict):
            merged[table] |= value
        else:
            merged[table] = value
    return _converted(merged, source="[consumer_config]")


def differing_keys(config: Config, other: Config) -> tuple[str, ...]:
    """Return the keys that have other values in another configuration: ``"resultsdb.enabled"``."""
    ones, others = msgspec.to_builtins(config), msgspec.to_builtins(other)
    return tuple(
        f"{table}.{key}"
        for table in ones
        for key in {**ones[table], **others[table]}
        if ones[table].get(key) != others[table].get(key)
    )


def keys_for_workers(config: Config, shared: Config) -> tuple[str, ...]:
    """Return the keys that a consumer's file overrides and that the workers do not read.

    Empty: the consumer works itself.

    :param config: the configuration of the consumer
    :param shared: that of workers
    """
    if config.worker.threads:
        return ()
    changed = differing_keys(config, shared)
    return tuple(key for key in changed if key.partition(".")[0] not in PROCESS_TABLES)


def old_keys(
    settings: Mapping[str, Any], *, reports: str | None = None
) -> Iterator[tuple[str, str]]:
    """Yield the names of old consumers' keys in ``[consumer_config]``, and what to use now.

    :param reports: as of `consumer_config`
    """
    keys = consumer_keys(reports)
    yield from ((key, ".".join(keys[key])) for key in settings if key in keys)


def consumer_keys(reports: str | None) -> Mapping[str, tuple[str, str]]:
    """Return the names of old consumers' keys, each with table and key; as of `consumer_config`."""
    return {**CONSUMER_KEYS, **({"do_report": (reports, "enabled")} if reports else {})}


def default_store_url(environ: Mapping[str, str]) -> str:
    """Return the URL of the database if the configuration has none.

    Raises:
        ConfigError: the account has no home folder.
    """
    # set by systemd: the service's own folder
    if folder := environ.get("STATE_DIRECTORY"):
        return f"sqlite:///{folder}/store.db"
    home = environ.get("XDG_STATE_HOME") or expand_home("~/.local/state", environ)
    if home is None:
        raise ConfigError("store.url is not set, and this account has no home folder for it")
    return f"sqlite:///{home}/fedora-openqa/store.db"
