import pytest

from tests.check_compose.goldens import GOLDENS, goldens

MADE = goldens()


@pytest.mark.parametrize("name", MADE)
def test_reports_are_like_the_golden_ones_to_the_letter(name: str) -> None:
    assert MADE[name] == (GOLDENS / name).read_text()


def test_there_is_no_golden_report_of_nothing() -> None:
    assert {path.name for path in GOLDENS.iterdir()} == set(MADE)
