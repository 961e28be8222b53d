"""What openQA has to do, and with which workers."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class OpenQALoad:
    """Jobs that wait or run, of all kinds, and workers."""

    #: state and arch of the jobs to their number
    jobs: Mapping[tuple[str, str], int]
    #: worker class and status (idle, running, broken, dead) to the number of workers
    workers: Mapping[tuple[str, str], int]
    #: worker class to the seconds that its oldest job has been seen waiting
    oldest_scheduled: Mapping[str, float]
