"""Live respins: images in one folder without metadata; only the newest respin counts.

The index page of the folder lists the files. fedfind derives the facts of an image, and the id of
a respin, from file names.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from html.parser import HTMLParser

from fedora_openqa.errors import NotFoundError, ServiceUnavailableError
from fedora_openqa.gateways.composes.fedfind import RESPIN, respin_image
from fedora_openqa.gateways.composes.metadata import ListedImage, identify
from fedora_openqa.gateways.http.client import Reader
from fedora_openqa.policy.compose_ids import is_date
from fedora_openqa.texts import first_line

#: the name of the folder
FOLDER = "live-respins"

#: the URL of Fedora's folder
LOCATION = "https://dl.fedoraproject.org/pub/alt/live-respins"

#: bytes of the largest index page; Fedora's has some ten thousand
MOST_BYTES = 500_000

#: the beginning of an index page's title, as Apache and nginx write it
INDEX_TITLE = "index of"

#: ``F43-KDE-x86_64-LIVE-20251101.iso``: fedfind's pattern, for a whole name of bounded length
IMAGE = re.compile(
    r"F(?P<release>[0-9]{2,3})-[A-Za-z0-9_.]{1,40}-[a-z0-9_]{1,16}(-LIVE)?-(?P<date>[0-9]{8})\.iso",
    re.IGNORECASE | re.ASCII,
)


@dataclass(frozen=True, slots=True)
class Respin:
    """The newest respin in the folder."""

    #: ``"43"``
    release: str
    #: ``"20251101"``
    date: str
    images: tuple[ListedImage, ...]

    @property
    def id(self) -> str:
        """The compose id that fedfind gives it: ``"FedoraRespin-43-updates-20251101.0"``."""
        return f"{RESPIN}-{self.release}-updates-{self.date}.0"


def is_respin_folder(location: str) -> bool:
    """Return whether a URL is that of a folder of live respins."""
    return location.rstrip("/").rpartition("/")[2] == FOLDER


def read_respin(reader: Reader, location: str) -> Respin:
    """Return the newest respin in a folder, with one request.

    Raises:
        NotFoundError: the folder does not exist or has no respin.
        ServiceUnavailableError: no answer, or one that is not an index page.
        RequestRefusedError: another answer of 4xx.
    """
    url = f"{location.rstrip('/')}/"
    content = reader.fetch(url)
    if content is None:
        raise NotFoundError(f"{url}: there are no live respins here")
    if len(content) > MOST_BYTES:
        raise ServiceUnavailableError(f"GET {url}: an index page of {len(content)} bytes")
    page = _Page()
    page.feed(content.decode(errors="replace"))
    page.close()
    found = newest(page.links)
    if found is not None:
        return found
    if page.title.strip().lower().startswith(INDEX_TITLE):
        raise NotFoundError(f"{url}: there are no live respins here")
    raise ServiceUnavailableError(f"GET {url}: no index page: {first_line(page.title)!r}")


def newest(names: Iterable[str]) -> Respin | None:
    """Return the newest respin among file names; None: no name is that of a respin's image."""
    files: dict[tuple[str, int], dict[str, None]] = {}
    for name in names:
        match = IMAGE.fullmatch(name)
        if match and is_date(match["date"]):
            files.setdefault((match["date"], int(match["release"])), {})[name] = None
    if not files:
        return None
    date, release = max(files)
    images = tuple(_image(name, release) for name in files[date, release])
    return Respin(
        release=str(release), date=date, images=tuple(image for image in images if image.subvariant)
    )


def _image(name: str, release: int) -> ListedImage:
    return identify(respin_image(name, release), bootable=True)


class _Page(HTMLParser):
    """Collects the title of a page and the targets of its links."""

    def __init__(self) -> None:
        super().__init__()
        self.title = ""
        self.links: list[str] = []
        self._in_title = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._in_title = tag == "title"
        if tag == "a":
            self.links += [value for name, value in attrs if name == "href" and value]

    def handle_endtag(self, tag: str) -> None:  # noqa: ARG002
        self._in_title = False

    def handle_data(self, data: str) -> None:
        if self._in_title:
            self.title += data
