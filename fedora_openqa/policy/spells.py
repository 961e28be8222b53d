"""Spells: failures of a scenario in the same place, with no passed run in between.

Scenarios that a change broke pass until the same build, and fail from it on.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from fedora_openqa.model.failures import FailedRun, PassedRun
from fedora_openqa.model.history import Scenario

#: share of the other failed modules of two spells that they have in common, if they are alike
OVERLAP = 0.6

#: seconds between a passed run and a failure after which it is no longer telling that others
#: failed first in the same build
RECENT = 7 * 86_400.0

#: scenarios of a group for each one that passed when they failed first
MANY_TIMES = 10

#: builds in which a scenario failed that one passed run in between does not part
FEWEST_AROUND_PASS = 3


@dataclass(slots=True)
class Spell:
    """Failures of one scenario with one signature, with no passed run in between."""

    scenario: Scenario
    #: in the order in which they were posted
    runs: list[FailedRun]
    #: the passed run before them; None: none is known
    before: PassedRun | None
    #: the passed run after them; None: there is none yet
    after: PassedRun | None

    #: the places of the passed run and of the first failure in the order in which builds were
    #: posted; 0: it is not known
    passed_at: int
    failed_at: int
    #: whether it passed not long before
    is_sharp: bool

    @property
    def ids(self) -> set[int]:
        """The ids of the jobs."""
        return {run.job.id for run in self.runs}

    @property
    def others(self) -> set[str]:
        """The failed modules beside the first of each job."""
        return {name for run in self.runs for name in run.job.failed_modules[1:]}


class _Group:
    """Spells that may have begun with the same change."""

    def __init__(self, spell: Spell) -> None:
        """Begin with the first spell."""
        self.spells: list[Spell] = []
        self.scenarios: set[Scenario] = set()
        #: the place of the last passed run before the change; 0: it is not known
        self.after = spell.passed_at
        #: the place of the first failure
        self.until = spell.failed_at
        #: whether the change was not long before the first failure
        self.is_sharp = False
        #: a place not before the last failure
        self.last = 0
        self.take([spell])

    def takes(self, spell: Spell) -> bool:
        """Return whether a spell may have begun with the same change, and more speaks for it."""
        if max(self.after, spell.passed_at) >= min(self.until, spell.failed_at):
            return False
        if any(_are_alike(spell, other) for other in self.spells):
            return True
        return spell.is_sharp and self.is_sharp and not self._contradicts(spell)

    def _contradicts(self, spell: Spell) -> bool:
        """Return whether what else failed differs, where more than one module did."""
        others = spell.others
        known = [it.others for it in self.spells if it.others]
        return bool(others and known) and not any(others & it for it in known)

    def goes_on(self, later: "_Group") -> bool:
        """Return whether a later group has the cause of this one, whose tests nearly always fail.

        They pass once in a while: after some failures, or in the build that broke all others.
        """
        if later.until > self.last:
            return False
        new = later.scenarios - self.scenarios
        if not new:
            return True
        passed_first = all(spell.passed_at == self.until for spell in later.spells)
        return passed_first and MANY_TIMES * len(new) <= len(self.scenarios)

    def take(self, spells: Iterable[Spell]) -> None:
        """Add spells."""
        for spell in spells:
            self.spells.append(spell)
            self.scenarios.add(spell.scenario)
            self.is_sharp |= spell.is_sharp
            self.last = max(self.last, spell.runs[-1].job.origin_id)

    def narrow(self, spell: Spell) -> None:
        """Add a spell that began with the same change."""
        self.after = max(self.after, spell.passed_at)
        self.until = min(self.until, spell.failed_at)
        self.take([spell])


def places_of(runs: Iterable[FailedRun]) -> dict[str, int]:
    """Return the place of each build in the order in which builds were posted.

    :param runs: all that failed, the oldest first
    """
    places: dict[str, int] = {}
    for run in runs:
        jobs = [(run.job.build, run.job.origin_id)]
        jobs += [(it.build, it.origin_id) for it in (run.before, run.after) if it]
        for build, place in jobs:
            places[build] = min(place, places.get(build, place))
    return places


def spells_of(runs: Iterable[FailedRun], places: Mapping[str, int]) -> list[Spell]:
    """Return the spells of failures with one signature, in the order in which they began.

    :param places: of `places_of`
    """
    by_scenario: dict[Scenario, dict[int, list[FailedRun]]] = defaultdict(dict)
    for run in runs:
        by_scenario[run.job.scenario].setdefault(run.job.origin_id, []).append(run)
    spells: list[Spell] = []
    for scenario, attempts in by_scenario.items():
        last: Spell | None = None
        for _origin, some in sorted(attempts.items()):
            some.sort(key=lambda run: run.job.id)
            one = _spell(scenario, some, places)
            if last and _go_on(last, one):
                last.runs += one.runs
                last.after = one.after
            else:
                last = one
                spells.append(one)
    return sorted(spells, key=lambda spell: (spell.failed_at, spell.runs[0].job.id))


def _spell(scenario: Scenario, runs: list[FailedRun], places: Mapping[str, int]) -> Spell:
    first, before = runs[0].job, runs[0].before
    passed_at, failed_at = 0, places[first.build]
    if before and before.build == first.build:
        # it was posted again, with other content
        passed_at, failed_at = before.origin_id, first.origin_id
    elif before:
        passed_at = places[before.build]
    passed = before.finished if before else None
    return Spell(
        scenario,
        runs,
        before,
        runs[-1].after,
        passed_at=passed_at,
        failed_at=failed_at,
        is_sharp=passed is not None and (first.finished or 0.0) - passed <= RECENT,
    )


def groups_of(spells: Iterable[Spell]) -> list[list[FailedRun]]:
    """Return the failures that may have begun with the same change, group by group.

    :param spells: of one signature and release, in the order in which they began
    """
    groups: list[_Group] = []
    for spell in spells:
        if group := next((it for it in groups if it.takes(spell)), None):
            group.narrow(spell)
        else:
            groups.append(_Group(spell))
    found: list[_Group] = []
    for group in groups:
        if older := next((it for it in found if it.goes_on(group)), None):
            older.take(group.spells)
        else:
            found.append(group)
    return [[run for spell in group.spells for run in spell.runs] for group in found]


def _go_on(last: Spell, one: Spell) -> bool:
    """Return whether a spell is the last one going on."""
    if last.before == one.before:
        return True
    # a test that fails nearly always passes once in a while
    builds = {run.job.build for run in (*last.runs, *one.runs)}
    return last.after == one.before and len(builds) >= FEWEST_AROUND_PASS


def _are_alike(one: Spell, other: Spell) -> bool:
    if one.scenario.test == other.scenario.test:
        return True
    mine, others = one.others, other.others
    return bool(mine | others) and len(mine & others) >= OVERLAP * len(mine | others)
