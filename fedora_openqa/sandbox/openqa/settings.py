"""The settings of a job: precedence of their sources, and replacement of references.

It must not know other jobs: it gets one template and the posted settings.
"""

import re
from collections.abc import Callable, Mapping
from urllib.parse import unquote, urlsplit

from fedora_openqa.sandbox.openqa.templates import JobTemplate

PLACEHOLDER = re.compile(r"%(\w+)%")
WORKER_CLASS = "WORKER_CLASS"
_DECOMPRESS = "_DECOMPRESS_URL"
_ASSET_TYPES = (
    (re.compile(r"ISO(_\d+)?"), "iso"),
    (re.compile(r"HDD_\d+"), "hdd"),
    (re.compile(r"REPO_\d+"), "repo"),
    (re.compile(r"ASSET_\d+|KERNEL|INITRD"), "other"),
)


class CircularReferenceError(Exception):
    """A setting refers to itself; the text is openQA's."""


def job_settings(template: JobTemplate, posted: Mapping[str, str]) -> dict[str, str]:
    """Return all settings of the job of a template.

    Precedence rises from product, machine, test suite and template to the posted settings, except
    that worker classes are joined and that `+KEY` overrides every `KEY`.

    Raises:
        CircularReferenceError: settings refer to one another in a circle.
    """
    sources = (
        template.product.settings,
        template.machine.settings,
        template.suite.settings,
        template.settings,
    )
    classes = sorted(source[WORKER_CLASS] for source in sources if WORKER_CLASS in source)
    settings = {key: value for source in sources for key, value in source.items()}
    if classes:
        settings[WORKER_CLASS] = ",".join(classes)
    settings |= posted
    settings["BACKEND"] = template.machine.backend
    settings["MACHINE"] = template.machine.name
    if settings.get("DISTRI"):
        settings["DISTRI"] = settings["DISTRI"].lower()
    settings["TEST"] = template.suite.name
    settings["TEST_SUITE_NAME"] = template.suite.name
    return expanded(_with_forced(with_assets(settings)))


def expanded(settings: Mapping[str, str]) -> dict[str, str]:
    """Return the settings with each `%KEY%` replaced; an unknown key becomes empty.

    Raises:
        CircularReferenceError: settings refer to one another in a circle.
    """
    return {key: _expand(settings, value, ()) for key, value in settings.items()}


def with_assets(settings: Mapping[str, str]) -> dict[str, str]:
    """Return the settings with the file name of each asset URL, where it is not set."""
    found = dict(settings)
    for key, value in settings.items():
        short = asset_setting(key)
        if not short or short in settings:
            continue
        found[key] = unquote(value)
        name = urlsplit(found[key]).path.rstrip("/").rpartition("/")[2]
        if key.endswith(_DECOMPRESS) and "." in name:
            name = name.rpartition(".")[0]
        if name and asset_type(short, name):
            found[short] = name
    return found


def asset_setting(key: str) -> str | None:
    """Return the setting for the file name of a URL setting: `HDD_2` for `HDD_2_URL`."""
    for ending in (_DECOMPRESS, "_URL"):
        if key.endswith(ending):
            return key.removesuffix(ending)
    return None


def asset_type(key: str, value: str = "") -> str | None:
    """Return the type of the asset in a setting; None: it has none."""
    for pattern, kind in _ASSET_TYPES:
        if pattern.fullmatch(key):
            return kind
    # an absolute path is a file of the worker, not an asset
    if key == "UEFI_PFLASH_VARS" and not value.startswith("/"):
        return "hdd"
    return None


def _with_forced(settings: Mapping[str, str]) -> dict[str, str]:
    plain = {key: value for key, value in settings.items() if not key.startswith("+")}
    forced = {key[1:]: value for key, value in settings.items() if key.startswith("+")}
    return plain | forced


def _expand(settings: Mapping[str, str], value: str, visited: tuple[str, ...]) -> str:
    if "%" not in value:
        return value
    return PLACEHOLDER.sub(_replacer(settings, visited), value)


def _replacer(
    settings: Mapping[str, str], visited: tuple[str, ...]
) -> Callable[[re.Match[str]], str]:
    def replace(found: re.Match[str]) -> str:
        key = found.group(1)
        if key not in settings:
            return ""
        if key in visited:
            value = settings[key]
            raise CircularReferenceError(
                f"Error: The key {key} contains a circular reference, its value is {value}.\n"
            )
        return _expand(settings, settings[key], (*visited, key))

    return replace
