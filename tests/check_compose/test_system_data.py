from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from check_compose.system_data import (
    Activity,
    Memory,
    parse_activity,
    parse_memory,
    parse_mounts,
    parse_packages,
    parse_services,
)
from tests.check_compose.logs import df, free, top


def test_packages_are_known_by_their_names() -> None:
    text = (
        "bash-5.3.0-2.fc45.x86_64\nglibc-2.42-4.fc45.i686\nglibc-2.42-4.fc45.x86_64\n"
        "gpg-pubkey-6d9f90a6-6786af3b\njava-25-openjdk-25.0.1.0.8-1.fc45.x86_64\n"
        "warning: rpmdb\n\ntexlive-2:2025-1.fc45.noarch   Thu 20 Nov 2026\n"
    )
    names = {"bash", "glibc", "gpg-pubkey", "java-25-openjdk", "texlive"}
    assert parse_packages(text) == frozenset(names)


def test_services_are_known_by_their_units_and_instances_by_their_templates() -> None:
    text = (
        "  UNIT                 LOAD      ACTIVE SUB     DESCRIPTION\n"
        "  auditd.service       loaded    active running Security Audit Logging Service\n"
        "● pcscd.service        loaded    failed failed  PC/SC Smart Card Daemon\n"
        "● ntpd.service         not-found inactive dead  ntpd.service\n"
        "  getty@tty1.service   loaded    active running Getty on tty1\n"
        "  systemd-fsck@dev-disk-by\\x2duuid-8A1F.service loaded active exited File System Check\n"
        "\n1 loaded units listed.\n"
    )
    assert parse_services(text) == frozenset(
        {"auditd.service", "pcscd.service", "getty@.service", "systemd-fsck@.service"}
    )


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (free(945152, 3072), Memory(923, 3)),
        # free -m
        ("Mem: 1967 923 402 9 662\nSwap: 1966 3 1963\n", Memory(923, 3)),
        # free -h
        ("Mem: 1.9Gi 923Mi 402Mi\nSwap: 1.9Gi 0B 1.9Gi\n", Memory(923, 0)),
        ("Mem: 1,9Gi 1,5Gi\n", Memory(1536, None)),
        ("Mem: 2014264\n", None),
        ("Mem: lots some\n", None),
        ("free: command not found\n", None),
    ],
)
def test_memory_is_read_in_mib(text: str, expected: Memory | None) -> None:
    assert parse_memory(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (df(root=2400000, boot=300000), {"/": 2400000, "/boot": 300000}),
        # the device is on a line of its own
        ("/dev/mapper/a-very-long-name\n  100 40 60  40% /srv\n", {"/srv": 40}),
        ("//host/my share 100 40 60 40% /mnt/my share\n", {"/mnt/my share": 40}),
        ("proc 0 0 0 - /proc\n", {"/proc": 0}),
        # df -h
        ("/dev/vda2 15G 2.5G 12G 17% /\n", {"/": 2.5 * 1024**2}),
        ("df: /run/user/0: Permission denied\n", None),
    ],
)
def test_mounts_are_read_with_what_is_on_them(text: str, expected: dict[str, float] | None) -> None:
    assert parse_mounts(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (top("0.29", "91.0", "95.0"), Activity(0.29, 7.0)),
        (top("1.80", "80.0") + top("0.29", "90.0"), Activity(0.29, 15.0)),
        ("load average: 0,29, 0,14\n%Cpu(s): 8,8 us, 91,0 id\n", Activity(0.29, 9.0)),
        # a device name without blanks
        ("load average: 1.05, 1, 1\nCpu(s):  2.9%us, 91.0%id\n", Activity(1.05, 9.0)),
        ("load average: 0.29, 0.14\n", Activity(0.29, None)),
        ("%Cpu(s): 8.8 us, 91.0 id\n", None),
    ],
)
def test_the_last_load_and_the_mean_cpu_usage_are_read(
    text: str, expected: Activity | None
) -> None:
    assert parse_activity(text) == expected


PARSERS: list[Callable[[str], object]] = [
    parse_packages,
    parse_services,
    parse_memory,
    parse_mounts,
    parse_activity,
]
WORDS = st.sampled_from(
    ["Mem:", "Swap:", "1", "99999999999999999999", "3.5Gi", "40%", "-", "/", "/a", "a-1-2.x86_64",
     "auditd.service", "●", "load average: 0.2", "91,2 id", "\n", "\n\n", "\x85", "٣"]
)  # fmt: skip


@pytest.mark.parametrize("parse", PARSERS)
@given(text=st.text() | st.lists(WORDS).map(" ".join))
def test_no_text_is_too_odd_to_be_read(parse: Callable[[str], object], text: str) -> None:
    assert parse(text) is None or parse(text)


@pytest.mark.parametrize("parse", PARSERS)
@pytest.mark.parametrize(
    "line",
    ["1" * 4_000_000, " " * 4_000_000, "1 " * 2_000_000, "1% /" * 1_000_000, "-" * 4_000_000],
)
def test_a_line_of_megabytes_is_ignored(parse: Callable[[str], object], line: str) -> None:
    assert parse(line) is None
