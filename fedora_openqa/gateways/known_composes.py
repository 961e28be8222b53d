"""What Fedora's composes are like, by their ids: where they are kept, which images they need.

Fedora's conventions are in fedfind; nobody is asked anything.
"""

from typing import Any

from fedfind.exceptions import FedfindError
from fedfind.helpers import date_check, find_cid, parse_cid
from fedfind.release import get_release


class FedfindComposes:
    """`fedora_openqa.ports.KnownComposes`, by fedfind's tables."""

    def location(self, compose_id: str) -> str:
        """Say where Fedora keeps a compose, the URL of its ``/compose`` folder; empty: nowhere."""
        release = _release(compose_id)
        return str(release.location) if release else ""

    def expected_images(self, compose_id: str) -> frozenset[tuple[str, str, str]] | None:
        """Give subvariant in lower case, type and arch of the images a compose should have.

        Nothing: nobody knows.
        """
        release = _release(compose_id)
        return frozenset(release.expected_images) if release else None


def _release(cid: str) -> Any:  # noqa: ANN401 - fedfind has no types
    """Give fedfind's object for a compose, and nothing for one that it would go looking for."""
    if find_cid(cid) != cid or cid.startswith("FedoraRespin") or "-19700101." in cid:
        return None
    try:
        date_check(parse_cid(cid, dic=True)["date"])
        # what is wrapped around it asks whether the compose is there
        return get_release.__wrapped__(cid=cid)
    except (FedfindError, ValueError):
        return None
