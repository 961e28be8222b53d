"""What an embedded openQA is told when it starts."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import Enum, auto
from pathlib import Path

from fedora_openqa.sandbox.openqa.templates import Templates, load_templates

DEFAULT_KEY = "1234567890ABCDEF"
DEFAULT_SECRET = "FEDCBA0987654321"  # noqa: S105 - a sandbox protects nothing


class Paging(Enum):
    """Which lists come in pages."""

    #: jobs, without a `Link` header, as of openQA before 2022
    SILENT = auto()
    #: jobs, with a `Link` header, as of openQA 4.6
    JOBS = auto()
    #: jobs, overviews, groups, their comments and tables, with a `Link` header, as of newer openQA
    ALL = auto()


@dataclass(frozen=True)
class OpenQAOptions:
    """Everything that an embedded openQA needs."""

    #: a file in openQA's dump format, or what `parse_templates` made of one
    templates: Path | Templates = field(default_factory=Templates)
    #: a file name, or `:memory:`
    database: str = ":memory:"
    key: str = DEFAULT_KEY
    secret: str = DEFAULT_SECRET
    #: hosts that assets may come from; expressions that match the end of a host's name
    download_domains: tuple[str, ...] = ("fedoraproject.org", "127.0.0.1", "localhost")
    #: groups that exist besides those of the templates; they get the lowest ids
    groups: tuple[str, ...] = ()
    paging: Paging = Paging.JOBS
    #: rows of a page where no limit is asked for (openQA's `generic_default_limit`)
    default_limit: int = 10_000
    #: rows of a page at the most (openQA's `generic_max_limit`)
    max_limit: int = 100_000
    #: seconds since 1970, for the age of signatures
    clock: Callable[[], float] = time.time

    def loaded_templates(self) -> Templates:
        """Return the templates.

        Raises:
            ConfigError: the file is not usable.
        """
        if isinstance(self.templates, Templates):
            return self.templates
        return load_templates(self.templates)
