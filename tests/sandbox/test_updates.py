from datetime import datetime
from pathlib import Path

import pytest

from fedora_openqa.errors import ConfigError
from fedora_openqa.sandbox.updates import load_updates

RELEASE = (
    '{ id = 88, name = "F43", long_name = "Fedora 43", version = "43", id_prefix = "FEDORA",'
    ' branch = "f43", dist_tag = "f43", state = "current" }'
)
UPDATE = (
    '{ alias = "FEDORA-2026-0123456789", release = "F43", builds = ["grep-3.13-1.fc43"],'
    ' status = "testing", submitted = 2026-11-20T10:51:02, notes = "x" }'
)
OTHER = UPDATE.replace("0123456789", "9876543210")


def test_updates_were_submitted_before_they_were_pushed() -> None:
    for update in load_updates().updates:
        assert update.submitted <= (update.pushed or datetime.max), update.alias  # noqa: DTZ901
        assert (update.pushed is None) == (update.status in ("pending", "obsolete")), update.alias


def load(tmp_path: Path, text: str) -> ConfigError:
    path = tmp_path / "bodhi.toml"
    path.write_text(text)
    with pytest.raises(ConfigError) as found:
        load_updates(path)
    assert str(found.value).startswith(f"{path}: ")
    return found.value


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ('notes = "x"', 'notes = ""', "update 1: "),
        ('notes = "x"', 'notes = "x", colour = "blue"', "unknown field `colour`"),
        ('status = "testing"', 'status = "tested"', "$.status"),
        ("FEDORA-2026-0123456789", "FEDORA-2026-x", "$.alias"),
        ("FEDORA-2026", "FEDORA-EPEL-2026", "expected FEDORA-… of its release"),
        ('release = "F43"', 'release = "F44"', "release F44 is not in the list"),
        ('["grep-3.13-1.fc43"]', "[]", "$.builds"),
        ("grep-3.13-1.fc43", "grep", "$.builds[0]"),
        ("10:51:02", "10:51:02Z", "$.submitted"),
        ('dist_tag = "f43"', 'dist_tag = ""', "release 1: "),
        ("id = 88, ", "", "missing required field `id`"),
    ],
)
def test_a_wrong_row_is_named_with_its_file(
    tmp_path: Path, old: str, new: str, message: str
) -> None:
    text = f"release = [{RELEASE}]\nupdate = [{UPDATE}]"
    assert text.count(old) == 1
    assert message in str(load(tmp_path, text.replace(old, new)))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("release = [", "bodhi.toml: "),
        (f"release = [{RELEASE}]", "expected release and update, and nothing else"),
        (f"release = [{RELEASE}]\nupdate = []", "update: expected a list"),
        (f'release = "F43"\nupdate = [{UPDATE}]', "release: expected a list"),
        (
            f"release = [{RELEASE}]\nupdate = [{UPDATE}]\nother = 1",
            "expected release and update, and nothing else",
        ),
        (
            f"release = [{RELEASE}, {RELEASE}]\nupdate = [{UPDATE}]",
            "release name F43 is there twice",
        ),
        (
            f"release = [{RELEASE}]\nupdate = [{UPDATE}, {OTHER}, {UPDATE}]",
            "0123456789 is there twice",
        ),
    ],
)
def test_a_wrong_file_is_named(tmp_path: Path, text: str, message: str) -> None:
    assert message in str(load(tmp_path, text))


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"absent\.toml"):
        load_updates(tmp_path / "absent.toml")
