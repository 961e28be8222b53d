"""Lists of subjects with their products, jobs and results; reads only."""

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Engine,
    Row,
    Select,
    and_,
    func,
    or_,
    select,
    union_all,
)
from typing_extensions import override

from fedora_openqa import ports
from fedora_openqa.model.deliveries import Sink
from fedora_openqa.model.history import Scenario, StoredJob
from fedora_openqa.model.jobs import JobResult
from fedora_openqa.model.lists import ListedSubject, SubjectFilter, SubjectPage
from fedora_openqa.model.subjects import Kind
from fedora_openqa.model.work import SubjectState
from fedora_openqa.policy.subject_names import parse_name
from fedora_openqa.store.engine import reading
from fedora_openqa.store.jobs import newest_runs, stored_job
from fedora_openqa.store.rows import stored_subject
from fedora_openqa.store.schema import job, product, subject

#: a character after all that names have
LAST = "\U0010ffff"


class SubjectLists(ports.SubjectLists):
    """Lists for pages; every method is one transaction."""

    def __init__(self, engine: Engine) -> None:
        """Use a database that `open_engine` opened."""
        self._engine = engine

    @override
    def page(
        self, wanted: SubjectFilter, *, limit: int, page: int, brief: bool = False
    ) -> SubjectPage:
        query = _selected(wanted).limit(limit + 1).offset(limit * (page - 1))
        with reading(self._engine) as connection:
            rows = connection.execute(query).all()
            return SubjectPage(
                subjects=tuple(_listed(connection, rows[:limit], brief=brief)),
                more=len(rows) > limit,
            )

    @override
    def job(self, job_id: int) -> StoredJob | None:
        with reading(self._engine) as connection:
            row = connection.execute(select(job).where(job.c.id == job_id)).first()
            return stored_job(row) if row else None

    @override
    def strips(
        self, scenarios: Collection[Scenario], *, most: int
    ) -> Mapping[Scenario, tuple[str, ...]]:
        if not scenarios:
            return {}
        # an index has the newest of each; one join of all would read each table as a whole
        query = union_all(*(_newest(one, most) for one in sorted(set(scenarios))))
        found: dict[Scenario, list[tuple[int, str]]] = defaultdict(list)
        with reading(self._engine) as connection:
            for row in connection.execute(query):
                ends = row.state if row.result == JobResult.NONE else row.result
                scenario = Scenario(row.test, row.flavor, row.arch, row.machine)
                found[scenario].append((row.id, ends))
        return {
            scenario: tuple(ends for _, ends in sorted(runs, reverse=True))
            for scenario, runs in found.items()
        }


def _newest(scenario: Scenario, most: int) -> Select[Any]:
    """Select the newest runs of a scenario."""
    columns = (job.c[name] for name in (*scenario._fields, "id", "state", "result"))
    return select(*columns).where(job.c.id.in_(newest_runs(scenario, most=most)))


def _selected(wanted: SubjectFilter) -> Select[Any]:
    kinds = [wanted.kind] if wanted.kind else list(map(str, Kind))
    query = select(subject).where(subject.c.lane.in_(kinds), subject.c.updated >= wanted.since)
    if wanted.start:
        # not LIKE: an index has it only in some collations
        starts = ((f"{kind}:{wanted.start}", f"{kind}:{wanted.start}{LAST}") for kind in kinds)
        query = query.where(or_(*(subject.c.key.between(first, last) for first, last in starts)))
    if wanted.state:
        query = query.where(subject.c.state == wanted.state)
    if wanted.release or wanted.arch:
        query = query.where(_has_product(wanted))
    return query.order_by(subject.c.updated.desc(), subject.c.id.desc())


def _has_product(wanted: SubjectFilter) -> ColumnElement[bool]:
    conditions = [product.c.subject_id == subject.c.id]
    if wanted.release:
        conditions.append(product.c.release == wanted.release)
    if wanted.arch:
        conditions.append(product.c.arch == wanted.arch)
    return select(product.c.id).where(and_(*conditions)).exists()


def _listed(
    connection: Connection, rows: Sequence[Row[Any]], *, brief: bool
) -> Iterator[ListedSubject]:
    """Yield subjects with what belongs to them: few statements, however many they are."""
    if not rows:
        return
    builds = {row.id: parse_name(row.key).build for row in rows}
    named = sorted({build for build in builds.values() if build})
    jobs = _jobs(connection, named)
    products = {} if brief else _products(connection, list(builds))
    sinks = {} if brief else _sinks(connection, named)
    for row in rows:
        build, of_subject = builds[row.id], products.get(row.id, [])
        yield ListedSubject(
            subject=stored_subject(row),
            asked=row.asked,
            build=build,
            releases=tuple(dict.fromkeys(release for release, _ in of_subject if release)),
            arches=tuple(dict.fromkeys(arch for _, arch in of_subject)),
            jobs=jobs.get(build, {}),
            sinks=sinks.get(build, {}),
        )


def _jobs(connection: Connection, builds: list[str]) -> dict[str, dict[tuple[str, str], int]]:
    """Count the jobs of builds that were not restarted."""
    found: dict[str, dict[tuple[str, str], int]] = defaultdict(dict)
    for one in connection.execute(
        select(job.c.build, job.c.state, job.c.result, func.count().label("number"))
        .where(job.c.build.in_(builds), job.c.clone_id.is_(None))
        .group_by(job.c.build, job.c.state, job.c.result)
    ):
        found[one.build][one.state, one.result] = one.number
    return found


def _products(connection: Connection, ids: list[int]) -> dict[int, list[tuple[str, str]]]:
    """Return the releases and arches of the products of subjects."""
    found: dict[int, list[tuple[str, str]]] = defaultdict(list)
    for one in connection.execute(
        select(product.c.subject_id, product.c.release, product.c.arch)
        .where(product.c.subject_id.in_(ids))
        .distinct()
        .order_by(product.c.release, product.c.arch)
    ):
        found[one.subject_id].append((one.release, one.arch))
    return found


def _sinks(connection: Connection, builds: list[str]) -> dict[str, dict[Sink, SubjectState]]:
    """Return the states of the results of builds on their way."""
    found: dict[str, dict[Sink, SubjectState]] = defaultdict(dict)
    keys = [f"{sink}:{build}" for sink in Sink for build in builds]
    for one in connection.execute(
        select(subject.c.key, subject.c.lane, subject.c.state).where(subject.c.key.in_(keys))
    ):
        found[one.key.partition(":")[2]][Sink(one.lane)] = SubjectState(one.state)
    return found
