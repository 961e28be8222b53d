"""Parses the configuration files of the tools that this project replaces.

Functions from text to values. A file that cannot be parsed is a `ConfigError` with file and line.
"""

import configparser
import json
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

import msgspec

from fedora_openqa.errors import ConfigError

T = TypeVar("T")

#: a line of a TOML file that makes it the configuration of a consumer
CALLBACK = re.compile(r"^[ \t]*callback[ \t]*=", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class IniValue:
    """A key of an INI file."""

    #: the file: ``"/etc/fedora-openqa/schedule.conf"``
    source: str
    #: ``"report"``
    section: str
    #: ``"resultsdb_url"``
    key: str
    value: str

    @property
    def place(self) -> str:
        """The file, the section and the key, for people."""
        return f"{self.source} [{self.section}] {self.key}"


class OldImage(msgspec.Struct, frozen=True):
    """An entry of ``images.json``."""

    #: keys of an image, as a compose's metadata has them, to the values that are wanted
    match: dict[str, str]
    #: the image with the highest score of an arch runs the universal tests; 0: it does not
    score: int = 0
    #: whether its kernel is booted directly
    dkboot: bool = False


@dataclass(frozen=True, slots=True)
class ConsumerFile:
    """The configuration of a fedora-messaging consumer."""

    #: ``"fedora_openqa.consumer:OpenQAScheduler"``
    callback: str
    #: ``[consumer_config]``
    settings: Mapping[str, Any]
    #: the whole file
    content: Mapping[str, Any]


def parse_ini(text: str, *, source: str) -> tuple[IniValue, ...]:
    """Return the keys of an INI file, in its order.

    Raises:
        ConfigError: with ``source`` and the line.
    """
    # a password may have a percent sign; no section is special
    parser = configparser.ConfigParser(interpolation=None, default_section="\0")
    try:
        parser.read_string(text)
    except configparser.MissingSectionHeaderError as exc:
        raise ConfigError(f"{source}: line {exc.lineno}: a key without a [section]") from exc
    except configparser.ParsingError as exc:
        line = exc.errors[0][0]
        raise ConfigError(
            f"{source}: line {line}: neither a key with a value nor a [section]"
        ) from exc
    except (configparser.DuplicateSectionError, configparser.DuplicateOptionError) as exc:
        name = getattr(exc, "option", exc.section)
        raise ConfigError(f"{source}: line {exc.lineno}: {name} for the second time") from exc
    return tuple(
        IniValue(source, section, key, value)
        for section in parser.sections()
        for key, value in parser.items(section)
    )


def parse_images(text: str, *, source: str) -> tuple[OldImage, ...]:
    """Return the entries of an ``images.json``; raises as `parse_json`."""
    return tuple(parse_json(text, list[OldImage], source=source))


def parse_test_list(text: str, *, source: str) -> Mapping[str, tuple[str, ...]]:
    """Return the flavors of packages in an ``updatetl.json``; raises as `parse_json`."""
    return parse_json(text, dict[str, tuple[str, ...]], source=source)


def parse_json(text: str, shape: type[T], *, source: str) -> T:
    """Return a JSON value; lines that begin with ``//`` are comments.

    Raises:
        ConfigError: with ``source`` and the line, or the path of a value of another shape.
    """
    # an empty line for each comment, so that the others keep their numbers. Within a string no line
    # begins: JSON's strings have no line ends
    kept = ("" if line.lstrip().startswith("//") else line for line in text.split("\n"))
    try:
        value = json.loads("\n".join(kept))
        # an escape may name half a character, which no file can have
        json.dumps(value, ensure_ascii=False).encode()
        return msgspec.convert(value, shape)
    except json.JSONDecodeError as exc:
        raise ConfigError(f"{source}: line {exc.lineno}: {exc.msg}") from exc
    except UnicodeEncodeError as exc:
        raise ConfigError(f"{source}: has the escape of half a character") from exc
    except (msgspec.ValidationError, RecursionError, ValueError) as exc:
        # a number of thousands of digits is a ValueError
        raise ConfigError(f"{source}: {exc}") from exc


def parse_consumer(text: str, *, source: str) -> ConsumerFile | None:
    """Return the configuration of a consumer; None: a TOML file of another kind.

    Raises:
        ConfigError: with ``source``, and the line or the key.
    """
    if not CALLBACK.search(text):
        return None
    try:
        content = tomllib.loads(text)
    except tomllib.TOMLDecodeError as exc:
        end = f"at line {len(text.splitlines())}"
        raise ConfigError(f"{source}: {exc}".replace("at end of document", end)) from exc
    settings = content.get("consumer_config", {})
    if not isinstance(settings, dict):
        raise ConfigError(f"{source}: consumer_config is no table")
    return ConsumerFile(str(content.get("callback", "")), settings, content)
