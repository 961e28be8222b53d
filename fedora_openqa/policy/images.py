"""Which images of a compose are tested, and how openQA is told where they are."""

from collections.abc import Collection, Iterable, Mapping, Sequence

from fedora_openqa.model.composes import Image
from fedora_openqa.model.jobs import Settings
from fedora_openqa.model.tables import WantedImage

#: image format to the setting that makes openQA download it to the right place
URL_SETTINGS = {
    "iso": "ISO_URL",
    "raw.xz": "HDD_2_DECOMPRESS_URL",
    "qcow2": "HDD_2_URL",
}

#: what the folder of a compose is called, and that of live respins
FOLDERS = ("compose", "live-respins")

#: productmd renamed the type of container images in Fedora 42
CONTAINER_TYPES = ("container", "docker")


def select_images(images: Sequence[Image], wanted: Iterable[WantedImage]) -> tuple[Image, ...]:
    """Choose every image that a row of the table asks for, in the table's order."""
    return tuple(
        image
        for row in wanted
        for image in images
        if (row.subvariant, row.type, row.format, row.arch)
        == (image.subvariant, image.type, image.format, image.arch)
    )


def named_images(images: Iterable[Image], names: Collection[str]) -> tuple[Image, ...]:
    """Choose the images that somebody named, by file name or, in any case, by flavor."""
    flavors = {name.lower() for name in names}
    return tuple(
        image for image in images if file_name(image) in names or image.flavor.lower() in flavors
    )


def images_by_product(images: Iterable[Image]) -> Mapping[tuple[str, str], tuple[Image, ...]]:
    """Return the images to test by flavor and arch; openQA tests one for each of these.

    Of the discs of a set that is the bootable one with the lowest number. Several images: nothing
    tells which of them to test.
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
    """Cut the folders off: ``"Fedora-Server-dvd-x86_64-43-1.6.iso"``."""
    return image.url.rpartition("/")[2]


def split_image_url(url: str) -> tuple[str, str] | None:
    """Return the URL of the compose that an image is below, and its file name; None: no image's.

    The compose's folder is the last one named ``compose``: kojipkgs has an outer one, too.
    """
    for folder in FOLDERS:
        location, found, path = url.rpartition(f"/{folder}/")
        name = path.rpartition("/")[2]
        if found and name not in {"", folder}:
            return f"{location}/{folder}", name
    return None


def settings_for_image(image: Image, images: Iterable[Image]) -> Settings | None:
    """Say where the image, and the toolbox container of its arch, are.

    Returns nothing for an image whose format openQA has no setting for.
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
