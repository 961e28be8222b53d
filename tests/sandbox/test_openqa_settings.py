from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fedora_openqa.sandbox.openqa.settings import (
    CircularReferenceError,
    asset_setting,
    asset_type,
    expanded,
    with_assets,
)

KEYS = st.sampled_from(["A", "B", "C", "D"])
VALUES = st.lists(
    st.one_of(KEYS.map(lambda key: f"%{key}%"), st.text(alphabet="%AxE é", max_size=4)), max_size=3
).map("".join)


@given(st.dictionaries(KEYS, VALUES))
def test_substitution_ends_for_any_settings(settings: dict[str, str]) -> None:
    with suppress(CircularReferenceError):
        assert set(expanded(settings)) == set(settings)


@given(st.dictionaries(KEYS, st.text(st.characters(exclude_characters="%"))))
def test_values_without_placeholders_stay(settings: dict[str, str]) -> None:
    assert expanded(settings) == settings


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("%A%", "1"),
        ("%A%%A%", "11"),
        ("%NO%", ""),
        ("50%", "50%"),
        ("% A %", "% A %"),
        ("%B%", "b1"),
    ],
)
def test_substitution(value: str, expected: str) -> None:
    assert expanded({"A": "1", "B": "b%A%", "KEY": value})["KEY"] == expected


@pytest.mark.parametrize("settings", [{"A": "%A%"}, {"A": "%B%", "B": "%C%", "C": "%A%"}])
def test_a_circle_is_an_error(settings: dict[str, str]) -> None:
    with pytest.raises(CircularReferenceError, match="contains a circular reference"):
        expanded(settings)


@pytest.mark.parametrize(
    ("key", "url", "setting", "name"),
    [
        ("ISO_URL", "http://x/a.iso", "ISO", "a.iso"),
        ("HDD_2_DECOMPRESS_URL", "http://x/a.raw.xz", "HDD_2", "a.raw"),
        ("HDD_1_URL", "http://x/a.qcow2?b=/c", "HDD_1", "a.qcow2"),
        ("ISO_1_URL", "http://x/a/", "ISO_1", "a"),
        ("ISO_2_URL", "http://x/", "ISO_2", None),
        ("OTHER_URL", "http://x/a", "OTHER", None),
    ],
)
def test_the_file_of_a_url(key: str, url: str, setting: str, name: str | None) -> None:
    assert with_assets({key: url}).get(setting) == name


@pytest.mark.parametrize(
    ("key", "value", "kind"),
    [
        ("ISO", "", "iso"),
        ("ISO_10", "", "iso"),
        ("ISO_X", "", None),
        ("HDD_1", "", "hdd"),
        ("HDD", "", None),
        ("REPO_1", "", "repo"),
        ("KERNEL", "", "other"),
        ("ASSET_3", "", "other"),
        ("UEFI_PFLASH_VARS", "vars.qcow2", "hdd"),
        ("UEFI_PFLASH_VARS", "/usr/share/vars.fd", None),
    ],
)
def test_kinds_of_assets(key: str, value: str, kind: str | None) -> None:
    assert asset_type(key, value) == kind


def test_only_a_url_setting_has_an_asset_setting() -> None:
    assert asset_setting("ISO") is None
