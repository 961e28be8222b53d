"""The worker of ResultsDB makes results of Autocloud images."""

import msgspec

from fedora_openqa.config import Config
from fedora_openqa.model.deliveries import Delivery, DeliveryState
from fedora_openqa.model.results import Result
from fedora_openqa.policy.lineage import Runs
from fedora_openqa.wiring.deliver import open_resultsdb_reporting
from fedora_openqa.workflows.deliver.memory import NoDeliveries
from tests.support.resultsdb import FACTS


def test_results_of_images_link_to_the_configured_autocloud() -> None:
    config = msgspec.convert(
        {"openqa": {"hostname": "openqa.example"}, "autocloud": {"url": "https://cloud.example"}},
        Config,
    )
    delivery = Delivery(item="autocloud:2023", number=1, state=DeliveryState.PENDING, facts=FACTS)
    told = open_resultsdb_reporting(config, NoDeliveries()).decide(delivery, Runs({}))
    assert isinstance(told, Result)
    assert told.ref_url == "https://cloud.example/jobs/2023/output"
