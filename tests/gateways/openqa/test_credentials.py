"""The URL and key of openQA, from the files of openQA's own clients."""

from collections.abc import Mapping
from pathlib import Path

import pytest

from fedora_openqa.errors import ConfigError
from fedora_openqa.gateways.openqa.api import RestOpenQA
from fedora_openqa.gateways.openqa.credentials import ApiKey, ClientConf, base_url
from tests.support.limits import LIMITS

URL = "https://openqa.example:1"


@pytest.fixture
def environ(tmp_path: Path) -> Mapping[str, str]:
    """A home folder of the test's own."""
    return {"HOME": str(tmp_path / "home")}


def read(environ: Mapping[str, str], tmp_path: Path) -> ClientConf:
    """Read from folders of the test in place of the system's."""
    return ClientConf(environ, system_folders=[tmp_path / "usr-etc", tmp_path / "etc"])


def write(tmp_path: Path, name: str, key: str, *, section: str = "openqa.example:1") -> Path:
    path = tmp_path / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"[{section}]\nkey = {key}\nsecret = S{key} \n")
    return path


PLACES = (
    "usr-etc/client.conf",
    "usr-etc/client.conf.d/10-a.conf",
    "etc/client.conf",
    "etc/client.conf.d/10-a.conf",
    "etc/client.conf.d/20-b.conf",
    "home/.config/openqa/client.conf",
    "home/.config/openqa/client.conf.d/x.conf",
)


@pytest.mark.parametrize("last", range(len(PLACES)))
def test_each_place_overrides_those_before_it(
    last: int, environ: Mapping[str, str], tmp_path: Path
) -> None:
    for number, name in enumerate(PLACES[: last + 1]):
        write(tmp_path, name, f"K{number}")
    (tmp_path / "etc/client.conf.d").mkdir(parents=True, exist_ok=True)
    (tmp_path / "etc/client.conf.d/90.conf.rpmsave").write_text("not read")
    key = read(environ, tmp_path).key_for(URL)
    assert key == ApiKey(f"K{last}", f"SK{last}", str(tmp_path / PLACES[last]))


def test_openqa_config_stands_for_the_home_folder(
    environ: Mapping[str, str], tmp_path: Path
) -> None:
    write(tmp_path, "home/.config/openqa/client.conf", "HOME")
    write(tmp_path, "own/client.conf.d/key.conf", "OWN")
    key = read({**environ, "OPENQA_CONFIG": str(tmp_path / "own")}, tmp_path).key_for(URL)
    assert key
    assert key.key == "OWN"


def test_the_environment_wins(environ: Mapping[str, str], tmp_path: Path) -> None:
    write(tmp_path, "etc/client.conf", "FILE")
    both = {**environ, "OPENQA_API_KEY": "K", "OPENQA_API_SECRET": "S"}
    assert read(both, tmp_path).key_for("https://any.example") == ApiKey("K", "S", "OPENQA_API_KEY")
    openqa = RestOpenQA("any.example", limits=LIMITS, post_timeout=1, environ=both)
    openqa.require_key()
    assert openqa.key_source == "OPENQA_API_KEY"


@pytest.mark.parametrize("name", ["OPENQA_API_KEY", "OPENQA_API_SECRET"])
def test_half_a_key_in_the_environment_is_named(
    name: str, environ: Mapping[str, str], tmp_path: Path
) -> None:
    with pytest.raises(ConfigError, match="only one of OPENQA_API_KEY and OPENQA_API_SECRET"):
        read({**environ, name: "hidden"}, tmp_path)


def test_key_and_secret_may_be_in_different_files(
    environ: Mapping[str, str], tmp_path: Path
) -> None:
    (tmp_path / "etc/client.conf.d").mkdir(parents=True)
    (tmp_path / "etc/client.conf").write_text("[openqa.example:1]\nkey=K\n")
    (tmp_path / "etc/client.conf.d/s.conf").write_text("[openqa.example:1]\nsecret=S\n")
    key = read(environ, tmp_path).key_for(URL)
    assert key
    assert (key.key, key.secret) == ("K", "S")
    assert key.source == f"{tmp_path}/etc/client.conf and {tmp_path}/etc/client.conf.d/s.conf"


