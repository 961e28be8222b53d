"""ResultsDB as a plain class that does as it is told, and jobs that are reported."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace

from fedora_openqa.model.jobs import Job
from fedora_openqa.model.results import Prepared, Result, ResultItem, StoredResult
from fedora_openqa.policy.lineage import scenario_of
from fedora_openqa.workflows.deliver.resultsdb import whole

BUILD = "Update-FEDORA-2026-1bd5f4a0c2"
BASE_URL = "https://openqa.example"


def job(job_id: int, result: str = "passed", *, state: str = "done", **settings: str) -> Job:
    """Make a job of an update."""
    test = settings.get("TEST", f"test_{job_id}")
    return Job(
        id=job_id,
        flavor="updates-server",
        arch="x86_64",
        state=state,
        result=result,
        test=test,
        machine="64bit",
        settings={
            "BUILD": BUILD,
            "DISTRI": "fedora",
            "VERSION": "43",
            "ADVISORY": "FEDORA-2026-1bd5f4a0c2",
            "FLAVOR": "updates-server",
            "ARCH": "x86_64",
            "MACHINE": "64bit",
            "TEST": test,
            **settings,
        },
    )


@dataclass
class FakeResultsDB:
    """Appends what it is told, unless something is put in the way."""

    rows: list[Result] = field(default_factory=list)
    posts: int = 0
    looks: int = 0
    before: Callable[[Result], None] = lambda _result: None
    after: Callable[[Result], None] = lambda _result: None
    before_look: Callable[[], None] = lambda: None
    before_prepare: Callable[[Result], None] = lambda _result: None

    def prepare(self, result: Result) -> Prepared:
        self.before_prepare(result)
        return Prepared(result, {"outcome": result.outcome}, frozenset({result.testcase, BUILD}))

    def post(self, prepared: Prepared) -> int:
        result = prepared.result
        self.posts += 1
        self.before(result)
        self.rows.append(result)
        self.after(result)
        return len(self.rows)

    def stored(self, item: ResultItem, *, source: str) -> tuple[StoredResult, ...]:
        self.looks += 1
        self.before_look()
        return tuple(
            StoredResult(
                id=number,
                outcome=row.outcome,
                ref_url=row.ref_url,
                testcase=row.testcase,
                scenario=row.extradata.get("scenario", ""),
                note=row.note,
            )
            for number, row in reversed(list(enumerate(self.rows, start=1)))
            if (whole(row.item), row.source) == (whole(item), source)
        )

    def told(self) -> list[tuple[str, str]]:
        """Give the ends of URLs and outcomes, in order."""
        return [(row.ref_url.rpartition("/")[2], str(row.outcome)) for row in self.rows]


@dataclass
class FakeJobs:
    """The part of openQA that says how jobs are."""

    jobs: dict[int, Job]
    #: how often all jobs of a build were asked for
    builds: int = 0

    @classmethod
    def of(cls, *jobs: Job) -> "FakeJobs":
        return cls({job.id: job for job in jobs})

    def change(self, job_id: int, **changes: object) -> None:
        self.jobs[job_id] = replace(self.jobs[job_id], **changes)  # type: ignore[arg-type] # a test's word

    def jobs_by_id(self, job_ids: Iterable[int]) -> tuple[Job, ...]:
        return tuple(self.jobs[job_id] for job_id in job_ids if job_id in self.jobs)

    def newest_runs(self, build: str) -> frozenset[int]:
        newest = {
            scenario_of(job): job.id
            for job in sorted(self.jobs.values(), key=lambda one: one.id)
            if job.build == build and job.clone_id is None
        }
        return frozenset(newest.values())

    def jobs_for_build(self, build: str) -> tuple[Job, ...]:
        self.builds += 1
        return tuple(job for job in self.jobs.values() if job.build == build)


FACTS = {
    "compose_id": "Fedora-Atomic-25-20170206.0",
    "image_url": "http://kojipkgs.fedoraproject.org/compose/twoweek/Fedora-Atomic-25-20170206.0"
    "/compose/CloudImages/x86_64/images/Fedora-Atomic-25-20170206.0.x86_64.qcow2",
    "job_id": "2023",
    "status": "success",
}
