"""Compares what a shadow recorded with what the system beside it did.

Decides, too, which differences are known defects of the old tools.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

from fedora_openqa.model.jobs import STOPPED_RESULTS, Job, JobResult, Settings
from fedora_openqa.model.results import Prepared, Result, StoredResult
from fedora_openqa.model.shadow import (
    Comparison,
    Explanation,
    KeyDifference,
    OurProduct,
    OurResult,
    PassedCells,
    Service,
    Verdict,
)
from fedora_openqa.model.templates import ProductName, Templates
from fedora_openqa.model.wiki import WikiPass
from fedora_openqa.policy.lineage import Runs, scenario_of
from fedora_openqa.policy.links import without_link
from fedora_openqa.policy.results import WAITING, newer_run
from fedora_openqa.policy.stored_results import JOB_URL

#: settings that no test suite, machine or medium of openQA sets: whoever schedules does
SCHEDULING = ("BUILDROOT_REPO", "LABEL", "LOCATION", "TOOLBOX_IMAGE", "UPDATE_OR_TAG_REPO")

#: what a URL ends in that the old tool made of nothing
OF_NOTHING = "/None"

#: Name of a product: flavor and arch
Name = tuple[str, str]


def compare_products(
    build: str,
    ours: Iterable[OurProduct],
    jobs: Iterable[Job],
    *,
    imageless: Collection[str] = (),
    templates: Templates | None = None,
    reason: str | None = None,
) -> tuple[Comparison, ...]:
    """Return a comparison of each product of a build, and one for each that was posted too often.

    :param jobs: all jobs of the build
    :param imageless: flavors of products without an image
    :param templates: of openQA; None: they are unknown
    :param reason: why we have no products; None: we have, or it is unknown
    """
    of_product: dict[Name, list[Job]] = {}
    for job in jobs:
        of_product.setdefault((job.flavor, job.arch), []).append(job)
    known = {(one.flavor, one.arch): one for one in ours}
    found = []
    for name in sorted(known | of_product):
        our, their = known.get(name), of_product.get(name, [])
        keys = _settings_that_differ(our.settings, their) if our and their else ()
        found.append(
            Comparison(
                service=Service.OPENQA,
                build=build,
                about=" ".join(name),
                verdict=_verdict(ours=our is not None, theirs=bool(their), differs=bool(keys)),
                keys=keys,
                reason=None if our else reason,
                explanation=_explained_product(name, their, templates, ours=our is not None),
            )
        )
        if our and their and (posts := posts_of(their)) > our.posts:
            found.append(
                Comparison(
                    service=Service.OPENQA,
                    build=build,
                    about=" ".join(name),
                    verdict=Verdict.DIFFERS,
                    keys=(KeyDifference("posts", str(our.posts), str(posts)),),
                    explanation=_explained_posts(our.flavor, their, imageless),
                )
            )
    return tuple(found)


def posts_of(jobs: Iterable[Job]) -> int:
    """Return how often a product was posted: the jobs of a scenario that are no copies."""
    scenarios = Counter(scenario_of(job) for job in jobs if not job.origin_id)
    return max(scenarios.values(), default=0)


def old_runs(jobs: Collection[Job]) -> frozenset[int]:
    """Return the ids of the jobs of a build that are not the newest run of their scenario."""
    runs = Runs({job.id: job for job in jobs})
    return frozenset(job.id for job in jobs if job.clone_id is not None or newer_run(job, runs))


def compare_results(
    build: str,
    ours: Iterable[OurResult],
    rows: Iterable[StoredResult],
    *,
    jobs: Mapping[int, Job],
    reasons: Mapping[int, str],
) -> tuple[Comparison, ...]:
    """Return a comparison of the result of each job.

    :param rows: of ResultsDB, the newest first
    :param jobs: all jobs of the build, by id
    :param reasons: job to the reason why we would not report it
    """
    theirs: dict[str, StoredResult] = {}
    for row in rows:
        theirs.setdefault(_reference(row.ref_url), row)
    known = {_reference(one.ref_url): one for one in ours}
    old = old_runs(jobs.values())
    found = []
    for reference in sorted(known | theirs, key=_order):
        our, their = known.get(reference), theirs.get(reference)
        job = jobs.get(int(reference)) if reference.isdecimal() else None
        keys = tuple(_keys_that_differ(our, their)) if our and their else ()
        testcase = our.testcase if our else their.testcase if their else ""
        found.append(
            Comparison(
                service=Service.RESULTSDB,
                build=build,
                about=f"{testcase} of {'job ' if reference.isdecimal() else ''}{reference}",
                verdict=_verdict(
                    ours=our is not None, theirs=their is not None, differs=bool(keys)
                ),
                keys=keys,
                reason=None if our or not job else reasons.get(job.id),
                explanation=_explained_result(our, their, job, keys, old=old),
            )
        )
    return tuple(found)


def data_of(prepared: Prepared) -> Mapping[str, str]:
    """Return the values of a result as ResultsDB returns them: all are texts."""
    data = prepared.body.get("data")
    values = {str(key): str(value) for key, value in data.items()} if isinstance(data, dict) else {}
    return {**values, "note": without_link(str(prepared.body.get("note", "")))}


def compare_cells(
    build: str, ours: Collection[WikiPass], found: PassedCells, *, old: Collection[WikiPass] = ()
) -> tuple[Comparison, ...]:
    """Return a comparison of each cell of the result pages of a compose.

    :param found: what the pages have of ``ours`` and ``old``
    :param old: cells that only old runs of tests passed
    """

    def compared(about: str, verdict: Verdict, explanation: Explanation | None) -> Comparison:
        return Comparison(
            service=Service.WIKI,
            build=build,
            about=about,
            verdict=verdict,
            explanation=explanation,
        )

    return (
        *(
            compared(place_of(one), Verdict.SAME if one in found.wanted else Verdict.OURS, None)
            for one in ours
            if one not in found.impossible
        ),
        *(
            compared(place_of(one), Verdict.THEIRS, Explanation.OLD_RUN)
            for one in old
            if one in found.wanted and one not in ours
        ),
        *(compared(place, Verdict.THEIRS, None) for place in found.others),
    )


def place_of(cell: WikiPass) -> str:
    """Return test case and place of a cell, for people."""
    return f"{cell.testcase}: {cell.place}"


def _verdict(*, ours: bool, theirs: bool, differs: bool) -> Verdict:
    if ours and theirs:
        return Verdict.DIFFERS if differs else Verdict.SAME
    return Verdict.OURS if ours else Verdict.THEIRS


def _settings_that_differ(ours: Settings, jobs: Iterable[Job]) -> tuple[KeyDifference, ...]:
    """Compare with the settings of the newest job of each scenario.

    A test suite may replace one, so that a value counts that any job has. openQA keeps settings
    with an underscore out of jobs, and replaces what is between percent signs.
    """
    newest = {scenario_of(job): job for job in sorted(jobs, key=lambda job: job.id)}
    theirs = [job.settings for job in newest.values()]
    differing = [
        KeyDifference(name, value, min(values) or None)
        for name, value in ours.items()
        if not name.startswith("_") and "%" not in value
        # openQA may leave out what is empty
        if value not in (values := {settings.get(name, "") for settings in theirs})
    ]
    differing += [
        KeyDifference(name, None, value)
        for name, value in theirs[0].items()
        if name not in ours and _is_of_scheduling(name) and value
        if all(settings.get(name) == value for settings in theirs)
    ]
    return tuple(sorted(differing, key=lambda one: one.name))


def _is_of_scheduling(name: str) -> bool:
    return name in SCHEDULING or name.startswith("ADVISORY") or name.endswith("_URL")


def _explained_product(
    name: Name, theirs: Collection[Job], templates: Templates | None, *, ours: bool
) -> Explanation | None:
    if ours:
        makes_jobs = not templates or ProductName(*name) in templates.scheduling
        return None if theirs or makes_jobs else Explanation.NO_TEMPLATES
    urls = [value for job in theirs for name, value in job.settings.items() if name == "ISO_URL"]
    return Explanation.NO_IMAGE if any(url.endswith(OF_NOTHING) for url in urls) else None


def _explained_posts(
    flavor: str, theirs: Sequence[Job], imageless: Collection[str]
) -> Explanation | None:
    if flavor in imageless:
        return Explanation.POSTED_TWICE
    scenarios: dict[tuple[str, ...], list[Job]] = {}
    for job in sorted(theirs, key=lambda job: job.id):
        if not job.origin_id:
            scenarios.setdefault(scenario_of(job), []).append(job)
    earlier = [job for some in scenarios.values() for job in some[:-1]]
    stopped = all(job.result in STOPPED_RESULTS for job in earlier)
    return Explanation.RESTARTED if stopped else None


def _reference(ref_url: str) -> str:
    """Return the id of the job, or the URL of a result that is of no job."""
    match = JOB_URL.fullmatch(ref_url)
    return match["id"] if match else ref_url


def _order(reference: str) -> tuple[int, str]:
    return (int(reference) if reference.isdecimal() else 0, reference)


def _keys_that_differ(our: OurResult, their: StoredResult) -> Iterator[KeyDifference]:
    for name, ours, theirs in (
        ("testcase", our.testcase, their.testcase),
        ("outcome", our.outcome, their.outcome),
        ("ref_url", our.ref_url, their.ref_url),
    ):
        if ours != theirs:
            yield KeyDifference(name, ours, theirs)
    if not our.data:
        return
    data = {name: ", ".join(some) for name, some in their.data.items()}
    data["note"] = without_link(their.note)
    for name in sorted({*our.data, *data}):
        if our.data.get(name) != data.get(name):
            yield KeyDifference(name, our.data.get(name), data.get(name))


def _explained_result(
    our: OurResult | None,
    their: StoredResult | None,
    job: Job | None,
    keys: Iterable[KeyDifference],
    *,
    old: Collection[int],
) -> Explanation | None:
    if their and not our and _is_of_nothing(their):
        return Explanation.NO_IMAGE
    if job is None:
        return None
    outcome = next((key for key in keys if key.name == "outcome"), None)
    if job.id in old and their and (not our or outcome):
        return Explanation.OLD_RUN
    if our and not their and job.result == JobResult.SKIPPED:
        return Explanation.SILENT
    if outcome and outcome.theirs in WAITING and job.result in STOPPED_RESULTS:
        return Explanation.ANNOUNCED
    return None


def _is_of_nothing(row: StoredResult) -> bool:
    return "None" in row.data.get("item", ()) or row.ref_url.endswith(OF_NOTHING)


def our_result(result: Result, outcome: str, data: Mapping[str, str]) -> OurResult:
    """Return a result with the outcome that was recorded, which the job may have left since."""
    same = outcome == result.outcome
    return OurResult(
        ref_url=result.ref_url,
        testcase=result.testcase,
        outcome=outcome,
        data=data if same else {},
    )
