"""Badges: small pictures for other pages, each a label and a value."""

from urllib.parse import quote

from flask import Response, request
from flask.typing import ResponseReturnValue

from fedora_openqa.model.builds import BuildStory, Judgement
from fedora_openqa.model.lists import SubjectFilter
from fedora_openqa.model.subjects import Kind
from fedora_openqa.texts import first_line
from fedora_openqa.views.builds import SummaryView, summary_view
from fedora_openqa.web.areas import Area, readers
from fedora_openqa.web.queries import Query
from fedora_openqa.web.svg import badge

pages = Area("badges", __name__)

#: characters of a label or value
SIZE = 60

#: scenarios and runs of each that the badge of a test counts
SCENARIOS, RUNS = 50, 10

#: seconds that others may keep a badge
KEPT = 60

#: share of passed runs from which on a test counts as good
GOOD_SHARE = 0.9

#: a judgement to the tone of its badge
TONES = {Judgement.GOOD: "good", Judgement.BAD: "bad", Judgement.UNDECIDED: "warn"}


def badge_of(key: str) -> str:
    """Return the path of the badge of a subject, by its key."""
    return f"/badge/subject/{quote(key)}.svg"


@pages.page("/badge/subject/<path:key>.svg", Query)
def subject(_query: Query, key: str) -> ResponseReturnValue:
    """Show what the tests of a subject say."""
    return _of_subject(readers().look(key))


@pages.page("/badge/compose/<release>.svg", Query)
def compose(_query: Query, release: str) -> ResponseReturnValue:
    """Show what the tests of the newest compose of a release say: ``43``, ``Rawhide``."""
    wanted = SubjectFilter(kind=Kind.COMPOSE, start=f"Fedora-{release}-")
    found = readers().lists.page(wanted, limit=1, page=1, brief=True).subjects
    if not found:
        return _shown(f"Fedora {release}", "no compose", "plain")
    return _of_subject(readers().look(found[0].subject.key))


@pages.page("/badge/test/<path:test>.svg", Query)
def test(_query: Query, test: str) -> ResponseReturnValue:
    """Show how many of the last runs of a test passed, of all its scenarios."""
    scenarios = readers().history.scenarios(test)[:SCENARIOS]
    strips = readers().lists.strips(scenarios, most=RUNS)
    runs = [result for results in strips.values() for result in results]
    passed = sum(result in {"passed", "softfailed"} for result in runs)
    ended = passed + sum(result in {"failed", "incomplete", "timeout_exceeded"} for result in runs)
    if not ended:
        return _shown(test, "no run", "plain")
    tone = "good" if passed >= GOOD_SHARE * ended else "bad"
    return _shown(test, f"{passed} of {ended} passed", tone)


def _of_subject(found: BuildStory) -> Response:
    view = summary_view(found.summary)
    if not found.is_known:
        return _shown(view.build, "not known", "plain")
    return _shown(view.build, _value(view), TONES[Judgement(view.verdict.judgement)])


def _value(view: SummaryView) -> str:
    counts = view.counts
    open_jobs = counts.running + counts.waiting
    parts = [view.verdict.judgement]
    parts += [f"{counts.failed} failed"] if counts.failed else []
    parts += [f"{open_jobs} not ended"] if open_jobs else []
    return ", ".join(parts)


def _shown(label: str, value: str, tone: str) -> Response:
    picture = badge(first_line(label, size=SIZE), first_line(value, size=SIZE), tone)
    answer = Response(picture, content_type="image/svg+xml; charset=utf-8")
    answer.headers["Cache-Control"] = f"public, max-age={KEPT}"
    # whoever shows it elsewhere has a policy of its own
    answer.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
    answer.add_etag()
    answer.make_conditional(request)
    return answer
