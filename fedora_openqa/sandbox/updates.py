"""The updates and releases of the sandbox's Bodhi, loaded from a short table.

It must not know Bodhi's JSON; `bodhi_json` does.
"""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from itertools import chain
from pathlib import Path
from typing import Annotated, Any, Literal

import msgspec

from fedora_openqa.errors import ConfigError
from fedora_openqa.sandbox.tables import load_tables, rows_of

State = Literal["disabled", "pending", "frozen", "current", "archived"]
Status = Literal[
    "pending", "testing", "stable", "unpushed", "obsolete", "side_tag_active", "side_tag_expired"
]
Request = Literal["testing", "stable", "obsolete", "unpush", "revoke"]
Gating = Literal["waiting", "ignored", "queued", "running", "passed", "failed", "greenwave_failed"]
ContentType = Literal["base", "rpm", "module", "container", "flatpak"]
Type = Literal["bugfix", "security", "newpackage", "enhancement", "unspecified"]

_TABLE = "bodhi.toml"
#: a range in the NVR of a build: ``{1..286}``
_NUMBERS = re.compile(r"\{(\d+)\.\.(\d+)\}")

Word = Annotated[str, msgspec.Meta(pattern=r"\A\S+\Z")]
Nvr = Annotated[str, msgspec.Meta(pattern=r"\A[^\s/]+-[^\s/-]+-[^\s/-]+\Z")]
Moment = Annotated[datetime, msgspec.Meta(tz=False)]


class Release(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A release of Bodhi's; one row of ``bodhi.toml``."""

    id: int
    #: ``"F43"``
    name: Word
    #: ``"Fedora 43"``
    long_name: Annotated[str, msgspec.Meta(min_length=1)]
    #: ``"43"``, ``"eln"``
    version: Word
    #: prefix of the aliases of its updates: ``"FEDORA-EPEL"``
    id_prefix: Word
    #: ``"f43"``, ``"rawhide"``
    branch: Word
    #: ``"f43"``; with a number for Rawhide, too
    dist_tag: Word
    state: State
    #: Bodhi composes its repositories; Rawhide's are made by the nightly compose
    composed: bool = False
    #: Bodhi creates an update for each build
    automatic: bool = False
    #: ``"updates-testing"``
    repository: str | None = None
    #: days that an update must stay in testing
    days: Annotated[int, msgspec.Meta(ge=0)] = 0
    released: date | None = None
    eol: date | None = None


class Update(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An update; one row of ``bodhi.toml``."""

    #: ``"FEDORA-2026-3c1e7a90d2"``
    alias: Annotated[str, msgspec.Meta(pattern=r"\A[A-Z][A-Z-]*-20\d\d-[0-9a-f]{10}\Z")]
    #: the name of its release: ``"F43"``
    release: Word
    #: NVRs; one with ``{1..9}`` stands for nine
    builds: Annotated[tuple[Nvr, ...], msgspec.Meta(min_length=1)]
    content_type: ContentType = "rpm"
    critpath: bool = False
    #: ``"core critical-path-base"``; Bodhi distinguishes null and the empty text
    groups: str | None = None
    status: Status
    request: Request | None = None
    gating: Gating | None = None
    #: the side tag it was created from
    from_tag: str | None = None
    user: Literal["bodhi", "pkgmaint"] = "pkgmaint"
    submitted: Moment
    modified: Moment | None = None
    pushed: Moment | None = None
    type: Type = "bugfix"
    severity: Literal["unspecified", "urgent", "high", "medium", "low"] = "medium"
    suggest: Literal["unspecified", "reboot", "logout"] = "unspecified"
    notes: Annotated[str, msgspec.Meta(min_length=1)]

    @property
    def nvrs(self) -> tuple[str, ...]:
        """Return the NVRs of all builds, in the table's order."""
        return tuple(chain.from_iterable(map(_counted, self.builds)))

    @property
    def packages(self) -> frozenset[str]:
        """Return the names of the packages: the NVRs without version and release."""
        return frozenset(nvr.rsplit("-", 2)[0] for nvr in self.nvrs)


@dataclass(frozen=True, kw_only=True)
class Updates:
    """All releases and updates of a Bodhi."""

    releases: tuple[Release, ...]
    updates: tuple[Update, ...]

    def release_of(self, update: Update) -> Release:
        """Return the release of an update."""
        return next(release for release in self.releases if release.name == update.release)


class EditedUpdates:
    """The updates of a running Bodhi, which can be edited as by their maintainers."""

    def __init__(self, updates: Updates) -> None:
        """Start with the updates of a table."""
        self.all = updates

    def edit(self, alias: str, **changes: Any) -> None:  # noqa: ANN401 - fields of `Update`
        """Change fields of an update; its alias stays the same.

        Raises:
            KeyError: there is no such update.
        """
        if alias not in {update.alias for update in self.all.updates}:
            raise KeyError(alias)
        self.all = replace(
            self.all,
            updates=tuple(
                msgspec.structs.replace(update, **changes) if update.alias == alias else update
                for update in self.all.updates
            ),
        )


def load_updates(path: Path | None = None) -> Updates:
    """Load a table of releases and updates; None: the sandbox's own.

    Raises:
        ConfigError: the file is not such a table; names file, row and what was expected.
    """
    source = str(path or _TABLE)
    tables = load_tables(path, _TABLE, ("release", "update"))
    releases = rows_of(tables, "release", Release, source=source)
    updates = rows_of(tables, "update", Update, source=source)
    _check_names(source, "release name", [release.name for release in releases])
    _check_names(source, "update alias", [update.alias for update in updates])
    prefixes = {release.name: release.id_prefix for release in releases}
    for update in updates:
        where = f"{source}: update {update.alias}"
        if update.release not in prefixes:
            raise ConfigError(f"{where}: release {update.release} is not in the list of releases")
        if update.alias.rsplit("-", 2)[0] != prefixes[update.release]:
            raise ConfigError(f"{where}: expected {prefixes[update.release]}-… of its release")
    return Updates(releases=releases, updates=updates)


def _check_names(source: str, what: str, names: Sequence[str]) -> None:
    twice = [name for name, count in Counter(names).items() if count > 1]
    if twice:
        raise ConfigError(f"{source}: {what} {twice[0]} is there twice")


def _counted(build: str) -> Iterator[str]:
    found = _NUMBERS.search(build)
    if not found:
        yield build
        return
    for number in range(int(found[1]), int(found[2]) + 1):
        yield f"{build[: found.start()]}{number}{build[found.end() :]}"
