"""The plan of a Fedora CoreOS build: its product and the settings."""

from collections.abc import Sequence

from fedora_openqa.model.composes import ReleaseNumbers
from fedora_openqa.model.jobs import Settings
from fedora_openqa.model.products import Plan, Product
from fedora_openqa.model.subjects import CoreOSBuild, Kind
from fedora_openqa.policy.job_settings import settings_for_subject
from fedora_openqa.policy.subject_names import build_of

FLAVOR = "CoreOS-colive-iso"


def plan_coreos(
    build: CoreOSBuild,
    *,
    flavors: Sequence[str],
    numbers: ReleaseNumbers | None,
    site: Settings,
) -> Plan:
    """Return the product of the live image, with all its settings.

    :param flavors: only these, in any letter case; empty: all
    :param site: job settings that depend on where the openQA workers are
    """
    if build.live_iso is None:
        return Plan(reason=f"CoreOS build {build.buildid} for {build.arch} has no live image")
    if flavors and FLAVOR.lower() not in {flavor.lower() for flavor in flavors}:
        return Plan(reason=f"a CoreOS build has no flavor but {FLAVOR}")
    settings = {
        **settings_for_subject(
            release=build.buildid.partition(".")[0],
            arch=build.arch,
            flavor=FLAVOR,
            build=build_of(Kind.COREOS, build.buildid),
            numbers=numbers,
        ),
        **site,
        "LOCATION": "",
        "SUBVARIANT": "CoreOS",
        "IMAGETYPE": "colive",
        "ISO_URL": f"{build.url}/{build.live_iso}",
    }
    product = Product(flavor=FLAVOR, arch=build.arch, settings=settings)
    return Plan(products=(product,), names=(build.buildid, build.url), release=settings["VERSION"])
