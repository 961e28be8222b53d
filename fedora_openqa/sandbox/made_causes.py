"""Causes of made-up failures: what breaks which scenarios, when, and how openQA shows it."""

import random
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

from fedora_openqa.model.history import Scenario
from fedora_openqa.model.jobs import JobResult
from fedora_openqa.sandbox.made_names import MadeScenario

HOUR, DAY = 3600.0, 86_400.0


class CauseKind(StrEnum):
    """What kind of thing a cause is."""

    #: the product breaks in a build and heals in a later one
    REGRESSION = "regression"
    #: the same, again and again
    TOGGLE = "toggle"
    #: hosts or the network
    OUTAGE = "outage"
    #: the test fails at random, with a probability of its own
    FLAKE = "flake"
    #: a single failure of a test that hardly ever fails at random
    NOISE = "noise"


@dataclass(frozen=True, slots=True)
class Cause:
    """Why jobs fail; each job with it failed because of it alone."""

    #: ``"regression-17"``
    id: str
    kind: CauseKind
    #: seconds since the epoch: jobs of builds that are posted in between fail; of an outage, jobs
    #: that run in between
    start: float
    end: float
    scenarios: frozenset[Scenario] = frozenset()
    #: the VERSION setting of the builds; empty: any
    version: str = ""
    #: the only build; empty: any
    build: str = ""
    #: the failed module; empty: none
    module: str = ""
    #: a `JobResult`
    result: str = JobResult.FAILED
    #: openQA's, with fields for what is different in each job
    reason: str = ""
    #: share of the jobs that fail
    probability: float = 0.97
    #: of an outage: the hosts; empty: all of an arch
    hosts: frozenset[str] = frozenset()
    #: of an outage; empty: any
    arch: str = ""

    def fails(self, posted: float, *, version: str, build: str, chance: float) -> bool:
        """Return whether a job of one of its scenarios fails because of it.

        :param posted: when the build was posted
        :param chance: at random, from 0 to 1
        """
        return (
            self.start <= posted < self.end
            and self.version in ("", version)
            and self.build in ("", build)
            and chance < self.probability
        )

    def hits(self, started: float, ended: float, *, host: str, arch: str) -> bool:
        """Return whether a job ran in an outage."""
        return (
            started < self.end
            and ended > self.start
            and (not self.hosts or host in self.hosts)
            and self.arch in ("", arch)
        )


#: reasons of outages
OUTAGE_REASONS = (
    "cache failure: Cache service queue already full ({number})",
    "asset failure: Failed to download {asset} to /var/lib/openqa/cache/openqa.example.com/{asset}",
    "api failure: 503 response: Service Unavailable after {number} attempts",
    "backend died: QEMU terminated before QMP connection could be established at line {number}",
    "abandoned: associated worker {host}:{number} re-connected but abandoned the job",
    "setup failure: isotovideo can not be started: no space left on {host} ({number} MiB free)",
)

#: results of product failures with their reasons; most have no reason
_ENDS = (
    *[(JobResult.FAILED, "")] * 8,
    (JobResult.TIMEOUT_EXCEEDED, "timeout: test execution exceeded MAX_JOB_TIME"),
    (
        JobResult.INCOMPLETE,
        "tests died: unable to load main.pm, check the log for the cause (PID {number})",
    ),
)


def happens(rng: random.Random, share: float) -> bool:
    """Return True in a share of the cases."""
    return rng.random() < share


def fill_reason(template: str, *, host: str, build: str, rng: random.Random) -> str:
    """Return a reason with what is different in each job."""
    return template.format(
        number=rng.randrange(2, 4000),
        host=host,
        asset=f"{build}-{rng.getrandbits(20):05x}.iso",
    )


def regressions(
    scenarios: Sequence[MadeScenario],
    versions: Sequence[str],
    *,
    name: str,
    every: float,
    start: float,
    end: float,
    rng: random.Random,
) -> Iterator[Cause]:
    """Yield what breaks and heals in each version.

    :param name: part of the ids
    :param every: seconds between two of a version, on average
    """
    for version in versions:
        time = start + rng.expovariate(1 / every)
        number = 0
        while time < end:
            module, hit = _scope(scenarios, rng)
            result, reason = rng.choice(_ENDS)
            yield Cause(
                id=f"regression-{name}-{version}-{number}",
                kind=CauseKind.REGRESSION,
                start=time,
                end=time + min(rng.lognormvariate(0.8, 0.6), 12.0) * DAY,
                scenarios=hit,
                version=version,
                module=module,
                result=result,
                reason=reason,
            )
            number += 1
            time += rng.expovariate(1 / every)


