"""What Greenwave requires before something is let through."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class GatingRule:
    """A test that must have passed."""

    #: the id of the policy it stands in
    policy: str
    #: ``("fedora-43", "fedora-42")``, with ``*`` for anything
    product_versions: tuple[str, ...]
    #: ``("bodhi_update_push_stable_core_critpath",)``
    contexts: tuple[str, ...]
    #: ``"bodhi_update"``, ``"compose"``
    subject_type: str
    #: ``"update.podman"``
    testcase: str
    #: ``"fedora.updates-container.x86_64.64bit"``; none: any
    scenario: str | None
