import pytest

from fedora_openqa.model.base_images import Asset, BaseImage, ImageState, ImageTable, InstalledImage
from fedora_openqa.model.composes import ReleaseNumbers
from fedora_openqa.policy.base_images import DAY, findings, needed_images

RELEASES = ReleaseNumbers(stable=(42, 43), branched=(44,))
NOW = 1000 * DAY


def table(*installed: InstalledImage, plain: tuple[str, ...] = ()) -> ImageTable:
    return ImageTable(installed, plain)


@pytest.mark.parametrize(
    ("word", "branched", "numbers"),
    [
        ("stable", (44,), ["42", "43"]),
        ("branched", (44,), ["44"]),
        ("branched", (), []),
        ("rawhide", (44,), ["45"]),
        ("rawhide", (), ["44"]),
        ("-1", (44,), ["43"]),
        ("-2", (44,), ["42"]),
        ("39", (44,), ["39"]),
    ],
)
def test_a_word_stands_for_releases(
    word: str, branched: tuple[int, ...], numbers: list[str]
) -> None:
    row = InstalledImage("server", "3", {word: ("x86_64",)}, 7)
    releases = ReleaseNumbers(stable=(42, 43), branched=branched)
    assert [image.file for image in needed_images(table(row), releases, arches=())] == [
        f"disk_f{number}_server_3_x86_64.qcow2" for number in numbers
    ]


def test_an_image_that_two_words_ask_for_is_needed_once() -> None:
    row = InstalledImage("minimal", "", {"-1": ("x86_64",), "stable": ("x86_64", "aarch64")}, 0)
    assert needed_images(table(row, plain=("disk_full.img",)), RELEASES, arches=["x86_64"]) == (
        BaseImage("disk_full.img", 0),
        BaseImage("disk_f43_minimal_x86_64.qcow2", 0),
        BaseImage("disk_f42_minimal_x86_64.qcow2", 0),
    )


@pytest.mark.parametrize(
    ("exists", "age", "max_age", "state"),
    [
        (True, 6.9, 7, None),
        (True, 7.1, 7, ImageState.OLD),
        (True, 900, 0, None),
        # jobs that name an image register it
        (False, 1, 7, ImageState.MISSING),
        (None, 0, 7, ImageState.MISSING),
    ],
)
def test_an_image_is_missing_or_too_old(
    *, exists: bool | None, age: float, max_age: int, state: ImageState | None
) -> None:
    file = "disk_f43_server_3_x86_64.qcow2"
    assets = [] if exists is None else [Asset(file, exists, NOW - age * DAY)]
    found = list(findings([BaseImage(file, max_age)], assets, RELEASES, now=NOW))
    assert [(one.file, one.state) for one in found] == ([(file, state)] if state else [])


def test_an_image_of_an_ended_release_is_found_unless_it_is_needed() -> None:
    files = (
        "disk_f40_old_x86_64.qcow2",
        "disk_f41_kept_x86_64.qcow2",
        "disk_f42_x.qcow2",
        "f1.iso",
    )
    assets = [Asset(file, exists=True, changed=NOW) for file in files]
    found = list(findings([BaseImage(files[1], 0)], assets, RELEASES, now=NOW))
    assert [(one.file, one.state) for one in found] == [(files[0], ImageState.GONE)]
