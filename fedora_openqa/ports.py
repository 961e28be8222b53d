"""Everything we ask of the outside world: one Protocol per foreign system.

Workflows know these and never the gateways behind them. Each method may raise the
errors of `fedora_openqa.errors` that its text names, and no others.
"""

from typing import Protocol

from fedora_openqa.model.composes import Compose, ComposeName, ReleaseNumbers
from fedora_openqa.model.products import Job, PostedProduct, Product
from fedora_openqa.model.subjects import CoreOSBuild, Update


class Composes(Protocol):
    """Where composes are published."""

    def name_in(self, location: str) -> ComposeName | None:
        """Read the compose id out of a URL, without asking anybody.

        Raises:
            SubjectError: the URL is none, or leads to a host we may not read from.
        """

    def load(self, location: str) -> Compose:
        """Read a finished compose.

        :param location: the URL of its ``/compose`` folder

        Raises:
            SubjectError: there is no finished, readable compose of that name there.
            ServiceUnavailableError: nobody could be asked.
        """


class Releases(Protocol):
    """Who knows which releases of Fedora exist."""

    def load(self) -> ReleaseNumbers:
        """Read the numbers of today's releases.

        Raises:
            PermanentError, TemporaryError: they cannot be had.
        """


class Bodhi(Protocol):
    """Fedora's update system."""

    def load(self, update: str) -> Update:
        """Read an update.

        :param update: its alias, or a URL that ends in it

        Raises:
            SubjectError: there is no such update.
            ServiceUnavailableError, RequestRefusedError: Bodhi does not say.
        """

    def creates_automatic_updates(self, release: str) -> bool:
        """Tell whether packages of a release become updates by themselves.

        :param release: ``"43"``, ``"eln"``

        Raises: as `load`.
        """


class CoreOSBuilds(Protocol):
    """Where builds of Fedora CoreOS are published."""

    def load(self, url: str) -> CoreOSBuild:
        """Read a build.

        :param url: the URL of its folder

        Raises:
            SubjectError: there is no readable build there, or we may not read from there.
            ServiceUnavailableError, RequestRefusedError: nobody says.
        """


class OpenQA(Protocol):
    """The openQA server."""

    def jobs_for_build(self, build: str) -> tuple[Job, ...]:
        """List all jobs of a build (openQA's BUILD), cancelled and repeated ones too.

        Raises:
            RequestRefusedError, ServiceUnavailableError
        """

    def jobs_for_product(self, product: Product) -> tuple[Job, ...]:
        """List the jobs of one flavor and arch of a build.

        Raises:
            RequestRefusedError, ServiceUnavailableError
        """

    def post_product(self, product: Product) -> PostedProduct:
        """Schedule a product; once: this never repeats what may have arrived.

        Raises:
            ConfigError: there is no usable API key.
            RequestRefusedError: openQA said no; nothing was scheduled.
            ServiceUnavailableError: openQA was not reached; nothing was scheduled.
            AmbiguousWriteError: the jobs may have been scheduled.
        """

    def group_id(self, name: str) -> int | None:
        """Find a job group by its name.

        Raises:
            RequestRefusedError, ServiceUnavailableError
        """

    def post_comment(self, group_id: int, text: str) -> None:
        """Comment on a job group.

        Raises: as `post_product`.
        """
