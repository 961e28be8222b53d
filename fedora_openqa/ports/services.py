"""What workflows ask of foreign systems other than openQA: one Protocol for each."""

from collections.abc import Collection, Mapping, Sequence
from typing import Protocol

from fedora_openqa.model.base_images import ImageTable
from fedora_openqa.model.composes import Compose, ComposeName, ReleaseNumbers
from fedora_openqa.model.deliveries import (
    WikiAnswer,
)
from fedora_openqa.model.events import SubjectEvent
from fedora_openqa.model.gating import Decision, GatingQuestion, GivenWaiver, PolicyRules, Waiver
from fedora_openqa.model.mails import Mail, Refused
from fedora_openqa.model.results import Prepared, Result, ResultItem, StoredResult
from fedora_openqa.model.shadow import PassedCells
from fedora_openqa.model.subjects import CoreOSBuild, Update
from fedora_openqa.model.wiki import WikiEvent, WikiPass, WikiRow


class Composes(Protocol):
    """Where composes are published."""

    def name_in(self, location: str) -> ComposeName | None:
        """Return the compose id in a URL, without a request.

        Raises:
            SubjectError: the URL is invalid, or its host is not one of the allowed ones.
        """

    def load(self, location: str) -> Compose:
        """Return a finished compose.

        :param location: the URL of its ``/compose`` folder

        Raises:
            SubjectError: there is no finished, readable compose of that name there.
            ServiceUnavailableError: the server could not be reached.
        """


class ComposeSeries(Protocol):
    """The history of composes."""

    def of(self, release: str) -> tuple[str, ...]:
        """Return the ids of the finished composes of a release; empty: no list is kept of them.

        :param release: the beginning of the ids: ``"Fedora-Rawhide"``, ``"Fedora-IoT-43"``

        Raises:
            RequestRefusedError, ServiceUnavailableError
        """


class KnownComposes(Protocol):
    """Facts about Fedora's composes that follow from their ids, without a request."""

    def location(self, compose_id: str) -> str:
        """Return the URL of a compose's ``/compose`` folder; empty: Fedora keeps it nowhere."""

    def expected_images(self, compose_id: str) -> frozenset[tuple[str, str, str]] | None:
        """Return the subvariant (lower case), type and arch of the images a compose should have.

        None: unknown.
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
    """The releases of Fedora that exist."""

    def load(self) -> ReleaseNumbers:
        """Return the numbers of today's releases.

        Raises:
            PermanentError, TemporaryError: they cannot be read.
        """


class BaseImages(Protocol):
    """The table of createhdds."""

    def load(self) -> ImageTable:
        """Return the table.

        Raises:
            ConfigError: its file cannot be read, or has another shape.
            RequestRefusedError, ServiceUnavailableError: its URL does not answer with it.
        """


class Bodhi(Protocol):
    """Fedora's update system."""

    def load(self, update: str) -> Update:
        """Return an update.

        :param update: its alias, or a URL that ends in it

        Raises:
            NotFoundError: Bodhi has no such update.
            SubjectError: this is no id of an update, or the answer is about another one.
            ServiceUnavailableError, RequestRefusedError
        """

    def creates_automatic_updates(self, release: str) -> bool:
        """Return whether packages of a release become updates automatically.

        :param release: ``"43"``, ``"eln"``

        Raises: as `load`.
        """


class CoreOSBuilds(Protocol):
    """Where builds of Fedora CoreOS are published."""

    def load(self, url: str) -> CoreOSBuild:
        """Return a build.

        :param url: the URL of its folder

        Raises:
            SubjectError: there is no readable build, or the host is not one of the allowed ones.
            ServiceUnavailableError, RequestRefusedError
        """


class GatingPolicies(Protocol):
    """Gating policies, of a Greenwave server or in a file."""

    def load(self) -> PolicyRules:
        """Return the rules of all policies.

        Raises:
            ConfigError: there is no such file.
            PermanentError, ServiceUnavailableError: they cannot be read.
        """


