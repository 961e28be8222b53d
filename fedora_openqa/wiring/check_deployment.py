"""Connects the check of a deployment: its secrets, its store and the services that it uses."""

import os
import time
from collections.abc import Callable, Iterator
from functools import partial

from fedora_openqa import ports
from fedora_openqa.config import Config
from fedora_openqa.errors import ConfigError
from fedora_openqa.gateways.http.about import read_version
from fedora_openqa.model.deliveries import Sink
from fedora_openqa.model.findings import Finding, FindingKind
from fedora_openqa.model.results import UpdateItem
from fedora_openqa.store.engine import shown_url
from fedora_openqa.store.upgrading import Upgrader
from fedora_openqa.wiring.deliver import enabled_sinks
from fedora_openqa.wiring.gateways import WAIVERDB_TOKEN, Gateways
from fedora_openqa.wiring.store import store_url
from fedora_openqa.workflows.connections import Probe

#: seconds before now that the sources of a sweep are asked about
RECENT = 60.0

#: an update that no ResultsDB has results of
NO_UPDATE = UpdateItem("FEDORA-1970-0000000000")


def check_deployment(config: Config) -> Iterator[Finding]:
    """Yield what keeps a deployment from working, such as files of secrets that are missing.

    Sends nothing.

    Raises:
        ConfigError: openQA's hostname is invalid, or ``client.conf`` is broken.
    """
    gateways = Gateways(config)
    sinks = _sinks_to_write(config)
    parts: dict[str, Callable[[], object]] = {"store": partial(store_url, config)}
    if Sink.RESULTSDB in sinks:
        parts["ResultsDB"] = lambda: gateways.resultsdb
    if Sink.WIKI in sinks:
        parts["wiki"] = gateways.check_wiki_login
    if Sink.MAIL in sinks:
        parts["mail"] = lambda: gateways.smtp
    if config.waiverdb.token_file:
        parts["WaiverDB"] = partial(gateways.waivers, dry_run=False)
    for name, open_part in parts.items():
        try:
            open_part()
        except ConfigError as exc:
            yield Finding(FindingKind.UNUSABLE, f"{name}: {exc}")
    if gateways.openqa.key_source is None:
        yield Finding(FindingKind.NO_KEY, gateways.openqa.url)


def services_of(config: Config) -> Iterator[Probe]:
    """Yield a probe of each service that a deployment uses; of sinks, those that are enabled.

    Raises:
        ConfigError: the hostname of openQA or the URL of the store is invalid.
    """
    gateways = Gateways(config)
    url = store_url(config)
    yield Probe("store", shown_url(url), lambda: _store_version(url))
    yield Probe("openQA", gateways.openqa.url, lambda: _openqa_key(gateways))
    places = (
        config.sweep.composes_url,
        config.bodhi.url,
        config.sweep.coreos_url,
        config.datagrepper.url,
    )
    for source, place in zip(gateways.sources, places, strict=True):
        yield Probe(source.name, place, partial(_recent_events, source))
    metadata_url = config.fedora.release_metadata_url
    yield Probe("releases", metadata_url, lambda: _stable_releases(gateways))
    yield _about("Greenwave", config.greenwave.url + "/api/v1.0", gateways)
    if config.waiverdb.token_file or WAIVERDB_TOKEN in os.environ:
        yield _about("WaiverDB", config.waiverdb.url, gateways)
    sinks = _sinks_to_write(config)
    if Sink.RESULTSDB in sinks:
        yield Probe("ResultsDB", config.resultsdb.url, lambda: _resultsdb_read(gateways))
    if Sink.WIKI in sinks:
        place = config.wiki.hostname
        yield Probe("wiki", place, lambda: f"logged in as {gateways.log_in_to_wiki()}")
    if Sink.MAIL in sinks:
        yield Probe("SMTP", config.mail.smtp, lambda: _smtp_login(gateways))


def _sinks_to_write(config: Config) -> frozenset[Sink]:
    return frozenset() if config.shadow.enabled else enabled_sinks(config)


def _store_version(url: str) -> str:
    version, steps = Upgrader(url).plan()
    if version is None:
        return "no store yet: it is made at the first start"
    if steps:
        raise ConfigError(f"schema {version.revision}: run `fedora-openqa store upgrade`")
    return f"schema {version.revision}"


def _openqa_key(gateways: Gateways) -> str:
    gateways.openqa.check_key()
    return "the API key is accepted"


def _recent_events(source: ports.Source) -> str:
    now = time.time()
    source.events(since=now - RECENT, until=now)
    return "can be read"


def _stable_releases(gateways: Gateways) -> str:
    return f"stable: {', '.join(map(str, gateways.releases.load().stable))}"


def _about(service: str, url: str, gateways: Gateways) -> Probe:
    return Probe(service, url, lambda: f"version {read_version(gateways.reader, url)}")


def _resultsdb_read(gateways: Gateways) -> str:
    gateways.resultsdb.stored(NO_UPDATE, source="fedora-openqa")
    # ResultsDB asks for a password to write only
    return "can be read; whether it takes results is not tried"


def _smtp_login(gateways: Gateways) -> str:
    gateways.smtp.check()
    return "a mail could be sent"
