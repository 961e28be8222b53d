"""What is wrong with the queues and bindings of a consumer's configuration."""

from collections.abc import Iterator, Mapping
from typing import Any

#: an exchange that gets no messages any longer
RETIRED_EXCHANGE = "zmq.topic"

#: the end of a routing key that no message has any longer
RETIRED_KEY = "odcs.compose.state-changed"


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
            yield (
                f"queue {name} loses what is published while nothing listens to it:"
                f" {', '.join(losing)}"
            )
    for binding in content.get("bindings", ()):
        if binding.get("exchange") == RETIRED_EXCHANGE:
            yield f"exchange {RETIRED_EXCHANGE} is retired: delete the binding"
        for key in binding.get("routing_keys", ()):
            if key.endswith(RETIRED_KEY):
                yield f"routing key {key} is retired: delete it"
