import pytest

from fedora_openqa.model.results import ComposeItem, ImageItem, Outcome, Result
from fedora_openqa.policy.autocloud import autocloud_result
from tests.support.resultsdb import FACTS


@pytest.mark.parametrize(
    "base_url", ["https://apps.example/autocloud", "https://apps.example/autocloud/"]
)
def test_an_image_is_reported_below_its_compose(base_url: str) -> None:
    assert autocloud_result(FACTS, base_url=base_url) == Result(
        item=ImageItem(
            "Fedora-Atomic-25-20170206.0.x86_64.qcow2", ComposeItem("Fedora-Atomic-25-20170206.0")
        ),
        testcase="compose.cloud.all",
        outcome=Outcome.PASSED,
        ref_url="https://apps.example/autocloud/jobs/2023/output",
        tc_url="https://github.com/kushaldas/autocloud/",
        source="autocloud",
    )


@pytest.mark.parametrize(
    ("status", "outcome"),
    [
        ("success", Outcome.PASSED),
        ("failed", Outcome.FAILED),
        ("running", Outcome.NEEDS_INSPECTION),
        ("Success", Outcome.NEEDS_INSPECTION),
    ],
)
def test_what_autocloud_does_not_say_plainly_is_for_a_person(status: str, outcome: Outcome) -> None:
    result = autocloud_result(FACTS | {"status": status}, base_url="https://apps.example")
    assert result.outcome is outcome
