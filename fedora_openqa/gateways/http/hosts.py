"""Which hosts and URLs may be read: by name, or because an address is public.

Pure: looks up no name and opens no connection. `transport` and `connections` ask it first.
"""

import ipaddress
import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from typing import TypeAlias
from urllib.parse import SplitResult, urlsplit

from fedora_openqa.errors import ConfigError, SubjectError
from fedora_openqa.texts import shown_url

PORTS = {"http": 80, "https": 443}

#: Fedora's download servers, which redirect each reader to a mirror
REDIRECTORS = frozenset({"dl.fedoraproject.org:443", "download.fedoraproject.org:443"})

HOST_NAME = re.compile(r"[A-Za-z0-9._-]+")

#: the path of a folder; without percent signs, which may hide a ``..`` and which openQA takes for
#: the beginning of a variable
PLAIN_PATH = re.compile(r"[A-Za-z0-9._~+,=:@/-]*")

#: IPv6 addresses that hold an IPv4 address in their last 32 bits (RFC 6052)
NAT64 = ipaddress.IPv6Network("64:ff9b::/96")

Address: TypeAlias = ipaddress.IPv4Address | ipaddress.IPv6Address


def split_host(text: str) -> tuple[str, int | None]:
    """Return host and port of ``host``, ``host:port``, ``[::1]``, ``[::1]:port`` or ``::1``.

    The host is in lower case, without a dot at the end; an IPv6 address is in its shortest form.
    Port None: the text has no port.

    Raises:
        ValueError: it is not in one of these forms.
    """
    bare_ipv6 = text.count(":") > 1 and not text.startswith("[")
    parts = urlsplit(f"//[{text}]" if bare_ipv6 else f"//{text}")
    if parts.netloc != text and not bare_ipv6:
        raise ValueError(f"{text!r} is not a host or host:port")
    return host_of(parts), parts.port


def host_of(url: SplitResult) -> str:
    """Return the host of a URL as `split_host` does.

    Raises:
        ValueError: the URL has no host, invalid characters in it, a user name, or the port 0.
    """
    if url.port == 0:
        raise ValueError("no service has the port 0")
    if "@" in url.netloc:
        raise ValueError("a user name or password in a URL is not used")
    name = (url.hostname or "").removesuffix(".")
    if ":" in name and "%" not in name:
        return ipaddress.IPv6Address(name).compressed
    if not HOST_NAME.fullmatch(name):
        raise ValueError("the URL has no valid host")
    return name


def origin(url: str) -> str:
    """Return the host of a URL with its port: ``"host:443"``, ``"::1:9701"``.

    Raises:
        ValueError: it is not a URL of http or https with a host.
    """
    parts = urlsplit(url)
    if parts.scheme not in PORTS:
        raise ValueError(f"{parts.scheme!r} is not http or https")
    return f"{host_of(parts)}:{parts.port or PORTS[parts.scheme]}"


def is_public(address: Address) -> bool:
    """Return whether an address belongs to the public Internet, not to an internal network."""
    if isinstance(address, ipaddress.IPv6Address):
        inner = address.ipv4_mapped or address.sixtofour
        if address in NAT64:
            inner = ipaddress.IPv4Address(int(address) & 0xFFFF_FFFF)
        if inner is not None:
            return is_public(inner)
        if address.teredo or address.is_site_local:
            return False
    return address.is_global and not (address.is_multicast or address.is_reserved)


@dataclass(frozen=True, slots=True)
class Hosts:
    """Hosts that may be reached.

    A host that is allowed by name may have any address: Fedora's own servers see each other in a
    private network. Any other host must have a public address and is reached by https only.
    """

    #: ``host:port``, as `origin` returns them
    named: frozenset[str] = frozenset()
    #: whether all public hosts may be reached, too
    public: bool = False

    @classmethod
    def listed(cls, names: Iterable[str]) -> "Hosts":
        """Return hosts by name.

        :param names: ``host:port``, or ``host`` for the usual ports

        Raises:
            ConfigError: a name is neither.
        """
        named = set()
        for name in names:
            try:
                host, port = split_host(name)
            except ValueError as exc:
                raise ConfigError(f"{name!r} in allowed_hosts is not a host or host:port") from exc
            named |= {f"{host}:{number}" for number in ([port] if port else PORTS.values())}
        return cls(frozenset(named))

    @classmethod
    def of(cls, url: str) -> "Hosts":
        """Return only the host of a URL; for http on port 80 also its https port.

        Raises:
            ConfigError: it is not a URL of http or https with a host.
        """
        try:
            own = origin(url)
        except ValueError as exc:
            raise ConfigError(f"{shown_url(url)!r} is not a URL of http or https: {exc}") from exc
        secure = own.removesuffix(":80") + ":443" if own.endswith(":80") else own
        return cls(frozenset({own, secure}))

    def __or__(self, other: "Hosts") -> "Hosts":
        """Return the hosts of both."""
        return Hosts(self.named | other.named, public=self.public or other.public)

    def after(self, url: str) -> "Hosts":
        """Return the hosts that may be reached after a redirect by a URL."""
        return replace(self, public=self.public or origin(url) in REDIRECTORS)

    def refuse_url(self, url: str) -> str | None:
        """Return why a URL may not be requested; None: it may, if `refuse_address` agrees."""
        try:
            asked = origin(url)
        except ValueError as exc:
            return str(exc)
        if asked in self.named:
            return None
        if not self.public:
            return f"host {asked} is not allowed"
        if not url.lower().startswith("https:"):
            return f"host {asked} is not allowed without https"
        host = asked.rpartition(":")[0]
        return self.refuse_address(asked, host) if _is_address(host) else None

    def refuse_address(self, asked: str, address: str) -> str | None:
        """Return why a host may not be reached at an address; None: it may.

        :param asked: the host as `origin` returns it
        :param address: an IP address, perhaps with a zone
        """
        if asked in self.named or is_public(ipaddress.ip_address(address.partition("%")[0])):
            return None
        return f"host {asked} is not allowed, and {address} is not a public address"


def _is_address(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True


def check_location(
    location: str, *, prefixes: tuple[str, ...], allowed_hosts: Collection[str]
) -> str:
    """Return the normal form of the URL of a folder that we may read; messages name such URLs.

    Scheme and host are in lower case; there is no default port, no empty or ``.`` part of the
    path and no slash at the end.

    :param prefixes: the beginnings of Fedora's own URLs, each with a slash at the end
    :param allowed_hosts: other hosts, as ``host`` or ``host:port``

    Raises:
        SubjectError: it is not a plain URL of http or https, or its host is not allowed.
        ConfigError: an allowed host is not valid.
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
