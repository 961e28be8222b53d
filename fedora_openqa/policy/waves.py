"""Which writes may go side by side, where two that make the same thing would meet."""

from collections.abc import Collection, Sequence


def in_waves(
    names: Sequence[frozenset[str]], *, seen: Collection[str] = ()
) -> tuple[tuple[int, ...], ...]:
    """Give the indices of the writes in waves, in as few and as much in order as that allows.

    Within a wave no two share a name that is in no earlier one, so after the first use
    of a name all others that have no other new name in common go together. Each wave
    makes known at least one name of every write it leaves out: there are never more
    waves than names of one write, and one.

    :param names: what each write makes unless it is there: groups, a test case
    :param seen: names that are there
    """
    known = set(seen)
    left = list(range(len(names)))
    waves = []
    while left:
        wave = []
        new: set[str] = set()
        later = []
        for index in left:
            makes = names[index] - known
            if makes & new:
                later.append(index)
            else:
                wave.append(index)
                new |= makes
        waves.append(tuple(wave))
        known |= new
        left = later
    return tuple(waves)
