"""Gathers what the system beside a shadow did, and compares it with what the shadow recorded.

Reads only. A build whose facts cannot be read is named, and delays no other. Knows ports, never
gateways.
"""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from fedora_openqa import ports
from fedora_openqa.errors import PermanentError, SubjectError, TemporaryError
from fedora_openqa.model.deliveries import Delivery, DeliveryState, Sink
from fedora_openqa.model.jobs import Job
from fedora_openqa.model.results import Result, ResultItem, StoredResult
from fedora_openqa.model.shadow import Comparison, OurProduct, OurResult, ShadowDiff
from fedora_openqa.model.stories import Story
from fedora_openqa.model.subjects import MESSAGE_KINDS
from fedora_openqa.model.templates import Templates
from fedora_openqa.model.wiki import WikiPass, WikiTables
from fedora_openqa.model.work import SubjectState
from fedora_openqa.policy.results import result_for
from fedora_openqa.policy.shadow_diff import (
    compare_cells,
    compare_products,
    compare_results,
    data_of,
    old_runs,
    our_result,
)
from fedora_openqa.policy.subject_names import parse_name
from fedora_openqa.policy.wiki_tables import pages_of
from fedora_openqa.workflows.deliver.resultsdb import whole
from fedora_openqa.workflows.deliver.wiki import cells_of
from fedora_openqa.workflows.wiki_events import WikiEvents

