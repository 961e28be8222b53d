"""Turns our errors into what fedora-messaging does with a message: acknowledge, or halt.

The only place that catches everything: a message that breaks our code must neither
stop the service nor be lost without a trace.
"""

import logging
import time
from collections.abc import Callable, Mapping
from typing import Any, Protocol, TypeAlias

from fedora_messaging.exceptions import HaltConsumer, Nack
from fedora_messaging.message import Message

from fedora_openqa.errors import ConfigError, TemporaryError
from fedora_openqa.logs import log_lines

log = logging.getLogger(__name__)

#: seconds to hold a message while it cannot be stored; RabbitMQ closes the channel after 1800
PATIENCE = 900.0

#: seconds between two tries, doubled up to the second number
PAUSES = (0.5, 30.0)

#: exit status of a consumer whose deployment is wrong (sysexits.h: EX_CONFIG)
WRONG_DEPLOYMENT = 78


#: what a message says: an object of JSON
Body: TypeAlias = Mapping[str, Any]


class Taker(Protocol):
    """Who stores what messages ask for."""

    def take(self, topic: str, body: Body, /, *, message_id: str | None) -> object:
        """Store what a message asks for."""

    def park(self, topic: str, body: Body, /, *, message_id: str | None, reason: str) -> None:
        """Keep a message for a person to look at."""


class Consumer:
    """A callback: returns, and so acknowledges, once a message's effect is stored."""

    def __init__(self, taker: Taker, *, sleep: Callable[[float], None] = time.sleep) -> None:
        """Let ``taker`` store messages."""
        log_lines()
        self._taker = taker
        self._sleep = sleep
        self._failure: ConfigError | None = None

    def halt(self, failure: ConfigError) -> None:
        """Stop at the next message: a worker found that the deployment is wrong."""
        self._failure = failure

    def __call__(self, message: Message) -> None:
        """Take a message in.

        Raises:
            HaltConsumer: the deployment is wrong; the message goes back to the queue.
            Nack: it could not be stored for long; it goes back to the queue.
        """
        waited = 0.0
        pause, longest = PAUSES
        while True:
            if self._failure:
                raise HaltConsumer(WRONG_DEPLOYMENT, str(self._failure), requeue=True)
            try:
                self._try(message)
            except TemporaryError as exc:
                if waited >= PATIENCE:
                    log.error("%s goes back to the queue: %s", message.id, exc)  # noqa: TRY400
                    raise Nack from exc
                log.warning("%s is held for %.1f s: %s", message.id, pause, exc)
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
            log.exception("%s broke the consumer, and is parked", message_id)
            reason = f"{type(exc).__name__}: {exc}"
            self._taker.park(topic, body, message_id=message_id, reason=reason)
