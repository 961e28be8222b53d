import tomllib

from hypothesis import given
from hypothesis import strategies as st

from fedora_openqa.config.toml_texts import toml_of

texts = st.text(st.characters(exclude_categories=["Cs"]))
rows = st.dictionaries(texts, texts | st.lists(texts), max_size=3)
values = st.recursive(
    texts | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.lists(texts),
    lambda inner: st.dictionaries(texts, inner, max_size=3),
    max_leaves=8,
) | st.lists(rows, min_size=1, max_size=3)


@given(st.dictionaries(texts, values, max_size=4))
def test_what_is_written_is_read(content: dict[str, object]) -> None:
    assert tomllib.loads(toml_of(content)) == content


@given(texts, texts)
def test_a_comment_changes_nothing(key: str, comment: str) -> None:
    text = toml_of({"a": {key: 1}}, {("a", key): comment})
    assert tomllib.loads(text) == {"a": {key: 1}}
