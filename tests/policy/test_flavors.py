import pytest

from fedora_openqa.data import load_flavor_tables
from fedora_openqa.model.composes import ReleaseNumbers
from fedora_openqa.model.subjects import Copr, KojiTasks, Packages, SideTag, Update
from fedora_openqa.policy.flavors import (
    can_be_upgraded_to,
    flavors_asked_for_by_hand,
    flavors_of_update,
    package_name,
)
from tests.support.composes import NUMBERS
from tests.support.packages import update

TABLES = load_flavor_tables()
ALL = (
    "cloud container server server-upgrade kde kde-live-iso workstation workstation-upgrade"
    " workstation-live-iso everything-boot-iso silverblue-dvd_ostree-iso"
)
NO_UPGRADE = ALL.replace("server-upgrade ", "").replace("workstation-upgrade ", "")


def flavors(packages: Packages, *asked: str, numbers: ReleaseNumbers | None = NUMBERS) -> str:
    """Return the chosen flavors without prefix, in one line."""
    chosen = flavors_asked_for_by_hand(packages, asked, tables=TABLES, numbers=numbers)
    assert all(flavor.startswith("updates-") for flavor in chosen)
    return " ".join(flavor.removeprefix("updates-") for flavor in chosen)


@pytest.mark.parametrize(
    ("packages", "expected"),
    [
        # critical path groups
        (update(groups=("core",)), ALL),
        (update(groups=("critical-path-kde",)), "kde kde-live-iso"),
        (update(groups=("critical-path-kde", "critical-path-cloud")), "cloud kde kde-live-iso"),
        (update(groups=("critical-path-kde", "critical-path-games")), "kde kde-live-iso"),
        # none that the table knows
        (update(groups=("critical-path-games",)), ALL),
        (update(groups=(), critical=True), ALL),
        (update(groups=(), critical=False), ALL),
        # packages of the test list
        (
            update("ghostscript-10.05.1-1.fc43", groups=("critical-path-cloud",)),
            "cloud kde workstation",
        ),
        # with no flavor from groups a person gets everything
        (update("ghostscript-10.05.1-1.fc43", groups=(), critical=False), ALL),
        # the oldest stable release cannot be upgraded to
        (update(release="42", groups=("core",)), NO_UPGRADE),
        (update(release="42", groups=("critical-path-server",)), "server"),
        (update(release="45", groups=("critical-path-server",)), "server server-upgrade"),
        # ELN has a table of its own
        (update(release="eln", groups=("core",)), "everything-boot-iso"),
        (update(release="eln", groups=("critical-path-kde",)), "everything-boot-iso"),
        # packages without an update
        (KojiTasks((1, 2), "43"), ALL),
        (SideTag("f42-build-side-1", "42"), NO_UPGRADE),
        (Copr("owner/name", "eln"), "everything-boot-iso"),
    ],
)
def test_a_person_gets_what_the_tables_say_or_everything(packages: Packages, expected: str) -> None:
    assert flavors(packages) == expected


def test_what_a_person_names_wins() -> None:
    oldest = update(release="42", groups=("core",))
    assert flavors(oldest, "server-upgrade", "updates-kde", "kde") == "server-upgrade kde"
    assert flavors(oldest, "NoneSuch", "updates-NoneSuch") == "NoneSuch"
    assert flavors(oldest, "KDE", "Updates-Server") == "kde server"


@pytest.mark.parametrize(
    ("found", "of_groups", "of_packages", "unknown"),
    [
        (update(groups=("critical-path-kde", "x")), ("kde", "kde-live-iso"), (), ("x",)),
        (update(groups=("x",)), (), (), ("x",)),
        (update(groups=(), critical=True), TABLES.fedora.all_flavors, (), ()),
        (update(groups=(), critical=False), (), (), ()),
        (
            update("pki-core-11.6.0-1.fc43", "x-1-1.fc43", groups=(), critical=False),
            (),
            ("server", "server-upgrade"),
            (),
        ),
    ],
)
def test_the_tables_say_what_is_theirs(
    found: Update,
    of_groups: tuple[str, ...],
    of_packages: tuple[str, ...],
    unknown: tuple[str, ...],
) -> None:
    says = flavors_of_update(found, TABLES.fedora)
    assert (says.of_groups, says.of_packages, says.unknown_groups) == (
        of_groups,
        of_packages,
        unknown,
    )


@pytest.mark.parametrize(
    ("release", "numbers", "expected"),
    [
        ("42", NUMBERS, False),
        ("43", NUMBERS, True),
        ("45", NUMBERS, True),
        ("eln", NUMBERS, False),
        ("42", None, True),
    ],
)
def test_the_oldest_release_cannot_be_upgraded_to(
    release: str, numbers: ReleaseNumbers | None, *, expected: bool
) -> None:
    assert can_be_upgraded_to(release, numbers) is expected


@pytest.mark.parametrize(
    ("nvr", "name"),
    [
        ("pki-core-11.6.0-1.fc43", "pki-core"),
        ("kernel-6.17.4-300.fc43", "kernel"),
        ("containernetworking-plugins-1.7.1-2.fc43", "containernetworking-plugins"),
        ("broken", "broken"),
        ("", ""),
    ],
)
def test_a_package_is_named_before_version_and_release(nvr: str, name: str) -> None:
    assert package_name(nvr) == name
