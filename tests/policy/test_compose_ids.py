import pytest
from hypothesis import given
from hypothesis import strategies as st

from fedora_openqa.policy.compose_ids import (
    ComposeId,
    composes_before,
    is_date,
    parse_compose_id,
)

IDS = st.builds(
    "{}-{}{}.{}".format,
    st.sampled_from(
        ["Fedora-Rawhide", "Fedora-eln", "Fedora-43", "Fedora-IoT-43", "Fedora-Cloud-43"]
    ),
    st.dates().map("{:%Y%m%d}".format).filter(lambda date: len(date) == 8),
    st.sampled_from([".n", "", ".t"]),
    st.integers(0, 12),
)


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("Fedora-Rawhide-20261120.n.0", ("Fedora-Rawhide", "n", "20261120", 0)),
        ("Fedora-43-20251023.10", ("Fedora-43", "", "20251023", 10)),
        ("Fedora-IoT-43-20251105.0", ("Fedora-IoT-43", "", "20251105", 0)),
        ("Fedora-43-updates-20260105.0", ("Fedora-43-updates", "", "20260105", 0)),
        ("Fedora-Rawhide-20261120.n.12345", ("Fedora-Rawhide", "n", "20261120", 12345)),
        ("FACD-eln-20261120.ci.1", ("FACD-eln", "ci", "20261120", 1)),
    ],
)
def test_a_compose_id_is_taken_apart(text: str, parts: tuple[str, str, str, int]) -> None:
    assert parse_compose_id(text) == ComposeId(text, *parts)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Fedora-Rawhide",
        "Fedora-Rawhide-20261120",
        "Fedora-20261120.n.0",
        "Fedora-CoreOS-45.20261119.91.0",
        "Fedora-Rawhide-20261120.n.0\n",
        "Fedora-Rawhide-\uff12026112\uff10.n.0",
        "Fedora/x-Rawhide-20261120.n.0",
        f"Fedora-Rawhide-20261120.n.{'9' * 5000}",
    ],
)
def test_others_are_none(text: str) -> None:
    assert parse_compose_id(text) is None


@given(text=st.text() | IDS)
def test_what_is_taken_apart_is_all_of_it(text: str) -> None:
    compose = parse_compose_id(text)
    if compose:
        dotted = f"{compose.date}.{compose.type}." if compose.type else f"{compose.date}."
        assert text.startswith(f"{compose.release}-{dotted}")
        assert int(text.removeprefix(f"{compose.release}-{dotted}")) == compose.respin


def test_older_composes_are_alike_and_come_newest_first() -> None:
    compose = parse_compose_id("Fedora-44-20261120.n.1")
    assert compose
    ids = [
        "Fedora-44-20261119.n.9",
        "Fedora-44-20261119.n.10",
        "Fedora-44-20261120.n.0",
        "Fedora-44-20261120.n.0",
        "Fedora-44-20261120.n.1",
        "Fedora-44-20261120.n.2",
        "Fedora-44-20261119.0",
        "Fedora-IoT-44-20261119.n.0",
        "Fedora-Rawhide-20261119.n.0",
        "<html>",
    ]
    assert composes_before(compose, ids) == (
        "Fedora-44-20261120.n.0",
        "Fedora-44-20261119.n.10",
        "Fedora-44-20261119.n.9",
    )


@given(ids=st.lists(IDS, min_size=1))
def test_of_two_alike_one_is_older(ids: list[str]) -> None:
    for text in ids:
        compose = parse_compose_id(text)
        assert compose
        before = composes_before(compose, ids)
        assert text not in before
        for other in map(parse_compose_id, ids):
            assert other
            if (other.release, other.type) != (compose.release, compose.type):
                assert other.id not in before
            elif other != compose:
                assert (other.id in before) != (text in composes_before(other, ids))


@pytest.mark.parametrize(
    ("text", "expected"),
    [("20261120", True), ("20240229", True), ("20261399", False), ("2026112", False), ("", False)],
)
def test_a_day_is_a_date(text: str, *, expected: bool) -> None:
    assert is_date(text) == expected
