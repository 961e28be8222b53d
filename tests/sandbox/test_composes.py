import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests
from aiohttp import web
from fedfind.helpers import identify_image
from productmd.composeinfo import ComposeInfo
from productmd.images import Images

from fedora_openqa.errors import ConfigError
from fedora_openqa.gateways.composes.archive import SeriesFiles
from fedora_openqa.gateways.http.client import Reader
from fedora_openqa.sandbox.composes import (
    ARCHES,
    Compose,
    add_composes,
    default_composes,
    load_image_kinds,
    write_compose,
    write_default_tree,
)
from tests.sandbox.serving import serving
from tests.support.limits import limits_with

NIGHTLY = "/compose/rawhide/Fedora-Rawhide-20261120.n.0/compose"
PREVIOUS = "/compose/rawhide/Fedora-Rawhide-20261119.n.1/compose"
CANDIDATE = "/compose/44/Fedora-44-20261118.0/compose"

#: the images of a compose that Fedora's openQA tests, in productmd's words
WANTED = """
Server boot iso x86_64 aarch64 ppc64le
Server dvd iso x86_64 aarch64 ppc64le
Server raw-xz raw.xz aarch64
Everything boot iso x86_64 ppc64le
Workstation live iso x86_64 ppc64le
Workstation raw-xz raw.xz aarch64
KDE live iso x86_64
i3 live iso x86_64
Silverblue dvd-ostree iso x86_64 ppc64le
Cloud_Base qcow2 qcow2 x86_64 aarch64 ppc64le
Minimal raw-xz raw.xz aarch64
Workstation live-osbuild iso x86_64
IoT dvd-ostree iso x86_64 aarch64 ppc64le
BaseOS dvd iso x86_64
BaseOS boot iso x86_64
"""

ROW = (
    '{ variant = "Server", subvariant = "Server", type = "dvd", format = "iso",'
    ' arches = ["x86_64"], mib = 1, file = "Fedora-{arch}-{release}.iso" }'
)


