"""What pages ask, and what they know of the deployment."""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from urllib.parse import urlsplit

from fedora_openqa import ports
from fedora_openqa.model.asked import Asked
from fedora_openqa.model.builds import BuildComparison, BuildStory
from fedora_openqa.model.failures import FailureCluster, FailuresSeen, Hint
from fedora_openqa.model.flakes import FlakyScenario
from fedora_openqa.model.gating import GatedUpdate
from fedora_openqa.model.now import Age, Capacity, Now
from fedora_openqa.model.stories import Explained, Status


@dataclass(frozen=True, slots=True, kw_only=True)
class Readers:
    """Ports and workflows that read the store. Two ask services, and say so."""

    stories: ports.Stories
    pauses: ports.Pauses
    history: ports.JobHistory
    audit: ports.Audit
    builds: ports.StoredBuilds
    lists: ports.SubjectLists
    #: returns flaky scenarios of a VERSION and an arch, the worst first; empty: of all. What it
    #: counts is kept for some minutes
    flakes: Callable[[str, str], tuple[FlakyScenario, ...]]
    #: returns the state of all lanes, which is kept for some seconds
    status: Callable[[], Status]
    #: lets the state be read anew, after a change
    forget: Callable[[], None]
    #: return what is tested or waits, and openQA's workers, which are kept for some seconds
    now: Callable[[], Now]
    capacity: Callable[[], Capacity]
    #: returns how old what is known of openQA is, which is kept for some seconds
    age: Callable[[], Age]
    #: returns what the store has of a subject, by its key, id or URL
    explain: Callable[[str], Explained]
    #: returns what the tests of a subject say, by its key, id or URL
    look: Callable[[str], BuildStory]
    #: returns the tests of a build beside those of another, of which *previous* may be said
    compare: Callable[[str, str], BuildComparison]
    #: returns the gating of an update, which is asked for once for all visitors
    gating: Callable[[str], Asked[GatedUpdate]]
    #: returns why a message about an update asks for no tests, as `gating`
    update_rule: Callable[[str], Asked[str]]
    #: returns failures with one cause, which are kept for some seconds
    failures: Callable[[], FailuresSeen]
    #: returns the failures that a job is among
    cluster: Callable[[int], FailureCluster]
    #: returns what they have in common, and what became of other jobs that have it
    hints: Callable[[FailureCluster], tuple[Hint, ...]]
    sightings: ports.Sightings
    statistics: ports.Statistics


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """Values of the configuration that pages show."""

    #: what the URLs of openQA's jobs begin with: ``"https://openqa.fedoraproject.org"``
    openqa_url: str
    #: what the URLs of these pages begin with for people; empty: they have none
    url: str = ""
    #: hosts that pages link to where a person names a bug: ``"bugzilla.redhat.com"``
    bug_hosts: Collection[str] = ()

    def is_bug(self, url: str) -> bool:
        """Return whether pages may link to what a person called the URL of a bug."""
        try:
            parts = urlsplit(url)
        except ValueError:
            return False
        # a user before an @ looks like the host
        return parts.scheme in {"http", "https"} and parts.netloc.lower() in self.bug_hosts
