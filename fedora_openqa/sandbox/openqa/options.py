"""Options of an embedded openQA."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import Enum, auto
from pathlib import Path

from fedora_openqa.sandbox.openqa.templates import Templates, load_templates

DEFAULT_KEY = "1234567890ABCDEF"
DEFAULT_SECRET = "FEDCBA0987654321"  # noqa: S105 - a sandbox protects nothing


class Paging(Enum):
    """The lists that openQA splits into pages."""

    #: jobs, without a `Link` header, as of openQA before 2022
    SILENT = auto()
    #: jobs, with a `Link` header, as of openQA 4.6
    JOBS = auto()
    #: jobs, overviews, groups, their comments and tables, with a `Link` header, as of newer openQA
    ALL = auto()


@dataclass(frozen=True)
class Disk:
    """A disk image whose file exists."""

    name: str
    #: UTC: ``"2026-11-20 05:00:00"``
    updated: str
    #: bytes
    size: int = 2**30


@dataclass(frozen=True)
class OpenQAOptions:
    """Options of an embedded openQA."""

    #: a file in openQA's dump format, or parsed templates
    templates: Path | Templates = field(default_factory=Templates)
    #: a file name, or `:memory:`
    database: str = ":memory:"
    key: str = DEFAULT_KEY
    secret: str = DEFAULT_SECRET
    #: hosts of assets; regular expressions for the end of a host's name
    download_domains: tuple[str, ...] = ("fedoraproject.org", "127.0.0.1", "localhost")
    #: further groups beside those of the templates; they get the lowest ids
    groups: tuple[str, ...] = ()
    #: disk images, as createhdds makes them
    disks: tuple[Disk, ...] = ()
    #: host, instance and classes of workers
    workers: tuple[tuple[str, int, str], ...] = ()
    paging: Paging = Paging.JOBS
    #: rows of a page without a limit in the query (openQA's `generic_default_limit`)
    default_limit: int = 10_000
    #: most rows of a page (openQA's `generic_max_limit`)
    max_limit: int = 100_000
    #: returns seconds since 1970, for the age of signatures
    clock: Callable[[], float] = time.time

    def loaded_templates(self) -> Templates:
        """Return the templates.

        Raises:
            ConfigError: the file is not usable.
        """
        if isinstance(self.templates, Templates):
            return self.templates
        return load_templates(self.templates)
