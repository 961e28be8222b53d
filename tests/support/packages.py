"""Updates, other packages and CoreOS builds as plain values."""

from fedora_openqa.model.subjects import CoreOSBuild, Update
from fedora_openqa.policy.packages import Repositories

REPOSITORIES = Repositories(
    update="nfs://172.16.2.110:/mnt/update_repo",
    side_tag="https://kojipkgs.fedoraproject.org/repos/{tag}/latest/{arch}",
    copr="https://download.copr.fedorainfracloud.org/results/{project}/fedora-{release}-{arch}",
)


def update(  # reads as what Bodhi says
    *nvrs: str,
    alias: str = "FEDORA-2026-1bd5f4a0c2",
    id_prefix: str = "FEDORA",
    release: str = "43",
    content_type: str = "rpm",
    critical: bool = True,
    groups: tuple[str, ...] = ("core",),
    automatic_updates: bool | None = False,
) -> Update:
    return Update(
        alias=alias,
        id_prefix=id_prefix,
        release=release,
        content_type=content_type,
        nvrs=nvrs or ("kernel-6.17.4-300.fc43",),
        critical=critical,
        groups=groups,
        automatic_updates=automatic_updates,
    )


CORE_UPDATE = update("kernel-6.17.4-300.fc43", "kernel-headers-6.17.4-300.fc43")
COREOS_BUILD = CoreOSBuild(
    url="https://builds.coreos.fedoraproject.org/prod/streams/rawhide/builds/45.20261119.91.0/x86_64",
    buildid="45.20261119.91.0",
    arch="x86_64",
    live_iso="fedora-coreos-45.20261119.91.0-live-iso.x86_64.iso",
)
