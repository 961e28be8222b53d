import pytest

from fedora_openqa.model.composes import ReleaseNumbers
from fedora_openqa.policy.job_settings import build_for, settings_for_release, settings_for_subject

NUMBERS = ReleaseNumbers(stable=(42, 43), branched=(44,))
UNBRANCHED = ReleaseNumbers(stable=(42, 43), branched=())


@pytest.mark.parametrize(
    ("release", "numbers", "expected"),
    [
        ("43", NUMBERS, {"CURRREL": "43", "RAWREL": "45", "UP1REL": "42", "UP2REL": "41"}),
        ("44", NUMBERS, {"CURRREL": "43", "RAWREL": "45", "UP1REL": "43", "UP2REL": "42"}),
        ("Rawhide", NUMBERS, {"CURRREL": "43", "RAWREL": "45", "UP1REL": "44", "UP2REL": "43"}),
        ("eln", NUMBERS, {"CURRREL": "43", "RAWREL": "45", "UP1REL": "44", "UP2REL": "43"}),
        ("Rawhide", UNBRANCHED, {"CURRREL": "43", "RAWREL": "44", "UP1REL": "43", "UP2REL": "42"}),
        (
            "43",
            None,
            {"CURRREL": "FEDFINDERROR", "RAWREL": "rawhide", "UP1REL": "42", "UP2REL": "41"},
        ),
        (
            "Rawhide",
            None,
            {
                "CURRREL": "FEDFINDERROR",
                "RAWREL": "rawhide",
                "UP1REL": "FEDFINDERROR",
                "UP2REL": "FEDFINDERROR",
            },
        ),
    ],
)
def test_releases_are_counted_from_the_one_under_test(
    release: str, numbers: ReleaseNumbers | None, expected: dict[str, str]
) -> None:
    assert settings_for_release(release, numbers) == expected


def test_every_subject_has_these_settings() -> None:
    assert settings_for_subject(
        release="43", arch="aarch64", flavor="Server-dvd-iso", build="B", numbers=NUMBERS
    ) == {
        "DISTRI": "fedora",
        "VERSION": "43",
        "ARCH": "aarch64",
        "FLAVOR": "Server-dvd-iso",
        "BUILD": "B",
        "_OBSOLETE": "1",
        "_ONLY_OBSOLETE_SAME_BUILD": "1",
        "CURRREL": "43",
        "RAWREL": "45",
        "UP1REL": "42",
        "UP2REL": "41",
    }


def test_eln_needs_a_newer_cpu() -> None:
    settings = settings_for_subject(
        release="eln", arch="x86_64", flavor="BaseOS-dvd-iso", build="B", numbers=NUMBERS
    )
    assert settings["QEMUCPU"] == "Haswell"


def test_a_run_with_a_persons_settings_has_a_build_of_its_own() -> None:
    assert build_for("Fedora-43-20251023.0", {}) == "Fedora-43-20251023.0"
    assert build_for("Fedora-43-20251023.0", {"A": "b"}) == "Fedora-43-20251023.0-EXTRA"
