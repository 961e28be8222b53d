"""Fedora CoreOS builds like those of its build server: metadata, no images.

The files are those that coreos-assembler writes for each build and arch. Tests make a broken build
by changing a file.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from aiohttp import web

#: stream to the third number of its build ids (Fedora CoreOS's version scheme)
STREAM_NUMBERS = {"next": 1, "testing": 2, "stable": 3, "testing-devel": 20, "rawhide": 91}

#: coreos-assembler's name of each kind of image, and the end of its file name
_FORMS = {
    "ostree": "ostree.{arch}.ociarchive",
    "qemu": "qemu.{arch}.qcow2",
    "metal": "metal.{arch}.raw.xz",
    "metal4k": "metal4k.{arch}.raw.xz",
    "live-iso": "live-iso.{arch}.iso",
    "live-kernel": "live-kernel.{arch}",
    "live-initramfs": "live-initramfs.{arch}.img",
    "live-rootfs": "live-rootfs.{arch}.img",
}
_MIB = 2**20


@dataclass(frozen=True, kw_only=True)
class CoreOSBuild:
    """A build of one stream, on all its arches."""

    #: ``"testing-devel"``
    stream: str
    #: Fedora's version: ``45``
    release: int
    #: ``"20261119"``
    date: str
    respin: int = 0
    arches: tuple[str, ...] = ("x86_64", "aarch64")
    #: live images are built last, and not in every build
    live: bool = True

    @property
    def build_id(self) -> str:
        """Return Fedora CoreOS's version: ``"45.20261119.91.0"``."""
        return f"{self.release}.{self.date}.{STREAM_NUMBERS[self.stream]}.{self.respin}"

    @property
    def folder(self) -> str:
        """Return the path of the build: ``"coreos/rawhide/builds/45.20261119.91.0"``."""
        return f"coreos/{self.stream}/builds/{self.build_id}"


#: the first one has all images that are tested
BUILDS = (
    CoreOSBuild(stream="rawhide", release=45, date="20261119"),
    CoreOSBuild(stream="rawhide", release=45, date="20261120", live=False),
    CoreOSBuild(stream="next", release=44, date="20261116"),
    CoreOSBuild(stream="stable", release=43, date="20261102", respin=1),
)


def meta_of(build: CoreOSBuild, *, arch: str) -> dict[str, Any]:
    """Return the ``meta.json`` of a build on an arch."""
    forms = [form for form in _FORMS if build.live or not form.startswith("live-")]
    return {
        "name": "fedora-coreos",
        "summary": f"Fedora CoreOS {build.stream}",
        "buildid": build.build_id,
        "ref": f"fedora/{arch}/coreos/{build.stream}",
        "ostree-version": build.build_id,
        "ostree-commit": _digest(build, arch),
        "coreos-assembler.basearch": arch,
        "coreos-assembler.build-timestamp": _built_at(build),
        "images": {form: _image(build, form, arch=arch) for form in forms},
    }


def builds_of(stream: str, builds: Iterable[CoreOSBuild]) -> dict[str, Any]:
    """Return the ``builds.json`` of a stream: its builds, the newest first."""
    found = sorted(
        (build for build in builds if build.stream == stream),
        key=lambda build: (build.date, build.respin),
        reverse=True,
    )
    return {
        "schema-version": "1.0.0",
        "builds": [{"id": build.build_id, "arches": list(build.arches)} for build in found],
        "timestamp": _built_at(found[0]),
    }


def write_coreos_builds(root: Path, builds: Iterable[CoreOSBuild] = BUILDS) -> str:
    """Write builds, and the list of each stream, below a folder.

    Return the URL path of the first build's folder on its first arch. An existing list is
    replaced: write all builds of a stream at once.
    """
    written = tuple(builds)
    for build in written:
        for arch in build.arches:
            _write(root / build.folder / arch / "meta.json", meta_of(build, arch=arch))
    for stream in {build.stream for build in written}:
        _write(root / "coreos" / stream / "builds" / "builds.json", builds_of(stream, written))
    return f"/{written[0].folder}/{written[0].arches[0]}"


def add_coreos(app: web.Application, root: Path) -> None:
    """Serve a tree's ``/coreos/…``; a missing file is a 404.

    Builds written later are served as well.
    """
    builds = root / "coreos"
    builds.mkdir(parents=True, exist_ok=True)
    app.router.add_static("/coreos/", builds)


def _image(build: CoreOSBuild, form: str, *, arch: str) -> dict[str, Any]:
    name = f"fedora-coreos-{build.build_id}-{_FORMS[form].format(arch=arch)}"
    digest = _digest(build, name)
    return {"path": name, "sha256": digest, "size": 256 * _MIB + int(digest[:8], 16) % (512 * _MIB)}


def _digest(build: CoreOSBuild, name: str) -> str:
    return hashlib.sha256(f"{build.build_id}/{name}".encode()).hexdigest()


def _built_at(build: CoreOSBuild) -> str:
    midnight = datetime.strptime(f"{build.date}+0000", "%Y%m%d%z")
    return (midnight + timedelta(hours=3 + build.respin)).strftime("%Y-%m-%dT%H:%M:%SZ")


def _write(path: Path, content: Mapping[str, Any]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(content, indent=4) + "\n")
