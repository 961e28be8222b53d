from collections.abc import Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fedora_openqa.model.composes import ReleaseNumbers
from fedora_openqa.model.products import Plan
from fedora_openqa.model.subjects import Copr, KojiTasks, Packages, SideTag
from fedora_openqa.policy.packages import plan_packages, split_nvrs
from tests.support.composes import NUMBERS
from tests.support.packages import CORE_UPDATE, REPOSITORIES, update

SITE = {"QEMU_HOST_IP": "172.16.2.2", "NICTYPE_USER_OPTIONS": "net=172.16.2.0/24"}
F43 = {"VERSION": "43", "CURRREL": "43", "RAWREL": "45", "UP1REL": "42", "UP2REL": "41"}
INSECURE = {
    "UEFI_PFLASH_CODE": "%INSECURE_PFLASH_CODE%",
    "UEFI_PFLASH_VARS": "%INSECURE_PFLASH_VARS%",
    "UEFI_SECURE": "",
}
UPDATE_REPO = "nfs://172.16.2.110:/mnt/update_repo"


def plan(
    packages: Packages,
    *,
    flavors: tuple[str, ...] = ("updates-server",),
    arches: tuple[str, ...] = ("x86_64",),
    numbers: ReleaseNumbers | None = NUMBERS,
    automatic_updates: bool | None = False,
) -> Plan:
    return plan_packages(
        packages,
        flavors=flavors,
        arches=arches,
        numbers=numbers,
        automatic_updates=automatic_updates,
        repositories=REPOSITORIES,
        site=SITE,
    )


def settings(packages: Packages, **choices: object) -> Mapping[str, str]:
    (product,) = plan(packages, **choices).products  # type: ignore[arg-type]
    return product.settings


def common(build: str, flavor: str = "updates-server", arch: str = "x86_64") -> dict[str, str]:
    return {
        "DISTRI": "fedora",
        "ARCH": arch,
        "FLAVOR": flavor,
        "BUILD": build,
        "_OBSOLETE": "1",
        "_ONLY_OBSOLETE_SAME_BUILD": "1",
        "START_AFTER_TEST": "",
        **SITE,
    }


def test_an_update_has_exactly_the_specified_settings() -> None:
    assert settings(CORE_UPDATE) == {
        **common("Update-FEDORA-2026-1bd5f4a0c2"),
        **F43,
        "ADVISORY": "FEDORA-2026-1bd5f4a0c2",
        "ADVISORY_OR_TASK": "FEDORA-2026-1bd5f4a0c2",
        "ADVISORY_NVRS_1": "kernel-6.17.4-300.fc43 kernel-headers-6.17.4-300.fc43",
        "UPDATE_OR_TAG_REPO": UPDATE_REPO,
    }


@pytest.mark.parametrize(("task_ids", "name"), [((1,), "1"), ((1, 2), "1_2")])
def test_koji_tasks_have_exactly_the_specified_settings(
    task_ids: tuple[int, ...], name: str
) -> None:
    assert settings(KojiTasks(task_ids, "43")) == {
        **common(f"Kojitask-{name}-NOREPORT"),
        **F43,
        "KOJITASK": name,
        "ADVISORY_OR_TASK": name,
        "UPDATE_OR_TAG_REPO": UPDATE_REPO,
        **INSECURE,
    }


def test_a_side_tag_has_exactly_the_specified_settings() -> None:
    assert settings(SideTag("f43-build-side-1", "43"), arches=("aarch64",)) == {
        **common("TAG_f43-build-side-1-NOREPORT", arch="aarch64"),
        **F43,
        "TAG": "f43-build-side-1",
        "ADVISORY_OR_TASK": "f43-build-side-1",
        "UPDATE_OR_TAG_REPO": "https://kojipkgs.fedoraproject.org/repos/f43-build-side-1/latest/aarch64",
    }


COPR = "https://download.copr.fedorainfracloud.org/results"


