"""What fedfind knows without a request: ids of composes, and where Fedora keeps a compose.

Keeps fedfind from what makes it send requests, which have no time limit, and from texts on
which its patterns take quadratic time.
"""

from collections.abc import Callable
from typing import Any

from fedora_openqa.errors import SubjectError
from fedora_openqa.model.composes import ComposeName
from fedora_openqa.policy.compose_ids import COMPOSE_ID
from fedora_openqa.texts import first_line

#: characters of a text in which a compose id is looked for
MOST_CHARACTERS = 2048

#: fedfind takes this date for a release, and looks for the compose of it
RELEASE_DATE = "-19700101."

#: the dist of live respins, which fedfind looks for in lists of the mirrors' files
RESPIN = "FedoraRespin"


def known_prefixes() -> tuple[str, ...]:
    """Return what the URLs of Fedora's own composes begin with, each with a slash at the end."""
    from fedfind.const import KNOWN_PREFIXES  # noqa: PLC0415 - slow to import

    return tuple(f"{prefix}/" for prefix in KNOWN_PREFIXES)


def compose_id_in(text: str) -> str:
    """Return what fedfind takes for a compose id in a text; empty: nothing, or a long text."""
    from fedfind.helpers import find_cid  # noqa: PLC0415 - slow to import

    return str(find_cid(text)) if len(text) <= MOST_CHARACTERS else ""


def name_of(compose_id: str) -> ComposeName | None:
    """Return what the id of a compose of Fedora says; None: fedfind does not know such ids."""
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
    year_of(compose_id)
    from fedfind.release import get_release  # noqa: PLC0415 - slow to import

    # what is wrapped around it asks whether the compose exists
    return _found(get_release.__wrapped__, cid=compose_id)


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
        # fedfind reads an id that reaches over folders, too
        raise SubjectError(f"{url}: not where Fedora keeps a compose")
    if found:
        year_of(found)
    from fedfind.release import get_release  # noqa: PLC0415 - slow to import

    return _found(get_release, url=url)


def year_of(compose_id: str) -> int:
    """Return the year in a compose id.

    Raises:
        SubjectError: the date is none, or fedfind would look for a compose of that date.
    """
    from fedfind.helpers import date_check, parse_cid  # noqa: PLC0415 - slow to import

    if RELEASE_DATE in compose_id or compose_id.startswith(RESPIN):
        raise SubjectError(f"{compose_id}: no compose with metadata")
    try:
        return int(date_check(parse_cid(compose_id, dic=True)["date"]).year)
    except ValueError as exc:
        raise SubjectError(f"{compose_id} has a date that is none: {exc}") from exc


def _found(get_release: Callable[..., Any], **asked: str) -> Any:  # noqa: ANN401 - as above
    from fedfind.exceptions import FedfindError  # noqa: PLC0415 - slow to import

    try:
        return get_release(**asked)
    except (FedfindError, ValueError) as exc:
        raise SubjectError(f"{', '.join(asked.values())}: {exc}") from exc
