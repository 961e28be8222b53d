"""Plays openQA's workers: ends all jobs of a BUILD, in the same way each time.

It must not skip the children of failed jobs; openQA does.
"""

import json
import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from fedora_openqa.sandbox.openqa.workers import Module, Run, WaitingJob, Workers
from fedora_openqa.sandbox.system_logs import System

#: topic of openQA's messages about ended jobs
TOPIC = "org.fedoraproject.prod.openqa.job.done"

#: the test that uploads system data, and its module
_INSTALLS = "install_default_upload"
_COLLECTS = "_collect_data"

#: the modules that each test begins with; all are fatal
_BEFORE_INSTALL = ("_boot_to_anaconda", "_do_install_and_reboot")
_BEFORE_OTHERS = ("_console_wait_login",)


@dataclass(frozen=True, slots=True, kw_only=True)
class Ending:
    """The end of a test that does not pass, on every machine."""

    #: ``"Server-dvd-iso"``
    flavor: str
    #: ``"base_selinux"``
    test: str
    #: openQA's job result: ``"failed"``
    result: str
    #: the module that did not pass; empty: the one with the test's name
    module: str = ""
    #: openQA's reason, of a job that did not end by itself
    reason: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Script:
    """The ends of the jobs of a BUILD; all other jobs pass."""

    endings: tuple[Ending, ...] = ()
    #: flavor to the installed system
    systems: Mapping[str, System] = field(default_factory=dict)

    def run_of(self, job: WaitingJob) -> Run:
        """Return the run of a job."""
        ending = next(
            (it for it in self.endings if (it.flavor, it.test) == (job.flavor, job.test)), None
        )
        system = self.systems.get(job.flavor) if job.test == _INSTALLS else None
        modules = _modules(job.test, with_data=system is not None)
        if ending is None:
            return Run(result="passed", modules=modules, files=system.logs if system else {})
        return Run(
            result=ending.result,
            modules=_ended(modules, ending),
            reason=ending.reason,
        )


def finish_jobs(workers: Workers, build: str, script: Script) -> tuple[Mapping[str, Any], ...]:
    """End all jobs of a BUILD; return openQA's messages about them, in the form of recordings.

    Skipped jobs have no message.
    """
    messages = []
    while job := workers.next_job(build):
        body = workers.run(job.id, script.run_of(job))
        name = uuid.uuid5(uuid.NAMESPACE_URL, f"{TOPIC}/{job.id}")
        messages.append({"topic": TOPIC, "id": str(name), "body": body})
    return tuple(messages)


def write_messages(folder: Path, messages: Iterable[Mapping[str, Any]]) -> None:
    """Write recorded messages into a folder, one per file; the file names sort in their order."""
    folder.mkdir(parents=True)
    for number, message in enumerate(messages, start=1):
        text = json.dumps(message, indent=2)
        (folder / f"{number:05}.json").write_text(f"{text}\n")


def _modules(test: str, *, with_data: bool) -> tuple[Module, ...]:
    before = _BEFORE_INSTALL if test.startswith("install_") else _BEFORE_OTHERS
    modules = [Module(name, "passed", ("fatal",)) for name in before]
    if with_data:
        modules.append(Module(_COLLECTS, "passed"))
    return (*modules, Module(test, "passed", ("important",)))


def _ended(modules: tuple[Module, ...], ending: Ending) -> tuple[Module, ...]:
    """Return the modules with their results, up to one that failed; a soft failure goes on."""
    at = [one.name for one in modules].index(ending.module or ending.test)
    if ending.result == "softfailed":
        return (*modules[:at], replace(modules[at], result="softfailed"), *modules[at + 1 :])
    # an interrupted job has no result of its last module
    result = "failed" if ending.result == "failed" else "none"
    rest = (replace(one, result="none") for one in modules[at + 1 :])
    return (*modules[:at], replace(modules[at], result=result), *rest)


_PACKAGES = (
    "bash-5.3.3-2.fc45.x86_64",
    "cockpit-355-1.fc45.x86_64",
    "kernel-core-6.18.0-0.rc6.47.fc45.x86_64",
    "selinux-policy-targeted-43.4-1.fc45.noarch",
    "systemd-259~rc1-2.fc45.x86_64",
)
_SERVICES = ("auditd.service", "chronyd.service", "NetworkManager.service")
_SERVER = System(
    packages=(*_PACKAGES, "pcsc-lite-2.4.0-1.fc45.x86_64"),
    services=(*_SERVICES, "pcscd.service"),
)
_WORKSTATION = System(
    packages=(*_PACKAGES, "gnome-shell-50~alpha-2.fc45.x86_64"),
    services=(*_SERVICES, "gdm.service"),
    mem=1_404_928,
    root=6_100_000,
)
_KDE = System(
    packages=(*_PACKAGES, "plasma-workspace-6.5.3-1.fc45.x86_64"),
    services=(*_SERVICES, "sddm.service"),
    mem=1_298_432,
    root=6_700_000,
)

#: the ends on both days
_ALWAYS = (
    Ending(
        flavor="Everything-boot-iso",
        test="install_software_raid",
        result="failed",
        module="_do_install_and_reboot",
    ),
    Ending(flavor="KDE-live-iso", test="desktop_printing", result="failed"),
    Ending(flavor="Workstation-live-iso", test="desktop_update_graphical", result="softfailed"),
)

#: the nightly before the default compose
YESTERDAY = Script(
    endings=(
        *_ALWAYS,
        Ending(flavor="Server-dvd-iso", test="server_cockpit_default", result="failed"),
        Ending(
            flavor="i3-live-iso",
            test=_INSTALLS,
            result="timeout_exceeded",
            module="_do_install_and_reboot",
            reason="timeout: test execution exceeded MAX_JOB_TIME",
        ),
    ),
    systems={"Server-dvd-iso": _SERVER, "Workstation-live-iso": _WORKSTATION, "KDE-live-iso": _KDE},
)

#: the default compose
TODAY = Script(
    endings=(
        *_ALWAYS,
        # a gating requirement
        Ending(flavor="Server-dvd-iso", test="base_selinux", result="failed"),
        Ending(flavor="Server-dvd-iso", test="server_firewall_default", result="softfailed"),
        # another test starts from the disk of this one
        Ending(
            flavor="Everything-boot-iso",
            test="install_simple_encrypted",
            result="incomplete",
            module="_do_install_and_reboot",
            reason="backend died: QEMU exited unexpectedly, see log for details",
        ),
    ),
    systems={
        "Server-dvd-iso": replace(
            _SERVER,
            packages=(*_PACKAGES, "systemd-homed-259~rc1-2.fc45.x86_64", "zsh-5.9-18.fc45.x86_64"),
            services=(*_SERVICES, "systemd-homed.service"),
            load=1.34,
            mem=1_130_496,
            root=2_812_800,
        ),
        "Workstation-live-iso": replace(_WORKSTATION, idle=71.0, mem=1_812_480),
        "KDE-live-iso": _KDE,
    },
)

#: any update
UPDATES = Script(
    endings=(Ending(flavor="updates-workstation", test="desktop_browser", result="failed"),)
)
