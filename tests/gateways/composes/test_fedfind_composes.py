from collections.abc import Iterator

import fedfind.helpers
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fedora_openqa.gateways.composes.fedfind import FedfindComposes

KOJI = "https://kojipkgs.fedoraproject.org/compose"
SERVER_DVD = ("server", "dvd", "x86_64")


@pytest.fixture(scope="module", autouse=True)
def _no_requests_of_fedfind() -> Iterator[None]:
    def urlopen(request: object) -> None:
        raise AssertionError(f"fedfind asks for {request}")

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(fedfind.helpers, "urlopen", urlopen)
        yield


@pytest.mark.parametrize(
    ("cid", "folder", "expected", "number"),
    [
        ("Fedora-Rawhide-20261120.n.0", "rawhide", SERVER_DVD, 10),
        ("Fedora-44-20261120.n.0", "branched", SERVER_DVD, 10),
        ("Fedora-43-20251023.0", "43", SERVER_DVD, 10),
        ("Fedora-eln-20261120.n.0", "eln", ("baseos", "dvd", "x86_64"), 5),
        ("Fedora-IoT-43-20251105.0", "iot", ("iot", "dvd-ostree", "aarch64"), 6),
        ("Fedora-Cloud-43-20251105.0", "cloud", ("cloud_base", "qcow2", "x86_64"), 4),
    ],
)
def test_fedfind_knows_where_a_compose_is_and_what_is_in_it(
    cid: str, folder: str, expected: tuple[str, str, str], number: int
) -> None:
    known = FedfindComposes()
    assert known.location(cid) == f"{KOJI}/{folder}/{cid}/compose"
    images = known.expected_images(cid)
    assert images
    assert expected in images
    assert len(images) == number


def test_composes_may_be_below_another_url_than_fedoras() -> None:
    known = FedfindComposes("http://127.0.0.1:1/compose/")
    cid = "Fedora-Rawhide-20261120.n.0"
    assert known.location(cid) == f"http://127.0.0.1:1/compose/rawhide/{cid}/compose"


def test_a_compose_of_updates_needs_no_images() -> None:
    assert FedfindComposes().expected_images("Fedora-43-updates-20260105.0") == frozenset()


@pytest.mark.parametrize(
    "cid",
    [
        "",
        "AlmaLinux-10-20261120.n.0",
        "AlmaLinux/Fedora-43-20251023.0",
        "FedoraRespin-43-20251120.0",
        # fedfind's names for composes that have none
        "Fedora-43-19700101.0",
        "Fedora-43-20261399.n.0",
        "Fedora-Server-20261120.n.0",
        "Fedora-Epel-9-20261120.n.0",
        "Fedora-IoT-43-updates-20251105.0",
    ],
)
def test_nobody_knows_others(cid: str) -> None:
    known = FedfindComposes()
    assert known.location(cid) == ""
    assert known.expected_images(cid) is None


@given(
    cid=st.from_regex(
        r"(Fedora|FACD|FedoraRespin)(-[A-Za-z0-9]{0,9}){0,3}-[0-9]{8}(\.[a-z])?\.[0-9]{1,3}",
        fullmatch=True,
    )
    | st.text()
)
def test_fedfind_is_asked_about_nothing_that_makes_it_ask_others(cid: str) -> None:
    known = FedfindComposes()
    assert (known.location(cid) == "") == (known.expected_images(cid) is None)
