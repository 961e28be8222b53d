"""``fedora-openqa config import``, as a person runs it."""

import json
import shutil
import stat
from collections.abc import Sequence
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from fedora_openqa.cli import main
from fedora_openqa.config import load_config

OLD = Path(__file__).parent.parent / "data/old_config"


def run(*arguments: str | Path) -> Result:
    return CliRunner().invoke(main, ["config", "import", *map(str, arguments)])


@pytest.fixture
def old(tmp_path: Path) -> Path:
    return Path(shutil.copytree(OLD, tmp_path / "old"))


def tree(folder: Path) -> dict[str, bytes]:
    files = (path for path in folder.rglob("*") if path.is_file())
    return {str(path.relative_to(folder)): path.read_bytes() for path in files}


def lines(result: Result, start: str) -> Sequence[str]:
    return [line for line in result.stdout.splitlines() if line.startswith(start)]


def test_the_imported_configuration_loads(old: Path, tmp_path: Path) -> None:
    target = tmp_path / "new/config.toml"
    result = run("--from", old, "--to", target)
    assert result.exit_code == 0, result.output
    config = load_config(target)
    assert config.openqa.hostname == "openqa.example.org"
    assert config.scheduling.update_arches == ("x86_64", "aarch64")
    assert config.mail.subvariants["Server"].all == ("server@example.org",)
    assert config.tables_directory == tmp_path / "new/tables"
    assert result.stdout.splitlines()[-1] == "27 values carried over, 10 not carried over"
    source = f"{old}/schedule.conf [schedule] arches"
    assert lines(result, source) == [f'{source} → scheduling.arches = ["x86_64", "aarch64"]']
    checked = CliRunner().invoke(main, ["--config", str(target), "config", "check"])
    assert checked.exit_code == 0, checked.output


def test_the_password_goes_to_a_file_that_only_its_owner_reads(old: Path, tmp_path: Path) -> None:
    result = run("--from", old, "--to", tmp_path / "new/config.toml")
    password = tmp_path / "new/resultsdb-password"
    assert password.read_text() == "50%hidden=;#\n"
    assert stat.S_IMODE(password.stat().st_mode) == 0o600
    assert "hidden" not in result.output
    assert "hidden" not in (tmp_path / "new/config.toml").read_text()


def test_the_same_import_again_changes_nothing(old: Path, tmp_path: Path) -> None:
    new = tmp_path / "new"
    run("--from", old, "--to", new / "config.toml")
    before = {path: path.stat().st_mtime_ns for path in new.rglob("*")}
    result = run("--from", old, "--to", new / "config.toml")
    assert result.exit_code == 0
    assert len(lines(result, "Unchanged: ")) == 4
    assert {path: path.stat().st_mtime_ns for path in new.rglob("*")} == before


def test_a_password_that_others_can_read_is_closed(old: Path, tmp_path: Path) -> None:
    password = tmp_path / "new/resultsdb-password"
    run("--from", old, "--to", tmp_path / "new/config.toml")
    password.chmod(0o644)
    result = run("--from", old, "--to", tmp_path / "new/config.toml")
    assert (result.exit_code, lines(result, "Wrote ")) == (0, [f"Wrote {password}"])
    assert stat.S_IMODE(password.stat().st_mode) == 0o600


def test_a_file_with_other_content_is_overwritten_by_force_only(old: Path, tmp_path: Path) -> None:
    new = tmp_path / "new"
    run("--from", old, "--to", new / "config.toml")
    (new / "config.toml").write_text("# mine\n")
    (new / "tables/images.toml").unlink()
    before = tree(new)
    result = run("--from", old, "--to", new / "config.toml")
    assert result.exit_code == 2
    assert f"not overwritten, for its content differs (--force does): {new}/config.toml" in (
        result.stderr
    )
    assert tree(new) == before
    assert run("--from", old, "--to", new / "config.toml", "--force").exit_code == 0
    assert load_config(new / "config.toml").openqa.hostname == "openqa.example.org"
    assert (new / "tables/images.toml").exists()


def test_a_dry_run_writes_nothing(old: Path, tmp_path: Path) -> None:
    result = run("--from", old, "--to", tmp_path / "new/config.toml", "--dry-run")
    assert result.exit_code == 0
    assert len(lines(result, "Would write ")) == 4
    assert not (tmp_path / "new").exists()


def test_scripts_get_json(old: Path, tmp_path: Path) -> None:
    result = run("--from", old, "--to", tmp_path / "config.toml", "--format", "json")
    found = json.loads(result.stdout)
    assert len(found["carried"]) == 27
    assert len(found["left"]) == 10
    assert len(found["warnings"]) == 6
    assert set(found["files"].values()) == {True}


@pytest.mark.parametrize(
    ("name", "text", "place"),
    [
        ("images.json", "[\n  {]\n", "line 2"),
        ("updatetl.json", "[]", "Expected `object`"),
        ("elnupdatetl.json", '{"a": \n1}', "Expected `array`"),
        ("schedule.conf", "[report]\nx\n", "line 2"),
        ("check-compose.conf", "wait = 1\n", "line 1"),
        ("fedora_openqa_scheduler.toml", 'callback = "x"\n[', "line 2"),
    ],
)
def test_a_broken_file_is_named_and_nothing_is_written(
    old: Path, tmp_path: Path, name: str, text: str, place: str
) -> None:
    (old / name).write_text(text)
    result = run("--from", old, "--to", tmp_path / "new/config.toml")
    assert result.exit_code == 2
    assert f"{old}/{name}: " in result.stderr
    assert place in result.stderr
    assert not (tmp_path / "new").exists()


def test_bytes_that_are_no_text_are_named_with_their_line(old: Path, tmp_path: Path) -> None:
    (old / "schedule.conf").write_bytes(b"[report]\nwiki_hostname = \xff\n")
    result = run("--from", old, "--to", tmp_path / "config.toml")
    assert (result.exit_code, f"{old}/schedule.conf: line 2: not UTF-8" in result.stderr) == (
        2,
        True,
    )


def test_a_folder_without_old_files_is_said(tmp_path: Path) -> None:
    (tmp_path / "config.toml").write_text("[openqa]\n")
    result = run("--from", tmp_path, "--to", tmp_path / "config.toml")
    assert (result.exit_code, result.stdout) == (1, "")
    assert "No configuration files of the existing tools" in result.stderr


def test_a_folder_that_cannot_be_written_to_is_named(old: Path, tmp_path: Path) -> None:
    (tmp_path / "new").write_text("a file, not a folder")
    result = run("--from", old, "--to", tmp_path / "new/config.toml")
    assert result.exit_code == 2
    assert str(tmp_path / "new") in result.stderr
