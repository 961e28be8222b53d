from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fedora_openqa.model import spelling
from fedora_openqa.texts import one_line


@pytest.mark.parametrize(
    ("spell", "text", "expected"),
    [
        (spelling.release_named, "43", "43"),
        (spelling.release_named, "F43", "43"),
        (spelling.release_named, "f43", "43"),
        (spelling.release_named, "rawhide", "Rawhide"),
        (spelling.release_named, "RAWHIDE", "Rawhide"),
        (spelling.release_named, "ELN", "eln"),
        (spelling.arch_named, "X86_64", "x86_64"),
        (spelling.arch_named, "riscv64", "riscv64"),
        (spelling.kind_named, "CoreOS", "coreos"),
        (spelling.lane_named, "compose", "compose"),
        (spelling.lane_named, "Compose:rawhide", "compose:Rawhide"),
        (spelling.lane_named, "compose:ELN", "compose:eln"),
        (spelling.lane_named, "compose:10.1", "compose:10.1"),
        (spelling.lane_named, "update:F43", "update:43"),
        (spelling.lane_named, "UPDATE:eln", "update:eln"),
        (spelling.lane_named, "coreos:f45", "coreos:45"),
        (spelling.lane_named, "ResultsDB", "resultsdb"),
        (spelling.lane_named, "All", "all"),
        (spelling.pattern_named, "*-20261120.n.0", "*-20261120.n.0"),
        (spelling.pattern_named, "http://*/x86_64", "http://*/x86_64"),
        (spelling.pattern_named, "FEDORA-2026-[0-9]*", "FEDORA-2026-[0-9]*"),
        (spelling.pattern_named, "owner/name:pr:*", "owner/name:pr:*"),
        (spelling.pattern_named, "123,456", "123,456"),
        (spelling.update_named, "FEDORA-2026-1bd5f4a0c2", "FEDORA-2026-1bd5f4a0c2"),
        (spelling.update_named, "fedora-2026-1BD5F4A0C2", "FEDORA-2026-1bd5f4a0c2"),
        (spelling.update_named, "FEDORA-EPEL-2026-1bd5f4a0c2", "FEDORA-EPEL-2026-1bd5f4a0c2"),
        *(
            (spelling.update_named, f"https://bodhi.fedoraproject.org/updates/FEDORA-2026-1bd5f4a0c2{end}", "FEDORA-2026-1bd5f4a0c2")
            for end in ("", "/", "//", "#comment-1", "/#comment-1", "?x=y", "/?x=/y#z", "?x=FEDORA-2026-2")
        ),
        (spelling.copr_named, "owner/name", "owner/name"),
        (spelling.copr_named, "@group/name:pr:12", "@group/name:pr:12"),
        (spelling.copr_named, "owner/name:custom:a.b", "owner/name:custom:a.b"),
        (spelling.tag_named, "f45-build-side-1", "f45-build-side-1"),
        (spelling.tasks_named, "1,23,1", (1, 23)),
    ],
)  # fmt: skip
def test_words_are_spelled_as_subjects_have_them(
    spell: Callable[[str], object], text: str, expected: object
) -> None:
    assert spell(text) == expected


@pytest.mark.parametrize(
    ("spell", "text", "reason"),
    [
        (spelling.release_named, "", "is no release: a number like 43, rawhide or eln"),
        *((spelling.release_named, text, "is no release") for text in ("FF43", "0", "F043", "4 3", "43\n", "\u0664\u0663", "branched", "9999")),
        (spelling.arch_named, "amd64", "'amd64' is no arch: aarch64, ppc64le, riscv64, s390x, x86_64"),
        (spelling.arch_named, "x86_64 ", "is no arch"),
        (spelling.kind_named, "copr", "is no kind of subject: compose, update, coreos"),
        (spelling.lane_named, "composes", "is no lane: compose, update, task, tag, copr or coreos"),
        *((spelling.lane_named, text, "is no lane") for text in ("", ":", "wiki:43", "update 43", "message", "sweep:43")),
        *((spelling.lane_named, f"compose:{text}", "is no release") for text in ("", "x", "43:44", "Fedora-43", "*", "43 ")),
        (spelling.lane_named, "update:Rawhide", "Rawhide is its number there, like update:45"),
        (spelling.lane_named, "coreos:rawhide", "Rawhide is its number there, like coreos:45"),
        (spelling.lane_named, "coreos:eln", "no build of CoreOS is of ELN"),
        (spelling.pattern_named, "compose:Rawhide", "can match nothing: a pattern is compared with"),
        (spelling.pattern_named, "update:FEDORA-2026-1*", "like 'fedora-2026-1\\*'"),
        *((spelling.pattern_named, text, "has a character that no compose id") for text in ("a b", "x\n", "#1", "a\\b", "é*", "/", "a/../b", "$", "")),
        *((spelling.update_named, text, "is not the id or the URL of an update") for text in ("", "43", "FEDORA-2026-x", "FEDORA-2026-1?x", "https://x/", "https://x/?u=FEDORA-2026-1")),
        *((spelling.copr_named, text, "is not owner/name") for text in ("name", "a/b/c", "a/b:", "a/b::c", "a/b:c d", "../b", "a/b\n")),
        *((spelling.tag_named, text, "is not the name of a Koji tag") for text in ("../x", "", "a b", "x" * 300)),
        *((spelling.tasks_named, text, "is not the id of a Koji task") for text in ("", "x", "0", "1,", "1, 2", "1" * 5000, "\u0661")),
    ],
)  # fmt: skip
def test_other_words_are_refused_with_what_is_possible(
    spell: Callable[[str], object], text: str, reason: str
) -> None:
    with pytest.raises(ValueError, match=reason):
        spell(text)


ALL = (
    spelling.release_named,
    spelling.arch_named,
    spelling.kind_named,
    spelling.lane_named,
    spelling.pattern_named,
    spelling.update_named,
    spelling.copr_named,
    spelling.tag_named,
)


@given(
    spell=st.sampled_from(ALL),
    text=st.text()
    | st.from_regex("(?i)(compose|update):(f?[0-9]{1,3}|rawhide|eln)", fullmatch=True),
)
def test_what_is_spelled_once_stays_so(spell: Callable[[str], str], text: str) -> None:
    try:
        spelled = spell(text)
    except ValueError:
        return
    assert spell(spelled) == spelled
    assert one_line(spelled) == spelled


def test_two_names_that_become_one_are_refused() -> None:
    with pytest.raises(ValueError, match="'F43' is '43', which is there already"):
        spelling.renamed({"43": 1, "F43": 2}, ["43", "43"])