def broken_update(
    scenarios: Sequence[MadeScenario],
    build: str,
    *,
    posted: float,
    healed: float,
    rng: random.Random,
) -> Cause:
    """Return what is broken in one update until it is edited."""
    module, hit = _scope(scenarios, rng)
    return Cause(
        id=f"regression-{build}",
        kind=CauseKind.REGRESSION,
        start=posted,
        end=healed,
        scenarios=hit,
        build=build,
        module=module,
    )


def _scope(
    scenarios: Sequence[MadeScenario], rng: random.Random
) -> tuple[str, frozenset[Scenario]]:
    """Return a module and the scenarios that fail in it."""
    made = rng.choice(scenarios)
    own = made.scenario.test
    if happens(rng, 0.6):
        # the test's own module, wherever it runs
        hit = [one for one in scenarios if one.scenario.test == own]
        return own, frozenset(one.scenario for one in hit)
    module = rng.choice([name for name in made.modules if name != own])
    flavor = made.scenario.flavor if happens(rng, 0.7) else ""
    arch = made.scenario.arch if happens(rng, 0.5) else ""
    hit = [
        one
        for one in scenarios
        if module in one.modules
        and flavor in ("", one.scenario.flavor)
        and arch in ("", one.scenario.arch)
        and happens(rng, 0.8)
    ]
    return module, frozenset([made.scenario, *(one.scenario for one in hit)])


def toggles(
    scenarios: Iterable[MadeScenario],
    versions: Sequence[str],
    *,
    name: str,
    broken_days: tuple[float, float],
    start: float,
    end: float,
    rng: random.Random,
) -> Iterator[Cause]:
    """Yield the times in which scenarios are broken that break and heal several times.

    Each time is a cause of its own, in a module of its own choice.
    """
    for number, made in enumerate(scenarios):
        version = rng.choice(versions)
        time = start + rng.uniform(0.0, 6.0) * DAY
        spell = 0
        while time < end:
            heals = time + rng.uniform(*broken_days) * DAY
            yield Cause(
                id=f"toggle-{name}-{number}-{spell}",
                kind=CauseKind.TOGGLE,
                start=time,
                end=heals,
                scenarios=frozenset([made.scenario]),
                version=version,
                module=rng.choice(made.modules),
            )
            time = heals + rng.uniform(2.0, 8.0) * DAY
            spell += 1


def flakes(
    scenarios: Iterable[MadeScenario],
    *,
    probability: tuple[float, float],
    end: float,
    rng: random.Random,
) -> Iterator[Cause]:
    """Yield scenarios that fail at random."""
    for number, made in enumerate(scenarios):
        yield Cause(
            id=f"flake-{number}",
            kind=CauseKind.FLAKE,
            start=0.0,
            end=end,
            scenarios=frozenset([made.scenario]),
            module=rng.choice(made.modules),
            probability=rng.uniform(*probability),
        )


def outages(
    number: int, hosts: Sequence[str], *, start: float, end: float, rng: random.Random
) -> Iterator[Cause]:
    """Yield hours in which hosts, or all of an arch, run nothing to its end."""
    for count, time in enumerate(sorted(rng.uniform(start, end) for _ in range(number))):
        of_arch = happens(rng, 0.4)
        yield Cause(
            id=f"outage-{count}",
            kind=CauseKind.OUTAGE,
            start=time,
            end=time + rng.uniform(0.5, 1.5) * HOUR,
            result=JobResult.INCOMPLETE,
            reason=rng.choice(OUTAGE_REASONS),
            hosts=frozenset() if of_arch else frozenset(rng.sample(hosts, min(3, len(hosts)))),
            arch=rng.choice(("x86_64", "aarch64")) if of_arch else "",
        )


def noise(made: MadeScenario, *, name: str, rng: random.Random) -> Cause:
    """Return the cause of a single failure, of the test or of its worker.

    :param name: part of the id
    """
    is_infra = happens(rng, 0.3)
    return Cause(
        id=f"noise-{name}",
        kind=CauseKind.NOISE,
        start=0.0,
        end=0.0,
        module="" if is_infra else rng.choice(made.modules),
        result=JobResult.INCOMPLETE if is_infra else JobResult.FAILED,
        reason=rng.choice(OUTAGE_REASONS) if is_infra else "",
    )
