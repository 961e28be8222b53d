"""Determines which validation event of the wiki a compose belongs to.

Gathers the label of the compose and the release numbers if policy needs them. Knows ports,
never gateways.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from fedora_openqa import ports
from fedora_openqa.errors import SubjectError
from fedora_openqa.model.results import NotReported
from fedora_openqa.model.wiki import WikiEvent, WikiPass
from fedora_openqa.policy.wiki_events import event_for, needs_label, needs_numbers


@dataclass(frozen=True, slots=True)
class WikiEvents:
    """Returns the validation events of composes; each is determined once."""

    labels: ports.ComposeLabels
    releases: ports.Releases
    known: dict[str, WikiEvent] = field(default_factory=dict)

    def of(self, cid: str) -> WikiEvent:
        """Return the event of a compose.

        :param cid: compose id

        Raises:
            SubjectError: the compose belongs to no event, or cannot be found.
            PermanentError, TemporaryError: its label or the release numbers cannot be read.
        """
        if cid not in self.known:
            label = self.labels.label(cid) if needs_label(cid) else None
            numbers = self.releases.load() if needs_numbers(cid) else None
            event = event_for(cid, label=label, numbers=numbers)
            if isinstance(event, NotReported):
                raise SubjectError(event.reason)
            self.known[cid] = event
        return self.known[cid]

    def of_passes(self, passes: Iterable[WikiPass]) -> Mapping[str, WikiEvent]:
        """Return the events of passes, by compose id; raises as `of`."""
        return {cid: self.of(cid) for cid in dict.fromkeys(one.cid for one in passes)}
