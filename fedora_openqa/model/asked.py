"""Answers of services that pages show with their age."""

from dataclasses import dataclass
from typing import Generic, TypeVar

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Asked(Generic[T]):
    """The newest answer of a service, if there is one."""

    #: None: there is no answer
    answer: T | None = None
    #: when it was given, seconds since 1970
    at: float | None = None
    #: why there is none, or none that is newer; empty: the answer is new
    problem: str = ""
