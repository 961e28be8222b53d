"""Requests to schedule tests, from a command or from a message."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TypeAlias

from fedora_openqa.model.subjects import Copr, Kind, KojiTasks, SideTag


@dataclass(frozen=True, slots=True, kw_only=True)
class _Request:
    """The fields that all requests have."""

    #: only these; empty: all
    arches: tuple[str, ...] = ()
    #: only these, in any case; empty: all that the tables have for the subject
    flavors: tuple[str, ...] = ()
    #: schedule also products that openQA already has jobs for
    force: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ComposeRequest(_Request):
    """Test this compose."""

    #: the URL of its ``/compose`` folder
    location: str
    #: the id that the compose must have; empty: any
    compose_id: str = ""
    #: only these, by file name or flavor, also those not in the table; empty: those in the table
    images: tuple[str, ...] = ()
    #: a person's own job settings, which override ours
    extra: Mapping[str, str] = field(default_factory=dict)

    @property
    def target(self) -> str:
        """The subject as it was asked for."""
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
    #: test it on this release; None: its own
    release: str | None = None
    #: a person asked for it: test it whatever its status is, and with all flavors if it is in no
    #: critical path group
    everything: bool = True
    #: the sorted NVRs of the message or the sweep, which Bodhi's answer must have; None: test
    #: whatever it has now
    content: tuple[str, ...] | None = None

    @property
    def target(self) -> str:
        """The subject as it was asked for."""
        return self.update

    @property
    def kind(self) -> Kind:
        """The kind of subject."""
        return Kind.UPDATE


@dataclass(frozen=True, slots=True, kw_only=True)
class PackagesRequest(_Request):
    """Test packages that are in no update."""

    packages: KojiTasks | SideTag | Copr

    @property
    def target(self) -> str:
        """The subject as it was asked for."""
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
    #: the id that the build must have, and its arch; empty: any
    buildid: str = ""
    arch: str = ""

    @property
    def target(self) -> str:
        """The subject as it was asked for."""
        return self.url

    @property
    def kind(self) -> Kind:
        """The kind of subject."""
        return Kind.COREOS


Request: TypeAlias = ComposeRequest | UpdateRequest | PackagesRequest | CoreOSRequest
