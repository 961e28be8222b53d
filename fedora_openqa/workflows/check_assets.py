"""Compares the base disk images that the coming jobs need with those of the openQA server."""

import time
from collections.abc import Callable
from dataclasses import dataclass

from fedora_openqa import ports
from fedora_openqa.model.base_images import BaseImage, ImageFinding
from fedora_openqa.policy.base_images import findings, needed_images


@dataclass(frozen=True, slots=True)
class CheckedImages:
    """What was compared, and what is wrong."""

    needed: tuple[BaseImage, ...]
    findings: tuple[ImageFinding, ...]


@dataclass(frozen=True, slots=True)
class AssetCheck:
    """Compares base images; writes nothing."""

    images: ports.BaseImages
    assets: ports.Assets
    releases: ports.Releases
    clock: Callable[[], float] = time.time

    def check(self, *, arches: tuple[str, ...] = ()) -> CheckedImages:
        """Return the images that jobs of these arches need, and what is wrong with some.

        :param arches: empty: of all arches

        Raises:
            ConfigError: createhdds' table cannot be read.
            PermanentError, TemporaryError: a service does not answer, or refuses.
        """
        table, releases = self.images.load(), self.releases.load()
        needed = needed_images(table, releases, arches=arches)
        found = findings(needed, self.assets.disks(), releases, now=self.clock())
        return CheckedImages(needed, tuple(found))
