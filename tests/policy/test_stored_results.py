import pytest

from fedora_openqa.model.results import Outcome, Result, StoredResult, UpdateItem
from fedora_openqa.policy.stored_results import row_of

URL = "https://openqa.example/tests"
SCENARIO = "fedora.updates-server.x86_64.64bit"
RESULT = Result(
    item=UpdateItem("FEDORA-2026-1bd5f4a0c2"),
    testcase="update.podman",
    outcome=Outcome.PASSED,
    ref_url=f"{URL}/18",
    extradata={"scenario": SCENARIO},
)


def row(
    job: object, outcome: str = "PASSED", *, scenario: str = SCENARIO, test: str = "update.podman"
) -> StoredResult:
    return StoredResult(1, outcome, f"{URL}/{job}", test, scenario)


OWN = row(18)


@pytest.mark.parametrize(
    ("rows", "is_there"),
    [
        ([OWN], True),
        ([], False),
        ([row(18, "QUEUED")], False),
        ([row(18, "FAILED"), OWN], False),
        ([OWN, row(6, "FAILED")], True),
        ([row(6, "FAILED"), OWN], False),
        # ids are numbers
        ([row(9, "FAILED"), OWN], False),
        ([row(100, "FAILED"), OWN], True),
        ([row(6, scenario="fedora.updates-kde.x86_64.64bit"), OWN], True),
        ([row(6, test="update.other"), OWN], True),
        # who knows whose that is
        ([row("x"), OWN], False),
        ([row("9" * 5000), OWN], False),
    ],
)
def test_a_result_is_there_if_no_older_run_stands_before_it(
    rows: list[StoredResult], *, is_there: bool
) -> None:
    assert row_of(RESULT, rows) == (OWN if is_there else None)


def test_another_openqa_has_other_numbers() -> None:
    other = StoredResult(1, "FAILED", "https://other.example/tests/99", "update.podman", SCENARIO)
    assert row_of(RESULT, [other, OWN]) is None


def test_results_without_scenario_hide_no_other() -> None:
    result = Result(
        item=RESULT.item, testcase="compose.cloud.all", outcome=Outcome.PASSED, ref_url="x/jobs/1"
    )
    own = StoredResult(2, "PASSED", "x/jobs/1", "compose.cloud.all", "")
    other = StoredResult(3, "FAILED", "x/jobs/2", "compose.cloud.all", "")
    assert row_of(result, [other, own]) is own
