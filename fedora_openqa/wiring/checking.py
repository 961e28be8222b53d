"""Connects the check of configuration and tables."""

from pathlib import Path

from fedora_openqa.config import Config
from fedora_openqa.data.wiki_tables import load_wiki_tables
from fedora_openqa.gateways.composes.archive import SeriesFiles
from fedora_openqa.gateways.greenwave.policies import GreenwaveServer, PolicyFile
from fedora_openqa.gateways.http.client import Reader
from fedora_openqa.gateways.openqa.templates import RestTemplates
from fedora_openqa.gateways.releases import MetadataReleases
from fedora_openqa.wiring.http import open_reader
from fedora_openqa.wiring.openqa import open_rest_openqa
from fedora_openqa.wiring.scheduling import open_site
from fedora_openqa.workflows.check_tables import Checked, WikiCheck, check


def check_config(
    config: Config, *, openqa: bool, greenwave: str | None, wiki: str | None
) -> Checked:
    """Compare the tables with what the configured servers have.

    :param openqa: with the templates of the openQA server
    :param greenwave: with the gating policies of this file or server; empty: of the
        configured server
    :param wiki: with the result pages of this compose; empty: of the newest nightly that has some

    Raises:
        ConfigError: the tables or the file cannot be read.
        PermanentError, TemporaryError: a server does not say.
    """
    site = open_site(config)
    reader = open_reader(config)
    templates = RestTemplates(reader, open_rest_openqa(config).url) if openqa else None
    policies: PolicyFile | GreenwaveServer | None = None
    if greenwave is not None:
        source = greenwave or config.greenwave.url
        is_url = source.startswith(("http://", "https://"))
        policies = GreenwaveServer(reader, source) if is_url else PolicyFile(Path(source))
    directory = Path(config.tables.directory) if config.tables.directory else None
    return check(
        site,
        wiki_tables=load_wiki_tables(directory),
        compose_arches=config.scheduling.arches,
        openqa=templates,
        gating=policies,
        wiki=None if wiki is None else _open_wiki_check(config, reader, wiki),
    )


def _open_wiki_check(config: Config, reader: Reader, compose: str) -> WikiCheck:
    # late: the other checks need none of what sinks are made of
    from fedora_openqa.wiring.reporting import open_result_pages

    return WikiCheck(
        pages=open_result_pages(config),
        releases=MetadataReleases(reader, config.fedora.release_metadata_url),
        series=SeriesFiles(reader, config.sweep.composes_url),
        compose=compose,
    )