@pytest.mark.parametrize(
    "section", ["openqa.example:1", "https://openqa.example:1", "openqa.example"]
)
def test_the_key_is_found_as_openqas_clients_write_it(section: str, tmp_path: Path) -> None:
    (tmp_path / "client.conf").write_text(f"[{section}]\nkey=K\nsecret=100%\n")
    environ = {"OPENQA_CONFIG": str(tmp_path)}
    RestOpenQA("openqa.example:1", limits=LIMITS, post_timeout=1, environ=environ).require_key()


def test_the_first_server_of_client_conf_is_the_default(tmp_path: Path) -> None:
    write(tmp_path, "client.conf.d/a.conf", "K", section="openqa.example")
    environ = {"OPENQA_CONFIG": str(tmp_path)}
    openqa = RestOpenQA("", limits=LIMITS, post_timeout=1, environ=environ)
    assert openqa.url == "https://openqa.example"
    assert openqa.key_source == f"{tmp_path}/client.conf.d/a.conf"


@pytest.mark.parametrize(
    "content", [b"key=SECRET\n", b"[a]\n[a]\nkey=SECRET\n", b"\xff\xfe", b"[a]\n  SECRET\n"]
)
@pytest.mark.parametrize("name", ["etc/client.conf", "etc/client.conf.d/x.conf"])
def test_a_broken_client_conf_is_named_and_not_quoted(
    content: bytes, name: str, environ: Mapping[str, str], tmp_path: Path
) -> None:
    path = tmp_path / name
    path.parent.mkdir(parents=True)
    path.write_bytes(content)
    with pytest.raises(ConfigError, match=r"client\.conf") as failure:
        read(environ, tmp_path)
    assert str(path) in str(failure.value)
    assert "SECRET" not in str(failure.value)


@pytest.mark.parametrize("key", ["K\u00e9", "a b", "\u202e"])
def test_a_key_that_cannot_be_sent_is_refused_and_not_shown(
    key: str, environ: Mapping[str, str], tmp_path: Path
) -> None:
    path = write(tmp_path, "etc/client.conf", key)
    with pytest.raises(ConfigError, match="characters that no key has") as failure:
        read(environ, tmp_path).key_for(URL)
    assert str(path) in str(failure.value)
    assert key not in str(failure.value)


def test_a_key_is_in_no_text(environ: Mapping[str, str], tmp_path: Path) -> None:
    write(tmp_path, "etc/client.conf", "HIDDEN")
    assert "HIDDEN" not in repr(read(environ, tmp_path).key_for(URL))


@pytest.mark.parametrize(
    "hostname",
    [
        "ftp://x",
        "x:port",
        "https://",
        "[::1",
        "a b",
        "x\ny",
        "x?a",
        "https://x#a",
        "x/openqa",
        "/x",
    ],
)
def test_other_hostnames_are_refused(hostname: str) -> None:
    with pytest.raises(ConfigError, match="hostname"):
        base_url(hostname)


def test_a_path_is_refused_with_the_reason() -> None:
    with pytest.raises(ConfigError, match=r"'https://x.example/openqa/' has a path"):
        base_url("https://x.example/openqa/")


@pytest.mark.parametrize(
    "hostname",
    ["user:PASSWORD@x", "https://PASSWORD@x", "https://:PASSWORD@x:port", "ftp://u:PASSWORD@x/"],
)
def test_a_password_in_the_hostname_is_refused_and_not_shown(hostname: str) -> None:
    with pytest.raises(ConfigError, match="user or password") as failure:
        base_url(hostname)
    assert "PASSWORD" not in str(failure.value)
