import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fedora_openqa.errors import SubjectError
from fedora_openqa.gateways.recordings import parse_recordings, read_plan, read_recordings
from fedora_openqa.model.recordings import Recording

ONE = {"topic": "t", "headers": {}, "id": "1", "body": {"a": 1}, "queue": None, "priority": 0}
TWO = ONE | {"id": "2"}
EXPECTED = (Recording("t", {"a": 1}, "1"), Recording("t", {"a": 1}, "2"))


@pytest.mark.parametrize(
    "text",
    [
        json.dumps([ONE, TWO], indent=2),
        f"{json.dumps(ONE)}\n\n{json.dumps(TWO)}\n",
        json.dumps({"raw_messages": [ONE, TWO], "total": 2, "pages": 1}),
    ],
    ids=["list", "lines", "datagrepper"],
)
def test_several_messages_are_read_in_their_order(text: str) -> None:
    assert tuple(parse_recordings(text.encode(), source="s")) == EXPECTED


def test_one_message_over_several_lines_is_read() -> None:
    text = json.dumps(ONE, indent=2).encode()
    assert tuple(parse_recordings(text, source="s")) == EXPECTED[:1]


def test_a_folder_is_read_by_name(tmp_path: Path) -> None:
    (tmp_path / "b.json").write_text(json.dumps(TWO))
    (tmp_path / "a.json").write_text(json.dumps(ONE))
    (tmp_path / "c.txt").write_text("no message")
    assert read_recordings(tmp_path) == EXPECTED


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "has no message"),
        ("{}", "line 1: not a recorded message: Object missing required field `topic`"),
        ("7", "line 1: not a recorded message"),
        (f"{json.dumps(ONE)}\n{{", "line 2: not a recorded message"),
    ],
)
def test_anything_else_is_named_with_its_line(text: str, reason: str) -> None:
    with pytest.raises(SubjectError, match=reason):
        tuple(parse_recordings(text.encode(), source="f"))


def test_what_cannot_be_read_is_said(tmp_path: Path) -> None:
    with pytest.raises(SubjectError, match="cannot be read: No such file"):
        read_recordings(tmp_path / "none.json")
    with pytest.raises(SubjectError, match=r"has no \*\.json file"):
        read_recordings(tmp_path)
    (tmp_path / "plan.json").write_text("[1]")
    with pytest.raises(SubjectError, match="not a plan"):
        read_plan(tmp_path / "plan.json")


@given(text=st.binary() | st.text().map(str.encode))
def test_any_bytes_are_messages_or_refused(text: bytes) -> None:
    try:
        found = tuple(parse_recordings(text, source="f"))
    except SubjectError:
        return
    assert all(isinstance(recording.topic, str) for recording in found)
