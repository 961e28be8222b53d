"""What somebody, or some message, asked to have tested."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TypeAlias

from fedora_openqa.model.subjects import Copr, Kind, KojiTasks, SideTag


@dataclass(frozen=True, slots=True, kw_only=True)
class _Request:
    """What all requests have in common."""

    #: only these; empty: all of them
    arches: tuple[str, ...] = ()
    #: only these, in any case; empty: all that the subject should have
    flavors: tuple[str, ...] = ()
    #: schedule also what openQA already has jobs for
    force: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ComposeRequest(_Request):
    """Test this compose."""

    #: the URL of its ``/compose`` folder
    location: str
    #: what the compose must be called; empty: a person named only the URL
    compose_id: str = ""
    #: only these, by file name or flavor, wanted by our table or not; empty: those it wants
    images: tuple[str, ...] = ()
    #: job settings given by a person, which override ours
    extra: Mapping[str, str] = field(default_factory=dict)

    @property
    def target(self) -> str:
        """The subject in the words it was asked for."""
        return self.location

    @property
    def kind(self) -> Kind:
        """The kind of subject."""
        return Kind.COMPOSE


@dataclass(frozen=True, slots=True, kw_only=True)
class UpdateRequest(_Request):
    """Test this update."""

    #: its alias, or a URL that ends in it
    update: str
    #: test it on this release instead of its own
    release: str | None = None
    #: a person asked, no message: test it whatever its status is, and with all flavors where
    #: it is in no critical path group
    everything: bool = True
    #: its sorted NVRs as a message or a sweep told them, which Bodhi's answer must have;
    #: None: test what it has now
    content: tuple[str, ...] | None = None

    @property
    def target(self) -> str:
        """The subject in the words it was asked for."""
        return self.update

    @property
    def kind(self) -> Kind:
        """The kind of subject."""
        return Kind.UPDATE


@dataclass(frozen=True, slots=True, kw_only=True)
class PackagesRequest(_Request):
    """Test these packages, which are in no update."""

    packages: KojiTasks | SideTag | Copr

    @property
    def target(self) -> str:
        """The subject in the words it was asked for."""
        match self.packages:
            case KojiTasks(task_ids):
                return ",".join(map(str, task_ids))
            case SideTag(tag):
                return tag
            case Copr(project):
                return project

    @property
    def kind(self) -> Kind:
        """The kind of subject."""
        match self.packages:
            case KojiTasks():
                return Kind.TASK
            case SideTag():
                return Kind.TAG
            case Copr():
                return Kind.COPR


@dataclass(frozen=True, slots=True, kw_only=True)
class CoreOSRequest(_Request):
    """Test this build of Fedora CoreOS."""

    #: the URL of its folder
    url: str
    #: what the build must be called, and its arch; empty: a person named only the URL
    buildid: str = ""
    arch: str = ""

    @property
    def target(self) -> str:
        """The subject in the words it was asked for."""
        return self.url

    @property
    def kind(self) -> Kind:
        """The kind of subject."""
        return Kind.COREOS


Request: TypeAlias = ComposeRequest | UpdateRequest | PackagesRequest | CoreOSRequest
