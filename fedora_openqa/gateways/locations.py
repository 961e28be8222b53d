"""Which URLs we read what is to be tested from: a message must not send us anywhere."""

from collections.abc import Collection
from urllib.parse import urlsplit

from fedora_openqa.errors import SubjectError


def check_location(
    location: str, *, prefixes: tuple[str, ...], allowed_hosts: Collection[str]
) -> None:
    """Make sure that a URL is plain and leads where we may read.

    :param prefixes: what URLs of Fedora's own begin with, each with a slash at the end
    :param allowed_hosts: others, as ``host`` or ``host:port``

    Raises:
        SubjectError: it does not.
    """
    try:
        url = urlsplit(location)
        port = url.port
    except ValueError as exc:
        raise SubjectError(f"{location!r} is not a URL: {exc}") from exc
    if url.scheme not in {"http", "https"} or not url.hostname:
        raise SubjectError(f"{location!r} is not a URL")
    if url.username or url.query or url.fragment or ".." in url.path.split("/"):
        raise SubjectError(f"{location!r} is not the plain URL of a folder")
    host = f"{url.hostname}:{port}" if port else url.hostname
    if not (f"{location}/".startswith(prefixes) or host in allowed_hosts):
        raise SubjectError(
            f"{location}: subjects on host {host} may not be tested"
            " (see allowed_hosts in [scheduling])"
        )
