import pytest

from fedora_openqa.model.subjects import Kind
from fedora_openqa.policy.subject_names import build_of, parse_build, parse_name
from tests.support.jobs import BUILD

ALIAS = "FEDORA-2026-1bd5f4a0c2"


@pytest.mark.parametrize(
    ("subject", "key", "kind"),
    [
        (BUILD, f"compose:{BUILD}", "compose"),
        (f"compose:{BUILD}", f"compose:{BUILD}", "compose"),
        (f"https://x/compose/rawhide/{BUILD}/compose", f"compose:{BUILD}", "compose"),
        (ALIAS, f"update:{ALIAS}", "update"),
        (f"update:{ALIAS}", f"update:{ALIAS}", "update"),
        (f"Update-{ALIAS}", f"update:{ALIAS}", "update"),
        (f"https://bodhi.fedoraproject.org/updates/{ALIAS}", f"update:{ALIAS}", "update"),
        ("45.20261119.91.0", "coreos:45.20261119.91.0", "coreos"),
        ("https://x/builds/45.20261119.91.0/x86_64", "coreos:45.20261119.91.0", "coreos"),
        ("coreos:45.20261119.91.0:x86_64", "coreos:45.20261119.91.0:x86_64", "coreos"),
        ("coreos:odd", "coreos:odd", None),
        ("message:0e8e4ba1-9d7a", "message:0e8e4ba1-9d7a", None),
        ("0e8e4ba1-9d7a", "0e8e4ba1-9d7a", None),
        ("", "", None),
        ("http://[", "http://[", None),
    ],
)
def test_a_subject_has_many_names_and_one_key(subject: str, key: str, kind: str | None) -> None:
    name = parse_name(subject)
    assert (name.key, name.kind) == (key, kind)


@pytest.mark.parametrize(
    ("subject", "build"),
    [
        (BUILD, BUILD),
        (f"https://kojipkgs.fedoraproject.org/compose/rawhide/{BUILD}/compose", BUILD),
        (f"https://kojipkgs.fedoraproject.org/compose/rawhide/{BUILD}/", BUILD),
        ("https://dl.example/stage/43_RC-1.6/Fedora-43-20251023.0/compose", "Fedora-43-20251023.0"),
        ("https://x/Fedora-IoT-44-20261120.0/compose", "Fedora-IoT-44-20261120.0"),
        ("FEDORA-2026-1bd5f4a0c2", "Update-FEDORA-2026-1bd5f4a0c2"),
        ("FEDORA-EPEL-2026-1bd5f4a0c2", "Update-FEDORA-EPEL-2026-1bd5f4a0c2"),
        ("https://bodhi.fedoraproject.org/updates/FEDORA-2026-1bd5f4a0c2", "Update-FEDORA-2026-1bd5f4a0c2"),
        ("Update-FEDORA-2026-1bd5f4a0c2", "Update-FEDORA-2026-1bd5f4a0c2"),
        ("45.20261119.91.0", "Fedora-CoreOS-45.20261119.91.0"),
        ("Fedora-CoreOS-45.20261119.91.0", "Fedora-CoreOS-45.20261119.91.0"),
        ("coreos:45.20261119.91.0:x86_64", "Fedora-CoreOS-45.20261119.91.0"),
        ("update:FEDORA-2026-1bd5f4a0c2", "Update-FEDORA-2026-1bd5f4a0c2"),
        (f"{BUILD}-EXTRA", f"{BUILD}-EXTRA"),
        ("Kojitask-1_2-NOREPORT", "Kojitask-1_2-NOREPORT"),
        ("https://example.org/nothing", "https://example.org/nothing"),
    ],
)  # fmt: skip
def test_a_subject_is_what_openqa_calls_its_build(subject: str, build: str) -> None:
    assert parse_build(subject) == build


@pytest.mark.parametrize("kind", Kind)
def test_every_kind_of_subject_has_a_build(kind: Kind) -> None:
    assert "x" in build_of(kind, "x")
