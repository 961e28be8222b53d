"""Looks into the store of a running service."""

from typing import cast

from fedora_openqa.store.subjects import Subjects
from fedora_openqa.workflows.intake import Intake
from fedora_openqa.workflows.service import Service


def subjects_of(service: Service) -> Subjects:
    """Return the table of subjects that a service stores into."""
    assert isinstance(service.intake, Intake)
    return cast("Subjects", service.intake.inbox)
