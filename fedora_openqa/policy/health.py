"""What is wrong with a deployment: lanes without workers, without progress, deaf consumers."""

import math
from collections.abc import Collection, Iterator, Mapping

from fedora_openqa.model.health import Heard, Level, Problem, Process, Vitals
from fedora_openqa.model.spelling import ALL_LANES

#: seconds between two reports of a process
BEAT_SECONDS = 15.0

#: reports of a process in which it looks once for problems of the deployment
BEATS_OF_A_LOOK = 4

#: seconds after its last report in which a process counts as alive
ALIVE_SECONDS = 90.0

#: seconds that work may be due without a process that works on it, or without progress
UNATTENDED_SECONDS, STUCK_SECONDS = 60.0, 900.0

#: seconds between two messages that are usual while nothing is known
DAY = 86_400.0

#: seconds in which the memory of a long gap halves: a week, in which a Sunday is usual
GAP_HALVES = 7 * DAY


def gap_after(before: Heard, *, now: float) -> float | None:
    """Return the usual seconds between two messages of a topic, once another has come.

    It is the longest gap; the memory of it halves in a week.
    """
    if before.last is None:
        return before.gap
    gap = max(now - before.last, 0.0)
    return max(gap, (before.gap or 0.0) * math.exp2(-gap / GAP_HALVES))


def alive(processes: Collection[Process], *, now: float) -> tuple[Process, ...]:
    """Return the processes that have reported themselves lately."""
    return tuple(one for one in processes if now - one.seen <= ALIVE_SECONDS)


def leader(processes: Collection[Process], *, now: float) -> str | None:
    """Return the process that reads the metrics of the deployment: the oldest that serves any."""
    able = [one for one in alive(processes, now=now) if one.has_metrics]
    return min(able, key=lambda one: (one.started, one.name)).name if able else None


def stuck_lanes(process: Process, due: Mapping[str, float], *, now: float) -> tuple[str, ...]:
    """Return the lanes of a process in which work is due and it makes no progress.

    :param due: as of `Vitals`
    """
    return tuple(
        lane
        for lane, last in process.lanes.items()
        if lane in due
        and now - due[lane] > STUCK_SECONDS
        and now - (last or process.started) > STUCK_SECONDS
    )


def stalls(
    vitals: Vitals, *, topics: Mapping[str, Collection[str]], paused: Collection[str]
) -> Iterator[Problem]:
    """Yield what stops work although nobody has decided so.

    :param topics: lane to the topics whose messages name its subjects
    :param paused: lanes that are paused by the configuration
    """
    living = alive(vitals.processes, now=vitals.now)
    for lane, since in sorted(vitals.due.items()):
        waits = vitals.now - since
        if not {lane, ALL_LANES}.isdisjoint(paused):
            continue
        workers = [one for one in living if lane in one.lanes]
        if not workers:
            if waits > UNATTENDED_SECONDS:
                yield Problem(
                    Level.WARNING,
                    f"no process: {lane}",
                    f"no process works on lane {lane}: its oldest work is due for {waits:.0f} s",
                )
        elif all(lane in stuck_lanes(one, vitals.due, now=vitals.now) for one in workers):
            yield Problem(
                Level.CRITICAL,
                f"no progress: {lane}",
                f"no progress in lane {lane}: its oldest work is due for {waits:.0f} s",
            )
    for lane, found in sorted(vitals.found.items()):
        for process in living:
            heard = [process.topics[topic] for topic in topics[lane] if topic in process.topics]
            if not heard:
                continue
            last = max(one.last or process.started for one in heard)
            usual = max((one.gap for one in heard if one.gap is not None), default=DAY)
            if found.at > last + usual:
                yield Problem(
                    Level.CRITICAL,
                    f"deaf: {process.role}: {lane}",
                    f"{process.name} has had no message about lane {lane} for"
                    f" {vitals.now - last:.0f} s, usually {usual:.0f} s at most, and a sweep found"
                    " what no message named",
                )


def problems(
    vitals: Vitals,
    *,
    topics: Mapping[str, Collection[str]],
    paused: Collection[str],
    sweep_every: float,
) -> tuple[Problem, ...]:
    """Return all that a person should look at, the worst first.

    :param topics: as of `stalls`
    :param paused: as of `stalls`
    :param sweep_every: seconds between two sweeps; 0: there are none
    """
    found = list(stalls(vitals, topics=topics, paused=paused))
    for absence in vitals.absences:
        waits = vitals.now - absence.since
        found.append(
            Problem(
                Level.WARNING,
                f"away: {absence.lane}",
                f"lane {absence.lane} waits for {waits:.0f} s: {absence.error}",
            )
        )
    if parked := sum(vitals.parked.values()):
        found.append(Problem(Level.WARNING, "parked", f"{parked} parked, see `parked list`"))
    if sweep_every and vitals.last_sweep is not None:
        since = vitals.now - vitals.last_sweep
        if since > 2 * sweep_every + UNATTENDED_SECONDS:
            found.append(Problem(Level.WARNING, "sweep", f"the last sweep was {since:.0f} s ago"))
    return tuple(sorted(found, key=lambda one: -one.level))
