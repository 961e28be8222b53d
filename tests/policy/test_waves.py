import pytest
from hypothesis import given
from hypothesis import strategies as st

from fedora_openqa.policy.waves import next_wave
from tests.support.waves import in_waves


@pytest.mark.parametrize(
    ("names", "seen", "expected"),
    [
        ([], "", ()),
        (["a"], "", ((0,),)),
        (["a", "b", "c"], "", ((0, 1, 2),)),
        (["ga", "gb", "gc"], "", ((0,), (1, 2))),
        (["ga", "gb", "gc"], "g", ((0, 1, 2),)),
        (["ga", "gb", "gb", "gc"], "", ((0,), (1, 3), (2,))),
        (["ab", "bc", "cd", "de"], "", ((0, 2), (1, 3))),
        (["aa", "a", "a"], "a", ((0, 1, 2),)),
        (["", ""], "", ((0, 1),)),
    ],
)
def test_no_two_writes_make_the_same_at_once(
    names: list[str], seen: str, expected: tuple[tuple[int, ...], ...]
) -> None:
    assert in_waves([frozenset(each) for each in names], seen=set(seen)) == expected


def test_a_whole_compose_goes_out_in_a_handful_of_waves() -> None:
    names = [
        frozenset({"source", "compose", f"image {image}", f"test {test}"})
        for image in range(20)
        for test in range(15)
    ]
    waves = in_waves(names)
    assert len(waves[0]) == 1
    assert len(waves) <= 4


NAMES = st.lists(st.frozensets(st.sampled_from("abcdefgh"), max_size=5), max_size=30)
SEEN = st.sets(st.sampled_from("abcdefgh"))


@given(names=NAMES, seen=SEEN)
def test_all_go_once_each_in_order_and_never_meet(
    names: list[frozenset[str]], seen: set[str]
) -> None:
    waves = in_waves(names, seen=seen)
    assert sorted(index for wave in waves for index in wave) == list(range(len(names)))
    assert all(list(wave) == sorted(wave) for wave in waves)
    known = set(seen)
    for wave in waves:
        made = [name for index in wave for name in names[index] - known]
        assert len(made) == len(set(made))
        known.update(made)


@given(names=NAMES, seen=SEEN)
def test_there_are_never_more_waves_than_names_of_a_write_and_one(
    names: list[frozenset[str]], seen: set[str]
) -> None:
    most = max((len(each - seen) for each in names), default=-1)
    assert len(in_waves(names, seen=seen)) <= most + 1


@given(names=NAMES)
def test_requests_without_new_names_go_in_one_wave(names: list[frozenset[str]]) -> None:
    assert len(in_waves(names, seen={name for each in names for name in each})) == bool(names)


@given(names=NAMES, seen=SEEN, making=SEEN, most=st.integers(0, 5))
def test_no_request_makes_what_an_open_one_makes(
    names: list[frozenset[str]], seen: set[str], making: set[str], most: int
) -> None:
    wave = next_wave(names, seen=seen, making=making, most=most)
    assert all(not (names[index] - seen) & making for index in wave)
    assert wave == next_wave(names, seen=seen, making=making)[:most]
