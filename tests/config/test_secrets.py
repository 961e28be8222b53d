"""Files with secrets that other accounts can read, and logins in URLs."""

import logging
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

from fedora_openqa.cli import main
from fedora_openqa.config import load_config
from fedora_openqa.config.secrets import read_secret, warn_if_readable
from fedora_openqa.errors import ConfigError, PermanentError
from fedora_openqa.logs import log_lines
from fedora_openqa.texts import without_logins


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return a folder that everybody gets into."""
    open_folder = tmp_path / "open"
    open_folder.mkdir(mode=0o755)
    open_folder.chmod(0o755)
    return open_folder


def write(path: Path, text: str, *, mode: int) -> Path:
    path.write_text(text)
    path.chmod(mode)
    return path


@pytest.mark.parametrize("mode", [0o644, 0o604, 0o444])
def test_a_secret_that_everybody_can_read_is_refused_with_the_command(
    folder: Path, mode: int
) -> None:
    file = write(folder / "password", "hush\n", mode=mode)
    with pytest.raises(ConfigError) as caught:
        read_secret(str(file), "VARIABLE", {})
    assert str(caught.value) == (
        f"{file} can be read by everybody on this host (mode {mode:04o}): chmod o= {file}"
    )


@pytest.mark.parametrize("mode", [0o600, 0o640, 0o400])
def test_a_secret_of_its_owner_and_group_is_read(folder: Path, mode: int) -> None:
    file = write(folder / "password", "hush\n", mode=mode)
    assert read_secret(str(file), "VARIABLE", {}) == "hush"


def test_in_a_closed_folder_the_mode_of_a_secret_does_not_matter(folder: Path) -> None:
    file = write(folder / "password", "hush\n", mode=0o644)
    folder.chmod(0o750)
    assert read_secret(str(file), "VARIABLE", {}) == "hush"


@pytest.mark.parametrize(
    ("url", "refused"),
    [
        ("postgresql+psycopg://openqa:hush@db.example.org/openqa", True),
        ("postgresql+psycopg://db.example.org/openqa?user=openqa&password=hush", True),
        ("postgresql+psycopg://openqa@db.example.org:5432/openqa?sslmode=verify-full", False),
        ("sqlite:////var/lib/fedora-openqa/store.db", False),
    ],
)
def test_a_configuration_with_a_password_must_be_closed(
    folder: Path, url: str, *, refused: bool
) -> None:
    file = write(folder / "config.toml", f'[store]\nurl = "{url}"\n', mode=0o644)
    if not refused:
        assert load_config(file).store.url == url
        return
    with pytest.raises(ConfigError, match=r"mode 0644\): chmod o= ") as caught:
        load_config(file)
    assert "hush" not in str(caught.value)
    file.chmod(0o640)
    assert load_config(file).store.url == url


def test_a_file_of_other_programs_is_warned_of(
    folder: Path, caplog: pytest.LogCaptureFixture
) -> None:
    warn_if_readable(write(folder / "client.conf", "", mode=0o644), folder / "none")
    (record,) = caplog.records
    assert record.levelno == logging.WARNING
    assert "(mode 0644): chmod o= " in record.getMessage()


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("GET https://me:hush@host/path: 404", "GET https://host/path: 404"),
        ("amqps://me:hu@sh@host:5671/%2F", "amqps://host:5671/%2F"),
        ("to a@example.org, see https://host/@group?q=a@b", None),
        ("ftp://host and https://me@host", "ftp://host and https://host"),
    ],
)
def test_logins_are_left_out_of_urls(text: str, shown: str | None) -> None:
    assert without_logins(text) == (text if shown is None else shown)


@given(
    user=st.from_regex(r"[a-z]{1,8}", fullmatch=True),
    password=st.from_regex(r"[A-Za-z0-9%:@!$&*+=;~._-]{1,20}", fullmatch=True),
    before=st.text(max_size=20),
)
def test_no_password_of_a_url_is_in_an_error(user: str, password: str, before: str) -> None:
    shown = str(PermanentError(f"{before} https://{user}:{password}@example.org/x"))
    assert shown.endswith("https://example.org/x")


def test_no_password_of_a_url_is_in_a_log_or_its_traceback(
    caplog: pytest.LogCaptureFixture,
) -> None:
    log_lines()
    url = "https://me:hush@host/path"
    try:
        int(url)
    except ValueError:
        logging.getLogger("fedora_openqa").exception("%s", url)
    assert "hush" not in caplog.text
    assert "ValueError: invalid literal" in caplog.text


def test_no_password_of_a_url_is_in_the_traceback_of_a_process_that_ends() -> None:
    code = "import fedora_openqa.logs as l; l.log_lines(); int('https://me:hush@host/path')"
    ended = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, check=False, text=True
    )
    assert ended.returncode == 1
    assert "ValueError: invalid literal for int() with base 10: 'https://host/path'" in ended.stderr
    assert "hush" not in ended.stderr


def test_no_password_of_a_url_is_in_an_error_about_an_argument() -> None:
    ended = CliRunner().invoke(main, ["pause", "https://me:hush@host/path", "--reason", "x"])
    assert ended.exit_code == 2
    assert "https://host/path" in ended.output
    assert "hush" not in ended.output
