"""Tests: their last runs, and which of them are flaky."""

from collections.abc import Mapping, Sequence
from urllib.parse import quote, urlencode

from flask import render_template
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import NotFound

from fedora_openqa.model.failures import FailureCluster
from fedora_openqa.model.history import Scenario
from fedora_openqa.policy.history import history_of
from fedora_openqa.views.flakes import FlakeView, flake_view
from fedora_openqa.views.history import scenario_view
from fedora_openqa.views.subjects import job_view
from fedora_openqa.web.areas import Area, readers, site
from fedora_openqa.web.pages.failures import causes_of, open_causes_of
from fedora_openqa.web.queries import PAGE_SIZE, Paged, Text, on_page
from fedora_openqa.web.svg import strip

pages = Area("tests", __name__)

LINKS = (("Tests", "/tests"), ("Flaky tests", "/flakes"))

#: runs of a scenario that are shown, and in a list of scenarios
RUNS, FEW = 50, 20

#: failures that are shown of a flaky scenario in the list
MOST_EVIDENCE = 5


class TestsQuery(Paged, frozen=True, kw_only=True):
    """What the names of tests begin with."""

    q: Text = ""


class ScenarioQuery(Paged, frozen=True, kw_only=True):
    """Which scenarios of a test, and which of their runs."""

    flavor: Text = ""
    arch: Text = ""
    machine: Text = ""
    #: openQA's VERSION
    release: Text = ""


class FlakesQuery(Paged, frozen=True, kw_only=True):
    """Which runs count, and which scenarios are shown."""

    #: openQA's VERSION
    release: Text = ""
    arch: Text = ""


@pages.page("/tests", TestsQuery)
def tests(query: TestsQuery) -> ResponseReturnValue:
    """List tests by their names."""
    last = PAGE_SIZE * query.page
    names = readers().history.tests(query.q, most=last + 1)
    return render_template(
        "tests.html.j2",
        query=query,
        tests=[(name, test_path(name)) for name in names[last - PAGE_SIZE : last]],
        more=len(names) > last,
    )


@pages.page("/tests/<path:test>", ScenarioQuery)
def test(query: ScenarioQuery, test: str) -> ResponseReturnValue:
    """Show the scenarios of a test, or the last runs of one."""
    found = [one for one in readers().history.scenarios(test) if is_wanted(one, query)]
    if not found:
        raise NotFound(f"No runs of {test!r} are known, or none like that.")
    flaky = {_scenario(one): one for one in find_flakes(query.release, query.arch)}
    if len(found) == 1:
        return _one(query, found[0], flaky.get(found[0]))
    listed = on_page(found, query)
    strips = readers().lists.strips(listed, most=FEW)
    return render_template(
        "test.html.j2",
        query=query,
        test=test,
        path=test_path(test),
        badge=f"/badge/test/{quote(test)}.svg",
        scenarios=[
            (one, strip(strips.get(one, ())), scenario_path(one), flaky.get(one)) for one in listed
        ],
        total=len(found),
    )


def _one(query: ScenarioQuery, scenario: Scenario, flake: FlakeView | None) -> ResponseReturnValue:
    runs = readers().history.runs(scenario, most=RUNS, version=query.release)
    results = [run.result if run.is_ended else run.state for run in runs]
    return render_template(
        "scenario.html.j2",
        query=query,
        path=test_path(scenario.test),
        view=scenario_view(history_of(scenario, runs)),
        strip=strip(results),
        jobs=[(job_view(run), run) for run in runs],
        causes=causes_of({run.id for run in runs}),
        open_causes=open_causes_of(scenario),
        flake=flake,
    )


def is_wanted(scenario: Scenario, query: ScenarioQuery) -> bool:
    """Return whether a scenario is asked for."""
    return (
        query.flavor in ("", scenario.flavor)
        and query.arch in ("", scenario.arch)
        and query.machine in ("", scenario.machine)
    )


@pages.page("/flakes", FlakesQuery)
def flakes(query: FlakesQuery) -> ResponseReturnValue:
    """List the flaky tests, the worst first."""
    found = find_flakes(query.release, query.arch)
    listed = on_page(found, query)
    causes = causes_of({it.id for one in listed for it in one.evidence})
    return render_template(
        "flakes.html.j2",
        query=query,
        flakes=[(one, scenario_path(_scenario(one)), _bugs(one, causes)) for one in listed],
        most_evidence=MOST_EVIDENCE,
        total=len(found),
    )


def find_flakes(release: str, arch: str) -> Sequence[FlakeView]:
    """Return the flaky scenarios, the worst first."""
    url = site().openqa_url
    return [flake_view(one, openqa_url=url) for one in readers().flakes(release, arch)]


def _bugs(one: FlakeView, causes: Mapping[int, FailureCluster]) -> Sequence[str]:
    """Return the bugs that people linked to the failures of a flaky scenario."""
    found = [causes[it.id].bug for it in one.evidence if it.id in causes]
    return list(dict.fromkeys(filter(None, found)))


def _scenario(one: FlakeView) -> Scenario:
    return Scenario(one.test, one.flavor, one.arch, one.machine)


def test_path(name: str) -> str:
    """Return the path of the page of a test."""
    return f"/tests/{quote(name)}"


def scenario_path(scenario: Scenario) -> str:
    """Return the URL of the page of a scenario."""
    given: Mapping[str, str] = {
        name: value for name, value in scenario._asdict().items() if name != "test" and value
    }
    return f"{test_path(scenario.test)}?{urlencode(given)}"
