"""Spelling of words that people type: releases, arches, lanes, ids, patterns of a block list.

Commands and configuration parse these words here, in any letter case. Each function returns the
spelling that subjects have, and raises ValueError with the possible words.
"""

import re
from collections.abc import Iterable, Mapping
from typing import TypeVar

from fedora_openqa.model.deliveries import Sink
from fedora_openqa.model.subjects import MESSAGE_KINDS, Kind

T = TypeVar("T")

#: the arches that Fedora is made for
ARCHES = ("aarch64", "ppc64le", "riscv64", "s390x", "x86_64")

#: the releases without a number, as subjects spell them
RAWHIDE, ELN = "Rawhide", "eln"

#: lanes, which are named for kinds of subjects and for sinks
KINDS, SINKS = tuple(Kind), tuple(Sink)

#: the name of a pause that stops every lane
ALL_LANES = "all"

#: a release: ``43``, ``F43``
NUMBER = re.compile(r"[Ff]?([1-9][0-9]{0,2})", re.ASCII)
#: a version of another distribution's compose: ``10.1``
VERSION = re.compile(r"[0-9]{1,4}(\.[0-9]{1,4}){1,3}", re.ASCII)

#: alias of an update: ``FEDORA-2026-1bd5f4a0c2``
ALIAS = re.compile(r"([A-Z][A-Z0-9-]{0,40}-[0-9]{4})-([0-9a-f]{1,40})", re.IGNORECASE | re.ASCII)

#: ids of Koji tasks
TASKS = re.compile(r"[1-9][0-9]{0,14}(,[1-9][0-9]{0,14})*", re.ASCII)
SIDE_TAG = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,254}", re.ASCII)
#: ``owner/name``, ``@group/name``; a directory of a project, such as a pull request's, ends in
#: ``:pr:12``
COPR = re.compile(
    r"@?[A-Za-z0-9][A-Za-z0-9._+-]{0,99}/[A-Za-z0-9][A-Za-z0-9._+-]{0,99}"
    r"(:[A-Za-z0-9][A-Za-z0-9._+-]{0,99}){0,4}",
    re.ASCII,
)

#: the characters of the names that a block list is compared with: compose ids, URLs, update ids
NAME_CHARACTERS = re.compile(r"[\w.~+@,:/\[\]!*?^-]*", re.ASCII)


def release_named(text: str) -> str:
    """Return ``"43"``, ``"Rawhide"`` or ``"eln"``.

    Raises:
        ValueError: the text is no release.
    """
    if match := NUMBER.fullmatch(text):
        return match[1]
    words = {RAWHIDE.lower(): RAWHIDE, ELN: ELN}
    if (word := text.lower()) in words:
        return words[word]
    raise ValueError(f"{text!r} is no release: a number like 43, rawhide or eln")


def arch_named(text: str) -> str:
    """Return ``"x86_64"``.

    Raises:
        ValueError: Fedora is not made for such an arch.
    """
    if (arch := text.lower()) in ARCHES:
        return arch
    raise ValueError(f"{text!r} is no arch: {', '.join(ARCHES)}")


def kind_named(text: str) -> str:
    """Return ``"compose"``: a kind of subject that messages ask for.

    Raises:
        ValueError: no message asks for such a kind.
    """
    if (kind := text.lower()) in MESSAGE_KINDS:
        return kind
    raise ValueError(f"{text!r} is no kind of subject: {', '.join(MESSAGE_KINDS)}")


def lane_named(text: str) -> str:
    """Return a lane as subjects and sinks have it: ``"compose:Rawhide"``, ``"update"``, ``"wiki"``.

    `ALL_LANES` stands for every lane.

    Raises:
        ValueError: there is no such lane.
    """
    kind, colon, release = text.partition(":")
    lane = kind.lower()
    if not colon and lane in {*KINDS, *SINKS, ALL_LANES}:
        return lane
    if colon and lane in KINDS:
        return f"{lane}:{_release_of(lane, release)}"
    raise ValueError(
        f"{text!r} is no lane: {', '.join(KINDS[:-1])} or {KINDS[-1]}, a release of one, like"
        f" update:43, {', '.join(SINKS[:-1])} or {SINKS[-1]}, or {ALL_LANES}"
    )


def _release_of(kind: str, text: str) -> str:
    """Return the release of a lane, as subjects of the kind have it."""
    if kind == Kind.COMPOSE and VERSION.fullmatch(text):
        return text
    release = release_named(text)
    if release == RAWHIDE and kind != Kind.COMPOSE:
        raise ValueError(f"{kind}:{text}: Rawhide is its number there, like {kind}:45")
    if release == ELN and kind == Kind.COREOS:
        raise ValueError(f"{kind}:{text}: no build of CoreOS is of ELN")
    return release


def pattern_named(text: str) -> str:
    """Return a pattern of a block list, which compares in any case.

    Raises:
        ValueError: no compose id, URL, update id or name of another subject can match it.
    """
    bare = text.lower()
    kind, colon, rest = bare.partition(":")
    if not NAME_CHARACTERS.fullmatch(bare) or ".." in bare or not bare.strip("/:,"):
        raise ValueError(f"{text!r} has a character that no compose id, URL or update id has")
    if colon and kind in {*KINDS, *SINKS}:
        raise ValueError(
            f"{text!r} can match nothing: a pattern is compared with compose ids, URLs and update"
            f" ids, like {rest or '*-20261120.n.0'!r}"
        )
    return text


def update_named(text: str) -> str:
    """Return the alias of an update: ``"FEDORA-2026-1bd5f4a0c2"``.

    :param text: an alias in any case, or the URL of an update's page

    Raises:
        ValueError: the text is neither.
    """
    match = next((found for word in words_in(text) if (found := ALIAS.fullmatch(word))), None)
    if match is None:
        raise ValueError(f"{text!r} is not the id or the URL of an update")
    return f"{match[1].upper()}-{match[2].lower()}"


def words_in(text: str) -> tuple[str, ...]:
    """Return the parts of the path of a URL, the last first; of other texts the text itself.

    A query and a fragment, like ``#comment-1``, are left out.
    """
    path = re.split("[?#]", text, maxsplit=1)[0] if "/" in text else text
    return tuple(word for word in reversed(path.split("/")) if word)


def tasks_named(text: str) -> tuple[int, ...]:
    """Return the ids of Koji tasks, each once: of ``"123,456"``.

    Raises:
        ValueError: the text has something else.
    """
    if not TASKS.fullmatch(text):
        raise ValueError(f"{text!r} is not the id of a Koji task")
    return tuple(dict.fromkeys(map(int, text.split(","))))


def tag_named(text: str) -> str:
    """Return the name of a side tag.

    Raises:
        ValueError: the text is none.
    """
    if not SIDE_TAG.fullmatch(text):
        raise ValueError(f"{text!r} is not the name of a Koji tag")
    return text


def copr_named(text: str) -> str:
    """Return a COPR project or a directory of one: ``"owner/name"``, ``"owner/name:pr:12"``.

    Raises:
        ValueError: the text is neither.
    """
    if not COPR.fullmatch(text):
        raise ValueError(f"{text!r} is not owner/name")
    return text


def renamed(table: Mapping[str, T], names: Iterable[str]) -> Mapping[str, T]:
    """Return a table under other names, given in its order.

    Raises:
        ValueError: two rows get the same name.
    """
    found: dict[str, T] = {}
    for old, new in zip(table, names, strict=True):
        if new in found:
            raise ValueError(f"{old!r} is {new!r}, which is there already")
        found[new] = table[old]
    return found
