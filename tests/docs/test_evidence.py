"""The tests that documents name as proof exist."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent.parent

EVIDENCE = sorted(
    {
        found
        for name in ("guarantees.md", "security.md")
        for found in re.findall(
            r"`(tests/[\w/]+\.py(?:::\w+)?)`", (ROOT / "docs" / name).read_text()
        )
    }
)


@pytest.mark.parametrize("proof", EVIDENCE)
def test_a_proof_exists(proof: str) -> None:
    path, _, name = proof.partition("::")
    text = (ROOT / path).read_text()
    assert f"def {name}(" in text if name else "def test_" in text or ".TestCase" in text
