"""The openQA variables of whatever is scheduled."""

import re

from fedora_openqa.model.composes import ReleaseNumbers
from fedora_openqa.model.jobs import EXTRA, Settings

#: stands where a release number should, when nobody could be asked for it;
#: the test suite definitions on the server know this word
UNKNOWN_RELEASE = "FEDFINDERROR"

#: a re-run cancels the pending jobs of the same BUILD, and no others
OBSOLETE_SAME_BUILD = {"_OBSOLETE": "1", "_ONLY_OBSOLETE_SAME_BUILD": "1"}


def settings_for_release(release: str, numbers: ReleaseNumbers | None) -> Settings:
    """Name the releases around the one under test.

    :param release: ``"43"``, ``"Rawhide"`` or ``"eln"``
    :param numbers: ``None`` where they could not be had
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
    """Give the settings that every request has, but for the site's own."""
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
    """Name the build; one with a person's own settings is never reported, so it is set apart."""
    return f"{build}-{EXTRA}" if extra else build
