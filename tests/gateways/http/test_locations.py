"""Which URLs may name a subject, and their normal form."""

import contextlib
import string
from urllib.parse import urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fedora_openqa.errors import ConfigError, SubjectError
from fedora_openqa.gateways.http.hosts import check_location

PREFIXES = ("https://kojipkgs.example/compose/", "http://kojipkgs.example/compose/")
HOSTS = ("composes.example", "LAB.example:8080", "[::1]:9701", "127.0.0.1:81")
FOLDER = "https://kojipkgs.example/compose/rawhide/Fedora-Rawhide-20261120.n.0/compose"


def check(location: str) -> str:
    return check_location(location, prefixes=PREFIXES, allowed_hosts=HOSTS)


@pytest.mark.parametrize(
    ("location", "expected"),
    [
        (FOLDER, FOLDER),
        (f"{FOLDER}/", FOLDER),
        (FOLDER.replace("https://kojipkgs", "HTTPS://KOJIPKGS"), FOLDER),
        (FOLDER.replace(".example", ".example:443"), FOLDER),
        (FOLDER.replace(".example", ".example."), FOLDER),
        (FOLDER.replace(".example/", ".example//").replace("/rawhide/", "//rawhide///"), FOLDER),
        (FOLDER.replace("/rawhide/", "/./rawhide/./"), FOLDER),
        ("http://composes.example:80/x/", "http://composes.example/x"),
        ("https://composes.example/x", "https://composes.example/x"),
        ("http://lab.example:8080/x", "http://lab.example:8080/x"),
        ("http://[0:0::1]:9701/x", "http://[::1]:9701/x"),
        ("http://127.0.0.1:81", "http://127.0.0.1:81"),
        ("https://composes.example/a~b+c,d=e:f@g", "https://composes.example/a~b+c,d=e:f@g"),
    ],
)
def test_a_location_has_one_spelling(location: str, expected: str) -> None:
    assert check(location) == expected
    assert check(expected) == expected


@pytest.mark.parametrize(
    "location",
    [
        f"{FOLDER}/../../private", f"{FOLDER}/..", f"{FOLDER}/%2e%2e/private", f"{FOLDER}/%2E./x",
        f"{FOLDER}/%252e%252e/x", f"{FOLDER}/a%2fb", f"{FOLDER}/%00", f"{FOLDER}/%VAR%", f"{FOLDER}?", f"{FOLDER}?a=b",
        f"{FOLDER}#", f"{FOLDER}#x", f"{FOLDER}/a\\b", f"{FOLDER}/..\\x", f"{FOLDER}/a;b", f'{FOLDER}/a"b', f"{FOLDER}/<x>",
        FOLDER.replace("https://", "https://:secret@"), FOLDER.replace("https://", "https://someone:secret@"),
        FOLDER.replace("https://", "https://secret@"), FOLDER.replace("https://", "https://@"),
        "https://kojipkgs.example@evil.example/compose/x", "https://kojipkgs.example\\@evil.example/compose/x",
    ],
)  # fmt: skip
def test_what_is_no_plain_url_is_refused(location: str) -> None:
    with pytest.raises(SubjectError, match=r"is not (the plain|a) URL") as failure:
        check(location)
    assert "secret" not in str(failure.value)


@pytest.mark.parametrize(
    "location",
    ["", "x", "compose/x", "//kojipkgs.example/compose/x", "ftp://composes.example/x", "file:///etc/passwd", "https:///x",
     "http://[::1/x", "http://[::1%25eth0]:9701/x", "https://composes.example:99999/x", "https://compo ses.example/x",
     "https://composes.example/a b", f" {FOLDER}", f"{FOLDER}\n", f"{FOLDER}/\tx", f"{FOLDER}/\x1b[2J", f"{FOLDER}/\u202e",
     "https://cömposes.example/x", "https://composes。example/x", "javascript:alert(1)"],
)  # fmt: skip
def test_what_is_no_url_is_refused(location: str) -> None:
    with pytest.raises(SubjectError, match="is not a URL"):
        check(location)


@pytest.mark.parametrize(
    ("location", "host"),
    [
        ("https://evil.example/compose/x", "evil.example"),
        ("https://kojipkgs.example.evil.example/compose/x", "kojipkgs.example.evil.example"),
        ("https://kojipkgs.example/composeevil", "kojipkgs.example"),
        ("https://kojipkgs.example:8443/compose/x", "kojipkgs.example:8443"),
        ("http://kojipkgs.example:8080/compose/x", "kojipkgs.example:8080"),
        ("http://lab.example/x", "lab.example"),
        ("http://[::1]/x", r"\[::1\]"),
        ("http://127.0.0.1/x", "127.0.0.1"),
        ("http://169.254.169.254/latest", "169.254.169.254"),
    ],
)
def test_other_hosts_may_not_be_tested(location: str, host: str) -> None:
    with pytest.raises(SubjectError, match=f"subjects on host {host} may not be tested"):
        check(location)


def test_fedoras_hosts_are_read_over_https_only() -> None:
    with pytest.raises(SubjectError, match=r"host kojipkgs\.example is read over https only"):
        check(FOLDER.replace("https", "http"))


@pytest.mark.parametrize("host", ["http://composes.example", "a b", "composes.example:x", "[::1"])
def test_an_allowed_host_that_is_none_is_an_error_of_configuration(host: str) -> None:
    with pytest.raises(ConfigError, match="is not a host or host:port"):
        check_location(FOLDER, prefixes=PREFIXES, allowed_hosts=[host])


@given(st.text(string.printable + "é\u202e\u3002", max_size=40))
def test_whatever_follows_an_allowed_host_stays_there(tail: str) -> None:
    with contextlib.suppress(SubjectError):
        location = check(f"https://composes.example{tail}")
        url = urlsplit(location)
        assert (url.scheme, url.netloc) == ("https", "composes.example")
        assert ".." not in url.path.split("/")
        assert check(location) == location
