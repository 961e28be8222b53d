"""The configuration of which jobs openQA is told to keep."""

from typing import Literal, TypeAlias

from fedora_openqa.config.types import Seconds, Table

#: jobs of a build
Which: TypeAlias = Literal["none", "failed", "all"]


class Evidence(Table, frozen=True):
    """[evidence]: jobs whose results openQA keeps when it cleans up."""

    #: sweeps comment on jobs in openQA, so that it keeps them, and release them in time
    enabled: bool = False
    #: which jobs of composes are kept that may become a release: "none", "failed" or "all"
    candidate: Which = "all"
    #: days from the end of a job
    candidate_days: Seconds = 400.0
    #: the same for all other composes
    nightly: Which = "none"
    nightly_days: Seconds = 60.0
    #: the same for updates
    update: Which = "failed"
    update_days: Seconds = 120.0
    #: the same for CoreOS builds
    coreos: Which = "none"
    coreos_days: Seconds = 60.0
