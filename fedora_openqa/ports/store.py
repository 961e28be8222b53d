"""What workflows ask of the store: one Protocol for each part of it.

Every method may raise `ServiceUnavailableError`: the database is away, and nothing was stored
unless the commit itself failed.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Protocol

from fedora_openqa.model.deliveries import (
    Absence,
    Delivery,
    DeliveryStep,
    Sink,
    WantedDelivery,
)
from fedora_openqa.model.health import Process, Tallies, Vitals
from fedora_openqa.model.history import Scenario, StoredJob
from fedora_openqa.model.products import Product, ProductResult
from fedora_openqa.model.stories import LaneStatus, ParkedPage, Pause, Story
from fedora_openqa.model.sweeps import Comparison, JobsListed, Seen, SweepMark, Turn
from fedora_openqa.model.work import Away, Change, Known, Lease, SubjectState, Wanted


class ProductLedger(Protocol):
    """The products of one request, stored so that each is posted once.

    A product is known by its flavor and arch.
    """

    def begin(self, content: Sequence[str]) -> None:
        """Store the content that the request posts, before any of it is posted.

        One request posts one content: if products of another content are stored, the request
        is made anew with this content.

        :param content: sorted NVRs; empty: no products are posted

        Raises:
            LeaseLostError: the lease is over, or the request was made anew.
        """

    def finished(self) -> Mapping[tuple[str, str], ProductResult]:
        """Return the results that no later attempt changes, by flavor and arch."""

    def intended(self) -> Mapping[tuple[str, str], int]:
        """Return, for each product whose POST may have reached openQA, the newest job id before it.

        A failed product counts: openQA may have scheduled it without answering.
        """

    def unanswered(self) -> Mapping[tuple[str, str], float]:
        """Return the products whose POST, by a worker that was stopped, may still arrive.

        By flavor and arch, to the seconds until it has arrived or never will.
        """

    def intend(self, product: Product, *, newest_job: int) -> Product:
        """Store that a product is about to be posted; return it with the setting of its request.

        :param newest_job: id of the newest job of the build

        Raises:
            LeaseLostError: the lease is over, or the request was made anew.
        """

    def record(self, result: ProductResult) -> None:
        """Store the result of a product; a failure is not stored once the lease is over."""


class DeliveryLedger(Protocol):
    """The deliveries of one build to one sink."""

    def due(self) -> tuple[Delivery, ...]:
        """Return the pending deliveries that are due, in the order they were first asked for."""

    def unanswered(self, *, settles_after: float) -> Mapping[str, float]:
        """Return the items that were sent without an answer and may still arrive.

        :param settles_after: seconds after which a sent item has arrived or never will

        Returns: for each item the seconds until then.
        """

    def intend(self, told: Mapping[str, str]) -> None:
        """Store what is about to be sent to the sink, by item.

        Raises:
            LeaseLostError: the lease is over, or the build is wanted anew.
        """

    def record(self, steps: Sequence[tuple[Delivery, DeliveryStep]]) -> None:
        """Store the steps of deliveries, each with the delivery as `due` returned it.

        A delivery that was asked for again since then stays pending. Once the lease is over,
        only what the sink has is stored.
        """


class Deliveries(Protocol):
    """The deliveries to all sinks."""

    def want(
        self,
        wanted: Sequence[WantedDelivery],
        *,
        message_id: str | None = None,
        known: Sequence[StoredJob] = (),
        copies: Sequence[tuple[int, int]] = (),
    ) -> None:
        """Make deliveries pending, and due in the next round of their build.

        That round begins after the shortest delay of all that wait. A delivery that is being sent
        stays pending and is sent again.

        :param known: what the message says of jobs, which is remembered as `JobHistory.remember`
        :param copies: jobs that were restarted, each with its copy
        """

    def confirm(self, wanted: WantedDelivery, *, told: str, reference: str | None) -> None:
        """Store a delivery as delivered, unless it is stored already."""

    def skip(self, wanted: WantedDelivery, *, reason: str) -> None:
        """Store a delivery as skipped, unless it is stored already."""

    def all(self, key: str, *, items: Collection[str] | None = None) -> tuple[Delivery, ...]:
        """Return the deliveries of a sink and build, the oldest first.

        :param key: ``"resultsdb:Fedora-Rawhide-20261120.n.0"``
        :param items: only those of these items; None: all
        """


class Inbox(Protocol):
    """Where messages and sweeps store which subjects should be scheduled."""

    def want(self, wanted: Wanted, *, message_id: str | None) -> Change:
        """Store that a subject is wanted; the same message again changes nothing.

        Another content, a re-trigger, or another location of a subject that is parked or failing
        makes its request anew. Anything else only makes a waiting subject due, unless a worker
        has it.
        """

    def park_message(self, name: str, content: Mapping[str, str], *, reason: str) -> None:
        """Park a message that cannot be understood; the same one once."""

    def known(self, keys: Collection[str]) -> Mapping[str, Known]:
        """Return what is stored of subjects, by key; those that are not stored are left out."""

    def remember(self, wanted: Wanted, *, reason: str) -> None:
        """Store a subject as scheduled, unless it is stored already."""

    def swept(self, found: Mapping[str, int]) -> None:
        """Store that a sweep ended.

        :param found: lane to the number of subjects or deliveries that no message had named;
            lanes without any are left out
        """


class Backlog(Protocol):
    """The subjects that are wanted. A worker has a subject for itself until its lease is over.

    Methods that change a leased subject return False if the lease was lost or the request was
    made anew; nothing is changed then.
    """

    def lease(
        self, owner: str, lanes: Collection[str], *, seconds: float, least_priority: int = 0
    ) -> Lease | None:
        """Lease the subject of these lanes whose turn it is; None: none is due.

        The one that is due longest, where each point of priority counts as a minute.

        :param seconds: how long no other worker gets it
        :param least_priority: subjects of a lower priority are left to others
        """

    def renew(self, lease: Lease, *, seconds: float) -> bool:
        """Make a lease last for so many seconds from now."""

    def give_back(self, lease: Lease) -> bool:
        """Free a subject that is not finished: others can lease it at once.

        What its worker has sent without an answer may still arrive while the lease would last.
        """

    def finish(self, lease: Lease, state: SubjectState, *, reason: str | None) -> bool:
        """Store the final state of a subject."""

    def postpone(self, lease: Lease, *, error: str, delay: float, counts: bool) -> bool:
        """Make a subject due again later.

        :param delay: seconds from now
        :param counts: whether the attempt counts
        """

    def close_build(self, lease: Lease, *, reached: bool) -> SubjectState | None:
        """Store and return the state of a build, which follows from the states of its deliveries.

        :param reached: the sink has answered: its lane need not wait any longer

        Returns: None: the lease was lost; nothing is changed.
        """

    def postpone_lane(self, lease: Lease, away: Away, *, delay: Callable[[float], float]) -> bool:
        """Make the whole lane of a subject wait, the subject included.

        :param delay: returns the seconds to wait, from the seconds that the lane has waited
        """

    def seconds_until_due(self, lanes: Collection[str], *, least_priority: int = 0) -> float | None:
        """Return in how many seconds the next subject of these lanes can be leased.

        Negative: it could have been leased since then. None: no subject waits.
        """

    def prune(self, *, keep: float) -> int:
        """Delete some of the finished subjects older than so many seconds, with all they have.

        Each call is short, so that it keeps no message waiting. The last one, which finds no such
        subject, deletes the old messages of the subjects that stay, and the old acts of people.

        Old jobs that are remembered go last.

        Returns: the number of deleted subjects or jobs; 0: none is left. A subject stays for as
            long as a message of it.
        """


class Arrivals(Protocol):
    """The work that any process stores."""

    def wait(self, seconds: float) -> bool:
        """Wait for so many seconds at most; return whether work may have been stored.

        What is stored between two calls is an arrival for the second. After an error the next
        call begins anew.
        """


class Sweeps(Protocol):
    """What sweeps found, and which process sweeps: one of all at a time."""

    def look(self) -> Turn:
        """Return what was done before, without a lease."""

    def begin(self, owner: str, *, seconds: float) -> Turn:
        """Take the lease of sweeps, and return what was done before.

        :param owner: host and process
        :param seconds: how long no other process sweeps

        Raises:
            LeaseLostError: another process sweeps; the error names it.
        """

    def renew(self, owner: str, *, seconds: float) -> bool:
        """Make the lease last for so many seconds from now; return False if it is lost."""

    def end(self, owner: str) -> None:
        """Give the lease back."""

    def gather(
        self, owner: str, seen: Sequence[Seen], jobs: JobsListed | None, *, found: Mapping[str, int]
    ) -> float:
        """Store what the sources have, instead of what they had before; return the time.

        :param jobs: how far the lists of new jobs have got; None: there was none
        :param found: counts, for people

        Raises:
            LeaseLostError: the lease is over, and another process sweeps.
        """

    def switch_on(self, sink: Sink) -> float:
        """Store that a sink is switched on; return since when it is, seconds since 1970."""

    def switch_off(self, sink: Sink) -> None:
        """Store that a sink is switched off."""

    def seen(self) -> tuple[Seen, ...]:
        """Return what the sources had at the last sweep."""

    def reopen(self, jobs: Mapping[str, Collection[int]] | None) -> None:
        """Compare builds again that have jobs which their last comparison did not know.

        :param jobs: builds to the ids of some of their jobs; None: compare all builds again
        """

    def comparisons(self, sink: Sink) -> Mapping[str, Comparison]:
        """Return the last comparisons with a sink, by build."""

    def compared(
        self, sink: Sink, build: str, *, digest: str, settled: bool, jobs: Collection[int]
    ) -> None:
        """Store a comparison; parameters as of `Comparison`."""

    def finish(self, duty: str, gathered: float, *, found: Mapping[str, int]) -> None:
        """Store that a part of the sweep ended.

        :param duty: ``"scheduling"`` or a sink
        :param gathered: when the sources were asked
        :param found: counts, for people
        """


class Stories(Protocol):
    """The histories of subjects, for people."""

    def now(self) -> float:
        """Return the time of the store, seconds since 1970."""

    def absences(self) -> tuple[Absence, ...]:
        """Return the lanes that wait because their service does not answer or refuses us."""

    def lanes(self, *, now: float) -> tuple[LaneStatus, ...]:
        """Return the number of subjects in each state, by lane."""

    def last_message(self) -> float | None:
        """Return when the last message was stored; None: never."""

    def sweeps(self) -> tuple[SweepMark, ...]:
        """Return what the parts of the last sweeps found, by name; none before the first sweep."""

    def find(self, name: str, *, family: bool = False, build: str = "") -> tuple[Story, ...]:
        """Return the histories of the subjects of a key or of a message.

        :param name: the key of a subject, or the id of a message
        :param family: also of the keys that begin with it: the arches of a CoreOS build
        :param build: openQA's BUILD of the subject, to find its deliveries; empty: none
        """

    def parked(self, *, limit: int, page: int) -> ParkedPage:
        """Return one page of the parked subjects, the newest first.

        :param limit: number of subjects of a page
        :param page: 1 is the first
        """


class Records(Stories, Protocol):
    """The histories of all subjects of a time."""

    def recorded_since(self, time: float) -> tuple[Story, ...]:
        """Return the histories of all subjects that changed or were asked for since a time.

        :param time: seconds since 1970
        """


class Health(Protocol):
    """The processes of the deployment, and what monitoring asks of the store."""

    def report(self, reported: Process) -> None:
        """Store what a process last did; delete what is left of processes that ended."""

    def vitals(self) -> Vitals:
        """Return what the store knows about the health of the deployment."""

    def tallies(self) -> Tallies:
        """Return the numbers of rows, for metrics: it reads whole tables."""


class Pauses(Protocol):
    """Lanes that a person has stopped."""

    def all(self) -> tuple[Pause, ...]:
        """Return all pauses, by lane."""

    def pause(self, pause: Pause) -> None:
        """Stop a lane, or replace the reason of its pause."""

    def resume(self, lane: str) -> bool:
        """End the pause of a lane and make its subjects due; return False if there is none."""


class Parking(Protocol):
    """The parked subjects, for a person to decide."""

    def release(self, key: str, *, by: str) -> bool:
        """Make a parked subject and its deliveries due now; return False if it is not parked."""

    def drop(self, key: str, *, reason: str) -> bool:
        """Skip a parked subject and its open deliveries; return False if it is not parked."""


class JobHistory(Protocol):
    """The jobs of openQA: what was heard of them and read, no request is made for it."""

    def remember(self, jobs: Sequence[StoredJob]) -> None:
        """Store jobs; what is stored of a newer state stays, in whatever order jobs come."""

    def scenarios(self, test: str) -> tuple[Scenario, ...]:
        """Return the scenarios in which a test ran."""

    def tests(self, start: str, *, most: int) -> tuple[str, ...]:
        """Return the first names of tests that begin with a text, in order."""

    def runs(self, scenario: Scenario, *, most: int, version: str = "") -> tuple[StoredJob, ...]:
        """Return the newest jobs of a scenario, the newest first.

        :param version: only those of this VERSION; empty: of all
        """
