"""Files of fedora-messaging: which those are, and what is wrong with their queues and bindings."""

from collections.abc import Iterator, Mapping
from typing import Any

#: tables and keys of fedora-messaging's files that ours have not
CONSUMER_TABLES = frozenset({"amqp_url", "bindings", "callback", "consumer_config", "queues"})

#: an exchange that gets no messages any longer
RETIRED_EXCHANGE = "zmq.topic"

#: the end of a routing key that no message has any longer
RETIRED_KEY = "odcs.compose.state-changed"


def is_consumer_file(content: Mapping[str, Any]) -> bool:
    """Return whether a TOML file is fedora-messaging's and not ours."""
    return not CONSUMER_TABLES.isdisjoint(content)


def queue_warnings(content: Mapping[str, Any]) -> Iterator[str]:
    """Yield a line for each queue that loses messages and each binding that gets none.

    :param content: the configuration of fedora-messaging
    """
    for name, queue in content.get("queues", {}).items():
        losing = [
            f"{key} = {str(bad).lower()}"
            for key, bad in (("durable", False), ("auto_delete", True), ("exclusive", True))
            if queue.get(key) is bad
        ]
        if losing:
            named = name or "without a name"
            yield (
                f"queue {named} loses what is published while nothing listens to it:"
                f" {', '.join(losing)}"
            )
    for binding in content.get("bindings", ()):
        if binding.get("exchange") == RETIRED_EXCHANGE:
            yield f"exchange {RETIRED_EXCHANGE} is retired: delete the binding"
        for key in binding.get("routing_keys", ()):
            if key.endswith(RETIRED_KEY):
                yield f"routing key {key} is retired: delete it"
