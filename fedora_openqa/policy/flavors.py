"""The flavors that test an update or other packages."""

from dataclasses import dataclass

from fedora_openqa.model.composes import ReleaseNumbers
from fedora_openqa.model.subjects import Packages, Update
from fedora_openqa.model.tables import FlavorTable, FlavorTables

#: openQA's flavors of updates are named ``updates-server`` and the like
PREFIX = "updates-"


@dataclass(frozen=True, slots=True)
class UpdateFlavors:
    """The flavors of an update, by our tables."""

    #: flavors of its critical path groups
    of_groups: tuple[str, ...]
    #: flavors of its packages that are tested without a critical path group
    of_packages: tuple[str, ...]
    #: critical path groups that the table does not have
    unknown_groups: tuple[str, ...]


def flavors_of_update(update: Update, table: FlavorTable) -> UpdateFlavors:
    """Return the flavors that the table of its product line has for an update."""
    if update.critical and not update.groups:
        # Bodhi knew no groups when it decided that the update is critical
        of_groups = table.all_flavors
    else:
        of_groups = _in_order(table, *(table.groups.get(group, ()) for group in update.groups))
    packages = (table.packages.get(package_name(nvr), ()) for nvr in update.nvrs)
    return UpdateFlavors(
        of_groups=of_groups,
        of_packages=_in_order(table, *packages),
        unknown_groups=tuple(group for group in update.groups if group not in table.groups),
    )


def flavors_asked_for_by_hand(
    packages: Packages,
    flavors: tuple[str, ...],
    *,
    tables: FlavorTables,
    numbers: ReleaseNumbers | None,
) -> tuple[str, ...]:
    """Return the flavors, with prefix, for packages that a person asked for.

    :param flavors: exactly these, in any letter case, with or without prefix; empty: by the table
    """
    table = tables.eln if packages.release == "eln" else tables.fedora
    if flavors:
        chosen = tuple(dict.fromkeys(_spelled(flavor, table) for flavor in flavors))
    else:
        found = flavors_of_update(packages, table) if isinstance(packages, Update) else None
        if found and found.of_groups:
            wanted = _in_order(table, found.of_groups, found.of_packages)
        else:
            wanted = table.all_flavors
        chosen = tuple(
            flavor
            for flavor in wanted
            if not flavor.endswith("-upgrade") or can_be_upgraded_to(packages.release, numbers)
        )
    return tuple(f"{PREFIX}{flavor}" for flavor in chosen)


def flavors_wanted_by_message(
    update: Update, *, tables: FlavorTables, numbers: ReleaseNumbers | None
) -> tuple[str, ...]:
    """Return the flavors, with prefix, for an update that a message or a sweep asked for."""
    found = flavors_of_update(update, tables.fedora)
    return tuple(
        f"{PREFIX}{flavor}"
        for flavor in _in_order(tables.fedora, found.of_groups, found.of_packages)
        if not flavor.endswith("-upgrade") or can_be_upgraded_to(update.release, numbers)
    )


def _spelled(flavor: str, table: FlavorTable) -> str:
    """Return a flavor without its prefix as the table has it; as typed, if it has none."""
    bare = flavor.lower().removeprefix(PREFIX)
    known = {one.lower(): one for one in table.all_flavors}
    return known.get(bare, flavor[len(flavor) - len(bare) :])


def can_be_upgraded_to(release: str, numbers: ReleaseNumbers | None) -> bool:
    """Return whether there is a supported release before this one."""
    if not release.isdecimal():
        return False
    return numbers is None or int(release) != min(numbers.stable)


def package_name(nvr: str) -> str:
    """Return the name in an NVR: ``"pki-core"`` of ``"pki-core-11.6.0-1.fc43"``."""
    return nvr.rsplit("-", 2)[0]


def _in_order(table: FlavorTable, *rows: tuple[str, ...]) -> tuple[str, ...]:
    wanted = {flavor for row in rows for flavor in row}
    return tuple(flavor for flavor in table.all_flavors if flavor in wanted)
