import pytest
from hypothesis import given
from hypothesis import strategies as st

from fedora_openqa.model.jobs import Job
from fedora_openqa.policy.contents import (
    content_of,
    content_of_job,
    digest_of,
    is_of_other_content,
)
from fedora_openqa.policy.packages import split_nvrs

NVRS = st.lists(st.from_regex(r"[a-z]{1,8}-[0-9]-[0-9]\.fc43", fullmatch=True), min_size=1)


def job(**settings: str) -> Job:
    return Job(1, "updates-server", "x86_64", "done", "passed", settings=settings)


@pytest.mark.parametrize(
    ("settings", "content"),
    [
        ({}, None),
        ({"ADVISORY": "FEDORA-2026-1", "ADVISORY_NVRS_1": ""}, None),
        ({"ADVISORY_NVRS_COUNT": "2", "XADVISORY_NVRS_1": "a-1-1"}, None),
        ({"ADVISORY_NVRS": "b-1-1 a-1-1"}, ("a-1-1", "b-1-1")),
        (
            {"ADVISORY_NVRS_2": "a-1-1", "ADVISORY_NVRS_1": "c-1-1 b-1-1"},
            ("a-1-1", "b-1-1", "c-1-1"),
        ),
        ({"ADVISORY_NVRS": "a-1-1", "ADVISORY_NVRS_1": "a-1-1"}, ("a-1-1",)),
    ],
)
def test_a_job_names_its_content_in_its_settings(
    settings: dict[str, str], content: tuple[str, ...] | None
) -> None:
    assert content_of_job(job(**settings)) == content


@given(nvrs=NVRS)
def test_the_settings_of_an_update_say_its_content_whatever_its_size(nvrs: list[str]) -> None:
    parts = enumerate(split_nvrs(nvrs), start=1)
    posted = job(**{f"ADVISORY_NVRS_{number}": " ".join(part) for number, part in parts})
    assert content_of_job(posted) == content_of(reversed(nvrs))


@pytest.mark.parametrize(
    ("tested", "content", "other"),
    [
        ("a-1-1", ("a-1-1",), False),
        ("a-1-1", ("a-2-1",), True),
        ("a-1-1 b-1-1", ("a-1-1",), True),
        ("", ("a-1-1",), False),
        ("a-1-1", None, False),
        ("", None, False),
    ],
)
def test_a_job_of_other_builds_is_known_as_such(
    tested: str, content: tuple[str, ...] | None, *, other: bool
) -> None:
    assert is_of_other_content(job(ADVISORY_NVRS_1=tested), content) is other


def test_a_digest_tells_contents_apart() -> None:
    contents = [(), ("a-1-1",), ("a-1-1", "b-1-1"), ("a-1-1-b-1-1",)]
    assert len(set(map(digest_of, contents))) == len(contents)
    assert digest_of(()) == ""
