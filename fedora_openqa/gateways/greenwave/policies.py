"""Greenwave's gating policies, of a server or in a file in Greenwave's format."""

import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
from typing_extensions import override

from fedora_openqa import ports
from fedora_openqa.errors import ConfigError, PermanentError
from fedora_openqa.gateways.http.answers import decode_answer
from fedora_openqa.gateways.http.client import Reader
from fedora_openqa.gateways.yaml_texts import TAG, NotYamlError, parse_documents
from fedora_openqa.model.gating import GatingRule, PolicyRules
from fedora_openqa.texts import first_line

#: the type of rules about a test case
PASSING = "PassingTestCaseRule"

#: the type of rules that Greenwave reads from a package's gating.yaml
REMOTE = "RemoteRule"

PATH = "api/v1.0/policies"

#: marks of Jinja templates that occur neither in YAML of policies nor in JSON
JINJA = (b"{%", b"{{")

#: python3-jinja2 has the same name in Fedora and Debian
RENDER = "import sys, jinja2; print(jinja2.Template(sys.stdin.read()).render(env='production'))"


class _Rule(msgspec.Struct, frozen=True):
    #: the type of the rule in a server's JSON; a file has it as a tag
    rule: str | None = None
    tag: str | None = msgspec.field(name=TAG, default=None)
    test_case_name: str | None = None
    #: a text; Greenwave does not check that
    scenario: Any = None

    @property
    def kind(self) -> str:
        return self.rule or self.tag or PASSING


class _Policy(msgspec.Struct, frozen=True):
    id: str
    # a field without a value may be missing, null or empty
    product_versions: list[str] | None = None
    decision_context: str | None = None
    decision_contexts: list[str] | None = None
    subject_type: str | None = None
    subject_types: list[str] | None = None
    packages: list[str] | None = None
    excluded_packages: list[str] | None = None
    relevance_key: str | None = None
    relevance_value: str | None = None
    rules: list[_Rule] | None = None

    @property
    def contexts(self) -> tuple[str, ...]:
        single = (self.decision_context,) if self.decision_context else ()
        return (*single, *(self.decision_contexts or ()))

    @property
    def types(self) -> tuple[str, ...]:
        """The types of subjects that the policy applies to."""
        single = (self.subject_type,) if self.subject_type else ()
        return tuple(dict.fromkeys((*single, *(self.subject_types or ()))))


class _Policies(msgspec.Struct, frozen=True):
    policies: list[_Policy]


class PolicyFile(ports.GatingPolicies):
    """Gating policies in a file."""

    def __init__(self, path: Path) -> None:
        """Read from ``path``: YAML with one policy per document, or a server's JSON."""
        self._path = path

    @override
    def load(self) -> PolicyRules:
        try:
            text = self._path.read_bytes()
        except OSError as exc:
            raise ConfigError(f"{self._path}: cannot be read: {exc.strerror}") from exc
        if any(mark in text for mark in JINJA):
            raise PermanentError(
                f"{self._path}: a Jinja template, not gating policies: render it first:"
                f" python3 -c {shlex.quote(RENDER)} <{shlex.quote(str(self._path))} >policies.yaml"
                " (needs python3-jinja2)"
            )
        try:
            return _rules([policy for doc in parse_documents(text) for policy in _policies(doc)])
        except (NotYamlError, msgspec.ValidationError, RecursionError, _NoPolicyError) as exc:
            reason = first_line(str(exc))
            raise PermanentError(f"{self._path}: not gating policies: {reason}") from exc


class GreenwaveServer(ports.GatingPolicies):
    """Gating policies of a Greenwave server."""

    def __init__(self, reader: Reader, url: str) -> None:
        """Read from the Greenwave at ``url``."""
        self._reader = reader
        self._url = f"{url.rstrip('/')}/{PATH}"

    @override
    def load(self) -> PolicyRules:
        text = self._reader.fetch(self._url)
        if text is None:
            raise PermanentError(f"GET {self._url}: not there: is this the URL of Greenwave?")
        try:
            return _rules(decode_answer(text, _Policies, method="GET", url=self._url).policies)
        except _NoPolicyError as exc:
            raise PermanentError(f"GET {self._url}: {exc}") from exc


class _NoPolicyError(Exception):
    """There is no policy, so that a comparison would prove nothing."""


def _policies(document: object) -> list[_Policy]:
    """Return the policies of a document: one, a list of them, or a server's answer."""
    if document is None:
        return []
    if isinstance(document, list):
        return msgspec.convert(document, list[_Policy])
    if isinstance(document, dict) and "policies" in document:
        return msgspec.convert(document, _Policies).policies
    return [msgspec.convert(document, _Policy)]


def _rules(policies: list[_Policy]) -> PolicyRules:
    if not policies:
        raise _NoPolicyError("no policy is there")
    return PolicyRules(
        rules=tuple(
            GatingRule(
                policy=policy.id,
                product_versions=tuple(policy.product_versions or ()),
                contexts=policy.contexts,
                subject_type=subject_type,
                testcase=rule.test_case_name,
                scenario=_scenario(rule.scenario),
            )
            for policy in policies
            for subject_type in policy.types
            for rule in policy.rules or ()
            if rule.test_case_name and rule.kind == PASSING
        ),
        left_out=tuple(
            dict.fromkeys(
                f"policy {policy.id}: {what}" for policy in policies for what in _left_out(policy)
            )
        ),
    )


def _left_out(policy: _Policy) -> Iterator[str]:
    """Yield descriptions of the parts of a policy that `GatingRule` cannot express."""
    if not policy.rules:
        return
    if not policy.types:
        yield "no type of subject"
    if not policy.contexts:
        yield "no decision context"
    for rule in policy.rules:
        if rule.kind == REMOTE:
            yield f"{REMOTE}: the rules of each package's gating.yaml"
        elif rule.kind != PASSING or not rule.test_case_name:
            yield f"{rule.kind} without a test case"
    if policy.packages:
        yield f"only for packages {', '.join(policy.packages)}"
    if policy.excluded_packages:
        yield f"not for packages {', '.join(policy.excluded_packages)}"
    if policy.relevance_key or policy.relevance_value:
        yield f"only where {policy.relevance_key} is {policy.relevance_value}"


def _scenario(value: object) -> str | None:
    if value is None or isinstance(value, str):
        return value
    # not quoted: with aliases a few lines of YAML may expand to any size
    return "not a text"
