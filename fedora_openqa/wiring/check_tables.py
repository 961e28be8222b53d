"""Connects the check of configuration and tables."""

from fedora_openqa.config import Config
from fedora_openqa.data.wiki_tables import load_wiki_tables
from fedora_openqa.wiring.gateways import Gateways
from fedora_openqa.wiring.scheduling import open_site
from fedora_openqa.workflows.check_tables import Checked, WikiCheck, check


def check_config(
    config: Config, *, openqa: bool, greenwave: str | None, wiki: str | None
) -> Checked:
    """Compare the tables with the configured servers.

    :param openqa: compare with the templates of the openQA server
    :param greenwave: compare with the gating policies of this file or URL; empty: of the
        configured Greenwave; None: no comparison
    :param wiki: compare with the result pages of this compose; empty: of the newest nightly that
        has some; None: no comparison

    Raises:
        ConfigError: the tables or the file cannot be read.
        PermanentError, TemporaryError: a server does not answer.
    """
    gateways = Gateways(config)
    return check(
        open_site(config),
        wiki_tables=load_wiki_tables(config.tables_directory),
        compose_arches=config.scheduling.arches,
        openqa=gateways.templates if openqa else None,
        gating=None if greenwave is None else gateways.policies(greenwave),
        wiki=None
        if wiki is None
        else WikiCheck(
            pages=gateways.result_pages,
            events=gateways.wiki_events,
            series=gateways.series,
            compose=wiki,
        ),
    )


def describe_openqa(config: Config) -> str:
    """Return the URL of openQA, and where its API key was found.

    Raises:
        ConfigError: the hostname is invalid, or ``client.conf`` is broken.
    """
    openqa = Gateways(config).openqa
    key = f"API key from {openqa.key_source}" if openqa.key_source else "no API key"
    return f"{openqa.url}, {key}"
