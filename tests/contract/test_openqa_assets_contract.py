"""The list of assets, which openQA fills with the names that jobs use."""

from fedora_openqa.gateways.http.client import Reader
from fedora_openqa.gateways.openqa.assets import RestAssets
from tests.contract.signed import OpenQA
from tests.support.limits import limits_with


def test_a_disk_that_a_job_names_is_listed_and_does_not_exist(openqa: OpenQA, build: str) -> None:
    name = f"disk_{build}.qcow2"
    openqa.schedule("plain", build, HDD_1=name)
    rows = openqa.read("assets")["assets"]
    (row,) = [row for row in rows if row["name"] == name]
    assert (row["type"], row["size"], row["fixed"]) == ("hdd", None, 0)
    assert {"id", "checksum", "last_use_job_id", "t_created", "t_updated"} <= set(row)
    disks = RestAssets(Reader(limits_with()), openqa.url).disks()
    (disk,) = [disk for disk in disks if disk.file == name]
    assert not disk.exists
    assert abs(disk.changed - max(one.changed for one in disks)) < 3600
