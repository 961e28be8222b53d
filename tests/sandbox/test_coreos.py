from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests
from aiohttp import web

from fedora_openqa.sandbox.coreos import (
    BUILDS,
    CoreOSBuild,
    add_coreos,
    builds_of,
    meta_of,
    write_coreos_builds,
)
from tests.sandbox.serving import serving

WITH_ISO = "/coreos/rawhide/builds/45.20261119.91.0/x86_64"
WITHOUT_ISO = "/coreos/rawhide/builds/45.20261120.91.0/x86_64"


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    root = tmp_path_factory.mktemp("tree")
    app = web.Application()
    add_coreos(app, root)
    # after the server's routes: builds written later are served, too
    write_coreos_builds(root)
    with serving(app) as url:
        yield url


def load(url: str) -> dict[str, Any]:
    reply = requests.get(url, timeout=10)
    assert reply.status_code == 200
    return dict(reply.json())


def test_writing_returns_the_path_of_a_build_with_a_live_iso(tmp_path: Path) -> None:
    assert write_coreos_builds(tmp_path) == WITH_ISO


@pytest.mark.parametrize("arch", ["x86_64", "aarch64"])
def test_the_metadata_of_a_build_has_its_live_iso(url: str, arch: str) -> None:
    meta = load(f"{url}/coreos/rawhide/builds/45.20261119.91.0/{arch}/meta.json")
    assert (meta["buildid"], meta["coreos-assembler.basearch"]) == ("45.20261119.91.0", arch)
    assert meta["ref"] == f"fedora/{arch}/coreos/rawhide"
    path = f"fedora-coreos-45.20261119.91.0-live-iso.{arch}.iso"
    assert meta["images"]["live-iso"]["path"] == path
    assert len(meta["images"]["live-iso"]["sha256"]) == 64
    assert meta["images"]["metal"]["path"].endswith(f"metal.{arch}.raw.xz")


def test_a_build_may_have_no_live_images(url: str) -> None:
    images = load(f"{url}{WITHOUT_ISO}/meta.json")["images"]
    assert images
    assert [form for form in images if form.startswith("live")] == []


def test_the_list_of_a_stream_has_its_builds_newest_first(url: str) -> None:
    assert load(f"{url}/coreos/rawhide/builds/builds.json") == {
        "schema-version": "1.0.0",
        "builds": [
            {"id": "45.20261120.91.0", "arches": ["x86_64", "aarch64"]},
            {"id": "45.20261119.91.0", "arches": ["x86_64", "aarch64"]},
        ],
        "timestamp": "2026-11-20T03:00:00Z",
    }


@pytest.mark.parametrize("stream", sorted({build.stream for build in BUILDS}))
def test_all_that_a_list_names_is_there(url: str, stream: str) -> None:
    for build in load(f"{url}/coreos/{stream}/builds/builds.json")["builds"]:
        for arch in build["arches"]:
            meta = load(f"{url}/coreos/{stream}/builds/{build['id']}/{arch}/meta.json")
            assert (meta["buildid"], meta["ref"].rpartition("/")[2]) == (build["id"], stream)


@pytest.mark.parametrize(
    ("build", "build_id"),
    [
        (CoreOSBuild(stream="next", release=44, date="20261116"), "44.20261116.1.0"),
        (CoreOSBuild(stream="stable", release=43, date="20261102", respin=1), "43.20261102.3.1"),
        (CoreOSBuild(stream="testing-devel", release=43, date="20261120"), "43.20261120.20.0"),
    ],
)
def test_a_build_id_has_the_number_of_its_stream(build: CoreOSBuild, build_id: str) -> None:
    assert build.build_id == build_id


def test_every_image_is_another_file_with_another_checksum() -> None:
    images = [
        image
        for build in BUILDS
        for arch in build.arches
        for image in meta_of(build, arch=arch)["images"].values()
    ]
    for key in ("path", "sha256"):
        assert len({image[key] for image in images}) == len(images)


def test_a_build_of_one_arch_is_written_for_it_alone(tmp_path: Path) -> None:
    build = CoreOSBuild(stream="testing", release=43, date="20261120", arches=("s390x",))
    path = write_coreos_builds(tmp_path, [build])
    assert path == "/coreos/testing/builds/43.20261120.2.0/s390x"
    assert {file.name for file in tmp_path.rglob("*.json")} == {"meta.json", "builds.json"}
    assert builds_of("testing", [build])["builds"] == [
        {"id": "43.20261120.2.0", "arches": ["s390x"]}
    ]


@pytest.mark.parametrize(
    "path",
    [
        "/coreos/rawhide/builds/45.20261121.91.0/x86_64/meta.json",
        f"{WITH_ISO}/fedora-coreos-45.20261119.91.0-live-iso.x86_64.iso",
        "/coreos/elsewhere/builds/builds.json",
    ],
)
def test_what_is_not_there_is_not_found(url: str, path: str) -> None:
    assert requests.get(f"{url}{path}", timeout=10).status_code == 404
