"""Makes up answers of ``GET jobs?build=…`` in the form of openQA of 2016, with known causes.

Unlike Fedora's, most modules are not fatal: a job goes on after one, and what fails later may
follow from it or have nothing to do with it. Jobs have no reason. Several causes begin with one
build; some of them begin in the same module of different tests, others share what fails later.
Nothing is fitted but the shares that are known of recorded builds of openqa.opensuse.org: jobs that
fail, different sets of modules, and how often two failures have modules in common.
"""

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from fedora_openqa.sandbox.made_causes import happens

INSTALLATION = (
    "bootloader", "welcome", "installation_mode", "partitioning", "partitioning_finish",
    "installer_timezone", "installer_desktopselection", "user_settings", "installation_overview",
    "start_install", "await_install", "second_stage", "first_boot",
)  # fmt: skip
CONSOLE = (
    "consoletest_setup", "textinfo", "hostname", "xorg_vt", "zypper_lr", "zypper_ref", "yast2_lan",
    "curl_https", "glibc_i686", "aplay", "yast2_i", "yast2_bootloader", "vim", "firewall_enabled",
    "sshd", "sshfs", "mtab", "zypper_up", "mysql_srv", "dns_srv", "http_srv", "postgresql_server",
    "salt", "shibboleth", "consoletest_finish",
)  # fmt: skip
DESKTOP = (
    "start_screensaver", "xterm", "sshxterm", "gedit", "gnome_terminal", "kate", "firefox",
    "firefox_audio", "yast2_users", "amarok", "kontact", "reboot", "oocalc", "ooffice",
    "oomath", "khelpcenter", "systemsettings", "dolphin", "nautilus", "evolution", "shutdown",
)  # fmt: skip
ONLY_KDE = {"kate", "amarok", "kontact", "khelpcenter", "systemsettings", "dolphin"}
ONLY_GNOME = {"gedit", "gnome_terminal", "nautilus", "evolution"}
#: their failure ends a job
FATAL = {
    "bootloader",
    "welcome",
    "partitioning_finish",
    "start_install",
    "await_install",
    "first_boot",
}

DESKTOPS = ("kde", "gnome", "textmode", "minimalx")
VARIANTS = (
    "", "+btrfs", "+RAID0", "+RAID1", "+RAID5", "cryptlvm", "lvm", "ext4", "update_132",
    "update_421", "yast2", "nfs", "smp", "split-usr",
)  # fmt: skip
#: flavor, arch, machines
MEDIA = (
    ("DVD", "x86_64", ("64bit", "uefi")),
    ("NET", "x86_64", ("64bit", "uefi")),
    ("DVD", "i586", ("32bit",)),
    ("Live", "x86_64", ("64bit", "USBboot_64")),
)

#: of a build with new causes, how many begin with it
AT_ONCE = (3, 4, 5, 6)

#: how probable it is that a job fails with a cause that hits it, or in a module that fails in it
#: again and again; that a module fails by chance; that a job is missing, or soft failed
ALWAYS, AGAIN, BY_CHANCE, MISSING, SOFT = 0.96, 0.7, 0.003, 0.04, 0.1


@dataclass(frozen=True)
class Test:
    """A scenario with the modules it runs."""

    name: str
    desktop: str
    flavor: str
    arch: str
    machine: str
    modules: tuple[str, ...]


@dataclass(frozen=True)
class Trouble:
    """A cause: the tests it hits, from one build to another, and what fails with it."""

    id: str
    tests: frozenset[Test]
    begins: int
    ends: int
    #: fails in each job
    first: str
    #: what may fail after it, and how probable that is
    later: tuple[str, ...]
    follows: float


@dataclass
class PublicBuilds:
    """Made-up answers with what is known of them."""

    #: one answer for each build
    answers: list[dict[str, Any]] = field(default_factory=list)
    #: id of each failed job to its cause; of a failure by chance to one of its own
    causes: dict[int, str] = field(default_factory=dict)
    #: id of each failed job to when its cause began and what failed: two causes with the same one
    #: differ in nothing that openQA shows
    looks: dict[int, object] = field(default_factory=dict)
    #: the causes that more than one job may have
    lasting: set[str] = field(default_factory=set)


def make_builds(seed: int, *, builds: int = 8) -> PublicBuilds:
    """Return builds of which each has some 85 jobs."""
    rng = random.Random(seed)  # noqa: S311 - nothing secret
    tests = _tests(rng)
    troubles = list(_troubles(tests, builds, rng))
    # fail in some tests again and again, whatever else does
    chronic = {
        module: frozenset(rng.sample(tests, rng.randrange(3, 9)))
        for module in rng.sample(CONSOLE[5:] + DESKTOP[3:], 3)
    }
    made = PublicBuilds(lasting={it.id for it in troubles} | {f"chronic-{it}" for it in chronic})
    begins: dict[str, object] = {one.id: one.begins for one in troubles}
    time = datetime(2016, 3, 1, 6, tzinfo=UTC)
    number, id_ = 46, 150_000
    for at in range(builds):
        jobs = []
        for test in tests:
            if happens(rng, MISSING):
                continue
            id_ += rng.randrange(1, 4)
            failed, cause = _failures(test, at, troubles, chronic, rng)
            jobs.append(_job(id_, test, f"{number:04}", time, failed, rng=rng))
            if failed:
                made.causes[id_] = cause or f"chance-{id_}"
                made.looks[id_] = begins.get(cause, cause or id_), tuple(failed)
        made.answers.append({"jobs": jobs})
        number += rng.randrange(1, 8)
        time += timedelta(hours=rng.uniform(8, 34))
    return made


