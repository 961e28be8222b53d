"""What programs may ask: the views of the pages, below ``/api/v1``."""

from typing import Annotated, Any

import msgspec
from werkzeug.exceptions import NotFound

from fedora_openqa.errors import NotFoundError
from fedora_openqa.model.builds import BuildStory
from fedora_openqa.model.subjects import Kind
from fedora_openqa.policy.history import history_of
from fedora_openqa.policy.subject_names import SubjectName, parse_name
from fedora_openqa.views.audit import ActView, act_view
from fedora_openqa.views.builds import ComparisonView, comparison_view
from fedora_openqa.views.capacity import CapacityView, capacity_view
from fedora_openqa.views.failures import ClusterStoryView, ClusterView, RuleView, rule_views
from fedora_openqa.views.flakes import FlakeView
from fedora_openqa.views.history import RunView, ScenarioView, run_view, scenario_view
from fedora_openqa.views.now import NowView, now_view
from fedora_openqa.views.parked import ParkedView, parked_view
from fedora_openqa.views.statistics import StatisticsView
from fedora_openqa.views.status import PauseView, StatusView, status_view
from fedora_openqa.views.subjects import SubjectView, subject_view
from fedora_openqa.views.summaries import (
    SubjectDeliveryView,
    SubjectSummaryView,
    deliveries_view,
    subject_summary_view,
)
from fedora_openqa.views.updates import UpdateView, update_view
from fedora_openqa.views.why import WhyView
from fedora_openqa.web.api import USUAL, Api, Limit, Listed, Listing, Page, page_of
from fedora_openqa.web.areas import readers
from fedora_openqa.web.openapi import describe
from fedora_openqa.web.orders import api as orders
from fedora_openqa.web.pages.audit import MOST
from fedora_openqa.web.pages.failures import Kind as FailureKind
from fedora_openqa.web.pages.failures import State as FailureState
from fedora_openqa.web.pages.failures import find_cluster, find_failures
from fedora_openqa.web.pages.statistics import StatisticsQuery, find_statistics
from fedora_openqa.web.pages.subjects import Subjects, filter_of
from fedora_openqa.web.pages.tests import (
    RUNS,
    FlakesQuery,
    ScenarioQuery,
    TestsQuery,
    find_flakes,
    is_wanted,
)
from fedora_openqa.web.pages.why import WhyQuery, find_why
from fedora_openqa.web.queries import Query, Text

#: scenarios of a test in one answer: the runs of each are read by themselves
MOST_SCENARIOS = 5

api = Api("api")


class AuditListing(Listing, frozen=True, kw_only=True):
    """Acts of people."""

    who: Text = ""


class SubjectListing(Subjects, frozen=True, kw_only=True):
    """Subjects, with the filters of their page."""

    page: Page = 1
    limit: Limit = USUAL


class TestListing(TestsQuery, frozen=True, kw_only=True):
    """Names of tests."""

    page: Page = 1
    limit: Limit = USUAL


class HistoryListing(ScenarioQuery, frozen=True, kw_only=True):
    """Scenarios of a test, and the number of their runs."""

    page: Page = 1
    #: scenarios of a page
    limit: Annotated[int, msgspec.Meta(ge=1, le=MOST_SCENARIOS)] = MOST_SCENARIOS
    runs: Limit = RUNS


class FlakeListing(FlakesQuery, frozen=True, kw_only=True):
    """Flaky scenarios."""

    page: Page = 1
    limit: Limit = USUAL


class FailuresListing(Listing, frozen=True, kw_only=True):
    """Failures with one cause."""

    state: FailureState = ""
    kind: FailureKind = ""
    release: Text = ""


@api.get("/openapi.json", Query, dict[str, Any])
def openapi(_query: Query) -> dict[str, Any]:
    """Return this description."""
    return describe([*api.endpoints, *orders.endpoints])


@api.get("/status", Query, StatusView)
def status(_query: Query) -> StatusView:
    """Return the state of all lanes and processes."""
    return status_view(readers().status())


@api.list("/pauses", Listing, PauseView)
def pauses(query: Listing) -> Listed[PauseView]:
    """Return the paused lanes."""
    return page_of(status_view(readers().status()).paused, query)


@api.list("/parked", Listing, ParkedView)
def parked(query: Listing) -> Listed[ParkedView]:
    """Return what was set aside until a person decides, the newest first."""
    found = readers().stories.parked(limit=query.limit, page=query.page)
    more = found.total > query.limit * query.page
    return Listed([parked_view(one) for one in found.subjects], more)


@api.list("/subjects", SubjectListing, SubjectView)
def subjects(query: SubjectListing) -> Listed[SubjectView]:
    """Return subjects, the last changed first."""
    found = readers().lists.page(filter_of(query), limit=query.limit, page=query.page)
    return Listed([subject_view(one) for one in found.subjects], found.more)


@api.get("/subjects/<key>", Query, SubjectSummaryView)
def subject(_query: Query, key: str) -> SubjectSummaryView:
    """Return whether the tests of a subject are complete and good, or when, and its history.

    The key may also be an id, or openQA's BUILD.
    """
    return subject_summary_view(*_look(key))


