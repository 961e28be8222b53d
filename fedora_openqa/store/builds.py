"""The jobs of openQA by their builds; reads only."""

from collections.abc import Collection, Mapping

from sqlalchemy import Engine, bindparam, func, literal, select
from typing_extensions import override

from fedora_openqa import ports
from fedora_openqa.model.builds import BuildJobs
from fedora_openqa.store.engine import reading
from fedora_openqa.store.jobs import stored_job
from fedora_openqa.store.schema import job


class StoredBuilds(ports.StoredBuilds):
    """The builds of the table of jobs; every method is one transaction."""

    def __init__(self, engine: Engine) -> None:
        """Use a database that `open_engine` opened."""
        self._engine = engine

    @override
    def jobs(self, builds: Collection[str]) -> Mapping[str, BuildJobs]:
        query = select(job).where(job.c.build.in_(sorted(set(builds)))).order_by(job.c.id)
        with reading(self._engine) as connection:
            rows = connection.execute(query).all()
        found: dict[str, list[int]] = {build: [] for build in builds}
        for number, row in enumerate(rows):
            found.setdefault(row.build, []).append(number)
        return {
            build: BuildJobs(
                build=build,
                jobs=tuple(stored_job(rows[number]) for number in numbers),
                heard=max((rows[number].read for number in numbers), default=None),
            )
            for build, numbers in found.items()
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
