"""Sweeps: the subjects that sources have and no message named."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace

from fedora_openqa.model.deliveries import Sink
from fedora_openqa.model.events import (
    CoreOSBuildFinished,
    SubjectEvent,
    UpdateReady,
)
from fedora_openqa.model.jobs import Job
from fedora_openqa.model.sweeps import Comparison, Gathered, Seen, Sighting, Turn, Undone
from fedora_openqa.model.tables import FlavorTable
from fedora_openqa.model.work import Change, Ignored, Known
from fedora_openqa.policy.contents import Content, content_of, is_of_other_content
from fedora_openqa.policy.effects import concerns
from fedora_openqa.policy.subject_names import name_of_event
from fedora_openqa.policy.wanted import change_of, subject_wanted

#: seconds that other processes give the one that swept last, whose copies of files are fresh
GRACE = 120.0


def is_due(turn: Turn, last: Gathered, owner: str, *, every: float) -> bool:
    """Return whether a process should ask the sources again.

    :param owner: the process
    :param every: seconds between two sweeps
    """
    wait = every if owner == last.by else every + min(every, GRACE)
    # a time in the future was stored while the clock was wrong
    return not 0 <= turn.now - last.at < wait


def builds_to_compare(
    builds: Mapping[str, str], compared: Mapping[Sink, Mapping[str, Comparison]]
) -> Mapping[str, tuple[Sink, ...]]:
    """Return the builds that sinks are compared with, those of the oldest comparison first.

    :param builds: openQA's BUILDs to the digest of their present content; empty: unknown
    :param compared: sinks to their last comparisons, by build
    """
    found: dict[str, tuple[float, tuple[Sink, ...]]] = {}
    for build, digest in builds.items():
        lasts = {
            sink: known.get(build)
            for sink, known in compared.items()
            if concerns(sink, build, ended=True)
        }
        sinks = tuple(sink for sink, last in lasts.items() if not _is_settled(last, digest))
        if sinks:
            oldest = min(last.at if (last := lasts[sink]) else 0.0 for sink in sinks)
            found[build] = oldest, sinks
    return {build: found[build][1] for build in sorted(found, key=lambda one: found[one][0])}


def has_new_jobs(build: str, last: Comparison, jobs: Mapping[str, Collection[int]] | None) -> bool:
    """Return whether a build has jobs that its last comparison did not know.

    :param jobs: builds to the ids of some of their jobs; None: every build may have new jobs
    """
    return jobs is None or not last.jobs.issuperset(jobs.get(build, ()))


def _is_settled(last: Comparison | None, digest: str) -> bool:
    return last is not None and last.settled and digest in {"", last.digest}


def subjects_seen(
    sightings: Iterable[Sighting], table: FlavorTable
) -> tuple[tuple[Seen, ...], tuple[str, ...]]:
    """Return the subjects that should have tests, each once, and why other events are ignored.

    The first sighting of a subject counts, but a source with the present state is preferred.

    :param table: the flavors that test updates of Fedora
    """
    seen: dict[str, Seen] = {}
    ignored: dict[str, None] = {}
    for sighting in sightings:
        event = sighting.event
        wanted = subject_wanted(event, table)
        if isinstance(wanted, Ignored):
            ignored[wanted.reason] = None
            continue
        # a person asked once; the history has that message in each sweep
        wanted = replace(wanted, again=False)
        new = Seen(
            wanted=wanted,
            build=name_of_event(event).build,
            arch=event.arch if isinstance(event, CoreOSBuildFinished) else None,
            content=_content_of(event),
            current=sighting.current,
        )
        old = seen.get(wanted.key)
        if old is None:
            seen[wanted.key] = new
            continue
        first = new if new.current and not old.current else old
        # only the message has the label of a candidate, its folder does not
        priority = max(old.wanted.priority, wanted.priority)
        seen[wanted.key] = replace(first, wanted=replace(first.wanted, priority=priority))
    return tuple(seen.values()), tuple(ignored)


def undone(seen: Iterable[Seen], stored: Mapping[str, Known]) -> Undone:
    """Compare subjects with those in the store; the most urgent come first.

    :param stored: key to what the store has
    """
    new, changed, known = [], [], 0
    for subject in sorted(seen, key=lambda one: -one.wanted.priority):
        found = stored.get(subject.wanted.key)
        change = change_of(subject.wanted, found)
        if found is None:
            new.append(subject)
        # an old message must not bring back an old content of an update
        elif change is Change.AGAIN and (subject.current or subject.wanted.digest == found.digest):
            changed.append(subject)
        else:
            known += 1
    return Undone(new=tuple(new), changed=tuple(changed), known=known)


def has_jobs(subject: Seen, jobs: Iterable[Job]) -> bool:
    """Return whether any job of a subject's BUILD tests its present content."""
    return any(
        subject.arch in {None, job.arch} and not is_of_other_content(job, subject.content)
        for job in jobs
    )


def _content_of(event: SubjectEvent) -> Content | None:
    return content_of(event.update.nvrs) if isinstance(event, UpdateReady) else None
