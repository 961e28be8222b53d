"""Makes ResultsDB results of Autocloud's tests."""

from collections.abc import Mapping

from fedora_openqa.model.results import ComposeItem, ImageItem, Outcome, Result

#: Autocloud's status to an outcome; all others need inspection
OUTCOMES: Mapping[str, Outcome] = {"success": Outcome.PASSED, "failed": Outcome.FAILED}

#: the one test case for all of Autocloud's tests of an image
TESTCASE = "compose.cloud.all"
TESTCASE_URL = "https://github.com/kushaldas/autocloud/"


def autocloud_result(facts: Mapping[str, str], *, base_url: str) -> Result:
    """Return the result of an image.

    :param facts: job_id, compose_id, image_url and status, from the message
    :param base_url: the beginning of the URLs of Autocloud's jobs
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
