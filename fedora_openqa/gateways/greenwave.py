"""Greenwave's gating policies: of a server, or in a file as it reads them."""

from pathlib import Path
from typing import Any

import msgspec

from fedora_openqa.errors import ConfigError, PermanentError, ServiceUnavailableError
from fedora_openqa.gateways.http import Reader
from fedora_openqa.gateways.yaml_texts import TAG, NotYamlError, parse_documents
from fedora_openqa.model.gating import GatingRule
from fedora_openqa.texts import first_line

#: the one rule that names a test; others send Greenwave to read more rules elsewhere
PASSING = "PassingTestCaseRule"

PATH = "api/v1.0/policies"


class _Rule(msgspec.Struct, frozen=True):
    #: the server's JSON says here what the file says by a tag
    rule: str | None = None
    tag: str | None = msgspec.field(name=TAG, default=None)
    test_case_name: str | None = None
    #: a text, but nothing keeps it from being something else
    scenario: Any = None


class _Policy(msgspec.Struct, frozen=True):
    id: str
    product_versions: list[str] = []
    # Greenwave takes either, and gives null for the other one
    decision_context: str | None = None
    decision_contexts: list[str] | None = None
    subject_type: str | None = None
    rules: list[_Rule] = []


class _Policies(msgspec.Struct, frozen=True):
    policies: list[_Policy]


class PolicyFile:
    """`fedora_openqa.ports.GatingPolicies`, from a file."""

    def __init__(self, path: Path) -> None:
        """Read from ``path``: YAML, a policy a document, or a server's JSON."""
        self._path = path

    def load(self) -> tuple[GatingRule, ...]:
        """Read which tests are waited for.

        Raises:
            ConfigError: there is no such file that could be read.
            PermanentError: it is not made of gating policies.
        """
        try:
            text = self._path.read_bytes()
        except OSError as exc:
            raise ConfigError(f"{self._path}: cannot be read: {exc.strerror}") from exc
        try:
            return _rules([policy for doc in parse_documents(text) for policy in _policies(doc)])
        except (NotYamlError, msgspec.ValidationError, RecursionError, _NoPolicyError) as exc:
            reason = first_line(str(exc))
            raise PermanentError(f"{self._path}: not gating policies: {reason}") from exc


class GreenwaveServer:
    """`fedora_openqa.ports.GatingPolicies`, over HTTP."""

    def __init__(self, reader: Reader, url: str) -> None:
        """Read from the Greenwave at ``url``."""
        self._reader = reader
        self._url = f"{url.rstrip('/')}/{PATH}"

    def load(self) -> tuple[GatingRule, ...]:
        """Read which tests are waited for.

        Raises:
            PermanentError: there is no Greenwave there, or it has no policies.
            RequestRefusedError, ServiceUnavailableError: it does not say.
        """
        text = self._reader.fetch(self._url)
        if text is None:
            raise PermanentError(f"GET {self._url}: not there: is this the URL of Greenwave?")
        try:
            return _rules(msgspec.json.decode(text, type=_Policies).policies)
        except _NoPolicyError as exc:
            raise PermanentError(f"GET {self._url}: {exc}") from exc
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as exc:
            reason = first_line(str(exc))
            raise ServiceUnavailableError(
                f"GET {self._url}: not an answer of Greenwave: {reason}"
            ) from exc


class _NoPolicyError(Exception):
    """Nothing is wrong, and nothing there: comparing with it would prove nothing."""


def _policies(document: object) -> list[_Policy]:
    """Read a document of a file: a policy, a list of them, or what a server answers."""
    if document is None:
        return []
    if isinstance(document, list):
        return msgspec.convert(document, list[_Policy])
    if isinstance(document, dict) and "policies" in document:
        return msgspec.convert(document, _Policies).policies
    return [msgspec.convert(document, _Policy)]


def _rules(policies: list[_Policy]) -> tuple[GatingRule, ...]:
    if not policies:
        raise _NoPolicyError("no policy is there")
    return tuple(
        GatingRule(
            policy=policy.id,
            product_versions=tuple(policy.product_versions),
            contexts=_contexts(policy),
            subject_type=policy.subject_type or "",
            testcase=rule.test_case_name,
            scenario=_scenario(rule.scenario),
        )
        for policy in policies
        for rule in policy.rules
        if rule.test_case_name and (rule.rule or rule.tag or PASSING) == PASSING
    )


def _scenario(value: object) -> str | None:
    if value is None or isinstance(value, str):
        return value
    # not quoted: aliases make a few lines of YAML as large as they like
    return "not a text"


def _contexts(policy: _Policy) -> tuple[str, ...]:
    single = (policy.decision_context,) if policy.decision_context else ()
    return (*single, *(policy.decision_contexts or ()))