class ResultsDB(Protocol):
    """The results for gating; a stored result can be neither changed nor deleted."""

    def prepare(self, result: Result) -> Prepared:
        """Return the form in which ResultsDB would store a result; sends nothing to ResultsDB.

        Raises:
            SubjectError: the compose or image of the result cannot be found.
            RequestRefusedError: ResultsDB could never store the result.
            ServiceUnavailableError: the metadata of its compose cannot be read.
        """

    def post(self, prepared: Prepared) -> int:
        """Store a result once, and return its id; a request that may have arrived is not repeated.

        Raises:
            ConfigError: ResultsDB wants another user name or password.
            RequestRefusedError: ResultsDB refuses the result, for instance its outcome.
            ServiceUnavailableError: ResultsDB was not reached; nothing was stored.
            AmbiguousWriteError: it may have been stored, or may be within half a minute.
        """

    def stored(self, item: ResultItem, *, source: str) -> tuple[StoredResult, ...]:
        """Return the results of a source about an update, compose or build, the newest first.

        Of an image: the results about all images of its compose or build.

        Raises:
            SubjectError, RequestRefusedError, ServiceUnavailableError
        """


class ResultPages(Protocol):
    """The wiki's release validation result pages, read without a login."""

    def rows(self, event: WikiEvent, testtypes: Sequence[str]) -> tuple[WikiRow, ...]:
        """Return the rows of an event's result pages; pages may be missing.

        :param testtypes: the names of the pages: ``"Installation"``

        Raises:
            PermanentError, TemporaryError: the wiki cannot be read.
        """


class PassedPages(Protocol):
    """The passes that programs have reported to the wiki, read without a login."""

    def passed(
        self, event: WikiEvent, testtypes: Sequence[str], wanted: Collection[WikiPass]
    ) -> PassedCells:
        """Return the cells of an event's pages that a program passed; pages may be missing.

        :param testtypes: the names of the pages: ``"Installation"``
        :param wanted: cells to ask about

        Raises:
            PermanentError, TemporaryError: the wiki cannot be read.
        """


class Wiki(Protocol):
    """The wiki's release validation result pages, edited by our account."""

    def file(self, passes: Sequence[WikiPass], events: Mapping[str, WikiEvent]) -> WikiAnswer:
        """Write the passes that are not on their pages yet, and read the pages again.

        :param events: compose ids of the passes to the events whose pages they go to

        Raises:
            ConfigError: there is no login, or the wiki refuses it.
            PermanentError, TemporaryError: the wiki cannot be read or edited. Passes may be
                written already; filing them again does no harm.
        """

    def look(self, passes: Sequence[WikiPass], events: Mapping[str, WikiEvent]) -> WikiAnswer:
        """Return the same without writing; passes that would have to be written are *lost*.

        Raises: as `file`.
        """


class Gating(Protocol):
    """Greenwave: decides by results and waivers which subjects pass gating."""

    def decide(self, question: GatingQuestion, *, verbose: bool = False) -> Decision:
        """Ask whether a subject passes gating, and which requirements are unmet.

        :param verbose: with the URLs of results, which are expensive for Greenwave

        Raises:
            SubjectError: no policy applies to a subject.
            RequestRefusedError, ServiceUnavailableError
        """


class Waivers(Protocol):
    """WaiverDB."""

    def body(self, waiver: Waiver) -> Mapping[str, object]:
        """Return the JSON that `post` would send."""

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


class GivenWaivers(Protocol):
    """WaiverDB, read to show who waived."""

    def given(self, waiver_id: int) -> GivenWaiver:
        """Return a waiver with who gave it.

        Raises:
            RequestRefusedError, ServiceUnavailableError
        """


class TestCases(Protocol):
    """The test cases that have results in ResultsDB."""

    def has(self, testcase: str) -> bool:
        """Return whether a test case has ever had a result.

        Raises:
            RequestRefusedError, ServiceUnavailableError
        """


class GatedUpdates(Protocol):
    """The updates that gating holds back."""

    def waiting(self, *, since: float) -> Sequence[Update]:
        """Return the updates submitted since a time that wait for test results.

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
    """The mail server."""

    def send(self, mail: Mail) -> Mapping[str, Refused]:
        """Send a mail, once; return the recipients that were refused, and why.

        Raises:
            ConfigError: an address is invalid, or the server requires a login.
            RequestRefusedError: the mail, or all recipients, were refused.
            ServiceUnavailableError: nothing was sent.
            AmbiguousWriteError: the mail may have been sent.
        """


class Source(Protocol):
    """A service that lists past events, for those whose message was lost: Bodhi, Datagrepper."""

    @property
    def name(self) -> str:
        """The name for people: ``"Bodhi"``."""

    @property
    def current(self) -> bool:
        """True: events describe the present state (Bodhi). False: that of the message."""

    def events(self, *, since: float, until: float) -> Sequence[SubjectEvent]:
        """Return the events between two times (seconds since 1970), the newest first.

        Raises:
            PermanentError, TemporaryError: the events cannot be read.
        """
