"""Recorded messages, and the plans that come of them."""

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

    #: what the message is about: ``"update:FEDORA-2026-1bd5f4a0c2"``
    subject: str
    flavor: str
    arch: str
    settings: Settings


@dataclass(frozen=True, slots=True)
class PlannedSubject:
    """What would follow from one message."""

    message_id: str | None
    topic: str
    #: none: the message is not ours
    subject: str | None
    products: tuple[PlannedProduct, ...] = ()
    #: why there are no products
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
