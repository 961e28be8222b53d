"""The pictures of the documents are made by the demo and Chromium."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.services.installed import need_program

ROOT = Path(__file__).parent.parent.parent

#: what a PNG file begins with
PNG = b"\x89PNG\r\n\x1a\n"


@pytest.mark.service
def test_every_picture_of_the_documents_can_be_made_anew(tmp_path: Path) -> None:
    need_program("chromium")
    program = ROOT / "docs" / "pictures.py"
    ended = subprocess.run(
        [sys.executable, program, tmp_path], capture_output=True, text=True, check=False
    )
    assert ended.returncode == 0, ended.stderr[-3000:]
    made = {picture.name for picture in tmp_path.iterdir() if picture.read_bytes()[:8] == PNG}
    shown = {
        name
        for page in (ROOT / "README.md", *(ROOT / "docs").glob("*.md"))
        for name in re.findall(r"images/([a-z]+\.png)", page.read_text())
    }
    assert made == shown == {picture.name for picture in (ROOT / "docs" / "images").iterdir()}
