"""The first page: what needs a person."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from flask import render_template
from flask.typing import ResponseReturnValue

from fedora_openqa.model.buckets import Bucket
from fedora_openqa.model.builds import Judgement
from fedora_openqa.model.lists import ListedSubject, SubjectFilter
from fedora_openqa.model.subjects import Kind
from fedora_openqa.policy.buckets import BUCKETS
from fedora_openqa.policy.comparing import PASSED
from fedora_openqa.policy.compose_ids import parse_compose_id
from fedora_openqa.views.parked import parked_view
from fedora_openqa.views.status import status_view
from fedora_openqa.views.subjects import SubjectView, subject_view
from fedora_openqa.web.areas import Area, readers
from fedora_openqa.web.pages.failures import find_failures
from fedora_openqa.web.queries import PAGE_SIZE, Query

pages = Area("overview", __name__)

LINKS = (("Overview", "/"),)

#: items of each list
SHORT = 10


@dataclass(frozen=True, slots=True)
class Newest:
    """The newest compose of a release."""

    compose_id: str
    now: SubjectView
    #: what its tests say; None: all that are known passed, and there may be others
    verdict: Judgement | None
    #: how many more tests did not pass than in the compose before; None: there is none, or one of
    #: them has not ended
    more: int | None


@pages.page("/", Query)
def overview(_query: Query) -> ResponseReturnValue:
    """Show short lists of what needs a person."""
    parked = readers().stories.parked(limit=SHORT, page=1)
    failures = find_failures(state="", kind="", release="")
    updates = [one for one in map(subject_view, _last(Kind.UPDATE)) if one.jobs.failed]
    return render_template(
        "overview.html.j2",
        status=status_view(readers().status()),
        parked=list(map(parked_view, parked.subjects)),
        parked_total=parked.total,
        updates=updates[:SHORT],
        updates_total=len(updates),
        looked_at=PAGE_SIZE,
        composes=newest_composes(_last(Kind.COMPOSE))[:SHORT],
        failures=failures[:SHORT],
        failures_total=len(failures),
    )


def _last(kind: Kind) -> Sequence[ListedSubject]:
    """Return the subjects of a kind that changed last."""
    wanted = SubjectFilter(kind=kind)
    return readers().lists.page(wanted, limit=PAGE_SIZE, page=1, brief=True).subjects


def newest_composes(subjects: Iterable[ListedSubject]) -> Sequence[Newest]:
    """Return the newest of each release and type, with what has changed since the one before."""
    by_series: dict[tuple[str, str], list[tuple[tuple[str, int], str, ListedSubject]]] = {}
    for one in subjects:
        name = one.subject.key.partition(":")[2]
        if found := parse_compose_id(name):
            series = (found.release, found.type)
            by_series.setdefault(series, []).append(((found.date, found.respin), name, one))
    newest = []
    for composes in by_series.values():
        composes.sort(reverse=True, key=lambda it: it[0])
        _, name, listed = composes[0]
        now = subject_view(listed)
        before = subject_view(composes[1][2]) if composes[1:] else None
        more = None
        if before and _has_ended(now) and _has_ended(before):
            more = now.jobs.failed - before.jobs.failed
        newest.append(Newest(name, now, _verdict(listed), more))
    return newest


def _verdict(one: ListedSubject) -> Judgement | None:
    buckets = {BUCKETS.get(result) for _, result in one.jobs}
    if Bucket.FAILED in buckets:
        return Judgement.BAD
    return Judgement.UNDECIDED if not buckets or buckets - PASSED else None


def _has_ended(one: SubjectView) -> bool:
    jobs = one.jobs
    return bool(jobs.passed + jobs.failed) and not jobs.running and not jobs.waiting
