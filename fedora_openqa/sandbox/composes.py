"""A compose tree like Fedora's, for the sandbox and for tests: metadata, no images.

The metadata is written with productmd, which also writes Fedora's, so that a reader of one reads
the other. The tree must stay plain files: tests make a broken compose by changing a file.
"""

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any

import msgspec
from aiohttp import web
from productmd.composeinfo import ComposeInfo, Variant
from productmd.images import Image, Images

from fedora_openqa.sandbox.tables import load_tables, rows_of

ARCHES = ("x86_64", "aarch64", "ppc64le", "s390x")

#: pungi's states of a compose with metadata; others end before metadata is written
FINISHED = ("FINISHED", "FINISHED_INCOMPLETE")

#: folder of the lists of finished composes, a file for each release
SERIES = "compose/metadata-archive/series"

#: compose type to pungi's text between date and respin of a compose id
_TYPE_SUFFIXES = {"production": "", "nightly": ".n", "test": ".t", "ci": ".ci"}

_TABLE = "compose_images.toml"
_MIB = 2**20
#: the size of a sector of an ISO, in bytes: every ISO is a multiple of it
_SECTOR = 2048
#: seconds in which all images are built, from the beginning of the compose's day
_BUILD_TIME = 6 * 60 * 60
#: the parts of a file name that differ between composes and arches
_FILE = r"\A[^{}]*(\{arch\}[^{}]*\{(release|dotted)\}|\{release\}[^{}]*\{arch\})[^{}]*\Z"

Word = Annotated[str, msgspec.Meta(min_length=1)]


