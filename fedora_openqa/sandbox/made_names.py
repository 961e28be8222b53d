"""Names of made-up jobs: scenarios with their modules, and BUILDs, as Fedora's openQA has them."""

import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

from fedora_openqa.model.history import Scenario

#: VERSION settings of composes, and of updates
COMPOSE_VERSIONS, UPDATE_VERSIONS = ("Rawhide", "45"), ("45", "44")

#: flavors of composes
COMPOSE_FLAVORS = (
    "Server-dvd-iso",
    "Everything-boot-iso",
    "Workstation-live-iso",
    "KDE-live-iso",
    "universal",
    "Silverblue-dvd_ostree-iso",
    "Server-boot-iso",
    "Cloud_Base-qcow2-qcow2",
    "Minimal-raw_xz-raw.xz",
)

#: flavors of updates, which are tested on x86_64 only
UPDATE_FLAVORS = (
    "updates-server",
    "updates-workstation",
    "updates-kde",
    "updates-everything-boot-iso",
)

#: arch and machine
MACHINES = (("x86_64", "64bit"), ("x86_64", "uefi"), ("aarch64", "aarch64"))

#: the test that tests of the same flavor, arch and machine are chained after
FIRST = "install_default_upload"

#: tests that install a system
INSTALL_TESTS = (
    FIRST,
    "install_blivet_ext4",
    "install_btrfs",
    "install_cyrillic_language",
    "install_delete_pata",
    "install_european_language",
    "install_iscsi",
    "install_kickstart_nfs",
    "install_lvmthin",
    "install_mirrorlist_graphical",
    "install_multi",
    "install_package_set_minimal",
    "install_repository_http_graphical",
    "install_resize_lvm",
    "install_sata",
    "install_scsi_updates_img",
    "install_simple_encrypted",
    "install_software_raid",
    "install_text",
    "install_vnc_server",
    "install_xfs",
    "upgrade_desktop_64bit",
    "upgrade_minimal_64bit",
    "upgrade_server_64bit",
)

#: tests of a system that is installed already
SYSTEM_TESTS = (
    "advisory_boot",
    "base_reboot_unmount",
    "base_selinux",
    "base_service_manipulation",
    "base_services_start",
    "base_system_logging",
    "base_update_cli",
    "desktop_background",
    "desktop_browser",
    "desktop_login",
    "desktop_notifications_live",
    "desktop_printing",
    "desktop_terminal",
    "desktop_update_graphical",
    "modularity_tests",
    "podman",
    "realmd_join_cockpit",
    "release_identification",
    "server_cockpit_basic",
    "server_cockpit_default",
    "server_database_client",
    "server_filesystem_default",
    "server_firewall_default",
    "server_freeipa_replication_client",
    "server_remote_logging_client",
    "server_role_deploy_domain_controller",
)

#: tests that run beside the test that they end with
PARENTS = {
    "server_database_client": "server_database_server",
    "server_remote_logging_client": "server_remote_logging_server",
    "server_freeipa_replication_client": "server_freeipa_replication_master",
    "realmd_join_cockpit": "server_role_deploy_domain_controller_beside",
}

#: modules that tests begin with, in their order; each test ends with one of its own
_INSTALL_MODULES = (
    "_boot_to_anaconda",
    "_software_selection",
    "_partitioning",
    "_do_install_and_reboot",
    "_console_wait_login",
)
_SYSTEM_MODULES = ("_console_wait_login", "_advisory_update", "_console_shutdown")
_DESKTOP_MODULES = ("_graphical_wait_login", "_advisory_update", "_graphical_input")


@dataclass(frozen=True, slots=True)
class MadeScenario:
    """A scenario, with what its jobs have in common."""

    scenario: Scenario
    #: in the order they run
    modules: tuple[str, ...]
    #: openQA's WORKER_CLASS
    worker_class: str
    #: seconds that a job of it takes
    usual: float
    #: the test that runs beside it, as its parent; empty: none
    beside: str = ""


def compose_scenarios(number: int, rng: random.Random) -> tuple[MadeScenario, ...]:
    """Return scenarios of composes, in any order.

    :param number: at most 1,350
    """
    every = list(_scenarios(COMPOSE_FLAVORS, MACHINES, rng))
    rng.shuffle(every)
    return tuple(every[:number])


def update_scenarios(number: int, rng: random.Random) -> tuple[MadeScenario, ...]:
    """Return scenarios of updates, in any order.

    :param number: at most 200
    """
    every = list(_scenarios(UPDATE_FLAVORS, MACHINES[:1], rng))
    rng.shuffle(every)
    return tuple(every[:number])


def _scenarios(
    flavors: tuple[str, ...], machines: tuple[tuple[str, str], ...], rng: random.Random
) -> Iterator[MadeScenario]:
    for flavor in flavors:
        for test in (*INSTALL_TESTS, *SYSTEM_TESTS):
            for arch, machine in machines:
                beside = PARENTS.get(test, "")
                taps = ",tap" if beside else ""
                yield MadeScenario(
                    scenario=Scenario(test, flavor, arch, machine),
                    modules=modules_of(test),
                    worker_class=f"qemu_{arch}{taps}",
                    usual=_usual(test, rng),
                    beside=beside,
                )


def parent_of(made: MadeScenario) -> MadeScenario:
    """Return the scenario of the test that runs beside one, as its parent."""
    return MadeScenario(
        scenario=made.scenario._replace(test=made.beside),
        modules=modules_of(made.beside),
        worker_class=made.worker_class,
        usual=made.usual,
    )


def modules_of(test: str) -> tuple[str, ...]:
    """Return the modules of a test, in the order they run."""
    if test in INSTALL_TESTS:
        return (*_INSTALL_MODULES, test)
    if test.startswith("desktop_"):
        return (*_DESKTOP_MODULES[:2], test, _DESKTOP_MODULES[2])
    return (*_SYSTEM_MODULES[:2], test, _SYSTEM_MODULES[2])


def _usual(test: str, rng: random.Random) -> float:
    middle = 2400.0 if test in INSTALL_TESTS else 900.0
    return float(min(middle * rng.lognormvariate(0.0, 0.4), 6000.0))


def compose_build(release: str, time: float, respin: int) -> str:
    """Return the BUILD of a nightly compose: ``"Fedora-Rawhide-20261120.n.0"``."""
    return f"Fedora-{release}-{datetime.fromtimestamp(time, UTC):%Y%m%d}.n.{respin}"


def update_build(rng: random.Random, time: float) -> str:
    """Return the BUILD of an update: ``"Update-FEDORA-2026-5d02b7e318"``."""
    year = datetime.fromtimestamp(time, UTC).year
    return f"Update-FEDORA-{year}-{rng.getrandbits(40):010x}"
