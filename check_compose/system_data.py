"""What five programs say about an installed system; understands what it can, raises nothing.

Each parser gives nothing if a text says nothing of the kind it is for.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from statistics import fmean

#: one line of any of these is far shorter
MAX_LINE = 1024

#: a number of KiB, or one with a unit: ``"923456"``, ``"1.2Gi"``, ``"0B"``
SIZE = re.compile(r"(\d{1,15}(?:[.,]\d{1,3})?)([KMGTPB]?)(?:iB?)?")
KIB = {
    "": 1.0,
    "B": 1 / 1024,
    "K": 1.0,
    "M": 1024.0,
    "G": 1024.0**2,
    "T": 1024.0**3,
    "P": 1024.0**4,
}

#: ``top``'s first line; the comma is decimal in some languages
LOAD = re.compile(r"load average: {0,3}(\d{1,6})[.,](\d{1,3})")
#: ``%Cpu(s):  5.9 us,  2.9 sy,  0.0 ni, 91.2 id``
IDLE = re.compile(r"(\d{1,3})[.,](\d{1,3}) {0,3}%? {0,3}id\b")

#: ``free -m`` looks like ``free``; no system is tested with less than 64 MiB, in KiB
LEAST_KIB = 64 * 1024


@dataclass(frozen=True, slots=True)
class Memory:
    """What is in use, in MiB."""

    mem: int
    #: nothing: there is no such line
    swap: int | None


@dataclass(frozen=True, slots=True)
class Activity:
    """How busy it is."""

    #: of the last minute
    load: float
    #: percent; nothing: it does not say
    cpu: float | None


def parse_packages(text: str) -> frozenset[str] | None:
    """Read the names of packages from ``rpm -qa``; version, release and arch are left out.

    So an update is no change, and a package of two arches is one.
    """
    return (
        frozenset(
            nvra[0]
            for words in _words(text)
            if len(nvra := words[0].rsplit("-", 2)) == 3  # noqa: PLR2004 - name, version, release
        )
        or None
    )


def parse_services(text: str) -> frozenset[str] | None:
    """Read the names of services from ``systemctl -t service``.

    Instances count as their template, for many are named by what is random: a disk, a user.
    """
    return frozenset(_services(text)) or None


def _services(text: str) -> Iterator[str]:
    for words in _words(text):
        # a bullet before it says that it is not well
        unit, *rest = words if words[0].endswith(".service") else words[1:] or words
        if unit.endswith(".service") and rest[:1] != ["not-found"]:
            yield re.sub("@.*", "@.service", unit)


def parse_memory(text: str) -> Memory | None:
    """Read what is in use from ``free``."""
    rows = {words[0]: words[1:3] for words in _words(text)}
    total, mem = _kibs(rows.get("Mem:", ()))
    _, swap = _kibs(rows.get("Swap:", ()))
    if total is None or mem is None:
        return None
    scale = 1.0 if total < LEAST_KIB else 1024.0
    return Memory(mem=round(mem / scale), swap=None if swap is None else round(swap / scale))


def parse_mounts(text: str) -> Mapping[str, float] | None:
    """Read what is in use on each mount from ``df``, all in one unit."""
    return dict(_mounts(text)) or None


def _mounts(text: str) -> Iterator[tuple[str, float]]:
    for words in _words(text):
        # a device may have blanks in its name, or a line for itself; what follows has not
        for at in range(2, len(words) - 1):
            used = _kib(words[at - 2])
            is_share = words[at] == "-" or re.fullmatch(r"\d{1,3}%", words[at])
            if used is not None and is_share and words[at + 1].startswith("/"):
                yield " ".join(words[at + 1 :]), used
                break


def parse_activity(text: str) -> Activity | None:
    """Read the load of the last iteration of ``top -b``, and the mean CPU usage of all."""
    loads = [_decimal(*found) for found in LOAD.findall(text)]
    idle = [_decimal(*found) for found in IDLE.findall(text)]
    if not loads:
        return None
    return Activity(load=loads[-1], cpu=100 - fmean(idle) if idle else None)


def _words(text: str) -> Iterator[list[str]]:
    for line in text.splitlines():
        if len(line) <= MAX_LINE and (words := line.split()):
            yield words


def _kibs(words: Iterable[str]) -> tuple[float | None, float | None]:
    total, used, *_ = [*map(_kib, words), None, None]
    return total, used


def _kib(word: str) -> float | None:
    match = SIZE.fullmatch(word)
    return float(match[1].replace(",", ".")) * KIB[match[2]] if match else None


def _decimal(whole: str, fraction: str) -> float:
    return float(f"{whole}.{fraction}")
