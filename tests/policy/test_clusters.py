"""The jobs that we expect a restart to copy are those that openQA copies."""

from hypothesis import given
from hypothesis import strategies as st

from fedora_openqa.model.jobs import Job
from fedora_openqa.policy.clusters import Relatives
from fedora_openqa.sandbox.openqa.cluster import Reach, cluster
from fedora_openqa.sandbox.openqa.database import Database, Dependency

CHAINED, DIRECT, PARALLEL = "Chained", "Directly chained", "Parallel"
RESULTS = ("passed", "softfailed", "failed", "skipped", "user_cancelled", "none")


@st.composite
def links(draw: st.DrawFn) -> tuple[list[str], dict[int, str], list[Dependency]]:
    """Draw the results of jobs, which of them have a copy, and what each depends on."""
    results = draw(st.lists(st.sampled_from(RESULTS), min_size=1, max_size=9))
    copied = draw(st.sets(st.integers(1, len(results)), max_size=2))
    found = []
    for child in range(2, len(results) + 1):
        for parent in draw(st.sets(st.integers(1, child - 1), max_size=3)):
            kind = draw(st.sampled_from((CHAINED, CHAINED, DIRECT, PARALLEL)))
            found.append(Dependency(child, parent, kind))
    return results, dict.fromkeys(copied, "copied"), found


@given(links())
def test_a_restart_copies_the_cluster_that_is_expected(
    drawn: tuple[list[str], dict[int, str], list[Dependency]],
) -> None:
    results, copied, dependencies = drawn
    database = Database(":memory:")
    jobs = []
    for number, result in enumerate(results, start=1):
        clone = 100 if number in copied else None
        database.write(
            "INSERT INTO job (priority, state, result, clone_id) VALUES (50, 'done', ?, ?)",
            (result, clone),
        )
        parents = {kind: _parents(dependencies, number, kind) for kind in (CHAINED, DIRECT)}
        parallel = _parents(dependencies, number, PARALLEL)
        jobs.append(
            Job(
                id=number,
                flavor="x",
                arch="x86_64",
                state="done",
                result=result,
                clone_id=clone,
                parents=(*parents[CHAINED], *parents[DIRECT], *parallel),
                direct_parents=parents[DIRECT],
                parallel=(
                    *parallel,
                    *(
                        link.child
                        for link in dependencies
                        if (link.parent, link.kind) == (number, PARALLEL)
                    ),
                ),
            )
        )
    # in the order in which jobs list their parents
    for dependency in sorted(dependencies, key=lambda link: (link.child, link.kind)):
        database.add_dependency(dependency)
    relatives = Relatives(jobs)
    for job in jobs:
        if job.clone_id is None:
            assert relatives.cluster(job.id).members == set(cluster(database, job.id, Reach()))
            root = relatives.root(job.id)
            assert job.id in relatives.cluster(root).members
    database.close()


def _parents(dependencies: list[Dependency], child: int, kind: str) -> tuple[int, ...]:
    return tuple(link.parent for link in dependencies if (link.child, link.kind) == (child, kind))
