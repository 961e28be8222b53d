import json
from pathlib import Path

import pytest

from fedora_openqa.errors import ConfigError, ServiceUnavailableError
from fedora_openqa.gateways.createhdds import ImageFile, ImageUrl
from fedora_openqa.gateways.http.client import Reader
from fedora_openqa.model.base_images import ImageTable, InstalledImage
from tests.support.limits import limits_with
from tests.support.web import Web, text

TABLE = {
    "guestfs": [
        {"name": "full", "size": "10G", "labels": ["mbr", "gpt"], "parts": []},
        {"name": "ks", "size": "100M", "imgver": "6", "parts": []},
        {"name": "shrink", "labels": ["mbr"], "filesystems": ["ext4", "ntfs"]},
    ],
    "virtinstall": [
        {
            "name": "server",
            "releases": {"-1": ["x86_64", "ppc64le"], "stable": ["x86_64"]},
            "size": "20",
            "imgver": "3",
        },
        {"name": "support", "releases": {"43": ["x86_64"]}, "size": "15", "maxage": "0"},
    ],
    "renames": [["old", "new"]],
}
READ = ImageTable(
    installed=(
        InstalledImage("server", "3", {"-1": ("x86_64", "ppc64le"), "stable": ("x86_64",)}, 7),
        InstalledImage("support", "", {"43": ("x86_64",)}, 0),
    ),
    plain=(
        "disk_full_mbr.img",
        "disk_full_gpt.img",
        "disk_ks_6.img",
        "disk_shrink_ext4.img",
        "disk_shrink_ntfs.img",
    ),
)


def test_a_table_in_a_file_is_read(tmp_path: Path) -> None:
    (tmp_path / "hdds.json").write_text(json.dumps(TABLE))
    assert ImageFile(tmp_path / "hdds.json").load() == READ


@pytest.mark.parametrize(
    "content",
    [
        "",
        "[]",
        '{"guestfs": []}',
        '{"virtinstall": [{"name": "a/b", "releases": {}}]}',
        '{"virtinstall": [{"name": "a", "releases": {"newest": ["x86_64"]}}]}',
        '{"virtinstall": [{"name": "a", "releases": {}, "maxage": -1}]}',
    ],
)
def test_another_file_is_wrong_configuration(content: str, tmp_path: Path) -> None:
    path = tmp_path / "hdds.json"
    with pytest.raises(ConfigError, match=f"{path}: cannot be read"):
        ImageFile(path).load()
    path.write_text(content)
    with pytest.raises(ConfigError, match=r"not hdds\.json"):
        ImageFile(path).load()


def test_a_table_at_a_url_is_read(web: Web) -> None:
    web.answers["GET /hdds.json"] = text(json.dumps(TABLE))
    reader = Reader(limits_with())
    assert ImageUrl(reader, f"{web.url}/hdds.json").load() == READ
    with pytest.raises(ServiceUnavailableError):
        ImageUrl(reader, f"{web.url}/no.json").load()
