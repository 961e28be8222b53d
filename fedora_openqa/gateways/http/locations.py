"""Which URLs we read what is to be tested from: a message must not send us anywhere."""

import re
from collections.abc import Collection
from urllib.parse import SplitResult, urlsplit

from fedora_openqa.errors import SubjectError
from fedora_openqa.gateways.http.hosts import PORTS, Hosts, host_of, origin
from fedora_openqa.texts import shown_url

#: what the path of a folder is made of; no percent sign, which may hide a ``..`` from us and which
#: openQA takes for the beginning of a variable
PLAIN_PATH = re.compile(r"[A-Za-z0-9._~+,=:@/-]*")


def check_location(
    location: str, *, prefixes: tuple[str, ...], allowed_hosts: Collection[str]
) -> str:
    """Return the URL of a folder in its one spelling, if we may read there.

    Scheme and host are in lower case; there is no default port, no empty or ``.`` part of the
    path and no slash at the end.

    :param prefixes: what URLs of Fedora's own begin with, each with a slash at the end
    :param allowed_hosts: others, as ``host`` or ``host:port``

    Raises:
        SubjectError: it is not a plain URL of http or https, or leads elsewhere.
        ConfigError: an allowed host is none.
    """
    shown = shown_url(location)
    if not (location.isascii() and location.isprintable()) or " " in location:
        raise SubjectError(f"{shown!r} is not a URL")
    if shown != location:
        raise SubjectError(f"{shown!r} is not the plain URL of a folder: it had a user name")
    try:
        url = urlsplit(location)
        host = host_of(url)
        port = url.port
    except ValueError as exc:
        raise SubjectError(f"{shown!r} is not a URL: {exc}") from exc
    if url.scheme not in PORTS:
        raise SubjectError(f"{shown!r} is not a URL")
    parts = [part for part in url.path.split("/") if part not in {"", "."}]
    odd = "?" in location or "#" in location or ".." in parts
    if odd or not PLAIN_PATH.fullmatch(url.path):
        raise SubjectError(f"{shown!r} is not the plain URL of a folder")
    place = f"[{host}]" if ":" in host else host
    if port not in {None, PORTS[url.scheme]}:
        place = f"{place}:{port}"
    plain = "/".join([f"{url.scheme}://{place}", *parts])
    _check_host(urlsplit(plain), prefixes=prefixes, allowed=Hosts.listed(allowed_hosts))
    return plain


def _check_host(url: SplitResult, *, prefixes: tuple[str, ...], allowed: Hosts) -> None:
    plain = url.geturl()
    fedoras = {urlsplit(prefix).hostname for prefix in prefixes}
    if url.scheme == "http" and url.port is None and url.hostname in fedoras:
        raise SubjectError(f"{plain}: Fedora's host {url.netloc} is read over https only")
    if not (f"{plain}/".startswith(prefixes) or origin(plain) in allowed.named):
        raise SubjectError(
            f"{plain}: subjects on host {url.netloc} may not be tested"
            " (see allowed_hosts in [scheduling])"
        )
