"""All the waves that writes go in if each of them succeeds."""

from collections.abc import Collection, Sequence

from fedora_openqa.policy.waves import next_wave


def in_waves(
    names: Sequence[frozenset[str]], *, seen: Collection[str] = ()
) -> tuple[tuple[int, ...], ...]:
    known = set(seen)
    left = list(range(len(names)))
    waves = []
    while left:
        wave = [left[index] for index in next_wave([names[one] for one in left], seen=known)]
        waves.append(tuple(wave))
        known.update(*(names[index] for index in wave))
        left = [index for index in left if index not in wave]
    return tuple(waves)
