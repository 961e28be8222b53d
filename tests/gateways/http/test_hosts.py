"""Hosts and addresses that may be reached."""

import ipaddress

import pytest

from fedora_openqa.gateways.http.hosts import Hosts, is_public, origin, split_host

FEDORA = "https://download.fedoraproject.org/pub/"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("composes.example", ("composes.example", None)),
        ("COMPOSES.example.:8080", ("composes.example", 8080)),
        ("127.0.0.1:9701", ("127.0.0.1", 9701)),
        ("[::1]:9701", ("::1", 9701)),
        ("[0:0::1]", ("::1", None)),
        ("::1", ("::1", None)),
        ("[2001:DB8::A]:80", ("2001:db8::a", 80)),
    ],
)
def test_a_host_is_read_in_every_spelling(text: str, expected: tuple[str, int | None]) -> None:
    assert split_host(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "",
        ":80",
        "a b",
        "a/b",
        "user@a",
        "a:b",
        "a:99999",
        "a:0",
        "[::1]:00",
        "https://a",
        "[::1",
        "[fe80::1%eth0]",
        "a\n",
        "ä.example",
        "a?b",
        "a#b",
        "a\\b",
    ],
)
def test_what_is_no_host_is_refused(text: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - urllib's texts differ
        split_host(text)


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("https://A.example/x", "a.example:443"),
        ("http://a.example.", "a.example:80"),
        ("HTTPS://[::1]:9701/", "::1:9701"),
        ("https://a.example:443", "a.example:443"),
    ],
)
def test_the_origin_of_a_url_has_its_port(url: str, expected: str) -> None:
    assert origin(url) == expected


@pytest.mark.parametrize(
    "address",
    ["8.8.8.8", "93.184.215.14", "2600:1f14::1", "::ffff:8.8.8.8", "64:ff9b::808:808"],
)
def test_addresses_of_the_internet_are_public(address: str) -> None:
    assert is_public(ipaddress.ip_address(address))


@pytest.mark.parametrize(
    "address",
    [
        "0.0.0.0",  # noqa: S104 - nothing is bound
        "10.0.0.1", "172.16.2.2", "192.168.1.1", "127.0.0.1", "127.1.2.3", "169.254.169.254", "0.1.2.3",
        "100.64.0.1", "192.0.2.1", "198.18.0.1", "224.0.1.1", "239.1.1.1", "240.0.0.1", "255.255.255.255",
        "::", "::1", "fe80::1", "fc00::1", "fd12::1", "fec0::1", "ff02::1", "ff0e::1", "2001:db8::1",
        "::ffff:10.0.0.1", "::ffff:127.0.0.1", "64:ff9b::a00:1", "2002:7f00:1::", "2001:0:1::1",
    ],
)  # fmt: skip
def test_addresses_of_networks_within_are_not(address: str) -> None:
    assert not is_public(ipaddress.ip_address(address))


@pytest.mark.parametrize(
    "url",
    ["http://a.example/", "https://A.example./", "http://[::1]:9701/", "https://b.example:8443/"],
)
def test_listed_hosts_may_be_asked_at_every_address(url: str) -> None:
    hosts = Hosts.listed(["A.example.", "[::1]:9701", "b.example:8443"])
    assert hosts.refuse_url(url) is None
    assert hosts.refuse_address(origin(url), "169.254.169.254") is None


@pytest.mark.parametrize(
    "url",
    [
        "https://a.example:8443/",
        "http://[::1]/",
        "https://b.example/",
        "https://c.example/",
        "ftp://a.example/",
        "https://a.example@c.example/",
        "file:///etc/passwd",
        "https:///x",
    ],
)
def test_other_hosts_and_ports_may_not(url: str) -> None:
    assert Hosts.listed(["a.example", "[::1]:9701", "b.example:8443"]).refuse_url(url)


def test_fedoras_download_servers_may_redirect_to_every_public_host_over_https() -> None:
    hosts = Hosts.of(FEDORA)
    assert hosts.refuse_url("https://mirror.example/pub/")
    mirrors = hosts.after(FEDORA)
    assert mirrors.refuse_url("https://mirror.example/pub/") is None
    assert mirrors.refuse_address("mirror.example:443", "8.8.8.8") is None
    assert mirrors.refuse_url("http://mirror.example/pub/")
    assert mirrors.refuse_url("https://169.254.169.254/latest/meta-data/")
    assert mirrors.refuse_url("https://[::1]/")
    assert mirrors.refuse_address("mirror.example:443", "10.0.0.1")
    assert mirrors.refuse_address("mirror.example:443", "fe80::1%eth0")


def test_others_may_redirect_to_themselves_and_to_their_https() -> None:
    hosts = Hosts.of("http://a.example/x").after("http://a.example/x")
    assert hosts.refuse_url("https://a.example/y") is None
    assert hosts.refuse_url("https://b.example/")
    assert Hosts.of("https://a.example/").refuse_url("http://a.example/")
    assert Hosts.of("http://a.example:8080/").refuse_url("http://a.example/")
