"""Which base disk images the coming jobs need, and which of them an openQA server lacks."""

import re
from collections.abc import Collection, Iterable, Iterator

from fedora_openqa.model.base_images import (
    Asset,
    BaseImage,
    ImageFinding,
    ImageState,
    ImageTable,
)
from fedora_openqa.model.composes import ReleaseNumbers

DAY = 86_400.0

#: the file of an image with an installed Fedora; the group is its release
INSTALLED = re.compile(r"disk_f([0-9]+)_.+\.qcow2")


def needed_images(
    table: ImageTable, releases: ReleaseNumbers, *, arches: Collection[str]
) -> tuple[BaseImage, ...]:
    """Return the images that jobs of today's releases need, each once, in the table's order.

    :param arches: empty: of all arches
    """
    found = {name: BaseImage(name, max_age=0) for name in table.plain}
    for row in table.installed:
        version = f"_{row.version}" if row.version else ""
        for word, row_arches in row.releases.items():
            for release in _numbers(word, releases):
                for arch in row_arches:
                    if not arches or arch in arches:
                        file = f"disk_f{release}_{row.name}{version}_{arch}.qcow2"
                        found.setdefault(file, BaseImage(file, row.max_age))
    return tuple(found.values())


def findings(
    needed: Collection[BaseImage], assets: Iterable[Asset], releases: ReleaseNumbers, *, now: float
) -> Iterator[ImageFinding]:
    """Yield what is missing, too old, and of an ended release and not needed.

    :param now: seconds since 1970
    """
    there = {asset.file: asset for asset in assets if asset.exists}
    for image in needed:
        asset = there.get(image.file)
        if asset is None:
            yield ImageFinding(image.file, ImageState.MISSING, age=None)
        elif image.max_age and now - asset.changed > image.max_age * DAY:
            yield ImageFinding(image.file, ImageState.OLD, age=(now - asset.changed) / DAY)
    others = there.keys() - {image.file for image in needed}
    for file in sorted(others):
        asset = there[file]
        release = INSTALLED.fullmatch(file)
        if release and int(release[1]) < min(releases.stable):
            yield ImageFinding(file, ImageState.GONE, age=(now - asset.changed) / DAY)


def _numbers(word: str, releases: ReleaseNumbers) -> tuple[int, ...]:
    """Return the numbers of the releases that a word of createhdds' table stands for."""
    match word:
        case "stable":
            return releases.stable
        case "branched":
            return releases.branched
        case "rawhide":
            return (releases.rawhide,)
        case _:
            number = int(word)
            # "-1" is the newest stable release
            return (max(releases.stable) + 1 + number,) if number < 0 else (number,)
