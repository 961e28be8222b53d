"""``fedora-openqa config samples``, as a person runs it."""

import json
from pathlib import Path

from click.testing import CliRunner, Result

from fedora_openqa.cli import main

OURS = Path(__file__).parent.parent.parent / "fedmsg.d"


def run(*arguments: str | Path) -> Result:
    return CliRunner().invoke(main, ["config", "samples", *map(str, arguments)])


def texts(folder: Path) -> dict[str, str]:
    return {path.name: path.read_text() for path in folder.iterdir()}


def test_the_samples_are_written_once(tmp_path: Path) -> None:
    result = run(tmp_path / "new")
    assert result.exit_code == 0, result.output
    assert f"Wrote {tmp_path}/new/scheduler.toml" in result.stdout.splitlines()
    assert texts(tmp_path / "new") == texts(OURS)
    again = run(tmp_path / "new", "--format", "json")
    assert again.exit_code == 0
    assert set(json.loads(again.stdout)["files"].values()) == {False}


def test_no_other_content_is_overwritten_without_force(tmp_path: Path) -> None:
    mine = tmp_path / "scheduler.toml"
    mine.write_text("mine\n")
    refused = run(tmp_path)
    assert (refused.exit_code, texts(tmp_path)) == (2, {"scheduler.toml": "mine\n"})
    assert str(mine) in refused.stderr
    assert run(tmp_path, "--force").exit_code == 0
    assert texts(tmp_path) == texts(OURS)


def test_a_dry_run_writes_nothing(tmp_path: Path) -> None:
    result = run(tmp_path / "new", "--dry-run")
    assert result.exit_code == 0
    assert f"Would write {tmp_path}/new/scheduler.toml" in result.stdout.splitlines()
    assert not (tmp_path / "new").exists()
