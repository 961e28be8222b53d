import contextlib
import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fedora_openqa.config import Config, consumer_config, find_config, load_config, parse_config
from fedora_openqa.errors import ConfigError


def test_without_a_file_everything_is_as_in_fedora(tmp_path: Path) -> None:
    config = load_config(environ={"XDG_CONFIG_HOME": str(tmp_path)})
    assert config == Config()
    assert config.scheduling.arches == ("x86_64",)
    assert config.site_settings == {
        "QEMU_HOST_IP": "172.16.2.2",
        "NICTYPE_USER_OPTIONS": "net=172.16.2.0/24",
    }


def test_a_site_overrides_one_job_setting_and_keeps_the_others() -> None:
    config = parse_config(b'[site]\nQEMU_HOST_IP = "10.0.2.2"\nX = "y"', source="f")
    assert config.site_settings == {
        "QEMU_HOST_IP": "10.0.2.2",
        "NICTYPE_USER_OPTIONS": "net=172.16.2.0/24",
        "X": "y",
    }


def test_the_named_file_comes_before_the_variable_and_that_before_the_usual_places(
    tmp_path: Path,
) -> None:
    def write(name: str, host: str) -> Path:
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(f'[openqa]\nhostname = "{host}"\n')
        return path

    usual = write("fedora-openqa/config.toml", "usual")
    assert usual.exists()
    environ = {"XDG_CONFIG_HOME": str(tmp_path)}
    assert load_config(environ=environ).openqa.hostname == "usual"
    assert find_config(environ=environ) == usual
    environ["FEDORA_OPENQA_CONFIG"] = str(write("v.toml", "variable"))
    assert load_config(environ=environ).openqa.hostname == "variable"
    assert find_config(environ=environ) == tmp_path / "v.toml"
    named = write("n.toml", "named")
    assert load_config(named, environ=environ).openqa.hostname == "named"
    assert find_config(named, environ=environ) == named


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("[openqa", r"end of a table declaration"),
        ("a = 1\nb = ?", r"line 2"),
        ("x = 1", r"unknown field `x`"),
        ("[openqa]\nhost = 'x'", r"unknown field `host` - at `\$\.openqa`"),
        ("[openqa]\nhostname = 7", r"Expected `str`, got `int` - at `\$\.openqa\.hostname`"),
        ("[openqa]\nposts_at_once = 0", r"Expected `int` >= 1 - at `\$\.openqa\.posts_at_once`"),
        ("[http]\nread_timeout = -1", r"Expected `float` > 0.0 - at `\$\.http\.read_timeout`"),
        ("[scheduling]\narches = 'x86_64'", r"Expected `array`, got `str`.*arches"),
        ("[scheduling]\narches = ['']", r"length >= 1 - at `\$\.scheduling\.arches\[0\]`"),
        ("[scheduling]\narches = ['amd64']", r"'amd64' is no arch: aarch64, .*scheduling"),
        ("[scheduling]\nupdate_arches = ['arm64']", r"'arm64' is no arch"),
        ("[paused]\n'update:rawhide' = 'x'", r"Rawhide is its number there, like update:45"),
        ("[paused]\n'composes' = 'x'", r"'composes' is no lane: compose, update, "),
        (
            "[paused]\n'update:43' = 'x'\n'update:F43' = 'y'",
            r"'update:F43' is 'update:43', which is",
        ),
        ("[limits]\n'copr' = 1", r"'copr' is no kind of subject"),
        ("[blocklist]\n'compose:Rawhide' = 'x'", r"'compose:Rawhide' can match nothing"),
        ("[blocklist]\n'a b' = 'x'", r"'a b' has a character that no compose id"),
        ('[sweep]\nsince = "24h\\n"', r"since"),
        ('[wiki]\nscheme = "http\\n"', r"scheme"),
        ("[http]\ntotal_timeout = inf", r"Expected `float` <= .*total_timeout"),
        ("[http]\nread_timeout = 1e300", r"Expected `float` <= .*read_timeout"),
        ("[http]\nread_timeout = nan", r"read_timeout"),
        ("[store]\nkeep_days = inf", r"keep_days"),
        ("[mail]\nquiet = inf", r"quiet"),
        ("[sweep]\nevery = 9223372036854775807", r"every"),
        ('[repositories]\nupdate = "nfs://host\\n"', r"repositories.update"),
        ('[repositories]\nside_tag = "a{tag}{arch}\\u001b"', r"repositories.side_tag"),
        ('[site]\nX = "a\\nb"', r"site"),
        ("[site]\nX = 1", r"Expected `str`, got `int`.*site"),
    ],
)
def test_a_broken_file_is_named_with_key_and_expectation(text: str, expected: str) -> None:
    with pytest.raises(ConfigError, match=expected) as failure:
        parse_config(text.encode(), source="my.toml")
    assert str(failure.value).startswith("my.toml: ")