@pytest.mark.parametrize(
    ("project", "release", "name", "repository"),
    [
        ("owner/name", "43", "owner_name", f"{COPR}/owner/name/fedora-43-x86_64"),
        ("@group/name", "43", "_group_name", f"{COPR}/@group/name/fedora-43-x86_64"),
        ("@group/name", "45", "_group_name", f"{COPR}/@group/name/fedora-rawhide-x86_64"),
        ("owner/name", "44", "owner_name", f"{COPR}/owner/name/fedora-44-x86_64"),
    ],
)
def test_a_copr_has_exactly_the_specified_settings(
    project: str, release: str, name: str, repository: str
) -> None:
    number = int(release)
    assert settings(Copr(project, release)) == {
        **common(f"COPR_{project}-NOREPORT"),
        "VERSION": release,
        "CURRREL": "43",
        "RAWREL": "45",
        "UP1REL": str(number - 1),
        "UP2REL": str(number - 2),
        "COPR": name,
        "ADVISORY_OR_TASK": name,
        "UPDATE_OR_TAG_REPO": repository,
        **INSECURE,
    }


@pytest.mark.parametrize(
    ("release", "automatic", "expected"),
    [
        ("43", False, None),
        ("43", None, None),
        ("45", True, "f45-build"),
        ("eln", True, "eln-build"),
    ],
)
def test_the_buildroot_is_named_where_packages_become_updates_by_themselves(
    release: str, expected: str | None, *, automatic: bool | None
) -> None:
    found = settings(update(release=release), automatic_updates=automatic)
    assert found.get("BUILDROOT_REPO") == expected


def test_eln_needs_a_newer_cpu() -> None:
    assert settings(update(release="eln"))["QEMUCPU"] == "Haswell"


def test_without_release_numbers_the_updates_own_is_the_current_one() -> None:
    found = settings(update(release="43"), numbers=None)
    names = ("CURRREL", "RAWREL", "UP1REL", "UP2REL")
    assert [found[name] for name in names] == ["43", "rawhide", "42", "41"]


def test_every_arch_and_flavor_is_a_product() -> None:
    made = plan(
        CORE_UPDATE, flavors=("updates-kde", "updates-server"), arches=("x86_64", "aarch64")
    )
    assert [(p.flavor, p.arch) for p in made.products] == [
        ("updates-kde", "x86_64"),
        ("updates-server", "x86_64"),
        ("updates-kde", "aarch64"),
        ("updates-server", "aarch64"),
    ]
    assert made.names == (CORE_UPDATE.alias,)
    assert made.release == "43"


def test_many_packages_are_split_over_settings_in_their_order() -> None:
    nvrs = [f"perl-Module-{number}-1.0-1.fc43" for number in range(287)]
    found = settings(update(*nvrs))
    parts = [found[f"ADVISORY_NVRS_{number}"] for number in range(1, 16)]
    assert "ADVISORY_NVRS_16" not in found
    assert [len(part.split(" ")) for part in parts] == [20] * 14 + [7]
    assert " ".join(parts).split(" ") == nvrs


def test_long_names_make_shorter_lists() -> None:
    nvrs = ["x" * 300] * 7
    assert [len(part) for part in split_nvrs(nvrs)] == [3, 3, 1]


@pytest.mark.parametrize(
    ("found", "reason"),
    [
        (update(alias="FEDORA-EPEL-2026-1", id_prefix="FEDORA-EPEL"), "update of FEDORA-EPEL"),
        (update(id_prefix="FEDORA-FLATPAK", content_type="flatpak"), "update of FEDORA-FLATPAK"),
        (update(content_type="container"), "content of type container"),
        (update("x" * 1001), "longer than 1000 bytes"),
    ],
)
def test_other_updates_end_in_a_reason(found: Packages, reason: str) -> None:
    made = plan(found)
    assert made.products == ()
    assert reason in (made.reason or "")


NVRS = st.text(st.characters(exclude_categories=("Cs", "Zs", "Cc")), min_size=1, max_size=400)


@given(nvrs=st.lists(NVRS, min_size=1, max_size=60), release=st.sampled_from(["43", "45", "eln"]))
def test_no_setting_is_ever_too_long_or_none(nvrs: list[str], release: str) -> None:
    made = plan(update(*nvrs, release=release))
    for product in made.products:
        for name, value in product.settings.items():
            assert isinstance(value, str), name
            assert len(value.encode()) <= 1024, name
            assert "None" not in value or any("None" in nvr for nvr in nvrs), name
