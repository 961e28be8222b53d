"""Which composes Fedora may have made on a day, and what they are called."""

from dataclasses import dataclass

from fedora_openqa.model.composes import ComposeName, ReleaseNumbers


@dataclass(frozen=True, slots=True)
class ComposeFamily:
    """Composes that differ in date and respin only."""

    #: the folder that all of them are in: ``"rawhide"``
    folder: str
    #: ``"Fedora"``, ``"Fedora-IoT"``
    short: str
    #: as compose ids spell it: ``"Rawhide"``, ``"43"``
    release: str
    #: a nightly has an ``n`` in its id
    nightly: bool

    def name(self, date: str, respin: int) -> ComposeName:
        """Name a compose of a day, ``"20261120"``."""
        suffix = f"{date}.n.{respin}" if self.nightly else f"{date}.{respin}"
        return ComposeName(
            id=f"{self.short}-{self.release}-{suffix}",
            short=self.short,
            release=self.release,
            release_type="ga",
        )


def series_of(numbers: ReleaseNumbers) -> tuple[ComposeFamily, ...]:
    """List the series that Fedora makes, as its compose server keeps them.

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
