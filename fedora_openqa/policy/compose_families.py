"""The families of composes that Fedora makes."""

from fedora_openqa.model.composes import ComposeFamily, ReleaseNumbers


def series_of(numbers: ReleaseNumbers) -> tuple[ComposeFamily, ...]:
    """Return the families that Fedora composes at present.

    Composes of updates are left out: updates are tested one by one.
    """
    rawhide = numbers.rawhide
    series = [
        ComposeFamily(folder="rawhide", short="Fedora", release="Rawhide", nightly=True),
        ComposeFamily(folder="eln", short="Fedora", release="eln", nightly=True),
    ]
    for release in map(str, numbers.branched):
        series += [
            ComposeFamily(folder="branched", short="Fedora", release=release, nightly=True),
            # candidates are in a folder of their release
            ComposeFamily(folder=release, short="Fedora", release=release, nightly=False),
        ]
    series += [
        ComposeFamily(folder="cloud", short="Fedora-Cloud", release=str(release), nightly=False)
        for release in numbers.stable
    ]
    series += [
        ComposeFamily(folder="iot", short="Fedora-IoT", release=str(release), nightly=False)
        for release in (*numbers.stable, *numbers.branched, rawhide)
    ]
    return tuple(series)