URL_KEYS = [
    "bodhi.url", "greenwave.url", "fedora.release_metadata_url", "datagrepper.url", "sweep.composes_url",
    "sweep.coreos_url", "resultsdb.url", "wiki.identity_url", "autocloud.url", "waiverdb.url",
]  # fmt: skip


@pytest.mark.parametrize(
    "key", [*URL_KEYS, "openqa.hostname", "openqa.baseurl", "wiki.hostname", "mail.smtp"]
)
@pytest.mark.parametrize(
    "value", ["https://someone:secret@host/x", "https://secret@host/x", "secret@host:1"]
)
def test_a_password_in_an_address_is_refused_and_not_shown(key: str, value: str) -> None:
    table, name = key.split(".")
    with pytest.raises(ConfigError, match=rf"`\$\.{table}\.{name}`") as failure:
        parse_config(f"[{table}]\n{name} = '{value}'".encode(), source="f")
    assert "secret" not in str(failure.value)


@pytest.mark.parametrize("key", URL_KEYS)
@pytest.mark.parametrize(
    "value", ["", "host", "ftp://host", "https://", "https://h/?a", "https://h\n"]
)
def test_what_is_no_base_url_is_refused(key: str, value: str) -> None:
    table, name = key.split(".")
    with pytest.raises(ConfigError, match=rf"`\$\.{table}\.{name}`"):
        parse_config(f"[{table}]\n{name} = {json.dumps(value)}".encode(), source="f")


def test_hosts_may_be_addresses_of_ipv6() -> None:
    hosts = '["[::1]:9701", "composes.example", "LAB.example:8080"]'
    config = parse_config(f"[scheduling]\nallowed_hosts = {hosts}".encode(), source="f")
    assert config.scheduling.allowed_hosts == ("[::1]:9701", "composes.example", "LAB.example:8080")


def test_a_named_file_must_exist(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="no such configuration file"):
        load_config(tmp_path / "none.toml", environ={})


def test_a_folder_is_no_file(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="cannot be read: Is a directory"):
        load_config(tmp_path, environ={})


@given(st.binary() | st.text().map(str.encode))
def test_any_bytes_are_a_configuration_or_refused(text: bytes) -> None:
    with contextlib.suppress(ConfigError):
        assert isinstance(parse_config(text, source="f"), Config)


def test_names_are_spelled_as_subjects_have_them() -> None:
    text = b"""
[scheduling]
arches = ["X86_64", "aarch64"]
[paused]
"compose:rawhide" = "mass rebuild"
"Update:F43" = "later"
[limits]
Compose = 3
"""
    config = parse_config(text, source="f")
    assert config.scheduling.arches == ("x86_64", "aarch64")
    assert dict(config.paused) == {"compose:Rawhide": "mass rebuild", "update:43": "later"}
    assert dict(config.limits) == {"compose": 3}
    assert consumer_config({"paused": {"WIKI": "x"}}, config).paused["wiki"] == "x"
