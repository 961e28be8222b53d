"""Recorded messages, and the plans made from them."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from fedora_openqa.model.jobs import Settings


@dataclass(frozen=True, slots=True)
class Recording:
    """A message as fedora-messaging records it."""

    topic: str
    body: Mapping[str, Any]
    id: str | None


@dataclass(frozen=True, slots=True)
class PlannedProduct:
    """A product that would be posted after a message."""

    #: key of the subject: ``"update:FEDORA-2026-1bd5f4a0c2"``
    subject: str
    flavor: str
    arch: str
    settings: Settings


@dataclass(frozen=True, slots=True)
class PlannedSubject:
    """The plan made from one message."""

    message_id: str | None
    topic: str
    #: None: the message asks for no subject
    subject: str | None
    products: tuple[PlannedProduct, ...] = ()
    #: why there are no products; None: there are
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class PlanChange:
    """How one product differs between two plans."""

    subject: str
    flavor: str
    arch: str
    #: ``"+"`` new, ``"-"`` gone, ``"~"`` with other settings
    sign: str
    #: names of settings that differ
    settings: tuple[str, ...] = ()
