"""What can be said of a subject: by its name alone, and of the jobs it has."""

import re
from collections import Counter
from collections.abc import Collection, Iterable
from dataclasses import dataclass

from fedora_openqa.model.composes import ComposeName
from fedora_openqa.model.jobs import Job, JobState
from fedora_openqa.model.spelling import update_named, words_in
from fedora_openqa.model.stories import JobCounts, Rule
from fedora_openqa.policy.compose_ids import COMPOSE_ID
from fedora_openqa.policy.composes import reason_to_skip
from fedora_openqa.policy.holds import Holds, reason_to_block, reason_to_wait
from fedora_openqa.policy.lineage import newest_copy
from fedora_openqa.policy.reruns import UPDATE_ALIAS

#: ``45.20261119.91.0``
COREOS_BUILD = re.compile(r"[0-9]+\.[0-9]{8}\.[0-9]+\.[0-9]+")

#: what the aliases of Fedora's own updates begin with; others: ``FEDORA-EPEL-2026-…``
FEDORA_ALIAS = re.compile(r"FEDORA-[0-9]{4}-")


@dataclass(frozen=True, slots=True)
class Name:
    """How the store would call a subject."""

    #: ``"update:FEDORA-2026-1bd5f4a0c2"``
    key: str
    #: the lane of its kind; nothing: its name does not say
    kind: str | None = None
    #: without the kind
    bare: str = ""

    @property
    def build(self) -> str:
        """What openQA calls it as BUILD; empty: its name does not say."""
        match self.kind:
            case "compose":
                return self.bare
            case "update":
                return f"Update-{self.bare}"
            case "coreos":
                return f"Fedora-CoreOS-{self.bare}"
            case _:
                return ""


def name_of(subject: str) -> Name:
    """Understand what a person calls a subject: an id, a URL, a message id or a key."""
    kind, _, rest = subject.partition(":")
    for word in words_in(rest if kind in {"compose", "update"} else subject):
        bare = word.removeprefix("Update-")
        if COMPOSE_ID.fullmatch(bare):
            return Name(key=f"compose:{bare}", kind="compose", bare=bare)
        if UPDATE_ALIAS.fullmatch(bare):
            bare = update_named(bare)
            return Name(key=f"update:{bare}", kind="update", bare=bare)
        if COREOS_BUILD.fullmatch(bare):
            return Name(key=f"coreos:{bare}", kind="coreos", bare=bare)
    build = rest.split(":")[0]
    if kind == "coreos" and COREOS_BUILD.fullmatch(build):
        return Name(key=subject, kind=kind, bare=build)
    return Name(key=subject)


def names_in(targets: Iterable[str]) -> tuple[str, ...]:
    """Give all that a block list may know subjects by: ids and URLs, and what those are made of."""
    return tuple(
        dict.fromkeys(name for target in targets for name in (target, *target.split("/")) if name)
    )


def rules_for(
    name: Name, *, holds: Holds, compose: ComposeName | None, targets: Iterable[str] = ()
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


def _reason_to_skip(name: Name, compose: ComposeName | None) -> str | None:
    if compose:
        return reason_to_skip(compose)
    if name.kind == "update" and not FEDORA_ALIAS.match(name.bare):
        prefix = re.sub(r"-[0-9]{4}-[0-9a-f]+\Z", "", name.bare)
        return f"{name.bare} is an update of {prefix}; only FEDORA's are tested"
    return None
