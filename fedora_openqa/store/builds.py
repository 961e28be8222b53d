"""The jobs of openQA by their builds; reads only."""

from collections.abc import Callable, Collection, Mapping
from typing import Any

from sqlalchemy import Engine, Row, Select, bindparam, func, literal, select
from typing_extensions import override

from fedora_openqa import ports
from fedora_openqa.model.builds import BuildJobs
from fedora_openqa.model.history import Scenario, StoredJob
from fedora_openqa.store.engine import reading
from fedora_openqa.store.jobs import SCENARIO_COLUMNS, stored_job
from fedora_openqa.store.schema import job


def _result(row: Row[Any]) -> StoredJob:
    scenario = Scenario(row.test, row.flavor, row.arch, row.machine)
    return StoredJob(row.id, row.build, "", scenario, state=row.state, result=row.result)


class StoredBuilds(ports.StoredBuilds):
    """The builds of the table of jobs; every method is one transaction."""

    def __init__(self, engine: Engine) -> None:
        """Use a database that `open_engine` opened."""
        self._engine = engine

    @override
    def jobs(self, builds: Collection[str]) -> Mapping[str, BuildJobs]:
        return self._read(select(job), builds, stored_job)

    @override
    def results(self, builds: Collection[str]) -> Mapping[str, BuildJobs]:
        columns = (job.c.id, job.c.build, job.c.state, job.c.result, job.c.read, *SCENARIO_COLUMNS)
        return self._read(select(*columns), builds, _result)

    def _read(
        self,
        query: Select[Any],
        builds: Collection[str],
        make: Callable[[Row[Any]], StoredJob],
    ) -> Mapping[str, BuildJobs]:
        query = query.where(job.c.build.in_(sorted(set(builds)))).order_by(job.c.id)
        found: dict[str, list[Row[Any]]] = {build: [] for build in builds}
        with reading(self._engine) as connection:
            for row in connection.execute(query):
                found[row.build].append(row)
        return {
            build: BuildJobs(
                build=build,
                jobs=tuple(map(make, rows)),
                heard=max((row.read for row in rows), default=None),
            )
            for build, rows in found.items()
        }

    @override
    def between(self, start: str, end: str, *, most: int) -> tuple[str, ...]:
        begin = job.c.build >= bindparam("start", start)
        last = func.max(job.c.build)
        # one step of the index for each build, not for each job
        found = (
            select(last.label("build"), literal(1).label("number"))
            .where(begin, job.c.build < bindparam("end", end))
            .cte(recursive=True)
        )
        before = select(last).where(begin, job.c.build < found.c.build).scalar_subquery()
        found = found.union_all(
            select(before, found.c.number + 1).where(
                found.c.build.is_not(None), found.c.number < most
            )
        )
        query = select(found.c.build).where(found.c.build.is_not(None))
        with reading(self._engine) as connection:
            return tuple(sorted(connection.scalars(query), reverse=True))
