"""The connection to the broker: how soon it is opened again, whether it is open, and log lines.

fedora-messaging opens it again by itself, but with a delay that grows to an hour, and without a
line in the log.
"""

import logging
from typing import Any, cast

from fedora_messaging import api
from fedora_messaging.exceptions import ConnectionException
from fedora_messaging.twisted.factory import FedoraMessagingFactoryV2
from fedora_messaging.twisted.protocol import FedoraMessagingProtocolV2
from twisted.internet import reactor, task
from twisted.internet.base import ReactorBase
from twisted.internet.defer import ensureDeferred
from twisted.internet.interfaces import ITransport

log = logging.getLogger(__name__)

#: seconds between two attempts to connect at most; Twisted varies them by some 12 %
LONGEST_DELAY = 5

#: seconds that a broker may take for the handshake and the registration of consumers
HANDSHAKE_SECONDS = 15.0

#: seconds between two log lines while there is no connection
REMINDER = 60.0


class ImpatientProtocol(FedoraMessagingProtocolV2):
    """A connection that is given up if the broker does not answer the first handshake.

    pika has no time limit for it, and sends heartbeats only afterwards.
    """

    def makeConnection(self, transport: ITransport) -> None:  # noqa: N802 - Twisted's name
        """Begin the handshake."""
        abort = cast("Any", transport).abortConnection
        limit = cast("ReactorBase", reactor).callLater(HANDSHAKE_SECONDS, abort)

        def end_limit(result: object) -> object:
            if limit.active():
                limit.cancel()
            return result

        if self.ready:
            self.ready.addBoth(end_limit)
        super().makeConnection(transport)


class BrokerConnection:
    """Watches the connection of this process to the broker."""

    def __init__(self) -> None:
        """Watch nothing until `watch` is called."""
        #: whether it is open
        self.open = False
        self._stopping = False

    def watch(self) -> None:
        """Bound the time of attempts to connect, and follow the connection from now on.

        To be called when the reactor starts.
        """
        # fedora-messaging keeps its factory to itself; Twisted documents what is set here
        factory = api._init_twisted_service().factory  # noqa: SLF001
        factory.maxDelay = LONGEST_DELAY
        factory.protocol = ImpatientProtocol
        task.LoopingCall(self._remind).start(REMINDER, now=False)
        log.info("this consumer waits for the broker")
        ensureDeferred(self._follow(factory))

    def stop(self) -> None:
        """Log no loss any more: the process ends."""
        self._stopping = True

    async def _follow(self, factory: FedoraMessagingFactoryV2) -> None:
        lost = False
        while not self._stopping:
            try:
                protocol = await factory.when_connected()
            except ConnectionException as exc:
                log.warning("no connection to the broker: %s", exc.reason)
                continue
            if protocol is None:
                # the first handshake failed: fedora-messaging got the error, and ends the process
                return
            self.open = True
            # at the level of the loss, so that both or neither are in a log
            log.log(logging.WARNING if lost else logging.INFO, "connected to the broker")
            reason = await protocol.closed
            self.open = False
            lost = True
            if not self._stopping:
                log.warning("the connection to the broker is lost: %s", reason)

    def _remind(self) -> None:
        if not self.open and not self._stopping:
            log.warning("there is no connection to the broker; it is tried every few seconds")
