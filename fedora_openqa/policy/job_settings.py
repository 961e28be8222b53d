"""Job settings (openQA variables) that all products have."""

import re

from fedora_openqa.model.composes import ReleaseNumbers
from fedora_openqa.model.jobs import EXTRA, Settings

#: value of settings whose release number is unknown; the test suite definitions on the server
#: know this word
UNKNOWN_RELEASE = "FEDFINDERROR"

#: a POST cancels the pending jobs of the same BUILD, and no others
OBSOLETE_SAME_BUILD = {"_OBSOLETE": "1", "_ONLY_OBSOLETE_SAME_BUILD": "1"}


def settings_for_release(release: str, numbers: ReleaseNumbers | None) -> Settings:
    """Return the settings with the numbers of the releases around the one under test.

    :param release: ``"43"``, ``"Rawhide"`` or ``"eln"``
    :param numbers: None: they could not be loaded
    """
    rawhide = numbers.rawhide if numbers else None
    own = int(release) if re.fullmatch(r"[0-9]+", release) else rawhide
    return {
        "CURRREL": str(max(numbers.stable)) if numbers else UNKNOWN_RELEASE,
        "RAWREL": str(rawhide) if rawhide is not None else "rawhide",
        "UP1REL": str(own - 1) if own is not None else UNKNOWN_RELEASE,
        "UP2REL": str(own - 2) if own is not None else UNKNOWN_RELEASE,
    }


def settings_for_subject(
    *, release: str, arch: str, flavor: str, build: str, numbers: ReleaseNumbers | None
) -> Settings:
    """Return the settings that every product has, without those of the site."""
    settings = {
        "DISTRI": "fedora",
        "VERSION": release,
        "ARCH": arch,
        "FLAVOR": flavor,
        "BUILD": build,
        **OBSOLETE_SAME_BUILD,
        **settings_for_release(release, numbers),
    }
    if release == "eln":
        # ELN is built for x86_64-v3, which QEMU's default CPU is not
        settings["QEMUCPU"] = "Haswell"
    return settings


def build_for(build: str, extra: Settings) -> str:
    """Return the BUILD; one with a person's own settings has an end that keeps it unreported."""
    return f"{build}-{EXTRA}" if extra else build
