"""The plan of packages: an update, Koji tasks, a side tag, a COPR."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from fedora_openqa.model.composes import ReleaseNumbers
from fedora_openqa.model.jobs import Settings
from fedora_openqa.model.products import Plan, Product
from fedora_openqa.model.subjects import Copr, Kind, KojiTasks, Packages, SideTag, Update
from fedora_openqa.policy.job_settings import UNKNOWN_RELEASE, settings_for_subject
from fedora_openqa.policy.subject_names import build_of
from fedora_openqa.texts import SETTING_SIZE

#: Bodhi's statuses of updates that are not pushed to users
WITHDRAWN = ("obsolete", "unpushed")

#: number of NVRs in one setting; very long values break openQA
NVRS_IN_SETTING = 20

#: settings without secure boot, which unsigned packages do not boot with
NO_SECURE_BOOT = {
    "UEFI_PFLASH_CODE": "%INSECURE_PFLASH_CODE%",
    "UEFI_PFLASH_VARS": "%INSECURE_PFLASH_VARS%",
    "UEFI_SECURE": "",
}


@dataclass(frozen=True, slots=True)
class Repositories:
    """URLs of the repositories with the packages; each is a template."""

    #: packages of updates and Koji tasks
    update: str
    #: with ``{tag}`` and ``{arch}``
    side_tag: str
    #: with ``{project}``, ``{release}`` and ``{arch}``
    copr: str


@dataclass(frozen=True, slots=True)
class _Kind:
    """The settings that differ between the kinds of packages."""

    build: str
    #: name and value of the setting with their name
    name: tuple[str, str]
    #: URL of their repository
    repository: str
    secure_boot: bool
    #: settings that only this kind has
    others: Settings


def reason_to_skip_packages(packages: Packages) -> str | None:
    """Return why these packages are not tested here; None: they are."""
    if not isinstance(packages, Update):
        return None
    if packages.id_prefix != "FEDORA":
        return f"{packages.alias} is an update of {packages.id_prefix}; only FEDORA's are tested"
    if packages.content_type != "rpm":
        return f"{packages.alias} has content of type {packages.content_type}; only rpm is tested"
    if not packages.nvrs:
        return f"{packages.alias} has no packages"
    if any(len(nvr.encode()) > SETTING_SIZE for nvr in packages.nvrs):
        return f"{packages.alias} has a package whose name is longer than {SETTING_SIZE} bytes"
    return None


def reason_withdrawn(update: Update) -> str | None:
    """Return why an update is tested only if a person asks for it; None: it is tested anyway.

    Pending and testing updates wait for the results. A stable one was pushed meanwhile (as
    Rawhide's are within minutes): it is in all later composes, and its results show what broke
    them. Locked ones are just being pushed. An unknown status is no reason.
    """
    if update.status not in WITHDRAWN:
        return None
    return f"{update.alias} is {update.status} by now; it is tested only if a person asks for it"


def plan_packages(
    packages: Packages,
    *,
    flavors: Sequence[str],
    arches: Sequence[str],
    numbers: ReleaseNumbers | None,
    automatic_updates: bool | None,
    repositories: Repositories,
    site: Settings,
) -> Plan:
    """Return a product of every flavor and arch, with all their settings.

    :param flavors: with their prefix
    :param automatic_updates: whether Bodhi creates updates of the release automatically
    :param site: job settings that depend on where the openQA workers are
    """
    if reason := reason_to_skip_packages(packages):
        return Plan(reason=reason)
    if not flavors:
        return Plan(reason="no flavor tests these packages")
    products = []
    for arch in arches:
        kind = _kind(packages, arch, numbers=numbers, repositories=repositories)
        for flavor in flavors:
            settings = {
                **settings_for_subject(
                    release=packages.release,
                    arch=arch,
                    flavor=flavor,
                    build=kind.build,
                    numbers=numbers,
                ),
                **site,
                kind.name[0]: kind.name[1],
                "ADVISORY_OR_TASK": kind.name[1],
                "UPDATE_OR_TAG_REPO": kind.repository,
                # no other job of the build runs before these jobs
                "START_AFTER_TEST": "",
                **kind.others,
                **({} if kind.secure_boot else NO_SECURE_BOOT),
                **({"BUILDROOT_REPO": _buildroot(packages.release)} if automatic_updates else {}),
            }
            if settings["CURRREL"] == UNKNOWN_RELEASE:
                settings["CURRREL"] = packages.release
            products.append(Product(flavor=flavor, arch=arch, settings=settings))
    names = (packages.alias,) if isinstance(packages, Update) else ()
    return Plan(products=tuple(products), names=names, release=packages.release)


def _kind(
    packages: Packages, arch: str, *, numbers: ReleaseNumbers | None, repositories: Repositories
) -> _Kind:
    match packages:
        case Update():
            return _Kind(
                build=build_of(Kind.UPDATE, packages.alias),
                name=("ADVISORY", packages.alias),
                repository=repositories.update,
                secure_boot=True,
                others={
                    f"ADVISORY_NVRS_{number}": " ".join(nvrs)
                    for number, nvrs in enumerate(split_nvrs(packages.nvrs), start=1)
                },
            )
        case KojiTasks(task_ids):
            tasks = "_".join(map(str, task_ids))
            return _Kind(
                build=build_of(Kind.TASK, tasks),
                name=("KOJITASK", tasks),
                repository=repositories.update,
                secure_boot=False,
                others={},
            )
        case SideTag(tag):
            return _Kind(
                build=build_of(Kind.TAG, tag),
                name=("TAG", tag),
                repository=repositories.side_tag.format(tag=tag, arch=arch),
                secure_boot=True,
                others={},
            )
        case Copr(project):
            return _Kind(
                build=build_of(Kind.COPR, project),
                # part of names of disk images, where QEMU reads a word before ":" as a protocol
                name=("COPR", re.sub("[/@:]", "_", project)),
                repository=repositories.copr.format(
                    project=project, release=_copr_release(packages.release, numbers), arch=arch
                ),
                secure_boot=False,
                others={},
            )


def split_nvrs(nvrs: Sequence[str]) -> Iterator[tuple[str, ...]]:
    """Yield the NVRs in parts that fit into a setting, in their order."""
    part: list[str] = []
    size = 0
    for nvr in nvrs:
        length = len(nvr.encode()) + 1
        if part and (len(part) == NVRS_IN_SETTING or size + length > SETTING_SIZE + 1):
            yield tuple(part)
            part, size = [], 0
        part.append(nvr)
        size += length
    if part:
        yield tuple(part)


def _copr_release(release: str, numbers: ReleaseNumbers | None) -> str:
    if numbers and release == str(numbers.rawhide):
        return "rawhide"
    return release


def _buildroot(release: str) -> str:
    return f"f{release}-build" if release.isdecimal() else f"{release}-build"
