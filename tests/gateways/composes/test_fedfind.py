from collections.abc import Callable

import pytest

from fedora_openqa.errors import SubjectError
from fedora_openqa.gateways.composes.fedfind import (
    MOST_CHARACTERS,
    compose_id_in,
    name_of,
    release_at,
    release_by_id,
)
from fedora_openqa.model.composes import ComposeName

RAWHIDE = "Fedora-Rawhide-20261120.n.0"
#: a text on which fedfind's pattern takes a time that grows with the square of its length
LONG = "Fedora-a" * 20_000


@pytest.mark.parametrize(
    ("text", "found"),
    [
        (RAWHIDE, RAWHIDE),
        (f"https://x/{RAWHIDE}/compose", RAWHIDE),
        ("x", ""),
        (f"{'x' * MOST_CHARACTERS}{RAWHIDE}", ""),
        (LONG, ""),
    ],
)
def test_a_compose_id_is_looked_for_in_short_texts_only(text: str, found: str) -> None:
    assert compose_id_in(text) == found


@pytest.mark.parametrize(
    ("compose_id", "name"),
    [
        (RAWHIDE, ComposeName(RAWHIDE, "Fedora", "Rawhide", "ga")),
        ("Fedora-Rawhide-20261120.n.12345", ComposeName("Fedora-Rawhide-20261120.n.12345", "Fedora", "Rawhide", "ga")),
        ("AlmaLinux-10-20261120.n.0", None),
        (f"{RAWHIDE}\n", None),
        (LONG, None),
    ],
)  # fmt: skip
def test_the_id_of_a_compose_of_fedora_says_what_it_is(
    compose_id: str, name: ComposeName | None
) -> None:
    assert name_of(compose_id) == name


@pytest.mark.parametrize("ask", [release_by_id, release_at])
def test_fedfind_is_asked_about_no_long_text(ask: Callable[[str], object]) -> None:
    with pytest.raises(SubjectError):
        ask(LONG)
