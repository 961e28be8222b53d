"""Parsers of the files of today's tools."""

import contextlib
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fedora_openqa.config.old_files import (
    IniValue,
    OldImage,
    parse_consumer,
    parse_images,
    parse_ini,
    parse_test_list,
)
from fedora_openqa.errors import ConfigError

#: lone surrogates stand in no file
texts = st.text(st.characters(exclude_categories=["Cs"]))
entries = st.lists(
    st.fixed_dictionaries(
        {"match": st.dictionaries(texts, texts, max_size=4)},
        optional={"score": st.integers(-10, 10), "dkboot": st.booleans()},
    ),
    max_size=4,
)
comments = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\n"))


@given(entries, st.data())
def test_comment_lines_anywhere_change_nothing(entries: list[Any], data: st.DataObject) -> None:
    lines = json.dumps(entries, indent=2, ensure_ascii=data.draw(st.booleans())).split("\n")
    for _ in range(data.draw(st.integers(0, 4))):
        place = data.draw(st.integers(0, len(lines)))
        indent = data.draw(st.sampled_from(["", "  ", "\t"]))
        lines.insert(place, f"{indent}//{data.draw(comments)}")
    assert parse_images("\n".join(lines), source="f") == tuple(
        OldImage(one["match"], one.get("score", 0), one.get("dkboot", False)) for one in entries
    )


@given(texts)
def test_any_text_is_parsed_or_refused(text: str) -> None:
    for parse in (parse_images, parse_test_list, parse_ini, parse_consumer):
        with contextlib.suppress(ConfigError):
            parse(text, source="f")


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ('[\n// a comment\n{"match": }\n]', "f: line 3: Expecting value"),
        ('[{"match": {"arch": 1}}]', r"f: Expected `str`, got `int` - at `\$\[0\].match\[...\]`"),
        ('[{"score": 1}]', r"f: .*missing required field `match`"),
        ('[{"match": {}, "score": "1"}]', r"f: Expected `int`, got `str` - at `\$\[0\].score`"),
        ('{"match": {}}', "f: Expected `array`, got `object`"),
        ('[{"match": {"arch": "\\ud800"}}]', "f: has the escape of half a character"),
        ("[" * 100_000, "f: .*recursion"),
        ("9" * 5000, "f: Exceeds the limit"),
        ("", "f: line 1: Expecting value"),
    ],
)
def test_broken_json_is_named_with_its_place(text: str, problem: str) -> None:
    with pytest.raises(ConfigError, match=problem):
        parse_images(text, source="f")


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("resultsdb_url = x", "f: line 1: a key without a "),
        ("[report]\nresultsdb_url", "f: line 2: neither a key with a value nor "),
        ("[report]\n[report]", "f: line 2: report for the second time"),
        ("[report]\n# c\na = 1\na = 2", "f: line 4: a for the second time"),
    ],
)
def test_a_broken_ini_file_is_named_with_its_line(text: str, problem: str) -> None:
    with pytest.raises(ConfigError, match=problem):
        parse_ini(text, source="f")


def test_values_of_ini_files_are_taken_as_they_are() -> None:
    text = "[report]\nresultsdb_password = 50%(x)s=;#\n[DEFAULT]\na =\n"
    assert parse_ini(text, source="f") == (
        IniValue("f", "report", "resultsdb_password", "50%(x)s=;#"),
        IniValue("f", "DEFAULT", "a", ""),
    )


def test_a_broken_consumer_is_named_with_its_line() -> None:
    with pytest.raises(ConfigError, match=r"f: .*at line 2, column 5"):
        parse_consumer('callback = "a:b"\nb = ?', source="f")
    with pytest.raises(ConfigError, match="f: consumer_config is no table"):
        parse_consumer('callback = "a:b"\nconsumer_config = 1', source="f")


def test_a_toml_file_without_a_callback_is_no_consumer() -> None:
    assert parse_consumer("broken = ?", source="f") is None
