"""What workflows ask of foreign systems: one Protocol for each."""

from collections.abc import Collection, Mapping, Sequence
from typing import Protocol

from fedora_openqa.model.composes import Compose, ComposeName, ReleaseNumbers
from fedora_openqa.model.deliveries import (
    WikiAnswer,
)
from fedora_openqa.model.events import SubjectEvent
from fedora_openqa.model.gating import Decision, GatingQuestion, PolicyRules, Waiver
from fedora_openqa.model.jobs import Job
from fedora_openqa.model.mails import Mail, Refused
from fedora_openqa.model.products import PostedProduct, Product
from fedora_openqa.model.reruns import RestartAnswer
from fedora_openqa.model.results import Result, ResultItem, StoredResult
from fedora_openqa.model.subjects import CoreOSBuild, Update
from fedora_openqa.model.templates import Templates
from fedora_openqa.model.wiki import WikiEvent, WikiPass, WikiRow


class Composes(Protocol):
    """Where composes are published."""

    def name_in(self, location: str) -> ComposeName | None:
        """Read the compose id out of a URL, without asking anybody.

        Raises:
            SubjectError: the URL is none, or leads to a host we may not read from.
        """

    def load(self, location: str) -> Compose:
        """Read a finished compose.

        :param location: the URL of its ``/compose`` folder

        Raises:
            SubjectError: there is no finished, readable compose of that name there.
            ServiceUnavailableError: nobody could be asked.
        """


class ComposeSeries(Protocol):
    """Which composes there have been."""

    def of(self, release: str) -> tuple[str, ...]:
        """List the ids of the finished composes of a release; none if nobody keeps a list.

        :param release: what the ids begin with: ``"Fedora-Rawhide"``, ``"Fedora-IoT-43"``

        Raises:
            RequestRefusedError, ServiceUnavailableError
        """


class KnownComposes(Protocol):
    """What Fedora's composes are like, by their ids; nobody is asked anything."""

    def location(self, compose_id: str) -> str:
        """Say where Fedora keeps a compose, the URL of its ``/compose`` folder; empty: nowhere."""

    def expected_images(self, compose_id: str) -> frozenset[tuple[str, str, str]] | None:
        """Give subvariant in lower case, type and arch of the images a compose should have.

        Nothing: nobody knows.
        """


class ComposeLabels(Protocol):
    """Labels of composes."""

    def label(self, compose_id: str) -> str | None:
        """Return the label of a compose: ``"RC-1.6"``; None: it has none.

        Raises:
            SubjectError: the compose cannot be found.
            ServiceUnavailableError: its metadata cannot be read.
        """


class Releases(Protocol):
    """Who knows which releases of Fedora exist."""

    def load(self) -> ReleaseNumbers:
        """Read the numbers of today's releases.

        Raises:
            PermanentError, TemporaryError: they cannot be had.
        """


class Bodhi(Protocol):
    """Fedora's update system."""

    def load(self, update: str) -> Update:
        """Read an update.

        :param update: its alias, or a URL that ends in it

        Raises:
            NotFoundError: Bodhi has no such update.
            SubjectError: this is no id of an update, or the answer is about another one.
            ServiceUnavailableError, RequestRefusedError: Bodhi does not say.
        """

    def creates_automatic_updates(self, release: str) -> bool:
        """Tell whether packages of a release become updates by themselves.

        :param release: ``"43"``, ``"eln"``

        Raises: as `load`.
        """


class CoreOSBuilds(Protocol):
    """Where builds of Fedora CoreOS are published."""

    def load(self, url: str) -> CoreOSBuild:
        """Read a build.

        :param url: the URL of its folder

        Raises:
            SubjectError: there is no readable build there, or we may not read from there.
            ServiceUnavailableError, RequestRefusedError: nobody says.
        """


