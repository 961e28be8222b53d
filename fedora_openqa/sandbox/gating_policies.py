"""The policies of the sandbox's Greenwave, for the sandbox's updates, builds and compose.

They require few tests, all of which its openQA has, so that a person can satisfy them by hand.
"""

import fnmatch
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

#: the decision contexts that Bodhi asks about for every update
_PUSHES = ("bodhi_update_push_testing", "bodhi_update_push_stable")


@dataclass(frozen=True, slots=True)
class Rule:
    """A `PassingTestCaseRule`: a test that must pass."""

    #: ``"update.podman"``
    testcase: str
    #: ``"fedora.updates-container.x86_64.64bit"``; None: all scenarios with a result
    scenario: str | None = None

    def as_json(self) -> dict[str, Any]:
        """Return Greenwave's JSON."""
        return {
            "rule": "PassingTestCaseRule",
            "test_case_name": self.testcase,
            "scenario": self.scenario,
        }


@dataclass(frozen=True, slots=True)
class RemoteRule:
    """A `RemoteRule`: the rules of the package's ``gating.yaml``, if it has one."""

    def as_json(self) -> dict[str, Any]:
        """Return Greenwave's JSON."""
        return {"rule": "RemoteRule", "required": False, "sources": []}


@dataclass(frozen=True, slots=True)
class Policy:
    """Rules, and the subjects and contexts that they apply to."""

    id: str
    #: patterns with ``*``
    product_versions: tuple[str, ...]
    contexts: tuple[str, ...]
    subject_type: str
    rules: tuple[Rule | RemoteRule, ...] = ()

    def applies(self, subject_type: str, contexts: Collection[object], version: str) -> bool:
        """Return whether the policy applies to a subject in one of these contexts."""
        return (
            self.subject_type == subject_type
            and any(context in self.contexts for context in contexts)
            and any(fnmatch.fnmatchcase(version, pattern) for pattern in self.product_versions)
        )

    def as_json(self) -> dict[str, Any]:
        """Return Greenwave's JSON."""
        return {
            "id": self.id,
            "product_versions": list(self.product_versions),
            "decision_context": None,
            "decision_contexts": list(self.contexts),
            "subject_type": self.subject_type,
            "subject_types": [],
            "excluded_packages": [],
            "packages": [],
            "relevance_key": None,
            "relevance_value": None,
            "rules": [rule.as_json() for rule in self.rules],
        }


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
        id="sandbox_builds",
        product_versions=("fedora-*",),
        contexts=_PUSHES,
        subject_type="koji_build",
        rules=(RemoteRule(),),
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

#: package to the policies in its ``gating.yaml``
GATING_YAML: Mapping[str, tuple[Policy, ...]] = MappingProxyType(
    {
        "ghostscript": (
            Policy(
                id="gating_yaml",
                product_versions=("fedora-*",),
                contexts=_PUSHES,
                subject_type="koji_build",
                rules=(Rule("fedora-ci.koji-build.tier0.functional"),),
            ),
        )
    }
)
