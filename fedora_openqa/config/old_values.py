"""Says which keys of ours the values of old configuration files belong to.

Decides about parsed values only; reads and writes no file.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from fedora_openqa.config.load import consumer_keys
from fedora_openqa.config.old_files import ConsumerFile, IniValue, OldImage
from fedora_openqa.model.tables import ComposeTables, FlavorTable, ImagelessProduct

#: path of a key of ours: ``("resultsdb", "url")``
Key = tuple[str, ...]

#: what the old tool used where ``schedule.conf`` said nothing
OLD_DEFAULTS: Mapping[Key, str] = {
    ("resultsdb", "url"): "http://localhost:5001/api/v2.0/",
    ("wiki", "hostname"): "stg.fedoraproject.org",
}

#: the sinks of old reporters, by the end of their callbacks
SINKS = {"ResultsDBReporter": "resultsdb", "WikiReporter": "wiki", "AutocloudReporter": "resultsdb"}

#: modules of old callbacks
OLD_MODULES = frozenset({"fedora_openqa.consumer", "autocloudreporter"})

#: the product that the image with the highest score was for
UNIVERSAL = "universal"


@dataclass(frozen=True, slots=True)
class Carried:
    """A value that is carried over."""

    #: ``"/etc/fedora-openqa/schedule.conf [report] resultsdb_url"``
    source: str
    key: Key
    value: object


@dataclass(frozen=True, slots=True)
class Left:
    """A value that is not carried over."""

    source: str
    reason: str


@dataclass(frozen=True, slots=True)
class Secret:
    """A password, which goes to a file of its own."""

    source: str
    #: the key that names the file
    key: Key
    value: str


Fate = Carried | Left | Secret


def of_schedule_conf(values: Iterable[IniValue]) -> Iterator[Fate]:
    """Yield the fate of each key of the files ``schedule.conf``; the later file wins."""
    known: Mapping[tuple[str, str], Key] = {
        ("report", "resultsdb_url"): ("resultsdb", "url"),
        ("report", "resultsdb_user"): ("resultsdb", "username"),
        ("report", "wiki_hostname"): ("wiki", "hostname"),
        ("schedule", "arches"): ("scheduling", "arches"),
    }
    login = {("report", "resultsdb_user"), ("report", "resultsdb_password")}
    reasons = {
        ("cli", "log-file"): "the command logs to standard error; redirect it",
        ("cli", "log-level"): "the command shows warnings, and every write with --verbose",
    }
    # both files are one configuration: one may have the user name, the other the password
    given: dict[tuple[str, str], IniValue] = {}
    for one in values:
        name = (one.section, one.key)
        if name in given:
            yield Left(given[name].place, f"{one.place} replaces it")
        given[name] = one
    can_log_in = login <= {name for name, one in given.items() if one.value}
    for name, one in given.items():
        if name in login and not can_log_in:
            yield Left(one.place, "the old tool logs in only with both a user name and a password")
        elif name == ("report", "resultsdb_password"):
            yield Secret(one.place, ("resultsdb", "password_file"), one.value)
        elif name == ("schedule", "arches"):
            yield Carried(one.place, known[name], one.value.replace(",", " ").split())
        elif name in known:
            yield Carried(one.place, known[name], one.value)
        else:
            yield Left(one.place, reasons.get(name, "there is no such key"))


def of_check_compose_conf(values: Iterable[IniValue]) -> Iterator[Fate]:
    """Yield the fate of each key of a ``check-compose.conf``."""
    known: Mapping[str, Key] = {
        "server": ("openqa", "hostname"),
        "url": ("openqa", "baseurl"),
        "greenwave-url": ("greenwave", "url"),
        "wait": ("mail", "wait"),
        "email-from": ("mail", "sender"),
        "email-to": ("mail", "recipients"),
        "smtp": ("mail", "smtp"),
    }
    reasons = {
        "json": "check-compose --format json prints the report; redirect it",
        "loglevel": "the command shows warnings, and every write with --verbose",
    }
    for one in values:
        place = one.place
        if one.section != "main":
            if one.key in {"all", "error"}:
                key = ("mail", "subvariants", one.section, one.key)
                yield Carried(place, key, one.value.split())
            else:
                yield Left(place, "only all and error are known")
        elif one.key == "email-to":
            yield Carried(place, known[one.key], one.value.split())
        elif one.key == "wait":
            yield _number(place, known[one.key], one.value)
        elif one.key in known:
            yield Carried(place, known[one.key], one.value)
        else:
            yield Left(place, reasons.get(one.key, "there is no such key"))


def of_consumers(files: Mapping[str, ConsumerFile]) -> Iterator[Fate]:
    """Yield the fate of each key of the configurations of consumers.

    Those that differ between consumers stay in their files, where they are understood.

    :param files: by path
    """
    given: dict[Key, list[Carried]] = {}
    for path, file in files.items():
        module, _, name = file.callback.partition(":")
        if module not in OLD_MODULES:
            yield Left(f"{path} callback", f"{file.callback} is none of the old callbacks")
            continue
        sink = next((sink for end, sink in SINKS.items() if name.endswith(end)), None)
        keys = consumer_keys(sink)
        for setting, value in file.settings.items():
            place = f"{path} [consumer_config] {setting}"
            if setting in keys:
                key = keys[setting]
                given.setdefault(key, []).append(Carried(place, key, value))
            else:
                yield Left(place, "no key of the old consumer")
    for all_of_key in given.values():
        if all(one.value == all_of_key[0].value for one in all_of_key):
            yield from all_of_key
        else:
            places = " and ".join(one.source for one in all_of_key)
            reason = f"{places} differ; each consumer keeps its own"
            yield from (Left(one.source, reason) for one in all_of_key)


def images_table(
    images: Sequence[OldImage], ours: ComposeTables, *, source: str
) -> tuple[Mapping[str, object], tuple[Left, ...]]:
    """Return the content of an ``images.toml`` from an old ``images.json``, and what it lacks.

    :param ours: the products without an image, which the old file does not have
    """
    left: list[Left] = []
    arches: dict[tuple[str, str, str], list[str]] = {}
    for number, image in enumerate(images, start=1):
        place = f"{source} entry {number}"
        missing = {"subvariant", "type", "format", "arch"}.symmetric_difference(image.match)
        if missing or not all(image.match.values()):
            names = ", ".join(sorted(missing)) or "an empty value"
            left.append(Left(place, f"match: exactly subvariant, type, format and arch: {names}"))
            continue
        kind = (image.match["subvariant"], image.match["type"], image.match["format"])
        row = arches.setdefault(kind, [])
        if image.match["arch"] in row:
            left.append(Left(place, "an entry before it wants the same images"))
        else:
            row.append(image.match["arch"])
        if image.dkboot:
            left.append(Left(f"{place} dkboot", "no job is booted with a kernel of its own"))
    rows = [
        {"subvariant": subvariant, "type": type_, "format": format_, "arches": row}
        for (subvariant, type_, format_), row in arches.items()
    ]
    return {"image": rows, "imageless": _imageless(images, ours.imageless)}, tuple(left)


def _imageless(
    images: Iterable[OldImage], ours: Iterable[ImagelessProduct]
) -> list[Mapping[str, object]]:
    """Return our products without an image; universal on the arches that have a score."""
    scored = {image.match.get("arch") for image in images if image.score > 0}
    arches: dict[tuple[str, str, str], list[str]] = {}
    for one in ours:
        if one.flavor != UNIVERSAL or not scored or one.arch in scored:
            kind = (one.flavor, one.subvariant, one.imagetype)
            arches.setdefault(kind, []).append(one.arch)
    return [
        {"flavor": flavor, "subvariant": subvariant, "imagetype": imagetype, "arches": row}
        for (flavor, subvariant, imagetype), row in arches.items()
    ]


def flavor_table(
    packages: Mapping[str, Sequence[str]] | None, ours: FlavorTable, *, source: str
) -> tuple[Mapping[str, object], tuple[Left, ...]]:
    """Return a product line of an ``updates.toml``, and what of the old test list it lacks.

    :param packages: package to flavors; None: there is no old file, and ours are kept
    :param ours: the critical path groups, which the old file does not have
    """
    groups = {group: list(flavors) for group, flavors in ours.groups.items()}
    if packages is None:
        return {"groups": groups, "packages": {k: list(v) for k, v in ours.packages.items()}}, ()
    bare = {
        package: list(dict.fromkeys(one.removeprefix("updates-") for one in flavors))
        for package, flavors in packages.items()
    }
    wanted = {package: flavors for package, flavors in bare.items() if package and all(flavors)}
    left = tuple(
        Left(f"{source} {package!r}", "a package and its flavors are expected")
        for package in packages
        if not wanted.get(package)
    )
    return {"groups": groups, "packages": {k: v for k, v in wanted.items() if v}}, left


def _number(place: str, key: Key, text: str) -> Fate:
    try:
        return Carried(place, key, float(text))
    except ValueError:
        return Left(place, f"{text!r} is no number")
