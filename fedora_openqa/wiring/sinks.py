"""Says which sinks are switched on; must not load what they are made of."""

from collections.abc import Collection, Mapping

from fedora_openqa.config import Config
from fedora_openqa.model.deliveries import Sink

#: seconds in a minute
MINUTE = 60.0


def enabled_sinks(config: Config) -> frozenset[Sink]:
    """Give the sinks that the configuration switches on."""
    switches = {
        Sink.RESULTSDB: config.resultsdb.enabled,
        Sink.WIKI: config.wiki.enabled,
        Sink.MAIL: config.mail.enabled,
    }
    return frozenset(sink for sink, enabled in switches.items() if enabled)


def delays_of(config: Config, sinks: Collection[Sink]) -> Mapping[Sink, float]:
    """Give the seconds that each sink waits for others, before it is told of a job."""
    delays = {
        Sink.RESULTSDB: config.resultsdb.gather,
        Sink.WIKI: config.wiki.gather,
        Sink.MAIL: config.mail.quiet * MINUTE,
    }
    return {sink: delays[sink] for sink in Sink if sink in sinks}
