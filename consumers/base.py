"""The base of all callbacks: turns our errors into acknowledge, reject or halt.

The only place that catches every exception: a message that breaks our code must neither stop
the service nor be lost.
"""

import contextlib
import logging
import os
import signal
import threading
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Protocol, TypeAlias, cast

from fedora_messaging.config import conf
from fedora_messaging.exceptions import HaltConsumer, Nack
from fedora_messaging.message import Message
from twisted.internet import reactor, threads
from twisted.internet.base import ReactorBase
from twisted.internet.defer import Deferred
from twisted.internet.error import ReactorNotRunning

from consumers.broker import BrokerConnection
from consumers.configuration import present_callback
from fedora_openqa.errors import (
    MAY_PASS,
    WRONG_DEPLOYMENT,
    ConfigError,
    TemporaryError,
    shortage,
    why_not_started,
)
from fedora_openqa.logs import HANGUP, about, log_lines

log = logging.getLogger(__name__)

#: seconds to hold a message that cannot be stored; RabbitMQ closes the channel after 1800
PATIENCE = 900.0

#: seconds before the second attempt, doubled for each that follows; and the longest
PAUSES = (0.5, 15.0)

#: the body of a message: a JSON object
Body: TypeAlias = Mapping[str, Any]


class Taker(Protocol):
    """Stores the effects of messages."""

    def take(self, topic: str, body: Body, /, *, message_id: str | None) -> object:
        """Store the effect of a message."""

    def park(self, topic: str, body: Body, /, *, message_id: str | None, reason: str) -> None:
        """Park a message for a person."""


class Works(Protocol):
    """Works on the stored subjects in threads."""

    def start(self, failed: Callable[[BaseException], None], /) -> None:
        """Start the threads; call ``failed`` with the exception that ended one of them."""

    def end(self) -> bool:
        """Let the threads end; return whether all have, in the time that they may take."""


@contextlib.contextmanager
def starting() -> Iterator[None]:
    """End the process with a status and one sentence if its deployment cannot work, or not now.

    Raises:
        SystemExit: the deployment is wrong (`WRONG_DEPLOYMENT`), or the database is away or the
            machine is short of something (`MAY_PASS`).
    """
    try:
        yield
    except Exception as exc:
        if not (why := why_not_started(exc)):
            raise
        status, reason = why
        log.critical("this consumer cannot start: %s", reason)
        raise SystemExit(status) from exc


class Consumer:
    """A callback: returns once a message's effect is stored, which acknowledges the message."""

    def __init__(self, taker: Taker, *, sleep: Callable[[float], object] | None = None) -> None:
        """Create a callback.

        :param taker: stores the effects of messages
        :param sleep: waits a number of seconds; None: until the process is stopped at most
        """
        log_lines()
        self._taker = taker
        self._stopping = threading.Event()
        # a consumer that is stopped does not hold a message any longer
        self._sleep = sleep or self._stopping.wait
        self._failure: BaseException | None = None
        #: whether the threads of the service have ended
        self._ended = True
        self._broker = BrokerConnection()
        twisted = cast("ReactorBase", reactor)
        twisted.callWhenRunning(self._begin)
        twisted.addSystemEventTrigger("before", "shutdown", self._broker.stop)

    @property
    def connected(self) -> bool:
        """Whether the broker sends messages to this process."""
        return self._broker.open

    def _begin(self) -> None:
        # Python would end the process; a handler must not log itself, for which it needs locks
        later = cast("ReactorBase", reactor).callFromThread
        signal.signal(signal.SIGHUP, lambda *_: later(log.warning, HANGUP))
        self._broker.watch()

    def work(self, service: Works) -> None:
        """Start the threads of a service; stop them before the process ends."""
        twisted = cast("ReactorBase", reactor)
        twisted.addSystemEventTrigger("before", "shutdown", self._end, service)
        twisted.addSystemEventTrigger("after", "shutdown", self._exit)
        service.start(self.halt)

    def halt(self, failure: BaseException) -> None:
        """Stop the process after one of its threads has failed."""
        self._failure = failure
        cast("ReactorBase", reactor).callFromThread(_stop_reactor)

    def _end(self, service: Works) -> "Deferred[None]":
        """Return a Deferred that fires once the service has ended."""
        self._stopping.set()
        return threads.deferToThread(self._end_in_thread, service)

    def _end_in_thread(self, service: Works) -> None:
        self._ended = service.end()

    def _exit(self) -> None:
        """Exit at once if a thread failed, for its status, or is left: Python would wait for it."""
        if self._failure or not self._ended:
            logging.shutdown()
            os._exit(_status(self._failure) if self._failure else 0)

    def __call__(self, message: Message) -> None:
        """Store the effect of a message.

        Raises:
            HaltConsumer: the deployment is wrong; the message goes back to the queue.
            Nack: the effect could not be stored for `PATIENCE`; the message goes back to the queue.
        """
        with about(message_id=message.id):
            self._keep_trying(message)

    def _keep_trying(self, message: Message) -> None:
        waited = 0.0
        pause, longest = PAUSES
        while True:
            if self._failure:
                raise HaltConsumer(_status(self._failure), str(self._failure), requeue=True)
            try:
                self._try(message)
            except TemporaryError as exc:
                if waited >= PATIENCE or self._stopping.is_set():
                    log.error("goes back to the queue: %s", exc)  # noqa: TRY400
                    raise Nack from exc
                log.warning("held for %.1f s: %s", pause, exc)
                self._sleep(pause)
                waited += pause
                pause = min(pause * 2, longest)
            except ConfigError as exc:
                raise HaltConsumer(WRONG_DEPLOYMENT, str(exc), requeue=True) from exc
            else:
                return

    def _try(self, message: Message) -> None:
        topic, body, message_id = message.topic, message.body, message.id
        try:
            self._taker.take(topic, body, message_id=message_id)
        except (TemporaryError, ConfigError):
            raise
        except Exception as exc:
            if short := shortage(exc):
                raise short from exc
            log.exception("broke the consumer, and is parked")
            reason = f"{type(exc).__name__}: {exc}"
            self._taker.park(topic, body, message_id=message_id, reason=reason)


def role_of(consumer: Consumer) -> str:
    """Return what a consumer is called: the name of its module, ``"scheduler"``."""
    return present_callback(type(consumer)).__module__.rpartition(".")[2]


def topics() -> tuple[str, ...]:
    """Return the routing keys of the queues that this process consumes."""
    return tuple(key for binding in conf["bindings"] for key in binding["routing_keys"])


def _stop_reactor() -> None:
    # it may be stopping already
    with contextlib.suppress(ReactorNotRunning):
        cast("ReactorBase", reactor).stop()


def _status(failure: BaseException) -> int:
    return WRONG_DEPLOYMENT if isinstance(failure, ConfigError) else MAY_PASS
