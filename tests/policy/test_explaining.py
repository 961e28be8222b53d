import pytest

from fedora_openqa.model.composes import ComposeName
from fedora_openqa.policy.explaining import count_jobs, rules_for
from fedora_openqa.policy.holds import Holds
from fedora_openqa.policy.subject_names import SubjectName, parse_name
from tests.support.jobs import BUILD, job

ALIAS = "FEDORA-2026-1bd5f4a0c2"
HOLDS = Holds(
    blocked={"*-20261120.n.0": "broken"},
    paused={"update": "openQA moves", "compose:Rawhide": "mass rebuild"},
)


def compose(id_: str, release: str = "Rawhide", release_type: str = "ga") -> ComposeName:
    return ComposeName(id=id_, short="Fedora", release=release, release_type=release_type)


@pytest.mark.parametrize(
    ("subject", "named", "reasons"),
    [
        (ALIAS, None, [None, None, "lane update is paused: openQA moves"]),
        (
            "FEDORA-EPEL-2026-1bd5f4a0c2",
            None,
            [
                "FEDORA-EPEL-2026-1bd5f4a0c2 is an update of FEDORA-EPEL; only FEDORA's are tested",
                None,
                "lane update is paused: openQA moves",
            ],
        ),
        (
            BUILD,
            compose(BUILD),
            [
                None,
                f"{BUILD} is blocked by '*-20261120.n.0': broken",
                "lane compose:Rawhide is paused: mass rebuild",
            ],
        ),
        (
            "Fedora-43-updates-20261121.0",
            compose("Fedora-43-updates-20261121.0", "43", "updates"),
            [
                "Fedora-43-updates-20261121.0 is a compose of updates; updates are tested one by one",
                None,
                None,
            ],
        ),
        ("45.20261119.91.0", None, [None, None, None]),
        ("0e8e4ba1-9d7a", None, []),
    ],
)
def test_rules_say_what_holds_a_subject_back(
    subject: str, named: ComposeName | None, reasons: list[str | None]
) -> None:
    rules = rules_for(parse_name(subject), holds=HOLDS, compose=named)
    assert [rule.reason for rule in rules] == reasons
    assert [rule.name for rule in rules] == ["kind", "block list", "pauses"][: len(reasons)]


def test_a_release_that_a_name_does_not_tell_may_be_paused() -> None:
    holds = Holds(blocked={}, paused={"update:43": "disk images", "compose:43": "no"})
    (*_, pauses) = rules_for(parse_name(ALIAS), holds=holds, compose=None)
    assert pauses.reason == "it may be that lane update:43 is paused: disk images"


def test_a_block_list_may_know_a_subject_by_its_url() -> None:
    holds = Holds(blocked={"https://x/*": "not there", "x": "no"}, paused={})
    rules = rules_for(
        parse_name(BUILD), holds=holds, compose=None, targets=[f"https://x/{BUILD}/compose"]
    )
    assert rules[1].reason == (f"https://x/{BUILD}/compose is blocked by 'https://x/*': not there")


def test_a_name_that_says_nothing_has_no_rules() -> None:
    assert rules_for(SubjectName(key="x"), holds=HOLDS, compose=None) == ()


def test_jobs_are_counted_as_they_are_at_present() -> None:
    jobs = [
        job(1, outcome="done/passed"),
        job(2, outcome="done/failed", clone_id=5),
        job(3, outcome="running"),
        job(4, outcome="done/failed"),
        job(5, outcome="done/incomplete", clone_id=6),
        job(6, outcome="done/passed"),
        # of another subject
        job(7, outcome="done/passed"),
    ]
    counted = count_jobs(BUILD, {1, 2, 3, 4, 99}, jobs)
    assert counted.counts == {"failed": 1, "passed": 2, "running": 1}
    assert (counted.copied, counted.gone, counted.error) == (1, 1, None)


def test_a_copy_that_is_gone_is_not_followed() -> None:
    counted = count_jobs(BUILD, {1}, [job(1, outcome="done/failed", clone_id=9)])
    assert (counted.counts, counted.copied) == ({"failed": 1}, 0)
