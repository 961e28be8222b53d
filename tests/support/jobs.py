"""Jobs as plain values, for tests of what is decided about them."""

from datetime import datetime, timedelta

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
