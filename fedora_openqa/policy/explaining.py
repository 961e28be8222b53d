"""Explains a subject: the rules that hold it back, by its name alone, and its jobs counted."""

import re
from collections import Counter
from collections.abc import Collection, Iterable

from fedora_openqa.model.composes import ComposeName
from fedora_openqa.model.jobs import Job, JobState
from fedora_openqa.model.stories import JobCounts, Rule
from fedora_openqa.model.subjects import Kind
from fedora_openqa.policy.composes import reason_to_skip
from fedora_openqa.policy.holds import Holds, reason_to_block, reason_to_wait
from fedora_openqa.policy.lineage import newest_copy
from fedora_openqa.policy.subject_names import SubjectName

#: the start of the aliases of Fedora's own updates; of others: ``FEDORA-EPEL-2026-…``
FEDORA_ALIAS = re.compile(r"FEDORA-[0-9]{4}-")


def names_in(targets: Iterable[str]) -> tuple[str, ...]:
    """Return the names that a block list is compared with: ids, URLs, and the parts of URLs."""
    return tuple(
        dict.fromkeys(name for target in targets for name in (target, *target.split("/")) if name)
    )


def rules_for(
    name: SubjectName, *, holds: Holds, compose: ComposeName | None, targets: Iterable[str] = ()
) -> tuple[Rule, ...]:
    """Return all rules that were checked by a subject's name, and why one holds it back.

    :param targets: further names of it: its URL
    :param compose: the parts of the compose id; None: the subject is no compose
    """
    if name.kind is None:
        return ()
    return (
        Rule("kind", _reason_to_skip(name, compose)),
        Rule("block list", reason_to_block(names_in([name.bare, *targets]), holds)),
        Rule("pauses", _reason_to_wait(name.kind, compose, holds)),
    )


def _reason_to_wait(kind: str, compose: ComposeName | None, holds: Holds) -> str | None:
    if compose:
        return reason_to_wait([kind, f"{kind}:{compose.release}"], holds)
    if reason := reason_to_wait([kind], holds):
        return reason
    # the alias of an update does not say its release
    perhaps = [lane for lane in holds.paused if lane.startswith(f"{kind}:")]
    reasons = [reason_to_wait([lane], holds) for lane in perhaps]
    return f"it may be that {'; '.join(filter(None, reasons))}" if reasons else None


def count_jobs(build: str, ours: Collection[int], jobs: Iterable[Job]) -> JobCounts:
    """Count the stored jobs of a build by result or state, each by its newest copy.

    :param ours: ids of the stored jobs
    :param jobs: all jobs of the build, also those that have a copy
    """
    known = {job.id: job for job in jobs}
    found = [known[job_id] for job_id in ours if job_id in known]
    newest = [newest_copy(job, known) for job in found]
    outcomes = Counter(job.result if job.state == JobState.DONE else job.state for job in newest)
    return JobCounts(
        build=build,
        counts=dict(sorted(outcomes.items())),
        copied=sum(job is not last for job, last in zip(found, newest, strict=True)),
        gone=len(ours) - len(found),
    )


def _reason_to_skip(name: SubjectName, compose: ComposeName | None) -> str | None:
    if compose:
        return reason_to_skip(compose)
    if name.kind is Kind.UPDATE and not FEDORA_ALIAS.match(name.bare):
        prefix = re.sub(r"-[0-9]{4}-[0-9a-f]+\Z", "", name.bare)
        return f"{name.bare} is an update of {prefix}; only FEDORA's are tested"
    return None
