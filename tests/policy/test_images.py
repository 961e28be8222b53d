from dataclasses import replace

import pytest

from fedora_openqa.model.composes import Image
from fedora_openqa.model.tables import WantedImage
from fedora_openqa.policy.images import (
    images_by_product,
    named_images,
    select_images,
    settings_for_image,
    split_image_url,
)
from tests.support.composes import CLOUD, MINIMAL, SERVER_DVD, SERVER_DVD_ARM, TOOLBOX, image

WANTED_DVD = WantedImage("Server", "dvd", "iso", "x86_64")


def test_an_image_is_wanted_if_a_row_names_all_four_of_its_properties() -> None:
    others = [
        image("Workstation", "dvd", "iso"),
        image("Server", "boot", "iso"),
        image("Server", "dvd", "raw.xz"),
        SERVER_DVD_ARM,
    ]
    assert select_images([*others, SERVER_DVD], [WANTED_DVD]) == (SERVER_DVD,)


def test_every_image_that_matches_a_row_is_wanted() -> None:
    again = image("Server", "dvd", "iso", path="another.iso")
    assert select_images([SERVER_DVD, again], [WANTED_DVD]) == (SERVER_DVD, again)


DISC = replace(SERVER_DVD, bootable=True)
DISC_2 = replace(SERVER_DVD, url="disc2.iso", disc_number=2, bootable=True)
PACKAGES = replace(SERVER_DVD, url="packages.iso", bootable=False)


@pytest.mark.parametrize(
    ("images", "chosen"),
    [
        ([DISC], [DISC]),
        ([DISC, DISC], [DISC]),
        ([DISC_2, DISC], [DISC]),
        ([PACKAGES, DISC_2], [DISC_2]),
        ([PACKAGES, replace(PACKAGES, url="2.iso", disc_number=2)], [PACKAGES]),
        ([DISC, replace(DISC, url="other.iso")], [DISC, replace(DISC, url="other.iso")]),
        # another image may have the same flavor: openQA's flavors have no dashes in their parts
        ([DISC, replace(DISC, subvariant="x", url="x.iso", disc_number=3)], [DISC]),
    ],
)
def test_one_image_of_a_flavor_and_arch_is_tested(images: list[Image], chosen: list[Image]) -> None:
    found = images_by_product([*images, SERVER_DVD_ARM])
    assert found == {
        ("Server-dvd-iso", "x86_64"): tuple(chosen),
        ("Server-dvd-iso", "aarch64"): (SERVER_DVD_ARM,),
    }


def test_images_are_named_by_file_or_in_any_case_by_flavor() -> None:
    images = [SERVER_DVD, SERVER_DVD_ARM, CLOUD]
    assert named_images(images, ["Server-dvd-x86_64.iso"]) == (SERVER_DVD,)
    assert named_images(images, ["server-DVD-iso"]) == (SERVER_DVD, SERVER_DVD_ARM)
    assert named_images(images, ["server-dvd-X86_64.iso", "Server-dvd"]) == ()


KOJI = "https://kojipkgs.example/compose/rawhide/Fedora-Rawhide-20261120.n.0/compose"


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        (f"{KOJI}/Server/x86_64/iso/x.iso", (KOJI, "x.iso")),
        ("https://x/compose/x.iso", ("https://x/compose", "x.iso")),
        ("https://x/alt/live-respins/x.iso", ("https://x/alt/live-respins", "x.iso")),
        ("https://x/alt/live-respins/", None),
        (KOJI, None),
        (f"{KOJI}/", None),
        ("https://x/x.iso", None),
        ("x.iso", None),
    ],
)
def test_the_url_of_an_image_leads_to_its_compose(
    url: str, expected: tuple[str, str] | None
) -> None:
    assert split_image_url(url) == expected


@pytest.mark.parametrize(
    ("wanted", "setting"),
    [
        (SERVER_DVD, "ISO_URL"),
        (MINIMAL, "HDD_2_DECOMPRESS_URL"),
        (CLOUD, "HDD_2_URL"),
    ],
)
def test_the_format_says_where_openqa_puts_an_image(wanted: Image, setting: str) -> None:
    assert settings_for_image(wanted, [wanted]) == {setting: wanted.url}


@pytest.mark.parametrize("type_", ["container", "docker"])
def test_the_toolbox_of_the_same_arch_comes_along(type_: str) -> None:
    toolbox = image("Container_Toolbox", type_, "tar.xz")
    settings = settings_for_image(SERVER_DVD, [SERVER_DVD, toolbox])
    assert settings == {"ISO_URL": SERVER_DVD.url, "TOOLBOX_IMAGE": toolbox.url}


def test_the_toolbox_of_another_arch_does_not() -> None:
    settings = settings_for_image(SERVER_DVD_ARM, [SERVER_DVD_ARM, TOOLBOX])
    assert settings == {"ISO_URL": SERVER_DVD_ARM.url}


def test_an_unknown_format_has_no_settings() -> None:
    disk = image("Cloud_Base", "vhd-compressed", "vhd.xz")
    assert settings_for_image(disk, [disk]) is None