class OpenQA(Protocol):
    """The openQA server."""

    def jobs_for_build(self, build: str) -> tuple[Job, ...]:
        """List all jobs of a build (openQA's BUILD), cancelled and repeated ones too.

        Raises:
            RequestRefusedError, ServiceUnavailableError
        """

    def jobs_by_id(self, job_ids: Collection[int]) -> tuple[Job, ...]:
        """Read jobs by their ids, those that openQA still has.

        Raises:
            RequestRefusedError, ServiceUnavailableError
        """

    def jobs_for_product(self, product: Product) -> tuple[Job, ...]:
        """List the jobs of one flavor and arch of a build.

        Raises:
            RequestRefusedError, ServiceUnavailableError
        """

    def post_product(self, product: Product) -> PostedProduct:
        """Schedule a product; once: this never repeats what may have arrived.

        Raises:
            ConfigError: there is no usable API key.
            RequestRefusedError: openQA said no; nothing was scheduled.
            ServiceUnavailableError: openQA was not reached; nothing was scheduled.
            AmbiguousWriteError: the jobs may have been scheduled.
        """

    def passed_jobs(self, *, flavor: str, arch: str) -> tuple[Job, ...]:
        """List the newest passed jobs of a flavor and arch, of any build.

        Raises:
            RequestRefusedError, ServiceUnavailableError
        """

    def restart_jobs(self, job_ids: Sequence[int], *, force: bool) -> RestartAnswer:
        """Restart jobs, and those that openQA restarts along; once, as `post_product`.

        :param force: restart also what misses assets or a parent it must run right after

        Raises: as `post_product`.
        """

    def group_id(self, name: str) -> int | None:
        """Find a job group by its name.

        Raises:
            RequestRefusedError, ServiceUnavailableError
        """

    def post_comment(self, group_id: int, text: str) -> None:
        """Comment on a job group.

        Raises: as `post_product`.
        """


class Runs(OpenQA, Protocol):
    """An openQA server that says which runs of tests are the newest."""

    def newest_runs(self, build: str) -> frozenset[int]:
        """List the ids of the newest job of each scenario of a build (openQA's BUILD).

        Jobs with a copy are left out; cancelled jobs are not. A large build may be cut short.

        Raises:
            RequestRefusedError, ServiceUnavailableError
        """


class Builds(Protocol):
    """What openQA has tested before."""

    def before(self, job: Job) -> tuple[str, ...]:
        """List the builds in which the test of a job ended before, the newest first.

        Raises:
            RequestRefusedError, ServiceUnavailableError
        """


class JobFiles(Protocol):
    """What jobs have uploaded to openQA."""

    def load(self, job_id: int, name: str) -> bytes | None:
        """Read a file; nothing if the job has none of that name, or no longer.

        Raises:
            RequestRefusedError: openQA does not give it.
            ServiceUnavailableError: no answer, or one that is too long.
        """


class OpenQATemplates(Protocol):
    """What the openQA server can make of what we post."""

    def load(self) -> Templates:
        """Read all products of Fedora, and what jobs they make.

        Raises:
            PermanentError, ServiceUnavailableError: they cannot be had.
        """


class GatingPolicies(Protocol):
    """Gating policies, of a server or in a file."""

    def load(self) -> PolicyRules:
        """Return the rules of all policies.

        Raises:
            ConfigError: there is no such file.
            PermanentError, ServiceUnavailableError: they cannot be had.
        """


class ResultsDB(Protocol):
    """Where results are kept for gating; nothing there can be changed or taken back."""

    def post(self, result: Result) -> int:
        """Store a result, once: this never repeats what may have arrived; gives its id.

        Raises:
            ConfigError: it wants a user name and password, or others.
            SubjectError: the compose or image that the result is about cannot be found.
            RequestRefusedError: ResultsDB said no, for instance to this outcome.
            ServiceUnavailableError: it was not reached, or the compose's metadata was not;
                nothing was stored.
            AmbiguousWriteError: it may have been stored, or may be within half a minute.
        """

    def body_for(self, result: Result) -> Mapping[str, object]:
        """Give the JSON that `post` would send; raises as `names`."""

    def names(self, result: Result) -> frozenset[str]:
        """Name what a result makes there if nobody has before: its groups and test case.

        Raises:
            SubjectError: the compose or image that the result is about cannot be found.
            ServiceUnavailableError: its metadata cannot be read.
        """

    def stored(self, item: ResultItem, *, source: str) -> tuple[StoredResult, ...]:
        """List what a source has reported of an update, a compose or a build; the newest first.

        Of an image: of all that its compose or build has.

        Raises:
            SubjectError, RequestRefusedError, ServiceUnavailableError
        """


