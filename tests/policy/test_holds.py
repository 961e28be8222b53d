import pytest

from fedora_openqa.policy.holds import Holds, reason_to_hold

HOLDS = Holds(
    blocked={"*Fedora-Rawhide-20261120.n.*": "broken", "FEDORA-2026-1bd5f4a0c2": "loops"},
    paused={"update:43": "disk images are being rebuilt", "compose": "openQA moves"},
)


@pytest.mark.parametrize(
    ("names", "lanes", "reason"),
    [
        (["https://x/Fedora-Rawhide-20261120.n.0/compose"], [], "broken"),
        (["Fedora-Rawhide-20261120.n.1"], [], "broken"),
        (["x", "FEDORA-2026-1bd5f4a0c2"], [], "is blocked by 'FEDORA-2026-1bd5f4a0c2': loops"),
        ([], ["update", "update:43"], "lane update:43 is paused: disk images are being rebuilt"),
        ([], ["compose"], "lane compose is paused: openQA moves"),
    ],
)
def test_what_a_person_held_back_says_why(names: list[str], lanes: list[str], reason: str) -> None:
    assert reason in (reason_to_hold(names, lanes=lanes, holds=HOLDS) or "")


@pytest.mark.parametrize(
    ("names", "lanes"),
    [
        (["Fedora-Rawhide-20261121.n.0"], ["update:42"]),
        (["FEDORA-2026-1bd5f4a0c23"], ["update"]),
        (["https://x/FEDORA-2026-1bd5f4a0c2"], []),
        ([], []),
    ],
)
def test_everything_else_goes_on(names: list[str], lanes: list[str]) -> None:
    assert reason_to_hold(names, lanes=lanes, holds=HOLDS) is None
