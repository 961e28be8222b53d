"""Waves: POSTs to ResultsDB that may be sent at once.

ResultsDB fails if two requests create the same group or test case at once.
"""

from collections.abc import Collection, Sequence


def next_wave(names: Sequence[frozenset[str]], *, seen: Collection[str]) -> tuple[int, ...]:
    """Return the indices of the requests of the next wave, as many as possible, in order.

    A wave has at most one request for each new name. Once a name is there, all further
    requests with it may be sent at once.

    :param names: the groups and the test case that each request creates if they are not there
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