class ImageKind(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A kind of image; one row of ``compose_images.toml``.

    Not a dataclass, for only a Struct makes msgspec refuse unknown keys.
    """

    variant: Word
    subvariant: Word
    type: Word
    format: Word
    arches: Annotated[tuple[Word, ...], msgspec.Meta(min_length=1)]
    #: approximate size, in MiB
    mib: Annotated[int, msgspec.Meta(gt=0)]
    #: file name, with ``{arch}`` and one of ``{release}`` and ``{dotted}``
    file: Annotated[str, msgspec.Meta(pattern=_FILE)]


@dataclass(frozen=True, kw_only=True)
class Compose:
    """A compose to write."""

    #: ``"20261120"``
    date: str
    respin: int = 0
    #: productmd's compose type: ``"nightly"``, ``"production"``
    type: str = "nightly"
    #: of the release: ``"Rawhide"``, ``"44"``
    version: str = "Rawhide"
    short: str = "Fedora"
    name: str = "Fedora"
    #: ``"RC-1.2"``; only candidates have one
    label: str | None = None
    #: the content of the STATUS file: ``"FINISHED_INCOMPLETE"``
    status: str = "FINISHED"
    images: tuple[ImageKind, ...] = ()
    arches: tuple[str, ...] = ARCHES
    #: variants with an install tree; a full compose of Fedora has these two
    trees: tuple[str, ...] = ("Everything", "Server")

    @property
    def compose_id(self) -> str:
        """Return pungi's id of the compose: ``"Fedora-Rawhide-20261120.n.0"``."""
        suffix = _TYPE_SUFFIXES[self.type]
        return f"{self.short}-{self.version}-{self.date}{suffix}.{self.respin}"

    @property
    def folder(self) -> str:
        """Return the path on Fedora's server: ``"compose/rawhide/<compose id>"``."""
        branched = self.type == "nightly" and self.version.isdigit()
        return f"compose/{'branched' if branched else self.version.lower()}/{self.compose_id}"

    @property
    def release(self) -> tuple[str, str]:
        """Return the version and the release that file names contain.

        Files of a candidate have the number of its label, those of others the date:
        ``("44", "1.2")``, ``("Rawhide", "20261120.n.0")``.
        """
        if self.label:
            return self.version, self.label.rpartition("-")[2]
        return self.version, self.compose_id.rpartition("-")[2]


def load_image_kinds(path: Path | None = None) -> tuple[ImageKind, ...]:
    """Load a table of image kinds; None: the sandbox's own.

    Raises:
        ConfigError: the file is not such a table; names file, row and what was expected.
    """
    tables = load_tables(path, _TABLE, ("image",))
    return rows_of(tables, "image", ImageKind, source=str(path or _TABLE))


def composeinfo_of(compose: Compose) -> ComposeInfo:
    """Return the composeinfo of a compose: its id, variants and trees."""
    info = ComposeInfo()
    _name_compose(info, compose)
    info.compose.label = compose.label
    info.release.name = compose.name
    info.release.short = compose.short
    info.release.version = compose.version
    info.release.type = "ga"
    for uid in sorted({*compose.trees, *(kind.variant for kind, _ in _built(compose))}):
        info.variants.add(_variant(info, compose, uid))
    return info


def images_of(compose: Compose) -> Images:
    """Return the image metadata of a compose."""
    images = Images()
    # no label here, though the format has a place for it: Fedora-43-20251023.0, RC-1.6,
    # had it in its composeinfo only
    _name_compose(images, compose)
    for kind, arch in _built(compose):
        images.add(kind.variant, arch, _image(images, compose, kind, arch=arch))
    return images


def write_compose(root: Path, compose: Compose) -> str:
    """Write a compose below a folder; return the URL path of its ``/compose`` folder."""
    top = root / compose.folder
    metadata = top / "compose" / "metadata"
    if compose.status in FINISHED:
        metadata.mkdir(parents=True, exist_ok=True)
        composeinfo_of(compose).dump(str(metadata / "composeinfo.json"))
        images_of(compose).dump(str(metadata / "images.json"))
    top.mkdir(parents=True, exist_ok=True)
    (top / "COMPOSE_ID").write_text(compose.compose_id)
    (top / "STATUS").write_text(f"{compose.status}\n")
    return f"/{compose.folder}/compose"


def default_composes(kinds: Iterable[ImageKind]) -> tuple[Compose, ...]:
    """Return the composes of the default tree: the default one, the nightly before it, others.

    The date lies between the branching of 44 and its release: Rawhide is 45.
    """
    images = tuple(kinds)

    def nightly(date: str, *, respin: int = 0, without: str) -> Compose:
        # "incomplete" is the usual state of a nightly: an image that may fail has failed
        made = tuple(kind for kind in images if kind.subvariant != without)
        return Compose(date=date, respin=respin, status="FINISHED_INCOMPLETE", images=made)

    return (
        nightly("20261120", without="Robotics"),
        # the first compose of that day failed
        nightly("20261119", respin=1, without="LXQt"),
        Compose(date="20261119", status="DOOMED"),
        Compose(date="20261118", type="production", version="44", label="RC-1.2", images=images),
        Compose(date="20261121", status="STARTED"),
    )


def write_default_tree(root: Path) -> tuple[str, str]:
    """Write the default composes, their lists and the release metadata below a folder.

    Return the URL paths of the ``/compose`` folders of the default compose and the one before it.
    """
    composes = default_composes(load_image_kinds())
    path, previous, *_ = [write_compose(root, compose) for compose in composes]
    write_series(root, composes)
    write_releases(root, stable=[42, 43], branched=[44])
    return path, previous


def write_series(root: Path, composes: Iterable[Compose]) -> None:
    """Write the lists of finished composes by release, like Fedora's archive."""
    folder = root / SERIES
    folder.mkdir(parents=True, exist_ok=True)
    lines: dict[str, list[str]] = {}
    for compose in sorted(composes, key=lambda one: (one.date, one.respin)):
        if compose.status in FINISHED:
            line = f"{compose.compose_id} {compose.label or ''}".rstrip()
            lines.setdefault(f"{compose.short}-{compose.version.lower()}", []).append(line)
    for name, ids in lines.items():
        (folder / name).write_text("".join(f"{line}\n" for line in ids))


def write_releases(root: Path, *, stable: Iterable[int], branched: Iterable[int]) -> None:
    """Write the release metadata, in the form of the file that fedfind reads."""
    releases: Mapping[str, Any] = {
        "fedora": {"stable": sorted(stable), "branched": sorted(branched)},
        "el": {"stable": [9, 10], "branched": []},
    }
    (root / "release.json").write_text(json.dumps(releases, indent=2) + "\n")


def add_composes(app: web.Application, root: Path) -> None:
    """Serve a tree's ``/compose/…`` and ``/release.json``; a missing file is a 404.

    Composes written later are served as well.
    """
    composes = root / "compose"
    composes.mkdir(parents=True, exist_ok=True)

    async def release(_: web.Request) -> web.FileResponse:
        return web.FileResponse(root / "release.json")

    app.router.add_static("/compose/", composes)
    app.router.add_get("/release.json", release)


def _name_compose(metadata: ComposeInfo | Images, compose: Compose) -> None:
    metadata.compose.id = compose.compose_id
    metadata.compose.type = compose.type
    metadata.compose.date = compose.date
    metadata.compose.respin = compose.respin


def _built(compose: Compose) -> Iterator[tuple[ImageKind, str]]:
    for kind in compose.images:
        for arch in kind.arches:
            if arch in compose.arches:
                yield kind, arch


def _variant(info: ComposeInfo, compose: Compose, uid: str) -> Variant:
    variant = Variant(info)
    # productmd wants ids without a dash: COSMIC-Atomic's is COSMICAtomic
    variant.id = uid.replace("-", "")
    variant.uid = variant.name = uid
    variant.type = "variant"
    paths = variant.paths
    if uid in compose.trees:
        variant.arches = set(compose.arches)
        paths.os_tree = {arch: f"{uid}/{arch}/os" for arch in compose.arches}
        paths.repository = dict(paths.os_tree)
        paths.packages = {arch: f"{tree}/Packages" for arch, tree in paths.os_tree.items()}
    for kind, arch in _built(compose):
        if kind.variant == uid:
            variant.arches.add(arch)
            folders = paths.isos if kind.format == "iso" else paths.images
            folders[arch] = f"{uid}/{arch}/{_folder(kind)}"
    return variant


def _image(images: Images, compose: Compose, kind: ImageKind, *, arch: str) -> Image:
    version, rest = compose.release
    name = kind.file.format(arch=arch, release=f"{version}-{rest}", dotted=f"{version}.{rest}")
    # one digest for all values that depend on the image's content
    digest = hashlib.sha256(f"{compose.compose_id}/{name}".encode())
    number = int.from_bytes(digest.digest()[:4])
    image = Image(images)
    image.path = f"{kind.variant}/{arch}/{_folder(kind)}/{name}"
    image.subvariant = kind.subvariant
    image.type = kind.type
    image.format = kind.format
    image.arch = arch
    image.disc_number = image.disc_count = 1
    image.size = kind.mib * _MIB + number % 4096 * _SECTOR
    midnight = datetime.strptime(f"{compose.date}+0000", "%Y%m%d%z")
    image.mtime = int(midnight.timestamp()) + number % _BUILD_TIME
    image.checksums = {"sha256": digest.hexdigest()}
    image.bootable = kind.format == "iso"
    if kind.format == "iso" and kind.type != "live":
        # only the installer's own images carry these two; live images have null
        image.volume_id = f"Fedora-{kind.subvariant[:2]}-dvd-{arch}-{version.lower()[:4]}"
        image.implant_md5 = digest.hexdigest()[:32]
    return image


def _folder(kind: ImageKind) -> str:
    return "iso" if kind.format == "iso" else "images"
