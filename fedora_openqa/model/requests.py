"""What somebody, or some message, asked to have tested."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class ComposeRequest:
    """Test this compose."""

    #: the URL of its ``/compose`` folder
    location: str
    #: only these; empty: all of them
    arches: tuple[str, ...] = ()
    #: only these, in any case; empty: all of them
    flavors: tuple[str, ...] = ()
    #: job settings given by a person, which override ours
    extra: Mapping[str, str] = field(default_factory=dict)
    #: schedule also what openQA already has jobs for
    force: bool = False

    @property
    def target(self) -> str:
        """The subject in the words it was asked for."""
        return self.location
