"""What docs/configuration.md says is what the code does."""

import json
import re
import tomllib
from pathlib import Path
from typing import Any

import msgspec

from fedora_openqa.config import FEDORA_SITE, Config

DOCUMENT = (Path(__file__).parent.parent / "docs/configuration.md").read_text()


def documented() -> dict[str, object]:
    rows = re.findall(
        r"^\| `([a-z_]+(?:\.[a-z_]+)+)` \| `(.*?)` \| \S", DOCUMENT, flags=re.MULTILINE
    )
    return {key: tomllib.loads(f"value = {default}")["value"] for key, default in rows}


def actual() -> dict[str, object]:
    tables = json.loads(msgspec.json.encode(Config()))
    assert tables.pop("site") == {}
    # rows like those of [blocklist] have no default
    return {key: value for key, value in flat(tables).items() if "." in key}


def flat(table: dict[str, Any], prefix: str = "") -> dict[str, object]:
    """Return the keys of a table and of the tables in it."""
    found: dict[str, object] = {}
    for key, value in table.items():
        found |= (
            flat(value, f"{prefix}{key}.")
            if isinstance(value, dict) and value
            else {prefix + key: value}
        )
    return found


def test_every_key_is_documented_with_its_default() -> None:
    assert documented() == actual()


def test_the_settings_of_the_site_are_documented() -> None:
    for name, value in FEDORA_SITE.items():
        assert f'{name} = "{value}"' in DOCUMENT
