"""Connects the comparison of a shadow with the system beside it."""

from functools import partial

from fedora_openqa.config import Config
from fedora_openqa.data import load_compose_tables
from fedora_openqa.data.wiki_tables import load_wiki_tables
from fedora_openqa.policy.autocloud import autocloud_result
from fedora_openqa.store.engine import open_engine
from fedora_openqa.store.stories import Stories
from fedora_openqa.wiring.gateways import Gateways
from fedora_openqa.wiring.store import store_url
from fedora_openqa.workflows.shadow_diff import Comparing


def open_comparing(config: Config) -> Comparing:
    """Connect the workflow.

    Raises:
        ConfigError: the deployment cannot work.
        ServiceUnavailableError: the database cannot be reached.
    """
    gateways = Gateways(config)
    directory = config.tables_directory
    return Comparing(
        stories=Stories(open_engine(store_url(config))),
        openqa=gateways.openqa,
        templates=gateways.templates,
        resultsdb=gateways.resultsdb,
        pages=gateways.result_pages,
        events=gateways.wiki_events,
        tables=load_wiki_tables(directory),
        imageless={one.flavor for one in load_compose_tables(directory).imageless},
        base_url=gateways.public_url,
        result_of_facts=partial(autocloud_result, base_url=config.autocloud.url),
    )
