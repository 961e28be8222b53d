"""Spells: failures of a scenario in the same modules, with no passed run in between.

Scenarios that a change broke pass, or fail in other modules, until the same build, and fail from it
on. Where jobs go on after a failed module, all their failed modules are compared.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field

from fedora_openqa.model.failures import FailedRun, PassedRun, Signature
from fedora_openqa.model.history import Scenario

#: share of all their failed modules that two spells have in common, if more than one: of those
#: with the same signature, and of others
SAME_OVERLAP, OTHER_OVERLAP = 0.4, 0.75

#: seconds between an earlier run and a failure after which it is no longer telling that others
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
    signature: Signature
    #: in the order in which they were posted
    runs: list[FailedRun]
    #: the passed run before them; None: none is known
    before: PassedRun | None
    #: the passed run after them; None: there is none yet
    after: PassedRun | None

    #: the places of the last run that did not fail so and of the first failure, in the order in
    #: which builds were posted; 0: it is not known
    passed_at: int
    failed_at: int
    #: whether that run was not long before
    is_sharp: bool
    #: the failed modules that are compared, each with the number of jobs
    counts: Counter[str] = field(default_factory=Counter)
    #: those that failed in at least half of the jobs
    modules: set[str] = field(default_factory=set)

    @property
    def ids(self) -> set[int]:
        """The ids of the jobs."""
        return {run.job.id for run in self.runs}

    def take(self, runs: Iterable[FailedRun], counts: Counter[str]) -> None:
        """Add failures.

        :param counts: the modules of them that are compared
        """
        self.runs += runs
        self.counts.update(counts)
        self.modules = _usual(self.counts, len(self.runs))


class _Group:
    """Spells that may have begun with the same change."""

    def __init__(self, spell: Spell) -> None:
        """Begin with the first spell."""
        self.spells: list[Spell] = []
        self.signatures: set[Signature] = set()
        self.scenarios: set[Scenario] = set()
        #: tests, and flavors with arch and machine
        self.parts: set[object] = set()
        self.counts: Counter[str] = Counter()
        self.jobs = 0
        #: the modules that failed in at least half of the jobs
        self.modules: set[str] = set()
        #: the place of the last run before the change; 0: it is not known
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
        modules = spell.modules
        several = len(modules) > 1 and len(self.modules & modules) > 1
        if spell.signature not in self.signatures:
            return several and _overlap(self.modules, modules) >= OTHER_OVERLAP
        if several:
            return _overlap(self.modules, modules) >= SAME_OVERLAP
        if self.modules != modules:
            return False
        return (spell.is_sharp and self.is_sharp) or not self.parts.isdisjoint(_parts(spell))

    def goes_on(self, later: "_Group") -> bool:
        """Return whether a later group has the cause of this one, whose tests nearly always fail.

        They pass once in a while: after some failures, or in the build that broke all others.
        """
        if later.until > self.last or not later.signatures <= self.signatures:
            return False
        if _overlap(self.modules, later.modules) < SAME_OVERLAP:
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
            self.signatures.add(spell.signature)
            self.scenarios.add(spell.scenario)
            self.parts |= _parts(spell)
            self.counts.update(spell.counts)
            self.jobs += len(spell.runs)
            self.is_sharp |= spell.is_sharp
            self.last = max(self.last, spell.runs[-1].job.origin_id)
        self.modules = _usual(self.counts, self.jobs)

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


def spells_of(
    failed: Iterable[tuple[Signature, FailedRun]], places: Mapping[str, int]
) -> list[Spell]:
    """Return the spells of failures, in the order in which they began.

    :param failed: failures of one release, each with its signature
    :param places: of `places_of`
    """
    attempts: dict[Scenario, dict[tuple[int, Signature], list[FailedRun]]] = defaultdict(dict)
    for signature, run in failed:
        of_scenario = attempts[run.job.scenario]
        of_scenario.setdefault((run.job.origin_id, signature), []).append(run)
    tests = Counter(
        it
        for scenario_attempts in attempts.values()
        for it in {
            (run.job.build, name)
            for runs in scenario_attempts.values()
            for run in runs
            for name in run.job.failed_modules
        }
    )
    spells: list[Spell] = []
    for of_scenario in attempts.values():
        spells += _spells_of_scenario(of_scenario, tests, places)
    return sorted(spells, key=lambda spell: (spell.failed_at, spell.runs[0].job.id))


def _spells_of_scenario(
    attempts: Mapping[tuple[int, Signature], list[FailedRun]],
    tests: Mapping[tuple[str, str], int],
    places: Mapping[str, int],
) -> Iterator[Spell]:
    """Yield the spells of a scenario.

    :param attempts: failures by the job that they are copies of, and signature
    :param tests: the number of scenarios in which a module of a build failed
    """
    last: dict[Signature, Spell] = {}
    newest: FailedRun | None = None
    for (_origin, signature), some in sorted(attempts.items(), key=lambda item: item[0]):
        runs = sorted(some, key=lambda run: run.job.id)
        one = _spell(signature, runs, newest, places)
        one.take(runs, Counter(name for run in runs for name in _compared_modules(run, tests)))
        newest = runs[-1]
        old = last.get(signature)
        if old and _go_on(old, one):
            old.take(one.runs, one.counts)
            old.after = one.after
        else:
            last[signature] = one
            yield one


def _compared_modules(run: FailedRun, tests: Mapping[tuple[str, str], int]) -> set[str]:
    """Return the failed modules of a job without those that failed in no other test of the build.

    The first stays if no other does.
    """
    names = run.job.failed_modules
    return {name for name in names if tests[run.job.build, name] > 1} or set(names[:1])


def _spell(
    signature: Signature,
    runs: list[FailedRun],
    other: FailedRun | None,
    places: Mapping[str, int],
) -> Spell:
    """Return a spell that begins with an attempt, without its failures.

    :param other: the failure of the scenario before it; None: none is known
    """
    first, before = runs[0].job, runs[0].before
    # where a build was posted again with other content, the places of its jobs count
    earlier = [
        (it.origin_id if it.build == first.build else places[it.build], it.finished or 0.0)
        for it in (before, other and other.job)
        if it
    ]
    is_again = any(it.build == first.build for it in (before, other and other.job) if it)
    finished = max((time for _, time in earlier), default=None)
    return Spell(
        first.scenario,
        signature,
        [],
        before,
        runs[-1].after,
        passed_at=max((place for place, _ in earlier), default=0),
        failed_at=first.origin_id if is_again else places[first.build],
        is_sharp=finished is not None and (first.finished or 0.0) - finished <= RECENT,
    )


def groups_of(spells: Iterable[Spell]) -> list[list[FailedRun]]:
    """Return the failures that may have begun with the same change, group by group.

    :param spells: of one release, in the order in which they began
    """
    groups: list[_Group] = []
    by_key: dict[Signature | str, list[_Group]] = defaultdict(list)
    for spell in spells:
        several = spell.modules if len(spell.modules) > 1 else set()
        keys: list[Signature | str] = [spell.signature, *sorted(several)]
        near = dict.fromkeys(group for key in keys for group in by_key[key])
        group = next((it for it in near if it.takes(spell)), None)
        if group:
            group.narrow(spell)
        else:
            group = _Group(spell)
            groups.append(group)
        for key in keys:
            if group not in by_key[key]:
                by_key[key].append(group)
    found: list[_Group] = []
    for group in groups:
        if older := next((it for it in found if it.goes_on(group)), None):
            older.take(group.spells)
        else:
            found.append(group)
    return [[run for spell in group.spells for run in spell.runs] for group in found]


def _go_on(last: Spell, one: Spell) -> bool:
    """Return whether a spell is the last one going on."""
    if _overlap(last.modules, one.modules) < SAME_OVERLAP:
        return False
    if last.before == one.before:
        return True
    # a test that fails nearly always passes once in a while
    builds = {run.job.build for run in (*last.runs, *one.runs)}
    return last.after == one.before and len(builds) >= FEWEST_AROUND_PASS


def _parts(spell: Spell) -> set[object]:
    """Return the test, and the flavor with arch and machine."""
    return {spell.scenario.test, spell.scenario[1:]}


def _usual(counts: Mapping[str, int], jobs: int) -> set[str]:
    """Return the modules that failed in at least half of some jobs."""
    return {name for name, count in counts.items() if 2 * count >= jobs}


def _overlap(one: AbstractSet[str], other: AbstractSet[str]) -> float:
    """Return the share of all modules that are in both; 1: there are none."""
    both = one | other
    return len(one & other) / len(both) if both else 1.0
