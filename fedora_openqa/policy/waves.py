"""Which writes may go side by side, where two that make the same thing would meet."""

from collections.abc import Collection, Sequence


def next_wave(names: Sequence[frozenset[str]], *, seen: Collection[str]) -> tuple[int, ...]:
    """Give the indices of the writes that may go now, as many and as much in order as can be.

    No two of them make the same thing: after the first use of a name, all others that have
    no other new name in common go together.

    :param names: what each write makes unless it is there: groups, a test case
    :param seen: names that are there
    """
    wave = []
    new: set[str] = set()
    for index, makes in enumerate(names):
        fresh = makes.difference(seen)
        if not fresh & new:
            wave.append(index)
            new |= fresh
    return tuple(wave)
