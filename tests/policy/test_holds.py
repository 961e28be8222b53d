import pytest

from fedora_openqa.model.stories import Pause
from fedora_openqa.policy.holds import Holds, reason_to_block, reason_to_wait, with_pauses

HOLDS = Holds(
    blocked={"*Fedora-Rawhide-20261120.n.*": "broken", "FEDORA-2026-1bd5f4a0c2": "loops"},
    paused={"update:43": "disk images are being rebuilt", "compose": "openQA moves"},
)


@pytest.mark.parametrize(
    ("names", "reason"),
    [
        (["https://x/Fedora-Rawhide-20261120.n.0/compose"], "broken"),
        (["Fedora-Rawhide-20261120.n.1"], "broken"),
        (["fedora-rawhide-20261120.N.1"], "broken"),
        (["x", "FEDORA-2026-1bd5f4a0c2"], "is blocked by 'FEDORA-2026-1bd5f4a0c2': loops"),
    ],
)
def test_what_is_blocked_says_why(names: list[str], reason: str) -> None:
    assert reason in (reason_to_block(names, HOLDS) or "")


@pytest.mark.parametrize(
    "name",
    [
        "Fedora-Rawhide-20261121.n.0",
        "FEDORA-2026-1bd5f4a0c23",
        "https://x/FEDORA-2026-1bd5f4a0c2",
        "",
    ],
)
def test_everything_else_goes_on(name: str) -> None:
    assert reason_to_block([name], HOLDS) is None


def test_a_pause_of_all_lanes_stops_each_of_them() -> None:
    holds = Holds(blocked={}, paused={"all": "openQA is restarted"})
    assert reason_to_wait(["update", "update:43"], holds) == (
        "all lanes are paused: openQA is restarted"
    )
    assert reason_to_wait([], holds)


@pytest.mark.parametrize(
    ("lane", "reason"),
    [
        ("update:43", "lane update:43 is paused: disk images are being rebuilt"),
        ("compose", "lane compose is paused: openQA moves"),
        ("update:42", None),
        ("update", None),
    ],
)
def test_a_paused_lane_says_why(lane: str, reason: str | None) -> None:
    assert reason_to_wait([lane], HOLDS) == reason


def test_what_a_person_stopped_waits_as_well_and_the_configuration_goes_first() -> None:
    pauses = [
        Pause(lane="compose", by="ada", reason="another", since=0.0),
        Pause(lane="coreos", by="ada", reason="no workers", since=0.0),
    ]
    holds = with_pauses(HOLDS, pauses)
    assert holds.paused == {**HOLDS.paused, "coreos": "no workers (ada)"}
    assert holds.blocked == HOLDS.blocked
