import pytest
from hypothesis import given
from hypothesis import strategies as st

from fedora_openqa.errors import FedoraOpenQAError, NotFoundError, ServiceUnavailableError
from fedora_openqa.gateways.composes.pungi import PungiComposes
from fedora_openqa.gateways.composes.respins import (
    MOST_BYTES,
    is_respin_folder,
    newest,
    read_respin,
)
from tests.support.metadata import Files

FOLDER = "https://dl.fedoraproject.org/pub/alt/live-respins"
KDE = "F43-KDE-x86_64-LIVE-20251101.iso"


def page(*names: str, title: str = "Index of /pub/alt/live-respins") -> bytes:
    links = "\n".join(f'<a href="{name}">{name[:20]}..&gt;</a>' for name in names)
    return f"<html><title>{title}</title><a>x</a>{links}".encode()


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        ([KDE], ("43", "20251101", [KDE])),
        ([KDE, KDE], ("43", "20251101", [KDE])),
        ([KDE, "F43-KDE-x86_64-LIVE-20251001.iso"], ("43", "20251101", [KDE])),
        ([KDE, "F42-KDE-x86_64-LIVE-20251101.iso"], ("43", "20251101", [KDE])),
        (["F42-KDE-x86_64-LIVE-20251102.iso", KDE], ("42", "20251102", ["F42-KDE-x86_64-LIVE-20251102.iso"])),
        # before 2023 the names had no LIVE
        (["F37-KDE-x86_64-20230101.iso"], ("37", "20230101", ["F37-KDE-x86_64-20230101.iso"])),
        ([KDE, "F43-UNKNOWN-x86_64-LIVE-20251101.iso"], ("43", "20251101", [KDE])),
    ],
)  # fmt: skip
def test_the_newest_respin_counts(names: list[str], expected: tuple[str, str, list[str]]) -> None:
    found = newest(names)
    assert found
    assert (found.release, found.date, [image.path for image in found.images]) == expected
    assert found.id == f"FedoraRespin-{found.release}-updates-{found.date}.0"


@pytest.mark.parametrize(
    "name",
    [
        "",
        f"../{KDE}",
        f"https://evil.example/{KDE}",
        f"{KDE}?x",
        f"{KDE}\n",
        "F43-KDE-x86_64-LIVE-20251399.iso",
        "F43-KDE-x86_64-LIVE-20251101.iso.torrent",
        "F43-%X%-x86_64-LIVE-20251101.iso",
        "F43-" + "K" * 100 + "-x86_64-LIVE-20251101.iso",
    ],
)
def test_other_links_are_of_no_respin(name: str) -> None:
    assert newest([name]) is None


@pytest.mark.parametrize(
    ("content", "error"),
    [
        (None, NotFoundError),
        (page("x.iso"), NotFoundError),
        (page("x.iso", title="Sign in"), ServiceUnavailableError),
        (b"", ServiceUnavailableError),
        (b"\xff<title>", ServiceUnavailableError),
        (page(*[KDE] * (MOST_BYTES // 60)), ServiceUnavailableError),
    ],
)
def test_a_page_without_a_respin_says_so(
    content: bytes | None, error: type[FedoraOpenQAError]
) -> None:
    files = Files({} if content is None else {f"{FOLDER}/": content})
    with pytest.raises(error):
        read_respin(files, FOLDER)


@pytest.mark.parametrize(
    "location", [FOLDER, f"{FOLDER}/", "https://download.fedoraproject.org/pub/alt/live-respins/"]
)
def test_a_respin_is_read_from_the_server_that_is_no_mirror(location: str) -> None:
    files = Files({f"{FOLDER}/": page(KDE)})
    compose = PungiComposes(files, allowed_hosts=()).load(location)
    assert files.urls == [f"{FOLDER}/"]
    assert (compose.name.id, compose.name.release) == ("FedoraRespin-43-updates-20251101.0", "43")
    assert compose.location == location.rstrip("/")
    assert (compose.full, compose.label) == (False, None)
    assert [(image.url, image.flavor) for image in compose.images] == [
        (f"{FOLDER}/{KDE}", "KDE-live-iso")
    ]


@pytest.mark.parametrize("location", [f"{FOLDER}-archive/", f"{FOLDER}/x", "https://x/"])
def test_other_folders_are_not_that_of_respins(location: str) -> None:
    assert not is_respin_folder(location)


@given(
    st.binary()
    | st.text().map(str.encode)
    | st.lists(st.sampled_from(["<a", "<title>", 'href="', KDE, '">', "<!--", "<", "&#", "]]>", "\0"])).map(
        lambda parts: "".join(parts).encode()
    )
)  # fmt: skip
def test_any_page_is_a_respin_or_one_of_our_errors(content: bytes) -> None:
    try:
        respin = read_respin(Files({f"{FOLDER}/": content}), FOLDER)
    except FedoraOpenQAError:
        return
    assert [image.path for image in respin.images] == [KDE]