class ResultPages(Protocol):
    """The wiki's pages of release validation, as anybody can read them."""

    def rows(self, event: WikiEvent, testtypes: Sequence[str]) -> tuple[WikiRow, ...]:
        """Read the rows of an event's pages; pages may be missing.

        :param testtypes: what the pages are called: ``"Installation"``

        Raises:
            PermanentError, TemporaryError: the wiki cannot be asked.
        """


class Wiki(Protocol):
    """The wiki pages that results of release validation are filed on."""

    def file(self, passes: Sequence[WikiPass], events: Mapping[str, WikiEvent]) -> WikiAnswer:
        """File the passes that are not there yet, page by page, and read the pages again.

        :param events: compose ids of the passes to the events whose pages they go to

        Raises:
            ConfigError: there is no login, or the wiki does not take it.
            PermanentError, TemporaryError: the wiki cannot be asked. What was filed before,
                is; filing all of it again does no harm.
        """

    def look(self, passes: Sequence[WikiPass], events: Mapping[str, WikiEvent]) -> WikiAnswer:
        """Return the same without writing: passes that would have to be filed are *lost*.

        Raises: as `file`.
        """


class Gating(Protocol):
    """Decides by results and waivers which subjects pass gating."""

    def decide(self, question: GatingQuestion, *, verbose: bool = False) -> Decision:
        """Ask whether a subject passes gating, and which requirements are missing.

        :param verbose: with the URLs of results; expensive for the service

        Raises:
            SubjectError: no policy applies to a subject.
            RequestRefusedError, ServiceUnavailableError
        """


class Waivers(Protocol):
    """Where people waive tests."""

    def body(self, waiver: Waiver) -> Mapping[str, object]:
        """Return what `post` sends."""

    def post(self, waiver: Waiver) -> int:
        """Store a waiver and return its id.

        Raises:
            ConfigError: there is no usable token.
            RequestRefusedError, ServiceUnavailableError, AmbiguousWriteError
        """

    def find(self, waiver: Waiver) -> int | None:
        """Return the id of the newest waiver with the same fields, of any user; None: none.

        Raises:
            RequestRefusedError, ServiceUnavailableError
        """


class TestCases(Protocol):
    """The test cases that have results."""

    def has(self, testcase: str) -> bool:
        """Return whether there ever was a result of a test case.

        Raises:
            RequestRefusedError, ServiceUnavailableError
        """


class GatedUpdates(Protocol):
    """Which updates gating does not let through."""

    def waiting(self, *, since: float) -> Sequence[Update]:
        """List the updates that wait for tests, of all that were submitted since a time.

        :param since: seconds since 1970

        Raises:
            RequestRefusedError, ServiceUnavailableError
        """

    def with_build(self, nvr: str) -> Update | None:
        """Return the newest update with a build; None: there is none.

        Raises:
            RequestRefusedError, ServiceUnavailableError
        """


class Mailer(Protocol):
    """Who takes mails."""

    def send(self, mail: Mail) -> Mapping[str, Refused]:
        """Hand a mail over, once; gives the recipients that were refused, and why.

        Raises:
            ConfigError: an address is none, or the server wants a login.
            RequestRefusedError: the mail, or all recipients, were refused.
            ServiceUnavailableError: nothing was handed over.
            AmbiguousWriteError: it may have been.
        """


class Source(Protocol):
    """Somebody who can say what has happened, whether we were told or not."""

    @property
    def name(self) -> str:
        """What people call it."""

    @property
    def current(self) -> bool:
        """Whether it says how things are now, and not how they were when something happened."""

    def events(self, *, since: float, until: float) -> Sequence[SubjectEvent]:
        """List what happened between two times, seconds since 1970; the newest first.

        Raises:
            PermanentError, TemporaryError: it does not say.
        """
