from hypothesis import given
from hypothesis import strategies as st

from fedora_openqa.sandbox.bodhi import QueryError, parse_query
from fedora_openqa.sandbox.updates import load_updates

UPDATES = load_updates()
LISTS = ["alias", "status", "release", "releases", "packages", "builds"]
CHOICES = ["critpath", "gating", "request", "content_type"]
MOMENTS = ["submitted_since", "modified_before", "pushed_since"]
NAMES = st.sampled_from(
    [*LISTS, *CHOICES, *MOMENTS, "page", "rows_per_page", "search", "user", "unknown"]
)
VALUES = st.text(max_size=30) | st.sampled_from(
    ["1", "-1", "F43", "testing", "waiting", "true", "kernel", "2026-11-20", "0001-01-01T00+01"]
)
QUERIES = st.lists(st.tuples(NAMES, VALUES), max_size=4)


@given(pairs=QUERIES)
def test_a_query_is_read_or_refused(pairs: list[tuple[str, str]]) -> None:
    query: dict[str, list[str]] = {}
    for name, value in pairs:
        query.setdefault(name, []).append(value)
    try:
        found = parse_query(query, UPDATES.releases)
    except QueryError:
        return
    assert {found.passes(update) for update in UPDATES.updates} <= {True, False}
