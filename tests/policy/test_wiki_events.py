from dataclasses import dataclass

import fedfind.helpers
import fedfind.release
import pytest
import wikitcms.helpers
from hypothesis import given
from hypothesis import strategies as st

from fedora_openqa.model.composes import ReleaseNumbers
from fedora_openqa.model.results import NotReported
from fedora_openqa.model.wiki import WikiEvent
from fedora_openqa.policy.wiki_events import event_for, needs_label, needs_numbers, newest_nightlies

NUMBERS = ReleaseNumbers(stable=(42, 43), branched=(44,))
UNBRANCHED = ReleaseNumbers(stable=(42, 43), branched=())


@dataclass
class Release:
    """The release that wikitcms gets from fedfind, without the network."""

    label: str | None
    status: str = "FINISHED"


def wikitcms_says(
    cid: str, *, label: str | None, numbers: ReleaseNumbers, patch: pytest.MonkeyPatch
) -> WikiEvent | None:
    fedora = {"stable": list(numbers.stable), "branched": list(numbers.branched)}
    patch.setattr(fedfind.helpers, "RELEASES", [2**40, {"fedora": fedora}])
    patch.setattr(fedfind.release, "get_release", lambda cid: Release(label))  # noqa: ARG005 - its name
    try:
        return WikiEvent(*wikitcms.helpers.cid_to_event(cid))
    except ValueError:
        return None


@pytest.mark.parametrize(
    ("cid", "label", "numbers", "event"),
    [
        ("Fedora-Rawhide-20261120.n.0", None, NUMBERS, ("Fedora", "45", "Rawhide", "20261120.n.0")),
        ("Fedora-Rawhide-20261120.n.1", None, UNBRANCHED, ("Fedora", "44", "Rawhide", "20261120.n.1")),
        ("Fedora-44-20260901.n.0", None, NUMBERS, ("Fedora", "44", "Branched", "20260901.n.0")),
        ("Fedora-44-20260901.n.01", None, NUMBERS, ("Fedora", "44", "Branched", "20260901.n.1")),
        ("Fedora-44-20261010.1", "A-B-1.6", NUMBERS, ("Fedora", "44", "A-B", "1.6")),
        ("Fedora-44-20261010.0", "RC-1.6", NUMBERS, ("Fedora", "44", "RC", "1.6")),
        ("Fedora-44-20260910.2", "Beta-1.1", NUMBERS, ("Fedora", "44", "Beta", "1.1")),
        ("Fedora-IoT-43-20261120.0", "RC-20261120.0", NUMBERS, ("Fedora-IoT", "43", "RC", "20261120.0")),
        ("Fedora-Rawhide-20261120.0", "RC-1.1", NUMBERS, ("Fedora", "rawhide", "RC", "1.1")),
    ],
)  # fmt: skip
def test_a_compose_belongs_to_the_event_that_wikitcms_says(
    cid: str,
    label: str | None,
    numbers: ReleaseNumbers,
    event: tuple[str, str, str, str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert event_for(cid, label=label, numbers=numbers) == WikiEvent(*event)
    assert wikitcms_says(cid, label=label, numbers=numbers, patch=monkeypatch) == WikiEvent(*event)


@pytest.mark.parametrize(
    "cid",
    [
        "Fedora-eln-20261120.n.0",
        "Fedora-ELN-20261120.n.0",
        "Fedora-43-updates-20261120.0",
        "Fedora-43-updates-testing-20261120.0",
        "Fedora-Cloud-43-20261120.0",
        "Fedora-Container-43-20261120.0",
        "FedoraRespin-43-updates-20261120.0",
        "Fedora-43-20261120.t.0",
        "Fedora-43-20261120.0",
        "Update-FEDORA-2026-1bd5f4a0c2",
        "Fedora-CoreOS-45.20261119.91.0",
        "",
    ],
)
def test_some_have_none(cid: str, monkeypatch: pytest.MonkeyPatch) -> None:
    answer = event_for(cid, label=None, numbers=NUMBERS)
    assert isinstance(answer, NotReported)
    assert cid in answer.reason
    assert wikitcms_says(cid, label=None, numbers=NUMBERS, patch=monkeypatch) is None


@given(
    dist=st.sampled_from(["Fedora", "Fedora-IoT", "Fedora-Cloud", "Fedora-Atomic"]),
    version=st.sampled_from(["Rawhide", "43", "44", "5", "eln", "43-updates", "43.1", "Rawhide-updates"]),
    date=st.dates().map(lambda day: day.strftime("%Y%m%d")),
    kind=st.sampled_from(["", ".n", ".t", ".ci"]),
    respin=st.from_regex(r"[0-9]{1,3}", fullmatch=True),
    label=st.sampled_from([None, "", "RC-1.6", "Beta-1.1", "RC-20261120.0"]),
    numbers=st.sampled_from([NUMBERS, UNBRANCHED]),
)  # fmt: skip
def test_wikitcms_always_says_the_same(
    *,
    dist: str,
    version: str,
    date: str,
    kind: str,
    respin: str,
    label: str | None,
    numbers: ReleaseNumbers,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    cid = f"{dist}-{version}-{date}{kind}.{respin}"
    ours = event_for(cid, label=label, numbers=numbers)
    theirs = wikitcms_says(cid, label=label, numbers=numbers, patch=monkeypatch)
    assert (ours if isinstance(ours, WikiEvent) else None) == theirs
    if isinstance(ours, WikiEvent):
        needed = event_for(
            cid,
            label=label if needs_label(cid) else None,
            numbers=numbers if needs_numbers(cid) else None,
        )
        assert needed == ours


def test_without_the_numbers_the_event_of_a_rawhide_compose_is_unknown() -> None:
    answer = event_for("Fedora-Rawhide-20261120.n.0")
    assert isinstance(answer, NotReported)
    assert "number of Rawhide" in answer.reason
    assert answer.odd


def test_a_branched_nightly_says_it_all_itself() -> None:
    cid = "Fedora-44-20260901.n.0"
    assert not needs_label(cid)
    assert not needs_numbers(cid)
    assert event_for(cid) == WikiEvent("Fedora", "44", "Branched", "20260901.n.0")


def test_the_newest_nightlies_come_first_whatever_their_release() -> None:
    assert newest_nightlies(
        [
            "Fedora-Rawhide-20261119.n.2",
            "Fedora-Rawhide-20261120.n.0",
            "Fedora-44-20261119.n.10",
            "Fedora-44-20261121.0",
            "Fedora-eln-20261121.n.0",
            "nonsense",
        ]
    ) == (
        "Fedora-Rawhide-20261120.n.0",
        "Fedora-44-20261119.n.10",
        "Fedora-Rawhide-20261119.n.2",
    )
