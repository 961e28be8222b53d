"""What Fedora's composes are like, by their ids: where they are kept, which images they need.

Fedora's conventions are in fedfind; nobody is asked anything.
"""

from typing import Any

from fedfind.const import NIGHTLY_BASE

from fedora_openqa.errors import SubjectError
from fedora_openqa.gateways.composes.fedfind_places import release_by_id


class FedfindComposes:
    """`fedora_openqa.ports.KnownComposes`, by fedfind's tables."""

    def __init__(self, composes_url: str = NIGHTLY_BASE) -> None:
        """Know composes as below ``composes_url``, where all of Fedora's are."""
        self._composes_url = composes_url.rstrip("/")

    def location(self, compose_id: str) -> str:
        """Return the URL of the ``/compose`` folder of a compose; empty: it has none."""
        release = _release(compose_id)
        return str(release.location).replace(NIGHTLY_BASE, self._composes_url) if release else ""

    def expected_images(self, compose_id: str) -> frozenset[tuple[str, str, str]] | None:
        """Return subvariant in lower case, type and arch of the images a compose should have.

        None: nobody knows.
        """
        release = _release(compose_id)
        return frozenset(release.expected_images) if release else None


def _release(compose_id: str) -> Any:  # noqa: ANN401 - fedfind has no types
    """Return fedfind's object for a compose; None: fedfind knows no such compose."""
    try:
        return release_by_id(compose_id)
    except SubjectError:
        return None