#: states of products that we would have posted, or that openQA had before
DECIDED = frozenset({"posted", "existing", "empty"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparing:
    """Compares the store of a shadow with openQA, ResultsDB and the wiki."""

    stories: ports.Records
    openqa: ports.OpenQA
    templates: ports.OpenQATemplates
    resultsdb: ports.ResultsDB
    pages: ports.PassedPages
    events: WikiEvents
    tables: WikiTables
    #: flavors of products without an image
    imageless: Collection[str]
    #: what the URLs of openQA's jobs begin with
    base_url: str
    #: makes the result of a delivery that is not an openQA job (Autocloud), from its facts
    result_of_facts: Callable[[Mapping[str, str]], Result]

    def diff(self, seconds: float, *, progress: Callable[[int, int, str], None]) -> ShadowDiff:
        """Compare what was recorded in the last seconds.

        :param progress: called with the number of compared subjects, of all, and the key of one

        Raises:
            ConfigError: the deployment is wrong.
            ServiceUnavailableError: the database is away.
        """
        recorded = self.stories.recorded_since(self.stories.now() - seconds)
        # by build: its jobs are read once, and those of one build kept
        stories = sorted(recorded, key=lambda story: _build_of(story.subject.key))
        run = _Run(self)
        for done, story in enumerate(stories):
            progress(done, len(stories), story.subject.key)
            run.compare(story)
        return ShadowDiff(
            comparisons=tuple(run.comparisons),
            unknown=tuple(run.unknown),
            skipped=tuple(run.skipped),
            mails=tuple(run.mails),
        )


@dataclass(slots=True)
class _Run:
    """One comparison."""

    ports: Comparing
    comparisons: list[Comparison] = field(default_factory=list)
    unknown: list[str] = field(default_factory=list)
    skipped: list[str] = field(default_factory=list)
    mails: list[str] = field(default_factory=list)
    #: the last build, and its jobs
    _read: tuple[str, Mapping[int, Job]] | None = None
    _templates: Templates | None = None

    def compare(self, story: Story) -> None:
        key = story.subject.key
        ways: dict[str, Callable[[Story], Iterable[Comparison]]] = {
            **dict.fromkeys(MESSAGE_KINDS, self._products),
            Sink.RESULTSDB: self._results,
            Sink.WIKI: self._cells,
            Sink.MAIL: self._mails,
        }
        # others: messages that are not understood
        if not (compare := ways.get(key.partition(":")[0])):
            return
        if story.subject.state is SubjectState.WANTED:
            self.skipped.append(f"{key}: not done yet")
            return
        try:
            self.comparisons += compare(story)
        except (PermanentError, TemporaryError) as exc:
            self.unknown.append(f"{key}: {exc}")

    def _products(self, story: Story) -> Sequence[Comparison]:
        subject = story.subject
        decided = {(one.flavor, one.arch): one for one in story.products if one.state in DECIDED}
        if subject.state is SubjectState.SCHEDULED and not story.products:
            self.skipped.append(f"{subject.key}: a sweep found it with its jobs")
            return ()
        build = _build_of(subject.key)
        posts = [(one.flavor, one.arch) for one in story.products if one.state == "posted"]
        ours = [
            OurProduct(
                flavor=one.flavor,
                arch=one.arch,
                settings=one.settings,
                posts=max(posts.count(name), 1),
            )
            for name, one in decided.items()
        ]
        jobs = self._jobs_of(build).values()
        if not decided.keys() <= {(job.flavor, job.arch) for job in jobs}:
            self._templates = self._templates or self.ports.templates.load()
        arch = subject.request.get("arch") if subject.key.startswith("coreos:") else None
        return compare_products(
            build,
            ours,
            # each arch of a CoreOS build is a subject of its own
            [job for job in jobs if not arch or job.arch == arch],
            imageless=self.ports.imageless,
            templates=self._templates,
            reason=subject.reason,
        )

    def _results(self, story: Story) -> Sequence[Comparison]:
        build = _build_of(story.subject.key)
        jobs = self._jobs_of(build)
        ours: list[OurResult] = []
        items: dict[tuple[ResultItem, str], None] = {}
        for delivery in story.deliveries:
            result = self._result(delivery, jobs)
            if result is None:
                continue
            items[whole(result.item), result.source] = None
            if delivery.told is not None:
                prepared = self.ports.resultsdb.prepare(result)
                ours.append(our_result(result, delivery.told, data_of(prepared)))
        rows: list[StoredResult] = []
        for item, source in items:
            rows += self.ports.resultsdb.stored(item, source=source)
        reasons = {
            int(one.item): one.reason or str(one.state)
            for one in story.deliveries
            if one.item.isdecimal()
        }
        return compare_results(build, ours, rows, jobs=jobs, reasons=reasons)

    def _result(self, delivery: Delivery, jobs: Mapping[int, Job]) -> Result | None:
        """Return the result of a delivery, even if its job was restarted since; None: none."""
        if delivery.facts:
            return self.ports.result_of_facts(delivery.facts)
        job = jobs.get(int(delivery.item))
        if job is None:
            return None
        base_url = self.ports.base_url
        result = result_for(replace(job, clone_id=None), base_url=base_url, announced=True)
        return result if isinstance(result, Result) else None

    def _cells(self, story: Story) -> Sequence[Comparison]:
        build = _build_of(story.subject.key)
        jobs = self._jobs_of(build)
        delivered = {
            int(one.item) for one in story.deliveries if one.state is DeliveryState.DELIVERED
        }
        ours = self._cells_of(delivered, jobs)
        old = self._cells_of(old_runs(jobs.values()), jobs)
        try:
            event = self.ports.events.of(build)
        except SubjectError:
            # it has no result pages
            return ()
        wanted = tuple(dict.fromkeys((*ours, *old)))
        found = self.ports.pages.passed(event, pages_of(self.ports.tables), wanted)
        return compare_cells(build, ours, found, old=old)

    def _cells_of(self, wanted: Iterable[int], jobs: Mapping[int, Job]) -> tuple[WikiPass, ...]:
        """Return the cells that jobs passed, though some were restarted since."""
        cells: dict[WikiPass, None] = {}
        for job_id in sorted(wanted):
            if job := jobs.get(job_id):
                passed = cells_of(replace(job, clone_id=None), jobs, self.ports.tables)
                cells |= dict.fromkeys(passed if isinstance(passed, tuple) else ())
        return tuple(cells)

    def _mails(self, story: Story) -> Sequence[Comparison]:
        told = (one.summary or one.told for one in story.deliveries if one.told is not None)
        self.mails += (f"{story.subject.key}: {summary}" for summary in told)
        return ()

    def _jobs_of(self, build: str) -> Mapping[int, Job]:
        if self._read is None or self._read[0] != build:
            jobs = self.ports.openqa.jobs_for_build(build)
            self._read = (build, {job.id: job for job in jobs})
        return self._read[1]


def _build_of(key: str) -> str:
    """Return openQA's BUILD of a subject, or of a sink's lane."""
    kind, _, rest = key.partition(":")
    return rest if kind in {*Sink} else parse_name(key).build
