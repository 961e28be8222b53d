"""Makes our configuration from the files of the tools that this project replaces.

Functions from texts to texts; reads and writes no file.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from fedora_openqa.config.load import parse_config
from fedora_openqa.config.old_files import (
    ConsumerFile,
    IniValue,
    parse_consumer,
    parse_images,
    parse_ini,
    parse_test_list,
)
from fedora_openqa.config.old_values import (
    OLD_DEFAULTS,
    Carried,
    Fate,
    Key,
    Left,
    Secret,
    flavor_table,
    images_table,
    of_check_compose_conf,
    of_consumers,
    of_schedule_conf,
)
from fedora_openqa.config.queues import queue_warnings
from fedora_openqa.config.toml_texts import toml_of
from fedora_openqa.errors import ConfigError
from fedora_openqa.model.tables import ComposeTables, FlavorTables
from fedora_openqa.texts import one_line

#: names of the old files; beside them the TOML files of consumers
SCHEDULE, IMAGES, UPDATES, ELN_UPDATES, CHECK_COMPOSE = OLD_NAMES = (
    "schedule.conf",
    "images.json",
    "updatetl.json",
    "elnupdatetl.json",
    "check-compose.conf",
)

PASSWORD_FILE = "resultsdb-password"  # noqa: S105 - its name

#: the first line of each file that is made
HEADING = "# Made by fedora-openqa config import from:"


@dataclass(frozen=True, slots=True)
class NewFile:
    """A file of ours."""

    text: str
    #: only its owner may read it
    is_secret: bool = False


@dataclass(frozen=True, slots=True)
class Imported:
    """Our configuration, made from old files."""

    #: by path; empty: there are no old files
    files: Mapping[Path, NewFile] = field(default_factory=dict)
    #: where values went: ``("… [report] wiki_hostname", 'wiki.hostname = "…"')``
    carried: tuple[tuple[str, str], ...] = ()
    left: tuple[Left, ...] = ()
    #: what a person should change in the configurations of consumers
    warnings: tuple[str, ...] = ()


def import_config(
    old: Mapping[Path, str], *, target: Path, composes: ComposeTables, flavors: FlavorTables
) -> Imported:
    """Return our files from the old ones; of two values for a key the later one wins.

    :param old: path to text, in the order in which folders are searched
    :param target: path of the configuration file that is made
    :param composes: our tables, for what the old files do not have

    Raises:
        ConfigError: an old file cannot be parsed; with file and line.
    """
    consumers = {str(path): file for path, file in _consumers(old)}
    used = [path for path in old if path.name in OLD_NAMES or str(path) in consumers]
    if not used:
        return Imported()
    tables, table_values, table_left = _tables(old, target.parent / "tables", composes, flavors)
    chosen, left = _choose([*_of_inis(old), *of_consumers(consumers)])
    files = dict(tables)
    if tables:
        directory = str(target.parent / "tables")
        chosen["tables", "directory"] = [Carried("the tables", ("tables", "directory"), directory)]
    for key, value in OLD_DEFAULTS.items():
        chosen.setdefault(key, [Carried("default of the old tool", key, value)])
    for key, (one, *_same) in chosen.items():
        if isinstance(one, Secret):
            place = target.parent / PASSWORD_FILE
            files[place] = NewFile(f"{one.value}\n", is_secret=True)
            chosen[key] = [Carried(one.source, key, str(place))]
    files[target] = NewFile(_config_text(chosen, used))
    return Imported(
        files=files,
        carried=(
            *((one.source, _shown(one)) for some in chosen.values() for one in some),
            *table_values,
        ),
        left=(*left, *table_left),
        warnings=tuple(
            f"{path}: {warning}"
            for path, file in consumers.items()
            for warning in queue_warnings(file.content)
        ),
    )


def _consumers(old: Mapping[Path, str]) -> Iterator[tuple[Path, ConsumerFile]]:
    for path, text in old.items():
        if path.suffix == ".toml" and (file := parse_consumer(text, source=str(path))):
            yield path, file


def _of_inis(old: Mapping[Path, str]) -> Iterator[Fate]:
    def read(name: str) -> Iterator[IniValue]:
        for path, text in old.items():
            if path.name == name:
                yield from parse_ini(text, source=str(path))

    yield from of_schedule_conf(read(SCHEDULE))
    yield from of_check_compose_conf(read(CHECK_COMPOSE))


def _tables(
    old: Mapping[Path, str], folder: Path, composes: ComposeTables, flavors: FlavorTables
) -> tuple[Mapping[Path, NewFile], tuple[tuple[str, str], ...], tuple[Left, ...]]:
    """Return the files of tables, what was carried over to them, and what was not."""
    last, left = _last(old)
    files: dict[Path, NewFile] = {}
    carried: list[tuple[str, str]] = []
    if path := last.get(IMAGES):
        images = parse_images(old[path], source=str(path))
        content, lacks = images_table(images, composes, source=str(path))
        place = folder / "images.toml"
        files[place] = NewFile(f"{_heading([path])}{toml_of(content)}")
        carried.append((str(path), str(place)))
        left += lacks
    lines = {}
    for line, name, ours in (
        ("fedora", UPDATES, flavors.fedora),
        ("eln", ELN_UPDATES, flavors.eln),
    ):
        path = last.get(name)
        packages = parse_test_list(old[path], source=str(path)) if path else None
        lines[line], lacks = flavor_table(packages, ours, source=str(path))
        left += lacks
    if sources := [last[name] for name in (UPDATES, ELN_UPDATES) if name in last]:
        place = folder / "updates.toml"
        files[place] = NewFile(f"{_heading(sources)}{toml_of(lines)}")
        carried += [(str(path), str(place)) for path in sources]
    return files, tuple(carried), tuple(left)


def _last(old: Mapping[Path, str]) -> tuple[dict[str, Path], list[Left]]:
    """Return the last JSON file of each name, and those that it replaces."""
    last: dict[str, Path] = {}
    left = []
    for path in old:
        if path.suffix == ".json":
            if before := last.get(path.name):
                left.append(Left(str(before), f"{path} replaces it"))
            last[path.name] = path
    return last, left


def _choose(fates: Iterable[Fate]) -> tuple[dict[Key, list[Carried | Secret]], list[Left]]:
    """Return the values of keys, each with all that agree on it, and what is not carried over."""
    chosen: dict[Key, list[Carried | Secret]] = {}
    left = []
    for fate in fates:
        if isinstance(fate, Left):
            left.append(fate)
        elif problem := _problem(fate):
            left.append(Left(fate.source, problem))
        else:
            before = chosen.setdefault(fate.key, [])
            if before and before[0].value != fate.value:
                left += [Left(one.source, f"{fate.source} replaces it") for one in before]
                before.clear()
            before.append(fate)
    return chosen, left


def _problem(fate: Carried | Secret) -> str | None:
    """Return why our configuration cannot have a value; None: it can."""
    if isinstance(fate, Secret):
        return "a password of several lines" if "\n" in fate.value else None
    try:
        parse_config(toml_of(_nested([fate])).encode(), source=".".join(fate.key))
    except ConfigError as exc:
        return str(exc)
    except TypeError as exc:
        return f"{'.'.join(fate.key)}: {exc}"
    return None


def _nested(values: Iterable[Carried | Secret]) -> Mapping[str, object]:
    """Return values as tables: ``{"wiki": {"hostname": "…"}}``."""
    content: dict[str, Any] = {}
    for one in values:
        table = content
        for name in one.key[:-1]:
            table = table.setdefault(name, {})
        table[one.key[-1]] = one.value
    return content


def _config_text(chosen: Mapping[Key, Sequence[Carried | Secret]], used: Sequence[Path]) -> str:
    """Return the text of the configuration file, with the source of each value."""
    comments = {key: ", ".join(one.source for one in some) for key, some in chosen.items()}
    content = _nested(some[0] for some in chosen.values())
    return f"{_heading(used)}{toml_of(content, comments)}"


def _heading(sources: Iterable[Path]) -> str:
    return "".join(
        f"{line}\n" for line in (HEADING, *(f"# {one_line(str(it))}" for it in sources), "")
    )


def _shown(one: Carried | Secret) -> str:
    return toml_of({".": one.value}).replace('"."', ".".join(one.key), 1).strip()
