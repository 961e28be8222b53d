"""What fedfind knows without a request: compose ids, where Fedora keeps a compose, names of images.

The only module that imports fedfind. It keeps fedfind from sending requests, which have no time
limit, and from texts on which its patterns take quadratic time.
"""

from collections.abc import Callable, Mapping
from typing import Any

from fedfind.const import HTTPS, HTTPS_DL, KNOWN_PREFIXES, MD_ARCHIVE, NIGHTLY_BASE
from typing_extensions import override

from fedora_openqa import ports
from fedora_openqa.errors import SubjectError
from fedora_openqa.model.composes import ComposeName
from fedora_openqa.policy.compose_ids import COMPOSE_ID
from fedora_openqa.texts import first_line

#: the URL that Fedora's composes are below
COMPOSES_URL = str(NIGHTLY_BASE)

#: what the URLs of Fedora's own composes begin with, each with a slash at the end
FEDORA_PREFIXES = tuple(f"{prefix}/" for prefix in KNOWN_PREFIXES)

#: characters of the longest text in which a compose id is looked for
MOST_CHARACTERS = 2048

#: fedfind takes this date for a release, and sends requests to find the compose of it
RELEASE_DATE = "-19700101."

#: the dist of live respins, which fedfind looks for in lists of the mirrors' files
RESPIN = "FedoraRespin"


class FedfindComposes(ports.KnownComposes):
    """`fedora_openqa.ports.KnownComposes`, by fedfind's tables."""

    def __init__(self, composes_url: str = COMPOSES_URL) -> None:
        """Return locations below ``composes_url`` instead of Fedora's own URL of composes."""
        self._composes_url = composes_url.rstrip("/")

    @override
    def location(self, compose_id: str) -> str:
        release = _release_or_none(compose_id)
        return str(release.location).replace(COMPOSES_URL, self._composes_url) if release else ""

    @override
    def expected_images(self, compose_id: str) -> frozenset[tuple[str, str, str]] | None:
        release = _release_or_none(compose_id)
        return frozenset(release.expected_images) if release else None


def compose_id_in(text: str) -> str:
    """Return what fedfind takes for a compose id in a text; empty: no id, or a long text."""
    from fedfind.helpers import find_cid  # noqa: PLC0415 - slow to import

    return str(find_cid(text)) if len(text) <= MOST_CHARACTERS else ""


def name_of(compose_id: str) -> ComposeName | None:
    """Parse the id of a compose of Fedora; None: fedfind does not know such ids."""
    if not COMPOSE_ID.fullmatch(compose_id) or compose_id_in(compose_id) != compose_id:
        return None
    from fedfind.helpers import parse_cid  # noqa: PLC0415 - slow to import

    parsed = parse_cid(compose_id, dic=True)
    return ComposeName(
        id=compose_id,
        short=parsed["short"],
        release=spelled_release(parsed["version"]),
        release_type=parsed["version_type"],
    )


def spelled_release(version: str) -> str:
    """Return a version of productmd as job settings spell it."""
    known = {"rawhide": "Rawhide", "eln": "eln"}
    return known.get(version.lower(), version)


def release_by_id(compose_id: str) -> Any:  # noqa: ANN401 - fedfind has no types
    """Return fedfind's object for a compose.

    Raises:
        SubjectError: fedfind knows no such compose, or would send requests to find it.
    """
    if compose_id_in(compose_id) != compose_id or not compose_id:
        raise SubjectError(f"{first_line(compose_id)!r} is not a compose id")
    _year_of(compose_id)
    from fedfind.release import get_release  # noqa: PLC0415 - slow to import

    # its decorator sends a request to see whether the compose exists
    return _call(get_release.__wrapped__, cid=compose_id)


def release_at(url: str) -> Any:  # noqa: ANN401 - fedfind has no types
    """Return fedfind's object for the compose at a URL.

    Raises:
        SubjectError: Fedora keeps no compose there, or fedfind would send requests to find it.
    """
    if len(url) > MOST_CHARACTERS:
        raise SubjectError(f"{first_line(url)}: the URL is too long")
    found = compose_id_in(url)
    if "/live-respins" in url:
        raise SubjectError(f"{url}: live respins carry no metadata")
    if found and found not in url.split("/"):
        # fedfind also finds an id that spans several folders
        raise SubjectError(f"{url}: not where Fedora keeps a compose")
    if found:
        _year_of(found)
    from fedfind.release import get_release  # noqa: PLC0415 - slow to import

    return _call(get_release, url=url)


def archive_of(compose_id: str) -> str:
    """Return the URL of the folder in which Fedora keeps the metadata of a deleted compose.

    Raises:
        SubjectError: the id has no valid date, or fedfind would send requests for that date.
    """
    return f"{MD_ARCHIVE}/{_year_of(compose_id)}/{compose_id}"


def direct_url(url: str) -> str:
    """Return a URL at Fedora's own server instead of download.fedoraproject.org.

    The latter redirects each reader to another mirror, and a mirror may lag behind.
    """
    return f"{HTTPS_DL}{url.removeprefix(HTTPS)}" if url.startswith(f"{HTTPS}/") else url


def respin_image(filename: str, release: int) -> Mapping[str, Any]:
    """Return the facts that a live respin's file name holds, in productmd's words."""
    from fedfind.helpers import create_image_dict  # noqa: PLC0415 - slow to import

    image: Mapping[str, Any] = create_image_dict(filename, release)
    return image


def correct_image(image: Mapping[str, Any]) -> tuple[Mapping[str, Any], str]:
    """Return an image of productmd as fedfind corrects it, and fedfind's identifier of it.

    productmd calls ostree installers type boot, like network installers.
    """
    from fedfind import helpers  # noqa: PLC0415 - slow to import

    corrected: Mapping[str, Any] = helpers.correct_image(image)
    return corrected, str(helpers.identify_image(corrected, out="string", undersub=True))


def _year_of(compose_id: str) -> int:
    from fedfind.helpers import date_check, parse_cid  # noqa: PLC0415 - slow to import

    if RELEASE_DATE in compose_id or compose_id.startswith(RESPIN):
        raise SubjectError(f"{compose_id}: no compose with metadata")
    try:
        return int(date_check(parse_cid(compose_id, dic=True)["date"]).year)
    except ValueError as exc:
        raise SubjectError(f"{compose_id} has an invalid date: {exc}") from exc


def _release_or_none(compose_id: str) -> Any:  # noqa: ANN401 - as above
    try:
        return release_by_id(compose_id)
    except SubjectError:
        return None


def _call(get_release: Callable[..., Any], **query: str) -> Any:  # noqa: ANN401 - as above
    from fedfind.exceptions import FedfindError  # noqa: PLC0415 - slow to import

    try:
        return get_release(**query)
    except (FedfindError, ValueError) as exc:
        raise SubjectError(f"{', '.join(query.values())}: {exc}") from exc
