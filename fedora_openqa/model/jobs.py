"""Jobs as openQA knows them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

#: openQA variables, name to value; never anything but strings
Settings = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Module:
    """A part of a job that has a result of its own."""

    #: ``"_boot_to_anaconda"``
    name: str
    #: openQA's module result: ``"none"``, ``"passed"``, ``"softfailed"``, ``"failed"``
    result: str
    #: ``("fatal",)``, ``("important",)``
    flags: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Job:
    """A job as openQA knows it."""

    id: int
    flavor: str
    arch: str
    #: openQA's job state: ``"scheduled"``, ``"done"``, ``"cancelled"``
    state: str
    #: openQA's job result: ``"none"``, ``"passed"``, ``"user_cancelled"``
    result: str
    #: why it ended as it did, in openQA's words: ``"backend died: …"``; empty for most
    reason: str = ""
    #: ``"install_default_upload"``
    test: str = ""
    #: ``"64bit"``
    machine: str = ""
    #: all of its scenario and its build: ``"fedora-43-universal-x86_64-BuildX-upgrade@64bit"``
    name: str = ""
    #: the copy that a restart made of it
    clone_id: int | None = None
    #: jobs it waits for or runs beside, as their child
    parents: tuple[int, ...] = ()
    #: those of its parents after which it runs at once, on the same worker
    direct_parents: tuple[int, ...] = ()
    #: UTC, as openQA gives it
    started: datetime | None = None
    finished: datetime | None = None
    #: what it was made of, FLAVOR, ARCH and MACHINE included
    settings: Settings = field(default_factory=dict, hash=False)
    #: in the order they run
    modules: tuple[Module, ...] = ()
    #: jobs that are chained after it, those that run beside it left out
    children: tuple[int, ...] = ()
    #: jobs that run beside it, as its parents or its children
    parallel: tuple[int, ...] = ()
    #: the job that it is a copy of
    origin_id: int | None = None

    @property
    def build(self) -> str:
        """The BUILD setting; empty if it has none."""
        return self.settings.get("BUILD", "")

    @property
    def is_ended(self) -> bool:
        """Whether nothing more will happen to it by itself."""
        return self.state in {"done", "cancelled"}
