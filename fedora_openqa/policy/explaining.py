"""What can be said of a subject: by its name alone, and of the jobs it has."""

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

#: what the aliases of Fedora's own updates begin with; others: ``FEDORA-EPEL-2026-…``
FEDORA_ALIAS = re.compile(r"FEDORA-[0-9]{4}-")


def names_in(targets: Iterable[str]) -> tuple[str, ...]:
    """Give all that a block list may know subjects by: ids and URLs, and what those are made of."""
    return tuple(
        dict.fromkeys(name for target in targets for name in (target, *target.split("/")) if name)
    )


def rules_for(
    name: SubjectName, *, holds: Holds, compose: ComposeName | None, targets: Iterable[str] = ()
) -> tuple[Rule, ...]:
    """Say which rules hold a subject back, as far as its name tells; all that were asked.

    :param targets: what else it is called: its URL
    :param compose: what the id of a compose says
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
    # of which release an update is, its name does not tell
    perhaps = [lane for lane in holds.paused if lane.startswith(f"{kind}:")]
    reasons = [reason_to_wait([lane], holds) for lane in perhaps]
    return f"it may be that {'; '.join(filter(None, reasons))}" if reasons else None


def count_jobs(build: str, ours: Collection[int], jobs: Iterable[Job]) -> JobCounts:
    """Count the jobs we know of by how they are at present, or how their newest copies are.

    :param jobs: all jobs of the build, those that have a copy too
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
