"""Stored jobs as plain values, for tests of what is decided about them."""

from collections.abc import Sequence

from hypothesis import strategies as st

from fedora_openqa.model.builds import BuildJobs
from fedora_openqa.model.history import Scenario, StoredJob
from fedora_openqa.model.jobs import FINAL_STATES
from fedora_openqa.model.stories import StoredProduct, Story
from fedora_openqa.model.work import StoredSubject, SubjectState
from tests.support.jobs import BUILD, RESULTS, STATES


def stored(
    job_id: int,
    test: str = "base_selinux",
    outcome: str = "done/passed",
    *,
    build: str = BUILD,
    clone_id: int | None = None,
    origin_id: int | None = None,
    modules: Sequence[str] = (),
) -> StoredJob:
    state, _, result = outcome.partition("/")
    ended = state in FINAL_STATES
    return StoredJob(
        id=job_id,
        build=build,
        version="Rawhide",
        scenario=Scenario(test, "Server-dvd-iso", "x86_64", "64bit"),
        state=state,
        result=result or "none",
        failed_modules=tuple(modules),
        origin_id=origin_id or job_id,
        clone_id=clone_id,
        started=0.0 if ended else None,
        finished=60.0 if ended else None,
    )


def build_of(*jobs: StoredJob, build: str = BUILD) -> BuildJobs:
    return BuildJobs(build=build, jobs=jobs, heard=100.0 if jobs else None)


#: any jobs of a build that the store could have
STORED_BUILDS = st.lists(
    st.builds(
        lambda job_id, test, state, result: stored(job_id, test, f"{state}/{result}"),
        job_id=st.integers(1, 40),
        test=st.sampled_from(["base_selinux", "base_update", "podman"]),
        state=st.sampled_from(STATES),
        result=st.sampled_from(RESULTS),
    ),
    max_size=12,
    unique_by=lambda one: one.id,
).map(lambda jobs: build_of(*jobs))


def story(
    *products: StoredProduct,
    state: SubjectState = SubjectState.SCHEDULED,
    number: int = 1,
    reason: str | None = None,
    key: str = f"compose:{BUILD}",
) -> Story:
    subject = StoredSubject(
        key=key,
        lane=key.split(":", maxsplit=1)[0],
        request={},
        number=number,
        state=state,
        reason=reason,
        due=0.0,
        attempts=1,
        last_error=None,
        message_id=None,
        created=0.0,
        updated=0.0,
    )
    return Story(subject=subject, asked=0.0, leased=None, messages=(), products=products)


def product(
    *job_ids: int, state: str = "posted", number: int = 1, reason: str | None = None
) -> StoredProduct:
    return StoredProduct(
        number=number,
        flavor="Server-dvd-iso",
        arch="x86_64",
        settings={"BUILD": BUILD},
        state=state,
        job_ids=job_ids,
        reason=reason,
        updated=0.0,
    )
