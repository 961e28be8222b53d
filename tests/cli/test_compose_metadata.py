"""``fedora-openqa compose`` on composes whose metadata is not as usual."""

import json
from collections.abc import Callable
from typing import Any
from urllib.request import urlopen

import pytest

from fedora_openqa.sandbox.faults import Kind, Rule
from tests.cli.conftest import CommandOnSandbox, Ended

FILES = "compose/metadata/"


def metadata(cli: CommandOnSandbox, name: str) -> Any:  # noqa: ANN401 - JSON
    with urlopen(f"{cli.sandbox.compose_location}/metadata/{name}") as answer:  # noqa: S310
        return json.load(answer)


def serve(cli: CommandOnSandbox, path: str, body: object) -> None:
    text = body if isinstance(body, str) else json.dumps(body)
    cli.sandbox.faults.add(Rule(Kind.ANSWER, path=path, status=200, body=text))


def server_dvds(found: Any) -> list[dict[str, Any]]:  # noqa: ANN401 - JSON
    listed: list[dict[str, Any]] = found["payload"]["images"]["Server"]["x86_64"]
    return [image for image in listed if image["type"] == "dvd"]


def with_second(cli: CommandOnSandbox, **changes: object) -> tuple[str, Ended]:
    """Schedule a compose with a second image of Server's DVD; returns also the first one's path."""
    found = metadata(cli, "images.json")
    (dvd,) = server_dvds(found)
    found["payload"]["images"]["Server"]["x86_64"].insert(0, dvd | changes)
    serve(cli, "images.json", found)
    return dvd["path"], cli.compose("--format", "json")


def products(ended: Ended) -> dict[str, dict[str, Any]]:
    found = [p for p in ended.json["products"] if p["flavor"] == "Server-dvd-iso"]
    assert len(found) == 1
    return {p["flavor"]: p for p in ended.json["products"]}


@pytest.mark.parametrize(
    "changes",
    [
        {"path": "Server/x86_64/iso/dvd2.iso", "disc_number": 2, "bootable": False},
        {"path": "Server/x86_64/iso/dvd2.iso", "disc_number": 2},
        {"path": "Server/x86_64/iso/dvd0.iso", "bootable": False},
    ],
)
def test_of_two_discs_the_first_that_boots_is_scheduled(
    cli: CommandOnSandbox, changes: dict[str, object]
) -> None:
    path, ended = with_second(cli, **changes)
    assert ended.status == 0, ended.err
    dvd = products(ended)["Server-dvd-iso"]
    (job, *_) = dvd["jobs"]
    assert cli.get(f"jobs/{job}")["job"]["settings"]["ISO"] == path.rpartition("/")[2]
    assert len(cli.posts) == len(ended.json["products"]) == 10


def test_an_image_in_two_variants_is_scheduled_once(cli: CommandOnSandbox) -> None:
    found = metadata(cli, "images.json")
    found["payload"]["images"]["Everything"]["x86_64"] += server_dvds(found)
    serve(cli, "images.json", found)
    ended = cli.compose("--format", "json")
    assert ended.status == 0, ended.err
    assert len(products(ended)) == len(cli.posts) == 10


def test_images_that_cannot_be_told_apart_are_named_and_stop_no_other(
    cli: CommandOnSandbox,
) -> None:
    path, ended = with_second(cli, path="Server/x86_64/iso/other.iso")
    assert ended.status == 3
    dvd = products(ended)["Server-dvd-iso"]
    assert dvd["state"] == "failed"
    assert (
        dvd["reason"]
        == f"several images, and no rule which one to test: Server/x86_64/iso/other.iso and {path}"
    )
    assert f"Failed: Server-dvd-iso x86_64: {dvd['reason']}\n" in ended.err
    assert len(cli.posts) == 9


def version_2(found: Any) -> None:  # noqa: ANN401 - JSON
    found["header"]["version"] = "2.0"
    for arches in found["payload"]["images"].values():
        for listed in arches.values():
            for image in listed:
                path = image.pop("path")
                checksum = f"sha256:{image.pop('checksums')['sha256']}"
                image["location"] = {
                    "url": path,
                    "local_path": path,
                    "size": image.pop("size"),
                    "checksum": checksum,
                }


def test_version_2_of_the_metadata_is_scheduled_with_the_same_settings(
    cli: CommandOnSandbox,
) -> None:
    expected = cli.compose("--dry-run", "--format", "json").json
    info = metadata(cli, "composeinfo.json")
    info["header"]["version"] = "2.0"
    for variant in info["payload"]["variants"].values():
        for arches in variant["paths"].values():
            for arch, path in arches.items():
                arches[arch] = {"url": path, "size": None, "checksum": None, "local_path": path}
    images = metadata(cli, "images.json")
    version_2(images)
    serve(cli, "composeinfo.json", info)
    serve(cli, "images.json", images)
    assert cli.compose("--dry-run", "--format", "json").json == expected


def test_a_link_to_the_newest_compose_leaves_no_trace_in_the_settings(
    cli: CommandOnSandbox,
) -> None:
    location = cli.sandbox.compose_location
    compose_id = location.split("/")[-2]
    expected = cli.compose("--dry-run", "--format", "json").json
    serve(cli, f"latest-Fedora-Rawhide/{FILES}composeinfo", metadata(cli, "composeinfo.json"))
    link = location.replace(compose_id, "latest-Fedora-Rawhide")
    ended = cli.compose("--dry-run", "--format", "json", location=link)
    assert ended.status == 0, ended.err
    assert ended.json == expected


def spoil_label(info: Any) -> None:  # noqa: ANN401 - JSON
    info["payload"]["compose"]["label"] = "RC-1.2\nWARNING: all is lost"


def spoil_version(info: Any) -> None:  # noqa: ANN401 - JSON
    info["payload"]["release"]["version"] = "%PASSWORD%"


def other_id(info: Any) -> None:  # noqa: ANN401 - JSON
    info["payload"]["compose"]["id"] = "Fedora-Rawhide-20261119.n.1"


@pytest.mark.parametrize(
    ("spoil", "reason"),
    [
        (spoil_label, "compose.label has a character that is invisible or ends a line"),
        (spoil_version, "release.version has a percent sign: '%PASSWORD%'"),
        (other_id, "the metadata is that of Fedora-Rawhide-20261119.n.1, not of"),
    ],
)
def test_metadata_that_would_spoil_settings_is_refused(
    cli: CommandOnSandbox, spoil: Callable[[Any], None], reason: str
) -> None:
    info = metadata(cli, "composeinfo.json")
    spoil(info)
    serve(cli, "composeinfo.json", info)
    ended = cli.compose()
    assert (ended.status, ended.out) == (1, "")
    assert reason in ended.err
    assert ended.err.count("\n") == 1
    assert not cli.posts