def _tests(rng: random.Random) -> list[Test]:
    found = []
    for flavor, arch, machines in MEDIA:
        for machine in machines:
            for desktop in DESKTOPS:
                for variant in rng.sample(VARIANTS, 3):
                    modules = [*INSTALLATION, *rng.sample(CONSOLE, 20)]
                    modules.sort(key=(INSTALLATION + CONSOLE).index)
                    without = {"kde": ONLY_GNOME, "gnome": ONLY_KDE}.get(
                        desktop, ONLY_KDE | ONLY_GNOME
                    )
                    if desktop != "textmode":
                        modules += [it for it in DESKTOP if it not in without]
                    name = desktop + variant if variant[:1] in ("", "+") else f"{variant}-{desktop}"
                    found.append(Test(name, desktop, flavor, arch, machine, tuple(modules)))
    return found


def _troubles(tests: Sequence[Test], builds: int, rng: random.Random) -> Iterator[Trouble]:
    at = 0
    last: list[Trouble] = []
    while at < builds:
        some: list[Trouble] = []
        # a job has one main cause
        last = [one for one in last if one.ends > at]
        left = set(tests).difference(*(one.tests for one in last))
        for number in range(rng.choice(AT_ONCE)):
            if one := _trouble(f"{at}-{number}", sorted(left, key=repr), at, some, rng):
                some.append(one)
                left -= one.tests
        last += some
        yield from some
        at += rng.randrange(1, 3)


def _trouble(
    name: str, tests: Sequence[Test], at: int, others: Sequence[Trouble], rng: random.Random
) -> Trouble | None:
    """Return a cause; it may be like one that begins with the same build."""
    if not tests:
        return None
    like = rng.choice(others) if others else None
    kind = rng.choice((*["own"] * 8, "same first", "same later", "same later")) if like else "own"
    around = rng.choice(tests)
    first = like.first if like and kind == "same first" else rng.choice(around.modules[6:-1])
    if first not in around.modules:
        runs = [it for it in tests if first in it.modules]
        if not runs:
            return None
        around = rng.choice(runs)
    after = around.modules[around.modules.index(first) + 1 :]
    later = tuple(rng.sample(after, min(len(after), rng.choice((0, 1, 2, 4, 7)))))
    if like and kind == "same later":
        later = tuple(it for it in like.later if it in after)
    where = rng.sample(("desktop", "flavor", "arch", "machine"), rng.choice((0, 1, 2, 2, 3, 3)))
    share = (0.1, 0.5, 0.85, 0.95)[len(where)]
    hit = frozenset(
        it
        for it in tests
        if first in it.modules
        and all(getattr(it, what) == getattr(around, what) for what in where)
        and happens(rng, share)
    )
    return Trouble(
        name,
        hit | {around},
        at,
        at + rng.randrange(1, 4),
        first,
        later,
        follows=rng.uniform(0.7, 1.0),
    )


def _failures(
    test: Test,
    at: int,
    troubles: Sequence[Trouble],
    chronic: dict[str, frozenset[Test]],
    rng: random.Random,
) -> tuple[list[str], str]:
    """Return what fails in a job in the order it runs, and its main cause; empty: chance."""
    failed = {
        module: f"chronic-{module}"
        for module, some in chronic.items()
        if test in some and happens(rng, AGAIN)
    }
    for one in troubles:
        if test in one.tests and one.begins <= at < one.ends and happens(rng, ALWAYS):
            later = [it for it in one.later if happens(rng, one.follows)]
            failed |= dict.fromkeys((one.first, *later), one.id)
    for module in test.modules[4:]:
        if happens(rng, BY_CHANCE):
            failed.setdefault(module, "")
    order: list[str] = []
    for module in test.modules:
        if module in failed:
            order.append(module)
            if module in FATAL:
                break
    causes = [failed[it] for it in order]
    # what began with a build goes before what always fails
    main = sorted(causes, key=lambda it: (not it, it.startswith("chronic")))
    return order, main[0] if main else ""


def _job(
    id_: int,
    test: Test,
    build: str,
    posted: datetime,
    failed: Sequence[str],
    *,
    rng: random.Random,
) -> dict[str, Any]:
    """Return a job as openQA sends it."""
    modules = []
    result = "failed" if failed else "softfailed" if happens(rng, SOFT) else "passed"
    is_over = False
    for name in test.modules:
        flags = ["fatal"] if name in FATAL else []
        category = (
            "installation" if name in INSTALLATION else "console" if name in CONSOLE else "x11"
        )
        ended = "none" if is_over else "failed" if name in failed else "passed"
        is_over |= name in failed and name in FATAL
        modules.append(
            {
                "category": category,
                "flags": [*flags, "important"] if category == "installation" else flags,
                "name": name,
                "result": ended,
            }
        )
    started = posted + timedelta(minutes=rng.uniform(0, 240))
    finished = started + timedelta(minutes=rng.uniform(20, 110))
    return {
        "assets": {"iso": [f"openSUSE-Tumbleweed-{test.flavor}-{test.arch}-Build{build}.iso"]},
        "clone_id": None,
        "group": "openSUSE Tumbleweed",
        "group_id": 1,
        "id": id_,
        "modules": modules,
        "name": f"opensuse-{test.flavor}-{test.arch}-Build{build}-{test.name}@{test.machine}",
        "priority": 50,
        "result": result,
        "settings": {
            "ARCH": test.arch,
            "BUILD": build,
            "DISTRI": "opensuse",
            "FLAVOR": test.flavor,
            "MACHINE": test.machine,
            "NAME": f"{id_:08}-{test.name}",
            "TEST": test.name,
            "VERSION": "Tumbleweed",
        },
        "state": "done",
        "t_finished": finished.strftime("%Y-%m-%dT%H:%M:%S"),
        "t_started": started.strftime("%Y-%m-%dT%H:%M:%S"),
        "test": test.name,
    }
