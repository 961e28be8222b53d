"""Small pictures: valid SVG with a text beside, whatever is in them."""

from xml.etree import ElementTree as ET

from hypothesis import given
from hypothesis import strategies as st

from fedora_openqa.web.svg import badge, sparkline, strip
from tests.support.pages import Html

#: what a template shows of a text is printable
NAMES = st.text(st.characters(codec="utf-8", exclude_categories=["C", "Zl", "Zp"]), max_size=40)


@given(
    st.lists(st.sampled_from(["passed", "failed", "softfailed", "running", "skipped"]), max_size=12)
)
def test_a_strip_has_a_bar_for_each_run_and_says_how_many_passed(results: list[str]) -> None:
    page = Html(str(strip(results)))
    (picture,) = page.all("svg")
    assert picture["aria-label"] == f"newest run: {results[0] if results else 'none'}"
    assert sum(one["d"].count("M") for one in page.all("path")) == len(results)
    passed = sum(result in {"passed", "softfailed"} for result in results)
    assert page.text == f"{passed}/{len(results)}"


@given(st.lists(st.floats(0, 1e9), max_size=30), NAMES)
def test_a_sparkline_has_a_point_for_each_value_within_its_picture(
    values: list[float], label: str
) -> None:
    root = ET.fromstring(str(sparkline(values, label)))  # noqa: S314 - ours
    assert root.attrib["aria-label"] == label
    points = [pair.split(",") for pair in root[0].attrib["points"].split()]
    assert len(points) == len(values)
    assert all(0 <= float(x) <= 120 and 0 <= float(y) <= 24 for x, y in points)


@given(NAMES, NAMES, st.sampled_from(["good", "bad", "warn", "plain"]))
def test_a_badge_shows_its_texts_and_nothing_that_they_say(
    label: str, value: str, tone: str
) -> None:
    root = ET.fromstring(badge(label, value, tone))  # noqa: S314 - ours
    assert {one.tag.partition("}")[2] for one in root.iter()} == {
        "svg",
        "title",
        "rect",
        "g",
        "text",
    }
    shown = [one.text or "" for one in root.iter("{http://www.w3.org/2000/svg}text")]
    assert shown == [label, value]
