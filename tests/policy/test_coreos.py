from dataclasses import replace

from fedora_openqa.model.products import Plan
from fedora_openqa.model.subjects import CoreOSBuild
from fedora_openqa.policy.coreos import plan_coreos
from tests.support.composes import NUMBERS
from tests.support.packages import COREOS_BUILD


def plan(build: CoreOSBuild, *flavors: str) -> Plan:
    return plan_coreos(build, flavors=flavors, numbers=NUMBERS, site={"QEMU_HOST_IP": "172.16.2.2"})


def test_a_build_has_exactly_the_specified_settings() -> None:
    (product,) = plan(COREOS_BUILD).products
    assert (product.flavor, product.arch) == ("CoreOS-colive-iso", "x86_64")
    assert product.settings == {
        "DISTRI": "fedora",
        "VERSION": "45",
        "ARCH": "x86_64",
        "FLAVOR": "CoreOS-colive-iso",
        "BUILD": "Fedora-CoreOS-45.20261119.91.0",
        "_OBSOLETE": "1",
        "_ONLY_OBSOLETE_SAME_BUILD": "1",
        "QEMU_HOST_IP": "172.16.2.2",
        "CURRREL": "43",
        "RAWREL": "45",
        "UP1REL": "44",
        "UP2REL": "43",
        "LOCATION": "",
        "SUBVARIANT": "CoreOS",
        "IMAGETYPE": "colive",
        "ISO_URL": f"{COREOS_BUILD.url}/{COREOS_BUILD.live_iso}",
    }


def test_a_build_without_a_live_image_says_so() -> None:
    made = plan(replace(COREOS_BUILD, live_iso=None))
    assert made.products == ()
    assert made.reason == "CoreOS build 45.20261119.91.0 for x86_64 has no live image"


def test_flavors_asked_for_narrow_the_choice() -> None:
    assert len(plan(COREOS_BUILD, "coreos-COLIVE-iso").products) == 1
    assert (
        plan(COREOS_BUILD, "universal").reason
        == "a CoreOS build has no flavor but CoreOS-colive-iso"
    )
