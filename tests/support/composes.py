"""Composes as plain values, for tests of what is decided about them."""

from fedora_openqa.model.composes import Compose, ComposeName, Image, ReleaseNumbers

LOCATION = "https://kojipkgs.fedoraproject.org/compose/rawhide/Fedora-Rawhide-20261120.n.0/compose"
NUMBERS = ReleaseNumbers(stable=(42, 43), branched=(44,))
RAWHIDE = ComposeName(
    id="Fedora-Rawhide-20261120.n.0", short="Fedora", release="Rawhide", release_type="ga"
)


def image(subvariant: str, type_: str, format_: str, arch: str = "x86_64", path: str = "") -> Image:
    flavor = "-".join(part.replace("-", "_") for part in (subvariant, type_, format_))
    path = path or f"{subvariant}-{type_}-{arch}.{format_}"
    return Image(
        subvariant=subvariant,
        type=type_,
        format=format_,
        arch=arch,
        url=f"{LOCATION}/{path}",
        flavor=flavor,
    )


SERVER_DVD = image("Server", "dvd", "iso")
SERVER_DVD_ARM = image("Server", "dvd", "iso", "aarch64")
MINIMAL = image("Minimal", "raw-xz", "raw.xz", "aarch64")
CLOUD = image("Cloud_Base", "qcow2", "qcow2")
TOOLBOX = image("Container_Toolbox", "container", "tar.xz")


def compose(
    *images: Image,
    name: ComposeName = RAWHIDE,
    type_: str = "nightly",
    label: str | None = None,
    full: bool = True,
) -> Compose:
    return Compose(name=name, location=LOCATION, type=type_, label=label, full=full, images=images)
