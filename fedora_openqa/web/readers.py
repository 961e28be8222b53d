"""What pages ask, and what they know of the deployment."""

from collections.abc import Callable
from dataclasses import dataclass

from fedora_openqa import ports
from fedora_openqa.model.stories import Explained, Status


@dataclass(frozen=True, slots=True, kw_only=True)
class Readers:
    """Ports and workflows that read the store, and ask no server."""

    stories: ports.Stories
    pauses: ports.Pauses
    history: ports.JobHistory
    #: returns the state of all lanes, which is kept for some seconds
    status: Callable[[], Status]
    #: returns what the store has of a subject, by its key, id or URL
    explain: Callable[[str], Explained]


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """Values of the configuration that pages show."""

    #: what the URLs of openQA's jobs begin with: ``"https://openqa.fedoraproject.org"``
    openqa_url: str
    #: what the URLs of these pages begin with for people; empty: they have none
    url: str = ""
