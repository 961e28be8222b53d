"""Parses the output of five programs on an installed system; raises nothing.

Each parser returns None for a text without a line that it understands.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from statistics import fmean

#: longer lines are ignored; real ones are far shorter
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

#: tells ``free`` from ``free -m``, in KiB: tested systems have more than 64 MiB
LEAST_KIB = 64 * 1024


@dataclass(frozen=True, slots=True)
class Memory:
    """Used memory, in MiB."""

    mem: int
    #: None: the output has no such line
    swap: int | None


@dataclass(frozen=True, slots=True)
class Activity:
    """Load and CPU usage."""

    #: average of the last minute
    load: float
    #: percent; None: unknown
    cpu: float | None


def parse_packages(text: str) -> frozenset[str] | None:
    """Return the names of packages in the output of ``rpm -qa``, without version, release and arch.

    So an update is no change, and a package of two arches counts once.
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
    """Return the names of services in the output of ``systemctl -t service``.

    An instance counts as its template, because names of instances can be random: a disk, a user.
    """
    return frozenset(_services(text)) or None


def _services(text: str) -> Iterator[str]:
    for words in _words(text):
        # systemctl puts a bullet before units that failed or were not found
        unit, *rest = words if words[0].endswith(".service") else words[1:] or words
        if unit.endswith(".service") and rest[:1] != ["not-found"]:
            yield re.sub("@.*", "@.service", unit)


def parse_memory(text: str) -> Memory | None:
    """Return the used memory in the output of ``free``."""
    rows = {words[0]: words[1:3] for words in _words(text)}
    total, mem = _kibs(rows.get("Mem:", ()))
    _, swap = _kibs(rows.get("Swap:", ()))
    if total is None or mem is None:
        return None
    scale = 1.0 if total < LEAST_KIB else 1024.0
    return Memory(mem=round(mem / scale), swap=None if swap is None else round(swap / scale))


def parse_mounts(text: str) -> Mapping[str, float] | None:
    """Return the used space by mount in the output of ``df``, all in the same unit."""
    return dict(_mounts(text)) or None


def _mounts(text: str) -> Iterator[tuple[str, float]]:
    for words in _words(text):
        # the device's name may contain blanks, or stand on a line of its own
        for at in range(2, len(words) - 1):
            used = _kib(words[at - 2])
            is_share = words[at] == "-" or re.fullmatch(r"\d{1,3}%", words[at])
            if used is not None and is_share and words[at + 1].startswith("/"):
                yield " ".join(words[at + 1 :]), used
                break


def parse_activity(text: str) -> Activity | None:
    """Return the load of the last iteration of ``top -b``, and the mean CPU usage of all."""
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
