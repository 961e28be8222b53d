"""The images of a compose that are tested, and the settings with their URLs."""

from collections.abc import Collection, Iterable, Mapping, Sequence

from fedora_openqa.model.composes import Image
from fedora_openqa.model.jobs import Settings
from fedora_openqa.model.tables import WantedImage

#: image format to the setting by which openQA downloads the image to the right place
URL_SETTINGS = {
    "iso": "ISO_URL",
    "raw.xz": "HDD_2_DECOMPRESS_URL",
    "qcow2": "HDD_2_URL",
}

#: names of the folders of composes and of live respins
FOLDERS = ("compose", "live-respins")

#: types of container images: productmd renamed them in Fedora 42
CONTAINER_TYPES = ("container", "docker")


def select_images(images: Sequence[Image], wanted: Iterable[WantedImage]) -> tuple[Image, ...]:
    """Return every image that a row of the table selects, in the table's order."""
    return tuple(
        image
        for row in wanted
        for image in images
        if (row.subvariant, row.type, row.format, row.arch)
        == (image.subvariant, image.type, image.format, image.arch)
    )


def named_images(images: Iterable[Image], names: Collection[str]) -> tuple[Image, ...]:
    """Return the images with these file names or, in any letter case, these flavors."""
    flavors = {name.lower() for name in names}
    return tuple(
        image for image in images if file_name(image) in names or image.flavor.lower() in flavors
    )


def images_by_product(images: Iterable[Image]) -> Mapping[tuple[str, str], tuple[Image, ...]]:
    """Return the images to test by flavor and arch; openQA tests one for each of these.

    Of a set of discs that is the bootable one with the lowest number. If several images are
    returned, it is not known which to test.
    """
    found: dict[tuple[str, str], dict[str, Image]] = {}
    for image in images:
        # one file may be listed under several variants, and wanted by several rows
        found.setdefault((image.flavor, image.arch), {}).setdefault(image.url, image)
    return {product: _first_discs(tuple(of.values())) for product, of in found.items()}


def _first_discs(images: tuple[Image, ...]) -> tuple[Image, ...]:
    first = min(map(_disc, images))
    return tuple(image for image in images if _disc(image) == first)


def _disc(image: Image) -> tuple[bool, int]:
    return not image.bootable, image.disc_number


def file_name(image: Image) -> str:
    """Return the file name of an image: ``"Fedora-Server-dvd-x86_64-43-1.6.iso"``."""
    return image.url.rpartition("/")[2]


def split_image_url(url: str) -> tuple[str, str] | None:
    """Return the compose's URL and the file name in the URL of an image; None: it is another URL.

    The compose's folder is the last one named ``compose``: on kojipkgs there is an outer one, too.
    """
    for folder in FOLDERS:
        location, found, path = url.rpartition(f"/{folder}/")
        name = path.rpartition("/")[2]
        if found and name not in {"", folder}:
            return f"{location}/{folder}", name
    return None


def settings_for_image(image: Image, images: Iterable[Image]) -> Settings | None:
    """Return the settings with the URLs of the image and of the toolbox container of its arch.

    None: openQA has no setting for images of this format.
    """
    url_setting = URL_SETTINGS.get(image.format)
    if url_setting is None:
        return None
    settings = {url_setting: image.url}
    toolbox = _toolbox_image(images, arch=image.arch)
    if toolbox is not None:
        settings["TOOLBOX_IMAGE"] = toolbox.url
    return settings


def _toolbox_image(images: Iterable[Image], *, arch: str) -> Image | None:
    for image in images:
        if (
            image.subvariant == "Container_Toolbox"
            and image.type in CONTAINER_TYPES
            and image.format == "tar.xz"
            and image.arch == arch
        ):
            return image
    return None
