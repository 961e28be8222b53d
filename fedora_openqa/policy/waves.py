"""Waves: POSTs to ResultsDB that may be sent at once.

ResultsDB fails if two requests create the same group or test case at once.
"""

from collections.abc import Collection, Iterable


def next_wave(
    names: Iterable[frozenset[str]],
    *,
    seen: Collection[str],
    making: Collection[str] = (),
    most: int | None = None,
) -> tuple[int, ...]:
    """Return the indices of the requests of the next wave, in order.

    A wave has at most one request for each new name. Once a name is there, all further
    requests with it may be sent at once.

    :param names: the groups and the test case that each request creates if they are not there
    :param seen: names that are there
    :param making: names that open requests may be creating
    :param most: of the wave; None: as many as possible
    """
    wave: list[int] = []
    new = set(making).difference(seen)
    for index, makes in enumerate(names):
        if len(wave) == most:
            break
        fresh = makes.difference(seen)
        if not fresh & new:
            wave.append(index)
            new |= fresh
    return tuple(wave)
