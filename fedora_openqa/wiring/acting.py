"""Connects the workflow that stores acts of people; makes what a command is about to do."""

import os
import uuid
from collections.abc import Mapping
from typing import Any

from fedora_openqa import ports
from fedora_openqa.accounts import user_name
from fedora_openqa.config import Config
from fedora_openqa.model.audit import Action, Intent, Role
from fedora_openqa.workflows.acting import Acting


def open_audit(config: Config) -> ports.Audit:
    """Open the acts of people.

    Raises:
        ConfigError: the deployment cannot work.
        ServiceUnavailableError: the database cannot be reached.
    """
    # late: scheduling by hand needs no store
    from fedora_openqa.store.audit import Audit
    from fedora_openqa.wiring.store import open_store

    return Audit(open_store(config))


def open_acting(config: Config, *, dry_run: bool) -> Acting:
    """Connect the workflow that stores the acts of commands; raises as `open_audit`.

    :param dry_run: no act is stored
    """
    if dry_run:
        from fedora_openqa.store.dry_run import DryRunAudit

        return Acting(DryRunAudit())
    return Acting(open_audit(config))


def by_command(
    what: Action, target: str, *, reason: str = "", preview: Mapping[str, Any] | None = None
) -> Intent:
    """Return what the account that runs this command is about to do."""
    return Intent(
        who=user_name(os.environ),
        role=Role.COMMAND,
        what=what,
        target=target,
        reason=reason,
        preview=preview or {},
        key=str(uuid.uuid4()),
    )
