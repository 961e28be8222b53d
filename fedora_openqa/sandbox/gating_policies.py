"""What the sandbox's Greenwave asks for of the sandbox's updates and its compose.

Few tests, each of which its openQA has: a person should be able to satisfy them all by hand.
"""

from dataclasses import dataclass

#: what Bodhi asks about any update
_PUSHES = ("bodhi_update_push_testing", "bodhi_update_push_stable")


@dataclass(frozen=True, slots=True)
class Rule:
    """A test that must have passed."""

    #: ``"update.podman"``
    testcase: str
    #: ``"fedora.updates-container.x86_64.64bit"``; nothing: any that there is
    scenario: str | None = None


@dataclass(frozen=True, slots=True)
class Policy:
    """Rules, and what they are for."""

    id: str
    #: with ``*`` for anything
    product_versions: tuple[str, ...]
    contexts: tuple[str, ...]
    subject_type: str
    rules: tuple[Rule, ...] = ()


def _critical(group: str) -> tuple[str, ...]:
    return tuple(f"{push}_{group}_critpath" for push in _PUSHES)


def _of_update(flavor: str, *tests: str) -> tuple[Rule, ...]:
    scenario = f"fedora.updates-{flavor}.x86_64.64bit"
    return tuple(Rule(f"update.{test}", scenario) for test in tests)


_CONTAINER = _of_update("container", "podman", "podman_client")
_SERVER = _of_update("server", "base_selinux", "base_services_start")
_WORKSTATION = _of_update("workstation", "desktop_login", "desktop_browser")

POLICIES = (
    Policy(
        id="sandbox_no_requirements",
        product_versions=("fedora-*",),
        contexts=_PUSHES,
        subject_type="bodhi_update",
    ),
    Policy(
        id="sandbox_core",
        product_versions=("fedora-4?",),
        contexts=(*_critical("core"), *_critical("critical-path-base")),
        subject_type="bodhi_update",
        rules=(*_CONTAINER, *_SERVER, *_WORKSTATION),
    ),
    Policy(
        id="sandbox_gnome",
        product_versions=("fedora-4?",),
        contexts=_critical("critical-path-gnome"),
        subject_type="bodhi_update",
        rules=_WORKSTATION,
    ),
    Policy(
        id="sandbox_server",
        product_versions=("fedora-4?",),
        contexts=(*_critical("critical-path-server"), *_critical("critical-path-standard")),
        subject_type="bodhi_update",
        rules=_SERVER,
    ),
    Policy(
        id="sandbox_compose",
        product_versions=("fedora-rawhide",),
        contexts=("rawhide_compose_sync_to_mirrors",),
        subject_type="compose",
        rules=tuple(
            Rule(f"compose.{test}", "fedora.Server-dvd-iso.x86_64.64bit")
            for test in ("install_default_upload", "base_selinux")
        ),
    ),
)
