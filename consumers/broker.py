"""The connection to the broker: how soon it is opened again, whether it is open, and log lines.

fedora-messaging opens it again by itself, but with a delay that grows to an hour, without a time
limit for the answers of the broker, and without a line in the log.
"""

import logging
from functools import partial
from typing import Any, cast

from fedora_messaging import api
from fedora_messaging.twisted.consumer import Consumer
from fedora_messaging.twisted.protocol import FedoraMessagingProtocolV2
from twisted.internet import reactor, task
from twisted.internet.base import ReactorBase
from twisted.internet.defer import Deferred
from twisted.internet.interfaces import ITransport
from twisted.internet.protocol import connectionDone
from twisted.python.failure import Failure

log = logging.getLogger(__name__)

#: seconds between two attempts to connect at most; Twisted varies them by some 12 %
LONGEST_DELAY = 5

#: seconds that a broker may take for the handshake and to register the consumer
REGISTER_SECONDS = 15.0

#: seconds between two log lines while there is no connection
REMINDER = 60.0


class BrokerConnection:
    """The connection of this process to the broker, over all attempts."""

    def __init__(self) -> None:
        """Watch nothing until `watch` is called."""
        #: whether the broker sends messages
        self.open = False
        self._lost = False
        self._stopping = False

    def watch(self) -> None:
        """Bound the time of attempts to connect, and follow the connection from now on.

        To be called when the reactor starts.
        """
        # fedora-messaging keeps its factory to itself; Twisted documents what is set here
        factory = api._init_twisted_service().factory  # noqa: SLF001
        factory.maxDelay = LONGEST_DELAY
        factory.protocol = cast("Any", partial(WatchedProtocol, self))
        log.info("this consumer waits for the broker")
        task.LoopingCall(self._remind).start(REMINDER, now=False)

    def stop(self) -> None:
        """Log no loss any more: the process ends."""
        self._stopping = True

    def opened(self) -> None:
        """Note that the consumer is registered."""
        if not self.open:
            # at the level of the loss, so that both or neither are in a log
            level = logging.WARNING if self._lost else logging.INFO
            log.log(level, "connected to the broker")
        self.open = True

    def lost(self, reason: str) -> None:
        """Note that a connection ended, or was not completed."""
        if not self._stopping:
            what = "the connection to the broker is lost" if self.open else "no connection"
            log.warning("%s: %s", what, reason)
        self.open = False
        self._lost = True

    def _remind(self) -> None:
        if not self.open and not self._stopping:
            log.warning("there is no connection to the broker; it is tried every few seconds")


class WatchedProtocol(FedoraMessagingProtocolV2):
    """One connection; it is given up if the broker does not register the consumer in time.

    pika has no time limit for the handshake, and sends heartbeats only after it.
    """

    def __init__(self, connection: BrokerConnection, *args: Any, **options: Any) -> None:  # noqa: ANN401 - fedora-messaging's
        """Prepare a connection, with the further parameters of fedora-messaging."""
        super().__init__(*args, **options)
        self._connection = connection

    def makeConnection(self, transport: ITransport) -> None:  # noqa: N802 - Twisted's name
        """Begin the handshake."""
        abort = cast("Any", transport).abortConnection
        self._limit = cast("ReactorBase", reactor).callLater(REGISTER_SECONDS, abort)
        super().makeConnection(transport)

    def consume(self, *args: Any, **options: Any) -> "Deferred[Consumer]":  # noqa: ANN401 - fedora-messaging's
        """Register a consumer."""
        return super().consume(*args, **options).addCallback(self._registered)

    def connectionLost(self, reason: Failure = connectionDone) -> None:  # noqa: N802 - Twisted's name
        """End the connection."""
        self._end_limit()
        self._connection.lost(str(reason.value))
        super().connectionLost(reason)

    def _registered(self, consumer: Consumer) -> Consumer:
        self._end_limit()
        self._connection.opened()
        return consumer

    def _end_limit(self) -> None:
        if self._limit.active():
            self._limit.cancel()
