"""The window of results that are sent to ResultsDB at once: a slow answer holds only its place."""

from collections.abc import Callable, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, wait
from dataclasses import dataclass, field
from typing import TypeAlias

from fedora_openqa import ports
from fedora_openqa.errors import FedoraOpenQAError
from fedora_openqa.logs import ContextPool
from fedora_openqa.model.deliveries import Delivered, Delivery, DeliveryStep, Later
from fedora_openqa.model.results import Prepared
from fedora_openqa.model.work import Away, Concluded, Step
from fedora_openqa.policy.waves import next_wave

#: a result with its delivery
Sending: TypeAlias = tuple[Delivery, Prepared]


@dataclass(slots=True)
class Window:
    """Sends the results of one build. What ends together is recorded together."""

    post: Callable[[Sending], DeliveryStep]
    ledger: ports.DeliveryLedger
    #: results sent at once
    size: int
    #: whether ResultsDB has answered
    reached: bool
    _left: list[Sending] = field(default_factory=list, init=False)
    _open: dict[Future[DeliveryStep], Sending] = field(default_factory=dict, init=False)
    #: names that ResultsDB has by now
    _names: set[str] = field(default_factory=set, init=False)
    #: results that were not taken before ResultsDB answered any
    _untaken: list[tuple[Delivery, Later]] = field(default_factory=list, init=False)
    #: the longest wait that ResultsDB asked for
    _asked: Later | None = field(default=None, init=False)
    _failure: FedoraOpenQAError | None = field(default=None, init=False)

    def send(self, results: Sequence[Sending]) -> Step:
        """Send results, the first first; after a failure of all only what is under way ends.

        Raises:
            ConfigError, NotAllowedError: ResultsDB refuses all our requests.
            LeaseLostError: another worker has the build now.
            ServiceUnavailableError: the database is away.
        """
        self._left = list(results)
        with ContextPool(self.size) as pool:
            while self._open or (self._left and not self._stopped):
                ended = self._end_some()
                if not self._stopped:
                    self._fill(pool)
                # afterwards: no place is empty meanwhile
                if ended:
                    self.ledger.record(ended)
        if self._failure:
            raise self._failure
        if not self.reached and self._untaken:
            self.ledger.record([(delivery, _uncounted(end)) for delivery, end in self._untaken])
            asked = max((end.retry_after or 0.0 for _delivery, end in self._untaken))
            return Away(self._untaken[0][1].error, retry_after=asked or None)
        if self._asked:
            later = Later(self._asked.retry_after or 0.0, self._asked.error, counts=False)
            self.ledger.record([(delivery, later) for delivery, _prepared in self._left])
        return Concluded(reached=self.reached)

    @property
    def _stopped(self) -> bool:
        return bool(self._failure or self._asked or (self._untaken and not self.reached))

    def _fill(self, pool: ContextPool) -> None:
        # a refused result has created no names: so only those are certain that were taken
        making = {name for _delivery, one in self._open.values() for name in one.names}
        wave = next_wave(
            (one.names for _delivery, one in self._left),
            seen=self._names,
            making=making,
            most=self.size - len(self._open),
        )
        some = [self._left[index] for index in wave]
        for index in reversed(wave):
            del self._left[index]
        try:
            if some:
                self.ledger.intend({delivery.item: one.result.outcome for delivery, one in some})
        except FedoraOpenQAError as exc:
            self._failure = exc
            return
        self._open |= {pool.submit(self.post, one): one for one in some}

    def _end_some(self) -> Sequence[tuple[Delivery, DeliveryStep]]:
        """Wait for one result at least; return the steps of all that have ended."""
        done, _open = wait(self._open, return_when=FIRST_COMPLETED)
        ends: list[tuple[Delivery, DeliveryStep]] = []
        for future in done:
            delivery, prepared = self._open.pop(future)
            try:
                end = future.result()
            except FedoraOpenQAError as exc:
                self._failure = exc
                continue
            if isinstance(end, Delivered):
                self._names |= prepared.names
            ends.append((delivery, end))
        return self._judge(ends)

    def _judge(
        self, ends: Sequence[tuple[Delivery, DeliveryStep]]
    ) -> Sequence[tuple[Delivery, DeliveryStep]]:
        """Return the steps that are certain: before ResultsDB has answered, none is."""
        later = [(delivery, end) for delivery, end in ends if isinstance(end, Later)]
        self.reached = self.reached or len(later) < len(ends)
        if not self.reached:
            self._untaken += later
            return ()
        asking = [end for _delivery, end in (*self._untaken, *later) if end.retry_after]
        self._asked = max(
            (*asking, *filter(None, [self._asked])),
            key=lambda end: end.retry_after or 0.0,
            default=None,
        )
        certain = (*self._untaken, *ends)
        self._untaken = []
        return certain


def _uncounted(step: Later) -> Later:
    """Return a step without counting the attempt: ResultsDB has answered none of them."""
    return Later(step.delay if step.unsure else 0.0, step.error, counts=False, unsure=step.unsure)
