"""What docs/configuration.md says is what the code does."""

import json
import re
import tomllib
from pathlib import Path

import msgspec

from fedora_openqa.config import FEDORA_SITE, Config

DOCUMENT = (Path(__file__).parent.parent / "docs/configuration.md").read_text()


def documented() -> dict[str, object]:
    rows = re.findall(r"^\| `([a-z_]+\.[a-z_]+)` \| `(.*?)` \| \S", DOCUMENT, flags=re.MULTILINE)
    return {key: tomllib.loads(f"value = {default}")["value"] for key, default in rows}


def actual() -> dict[str, object]:
    tables = json.loads(msgspec.json.encode(Config()))
    assert tables.pop("site") == {}
    return {
        f"{table}.{key}": value for table, keys in tables.items() for key, value in keys.items()
    }


def test_every_key_is_documented_with_its_default() -> None:
    assert documented() == actual()


def test_the_settings_of_the_site_are_documented() -> None:
    for name, value in FEDORA_SITE.items():
        assert f'{name} = "{value}"' in DOCUMENT
