"""Jobs as plain values, for tests of what is decided about them."""

from datetime import datetime, timedelta

from hypothesis import strategies as st

from fedora_openqa.model.jobs import Job

BUILD = "Fedora-Rawhide-20261120.n.0"
STARTED = datetime(2026, 11, 21, 2, 0)  # noqa: DTZ001 - openQA's times have no time zone


def job(
    job_id: int,
    test: str = "install",
    *,
    outcome: str = "done/failed",
    flavor: str = "Server-dvd-iso",
    arch: str = "x86_64",
    machine: str = "64bit",
    clone_id: int | None = None,
    parents: tuple[int, ...] = (),
    minutes: int | None = None,
) -> Job:
    state, _, result = outcome.partition("/")
    return Job(
        id=job_id,
        flavor=flavor,
        arch=arch,
        state=state,
        result=result or "none",
        test=test,
        machine=machine,
        name=f"fedora-Rawhide-{flavor}-{arch}-Build{BUILD}-{test}@{machine}",
        clone_id=clone_id,
        parents=parents,
        started=None if minutes is None else STARTED,
        finished=None if minutes is None else STARTED + timedelta(minutes=minutes),
    )


RESULTS = [
    "none", "passed", "softfailed", "failed", "incomplete", "timeout_exceeded", "skipped",
    "obsoleted", "parallel_failed", "parallel_restarted", "user_cancelled", "user_restarted",
    "a result of tomorrow",
]  # fmt: skip
STATES = ["scheduled", "assigned", "setup", "running", "uploading", "done", "cancelled"]

#: any job that openQA could have
JOBS = st.builds(
    lambda job_id, test, state, result, arch, machine, parents: job(
        job_id,
        test,
        outcome=f"{state}/{result}",
        arch=arch,
        machine=machine,
        parents=tuple(parents),
    ),
    job_id=st.integers(1, 60),
    test=st.sampled_from(["install_default", "base_selinux", "podman"]),
    state=st.sampled_from(STATES),
    result=st.sampled_from(RESULTS),
    arch=st.sampled_from(["x86_64", "aarch64"]),
    machine=st.sampled_from(["64bit", "aarch64", "uefi"]),
    parents=st.lists(st.integers(1, 60), max_size=2),
)
#: the jobs of a build
BUILDS = st.lists(JOBS, max_size=30, unique_by=lambda one: one.id)
