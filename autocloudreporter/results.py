"""What a cloud image that Autocloud has tested is to ResultsDB."""

from collections.abc import Mapping

from fedora_openqa.model.results import ComposeItem, ImageItem, Outcome, Result

#: Autocloud's words; everything else is for a person to look at
OUTCOMES: Mapping[str, Outcome] = {"success": Outcome.PASSED, "failed": Outcome.FAILED}

#: what it ran, all as one
TESTCASE = "compose.cloud.all"
TESTCASE_URL = "https://github.com/kushaldas/autocloud/"


def autocloud_result(facts: Mapping[str, str], *, base_url: str) -> Result:
    """Say what ResultsDB is told of an image.

    :param facts: job_id, compose_id, image_url and status, as the message had them
    :param base_url: what the URLs of Autocloud's jobs begin with
    """
    return Result(
        item=ImageItem(
            filename=facts["image_url"].rpartition("/")[2],
            compose=ComposeItem(facts["compose_id"]),
        ),
        testcase=TESTCASE,
        outcome=OUTCOMES.get(facts["status"], Outcome.NEEDS_INSPECTION),
        ref_url=f"{base_url.rstrip('/')}/jobs/{facts['job_id']}/output",
        tc_url=TESTCASE_URL,
        source="autocloud",
    )