@pytest.fixture(scope="module")
def tree(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("tree")
    write_default_tree(root)
    return root


@pytest.fixture(scope="module")
def url(tree: Path) -> Iterator[str]:
    app = web.Application()
    add_composes(app, tree)
    with serving(app) as url:
        yield url


def images(tree: Path, path: str) -> list[dict[str, Any]]:
    text = (tree / path.strip("/") / "metadata/images.json").read_text()
    payload = json.loads(text)["payload"]["images"]
    return [image for arches in payload.values() for found in arches.values() for image in found]


def test_the_paths_of_the_nightlies_of_the_default_tree_are_returned(tmp_path: Path) -> None:
    assert write_default_tree(tmp_path) == (NIGHTLY, PREVIOUS)


def test_the_nightly_before_has_other_images(tree: Path) -> None:
    subvariants, before = (
        {image["subvariant"] for image in images(tree, path)} for path in (NIGHTLY, PREVIOUS)
    )
    assert (subvariants - before, before - subvariants) == ({"LXQt"}, {"Robotics"})


def test_the_archive_lists_the_finished_composes_of_each_release(url: str) -> None:
    series = SeriesFiles(Reader(limits_with()), f"{url}/compose")
    # one of that day is doomed, and today's has just started
    assert series.of("Fedora-Rawhide") == (
        "Fedora-Rawhide-20261119.n.1",
        "Fedora-Rawhide-20261120.n.0",
    )
    text = requests.get(f"{url}/compose/metadata-archive/series/Fedora-44", timeout=10).text
    assert text == "Fedora-44-20261118.0 RC-1.2\n"


@pytest.mark.parametrize(
    ("path", "compose_id", "facts"),
    [
        (NIGHTLY, "Fedora-Rawhide-20261120.n.0", ("nightly", None, "Rawhide")),
        (PREVIOUS, "Fedora-Rawhide-20261119.n.1", ("nightly", None, "Rawhide")),
        (CANDIDATE, "Fedora-44-20261118.0", ("production", "RC-1.2", "44")),
    ],
)
def test_productmd_reads_the_written_metadata(
    tree: Path, path: str, compose_id: str, facts: tuple[str, str | None, str]
) -> None:
    metadata = tree / path.strip("/") / "metadata"
    info, images = ComposeInfo(), Images()
    info.load(str(metadata / "composeinfo.json"))
    images.load(str(metadata / "images.json"))
    assert info.compose.id == images.compose.id == compose_id
    assert (info.compose.type, info.compose.label, info.release.version) == facts
    for name in ("Everything", "Server"):
        variant = info.variants[name]
        assert variant.paths.os_tree == {arch: f"{name}/{arch}/os" for arch in ARCHES}
    assert {variant.uid for variant in info.get_variants()} == set(images.images)
    assert "COSMIC-Atomic" in images.images


def test_only_composeinfo_has_the_label_as_in_fedoras_candidates(tree: Path) -> None:
    text = (tree / CANDIDATE.strip("/") / "metadata/images.json").read_text()
    assert "label" not in json.loads(text)["payload"]["compose"]


@pytest.mark.parametrize(
    ("flavor", "path"),
    [
        (
            "Server-dvd-iso",
            "Server/ppc64le/iso/Fedora-Server-dvd-ppc64le-Rawhide-20261120.n.0.iso",
        ),
        (
            "Workstation-live-iso",
            "Workstation/x86_64/iso/Fedora-Workstation-Live-Rawhide-20261120.n.0.x86_64.iso",
        ),
        (
            "Silverblue-dvd_ostree-iso",
            "Silverblue/x86_64/iso/Fedora-Silverblue-ostree-x86_64-Rawhide-20261120.n.0.iso",
        ),
        (
            "Onyx-bootable_container-ociarchive",
            "Onyx/x86_64/images/Fedora-Onyx-x86_64-Rawhide.20261120.n.0.ociarchive",
        ),
        (
            "Minimal-raw_xz-raw.xz",
            "Spins/aarch64/images/Fedora-Minimal-Rawhide-20261120.n.0.aarch64.raw.xz",
        ),
        (
            "WSL_Base-wsl2-wsl",
            "Container/x86_64/images/Fedora-WSL-Base-Rawhide-20261120.n.0.x86_64.wsl",
        ),
    ],
)
def test_fedfind_identifies_the_images(tree: Path, flavor: str, path: str) -> None:
    found = [
        image["path"]
        for image in images(tree, NIGHTLY)
        if identify_image(image, out="string", undersub=True) == flavor
    ]
    assert path in found
    assert len(found) <= len(ARCHES)


def test_a_candidates_files_are_named_by_its_label(tree: Path) -> None:
    paths = {image["path"] for image in images(tree, CANDIDATE)}
    assert "Server/x86_64/iso/Fedora-Server-dvd-x86_64-44-1.2.iso" in paths
    assert "Silverblue/x86_64/images/Fedora-Silverblue-x86_64-44.1.2.ociarchive" in paths


def test_twenty_wanted_images_are_in_the_nightly(tree: Path) -> None:
    wanted = {
        (subvariant, kind, form, arch)
        for subvariant, kind, form, *arches in map(str.split, WANTED.strip().splitlines())
        for arch in arches
    }
    found = {
        (image["subvariant"], image["type"], image["format"], image["arch"])
        for image in images(tree, NIGHTLY)
    }
    assert len(wanted & found) == 20
    assert {subvariant for subvariant, kind, _, _ in wanted - found if kind != "live-osbuild"} == {
        "BaseOS",
        "IoT",
    }


def test_every_image_is_another_file_with_another_checksum(tree: Path) -> None:
    every = images(tree, NIGHTLY) + images(tree, CANDIDATE)
    assert len({image["path"] for image in every}) == len(every)
    assert len({image["checksums"]["sha256"] for image in every}) == len(every)


def test_writing_again_writes_the_same(tree: Path, tmp_path: Path) -> None:
    write_default_tree(tmp_path)
    for file in (path for path in tree.rglob("*") if path.is_file()):
        assert (tmp_path / file.relative_to(tree)).read_bytes() == file.read_bytes()


def test_a_nightly_of_a_branched_release_has_its_own_folder() -> None:
    compose = Compose(date="20261120", version="44", respin=1)
    assert compose.folder == "compose/branched/Fedora-44-20261120.n.1"


def test_a_compose_is_written_for_the_arches_asked_for(tmp_path: Path) -> None:
    nightly = default_composes(load_image_kinds())[0]
    compose = Compose(date="20261101", images=nightly.images, arches=("s390x",), trees=())
    path = write_compose(tmp_path, compose)
    assert {image["arch"] for image in images(tmp_path, path)} == {"s390x"}
    info = ComposeInfo()
    info.load(str(tmp_path / path.strip("/") / "metadata/composeinfo.json"))
    variants = {variant.uid: variant.arches for variant in info.get_variants()}
    assert variants == {name: {"s390x"} for name in ("Cloud", "Container", "Everything", "Server")}


@pytest.mark.parametrize(
    ("compose_id", "status", "code"),
    [
        ("rawhide/Fedora-Rawhide-20261120.n.0", "FINISHED_INCOMPLETE", 200),
        ("rawhide/Fedora-Rawhide-20261119.n.1", "FINISHED_INCOMPLETE", 200),
        ("44/Fedora-44-20261118.0", "FINISHED", 200),
        ("rawhide/Fedora-Rawhide-20261119.n.0", "DOOMED", 404),
        ("rawhide/Fedora-Rawhide-20261121.n.0", "STARTED", 404),
    ],
)
def test_only_finished_composes_have_metadata(
    url: str, compose_id: str, status: str, code: int
) -> None:
    compose = f"{url}/compose/{compose_id}"
    assert requests.get(f"{compose}/STATUS", timeout=10).text == f"{status}\n"
    name = requests.get(f"{compose}/COMPOSE_ID", timeout=10).text
    assert name == compose_id.rpartition("/")[2]
    for file in ("composeinfo", "images"):
        reply = requests.get(f"{compose}/compose/metadata/{file}.json", timeout=10)
        assert reply.status_code == code


def test_the_metadata_is_served_as_json(url: str) -> None:
    reply = requests.get(f"{url}{NIGHTLY}/metadata/images.json", timeout=10)
    assert reply.json()["payload"]["compose"]["id"] == "Fedora-Rawhide-20261120.n.0"


@pytest.mark.parametrize(
    "path", ["/compose/rawhide/Fedora-Rawhide-20261122.n.0/STATUS", "/other.json"]
)
def test_what_is_not_there_is_not_found(url: str, path: str) -> None:
    assert requests.get(f"{url}{path}", timeout=10).status_code == 404


def test_the_release_metadata_is_served(url: str) -> None:
    releases = requests.get(f"{url}/release.json", timeout=10).json()
    assert releases["fedora"] == {"stable": [42, 43], "branched": [44]}


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ('variant = "Server", sub', "sub", "missing required field `variant`"),
        ('type = "dvd"', 'type = ""', "$.type"),
        ('["x86_64"]', "[]", "$.arches"),
        ('["x86_64"]', '[""]', "$.arches[0]"),
        ("mib = 1", "mib = 0", "$.mib"),
        ("mib = 1", 'mib = 1, colour = "blue"', "unknown field `colour`"),
        ("-{release}", "", "$.file"),
        ("{release}", "{release}{label}", "$.file"),
    ],
)
def test_a_wrong_row_is_named_with_its_file(
    tmp_path: Path, old: str, new: str, message: str
) -> None:
    path = tmp_path / "kinds.toml"
    path.write_text(f"image = [{ROW}, {ROW.replace(old, new)}]")
    with pytest.raises(ConfigError) as error:
        load_image_kinds(path)
    assert str(error.value).startswith(f"{path}: image 2: ")
    assert message in str(error.value)


@pytest.mark.parametrize(
    "text", ["image = [", "image = []", 'image = "x"', "other = 1", f"image = [{ROW}]\nother = 1"]
)
def test_a_wrong_file_is_named(tmp_path: Path, text: str) -> None:
    path = tmp_path / "kinds.toml"
    path.write_text(text)
    with pytest.raises(ConfigError, match=r"kinds\.toml: "):
        load_image_kinds(path)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"absent\.toml"):
        load_image_kinds(tmp_path / "absent.toml")
