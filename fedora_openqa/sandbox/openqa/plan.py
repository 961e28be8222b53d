"""Plans the jobs of a posted product, from the templates and the posted settings.

It must not know the database; jobs get their ids later.
"""

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from fedora_openqa.sandbox.openqa.settings import CircularReferenceError, job_settings
from fedora_openqa.sandbox.openqa.templates import JobTemplate, Product, Templates

CHAINED_KEYS = ("START_AFTER_TEST", "START_DIRECTLY_AFTER_TEST")
PARALLEL_KEY = "PARALLEL_WITH"

#: parameters of the scheduling that do not become settings of jobs
CONTROLS = (
    "_DEPRIORITIZEBUILD",
    "_DEPRIORITIZE_LIMIT",
    "_OBSOLETE",
    "_ONLY_OBSOLETE_SAME_BUILD",
    "_SKIP_CHAINED_DEPS",
    "_FORCE_DEPRIORITIZEBUILD",
    "_FORCE_OBSOLETE",
    "_GROUP_ID",
    "_GROUP",
    "_PRIORITY",
)
_COMMA = re.compile(r"\s*,\s*")
# older openQA wrote a colon in place of the at sign
_OTHER_MACHINE = (re.compile(r"(.+)@([^@]+)"), re.compile(r"(.+):([^:]+)"))


@dataclass(frozen=True)
class PlannedJob:
    """A job to create."""

    settings: Mapping[str, str]
    group: str
    priority: int | None

    @property
    def scenario(self) -> str:
        """Return its name in dependencies of other jobs: `install@64bit`."""
        return scenario(self.settings["TEST"], self.settings["MACHINE"])


@dataclass(frozen=True)
class Plan:
    """The jobs, parents first, or an error."""

    jobs: tuple[PlannedJob, ...] = ()
    notes: tuple[str, ...] = ()
    error: str | None = None
    #: HTTP status of the error; openQA answers an unknown product with 200
    error_status: int = 400


def plan_jobs(
    templates: Templates, posted: Mapping[str, str], *, groups: Mapping[int, str]
) -> Plan:
    """Return the jobs that openQA creates for a posted product; `groups` are its group ids."""
    names = [posted[name] for name in ("DISTRI", "FLAVOR", "ARCH")]
    product, notes = _product(templates, posted)
    if product is None:
        error = f"no products found for {'-'.join(names)}"
        return Plan(notes=(*notes, error), error=error, error_status=200)
    rows: Iterable[JobTemplate] = (row for row in templates.job_templates if row.product is product)
    wanted_group = _wanted_group(posted, groups)
    if wanted_group is not None:
        if wanted_group not in groups.values() and "_GROUP_ID" not in posted:
            return Plan(notes=notes)
        rows = (row for row in rows if row.group == wanted_group)
    rows = tuple(rows)
    if not rows:
        error = f"no templates found for {'-'.join(names)}"
        return Plan(notes=(*notes, error), error=error, error_status=404)
    jobs, errors = _jobs(rows, posted)
    if errors:
        return Plan(notes=notes, error=errors)
    skip_chained = is_set(posted.get("_SKIP_CHAINED_DEPS"))
    wanted = _selected(parents_first(jobs), posted, skip_chained=skip_chained)
    return Plan(jobs=wanted, notes=notes)


def scenario(test: str, machine: str) -> str:
    """Return the name of a job in a dependency: `install@64bit`."""
    return f"{test}@{machine}"


def named_parents(settings: Mapping[str, str], key: str) -> tuple[tuple[str, str], ...]:
    """Return (test, machine) of each job in a dependency setting."""
    parts = _COMMA.split(settings.get(key, ""))
    while parts and not parts[-1]:
        parts.pop()
    return tuple(_test_and_machine(part, settings["MACHINE"]) for part in parts)


def parents_first(jobs: Sequence[PlannedJob]) -> tuple[PlannedJob, ...]:
    """Return the jobs in openQA's order: in each round those whose parents are placed.

    Ids rise in this order; jobs of a circle come last.
    """
    waiting = Counter(job.scenario for job in jobs)
    remaining = list(jobs)
    placed: list[PlannedJob] = []
    progress = True
    while progress:
        progress = False
        for job in tuple(remaining):
            if any(waiting[parent] for parent in _parents(job, skip_chained=False)):
                continue
            placed.append(job)
            remaining.remove(job)
            waiting[job.scenario] -= 1
            progress = True
    return (*placed, *remaining)


def _product(
    templates: Templates, posted: Mapping[str, str]
) -> tuple[Product | None, tuple[str, ...]]:
    wanted = (posted["DISTRI"].lower(), posted["FLAVOR"], posted["ARCH"])
    same = [row for row in templates.products if (row.distri, row.flavor, row.arch) == wanted]
    for product in same:
        if product.version == posted["VERSION"]:
            return product, ()
    # openQA's note names the distri, and lacks a space
    note = f'no products found for version {posted["DISTRI"]}falling back to "*"'
    return next((product for product in same if product.version == "*"), None), (note,)


def _wanted_group(posted: Mapping[str, str], groups: Mapping[int, str]) -> str | None:
    if "_GROUP_ID" in posted:
        number = posted["_GROUP_ID"]
        return groups.get(int(number), "") if number.isdecimal() else ""
    return posted.get("_GROUP")


def _jobs(rows: Iterable[JobTemplate], posted: Mapping[str, str]) -> tuple[list[PlannedJob], str]:
    priority = posted.get("_PRIORITY", "")
    passed_on = {
        key: value
        for key, value in posted.items()
        if key not in CONTROLS and not key.startswith("__")
    }
    jobs: list[PlannedJob] = []
    errors = ""
    for row in rows:
        try:
            settings = job_settings(row, passed_on)
        except CircularReferenceError as problem:
            errors += str(problem)
            continue
        chosen = int(priority) if priority.isdecimal() else row.priority
        jobs.append(PlannedJob(settings, row.group, chosen))
    return jobs, errors


def _selected(
    jobs: Sequence[PlannedJob], posted: Mapping[str, str], *, skip_chained: bool
) -> tuple[PlannedJob, ...]:
    tests = _COMMA.split(posted["TEST"]) if is_set(posted.get("TEST")) else None
    machine = posted.get("MACHINE") if is_set(posted.get("MACHINE")) else None
    wanted = {
        job.scenario
        for job in jobs
        if (not machine or job.settings["MACHINE"] == machine)
        and (tests is None or job.settings["TEST"] in tests)
    }
    # parents come before children: one pass from the end finds all ancestors
    for job in reversed(jobs):
        if job.scenario in wanted:
            wanted.update(_parents(job, skip_chained=skip_chained))
    return tuple(job for job in jobs if job.scenario in wanted)


def _parents(job: PlannedJob, *, skip_chained: bool) -> list[str]:
    keys = (PARALLEL_KEY,) if skip_chained else (*CHAINED_KEYS, PARALLEL_KEY)
    return [
        scenario(test, machine)
        for key in keys
        for test, machine in named_parents(job.settings, key)
    ]


def _test_and_machine(name: str, own_machine: str) -> tuple[str, str]:
    for pattern in _OTHER_MACHINE:
        if found := pattern.fullmatch(name):
            return found[1], found[2]
    return name, own_machine


def is_set(value: str | None) -> bool:
    """Return whether a parameter is true in Perl."""
    return value not in (None, "", "0")