@api.list("/subjects/<key>/jobs", Listing, RunView)
def jobs(query: Listing, key: str) -> Listed[RunView]:
    """Return the newest job of each test of a subject, the newest first."""
    _, found = _look(key)
    newest = sorted(found.summary.newest, key=lambda job: -job.id)
    return page_of([run_view(job) for job in newest], query)


@api.list("/subjects/<key>/deliveries", Listing, SubjectDeliveryView)
def deliveries(query: Listing, key: str) -> Listed[SubjectDeliveryView]:
    """Return the results of a subject on their way to sinks, the oldest first."""
    return page_of(deliveries_view(_look(key)[1]), query)


@api.get("/composes/<compose_id>/compare/<other>", Query, ComparisonView)
def comparison(_query: Query, compose_id: str, other: str) -> ComparisonView:
    """Return what has become of each test of a compose since another.

    The other is an id, `previous` or `last-good`.
    """
    try:
        return comparison_view(readers().compare(compose_id, other))
    except NotFoundError as exc:
        raise NotFound(str(exc)) from exc


@api.get("/updates/<alias>/gating", Query, UpdateView)
def gating(_query: Query, alias: str) -> UpdateView:
    """Return the decision of gating about an update, with what each requirement needs."""
    name = parse_name(alias)
    if name.kind is not Kind.UPDATE:
        raise NotFound(f"{alias!r} is not the alias of an update.")
    found = readers().look(name.bare)
    return update_view(name.bare, found.summary, found.stories, readers().gating(name.bare))


@api.list("/tests", TestListing, str)
def tests(query: TestListing) -> Listed[str]:
    """Return the names of tests."""
    last = query.limit * query.page
    names = readers().history.tests(query.q, most=last + 1)
    return Listed(names[last - query.limit : last], more=len(names) > last)


@api.list("/tests/<test>/history", HistoryListing, ScenarioView)
def history(query: HistoryListing, test: str) -> Listed[ScenarioView]:
    """Return the scenarios of a test, each with its last runs."""
    found = [one for one in readers().history.scenarios(test) if is_wanted(one, query)]
    if not found:
        raise NotFound(f"No runs of {test!r} are known, or none like that.")
    first = query.limit * (query.page - 1)
    shown = found[first : first + query.limit]
    stored = readers().history
    views = [
        scenario_view(history_of(one, stored.runs(one, most=query.runs, version=query.release)))
        for one in shown
    ]
    return Listed(views, more=len(found) > first + query.limit)


@api.list("/flakes", FlakeListing, FlakeView)
def flakes(query: FlakeListing) -> Listed[FlakeView]:
    """Return the flaky tests, the worst first."""
    return page_of(find_flakes(query.release, query.arch), query)


@api.get("/why", WhyQuery, WhyView, required=("q",))
def why(query: WhyQuery) -> WhyView:
    """Return why a subject is tested or not; q is its id or URL."""
    return find_why(query.q)


@api.get("/now", Query, NowView)
def now(_query: Query) -> NowView:
    """Return what is tested or waits, and when it will be done."""
    return now_view(readers().now())


@api.get("/capacity", Query, CapacityView)
def capacity(_query: Query) -> CapacityView:
    """Return openQA's workers, and what waits for them."""
    return capacity_view(readers().capacity())


@api.get("/statistics", StatisticsQuery, StatisticsView)
def statistics(query: StatisticsQuery) -> StatisticsView:
    """Return the numbers of each day, of 31 days at most."""
    return find_statistics(query)


@api.list("/failures", FailuresListing, ClusterView)
def failures(query: FailuresListing) -> Listed[ClusterView]:
    """Return failed jobs that seem to have one cause, those that failed last first."""
    found = find_failures(state=query.state, kind=query.kind, release=query.release)
    return page_of(found, query)


@api.list("/failures/rules", Listing, RuleView)
def rules(query: Listing) -> Listed[RuleView]:
    """Return the rules that name failures by a text, the oldest first."""
    return page_of(rule_views(readers().failures()), query)


@api.get("/failures/<int:job_id>", Query, ClusterStoryView)
def cluster(_query: Query, job_id: int) -> ClusterStoryView:
    """Return the failures that a job is among, with all their jobs."""
    return find_cluster(job_id)


@api.list("/audit", AuditListing, ActView)
def audit(query: AuditListing) -> Listed[ActView]:
    """Return what people did, the newest first."""
    acts = readers().audit.acts(who=query.who or None, limit=query.limit, page=query.page)
    return Listed([act_view(one) for one in acts], more=len(acts) == query.limit)


@api.get("/audit/<int:act_id>", Query, ActView)
def act(_query: Query, act_id: int) -> ActView:
    """Return one act, and what came of it."""
    found = readers().audit.find(act_id) if act_id < MOST else None
    if found is None:
        raise NotFound("There is no such act, or it is too old.")
    return act_view(found)


def _look(key: str) -> tuple[SubjectName, BuildStory]:
    found = readers().look(key)
    if not found.is_known:
        raise NotFound(f"Nothing is known of {key!r}.")
    return parse_name(key), found
