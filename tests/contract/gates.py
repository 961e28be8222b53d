"""The ResultsDB, WaiverDB and Greenwave under test: the embedded ones, and real ones if named."""

import os
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import requests

from fedora_openqa.gateways.yaml_texts import parse_documents
from fedora_openqa.sandbox.gating_policies import Policy, Rule
from fedora_openqa.sandbox.openqa import OpenQAOptions, Templates
from fedora_openqa.sandbox.running import Sandbox, SandboxOptions
from fedora_openqa.sandbox.waiverdb import TOKEN
from tests.contract.json_types import Json

#: the URLs of real ones: ``http://localhost:5001/api/v2.0``, ``http://localhost:5004/api/v1.0``,
#: ``http://localhost:5005``; the Greenwave must have the policies of ``POLICIES``
RESULTSDB = os.environ.get("FEDORA_OPENQA_RESULTSDB_URL")
WAIVERDB = os.environ.get("FEDORA_OPENQA_WAIVERDB_URL")
GREENWAVE = os.environ.get("FEDORA_OPENQA_GREENWAVE_URL")
#: a token that the real WaiverDB takes, of a user without special rights
REAL_TOKEN = os.environ.get("FEDORA_OPENQA_WAIVERDB_TOKEN", "")

POLICIES = Path(__file__).parent.parent / "data/gating/contract.yaml"
CONTAINER = "fedora.updates-container.x86_64.64bit"
VERSION = "contract-1"


@dataclass(frozen=True)
class Gates:
    """The three servers, and what the tests do with them."""

    resultsdb: str
    waiverdb: str
    greenwave: str
    token: str
    session: requests.Session = field(default_factory=requests.Session, compare=False)

    def ask(self, method: str, url: str, **how: Any) -> requests.Response:  # noqa: ANN401 - whatever requests takes
        return self.session.request(method, url, timeout=60, allow_redirects=False, **how)

    def report(self, subject: str, testcase: str, outcome: str, **data: str) -> int:
        """Store a result of an update."""
        body = {
            "outcome": outcome,
            "testcase": testcase,
            "ref_url": "https://openqa.example.org/tests/1",
            "data": {"item": subject, "type": "bodhi_update", "scenario": CONTAINER, **data},
        }
        answer = self.ask("POST", f"{self.resultsdb}/results", json=body)
        assert answer.status_code == 201, answer.text
        return int(answer.json()["id"])

    def post_waiver(self, body: object, *, token: str | None = None) -> requests.Response:
        headers = {"Authorization": f"Bearer {self.token if token is None else token}"}
        return self.ask("POST", f"{self.waiverdb}/waivers/", json=body, headers=headers)

    def waive(self, subject: str, /, testcase: object = "update.podman", **changes: object) -> Json:
        """Store a waiver, by default for an update in all scenarios."""
        answer = self.post_waiver(waiver(subject, testcase=testcase, **changes))
        assert answer.status_code == 201, answer.text
        return answer.json()

    def waivers(self, **query: str | int) -> Json:
        answer = self.ask("GET", f"{self.waiverdb}/waivers/", params=query)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def post_question(self, subject: str, /, **changes: object) -> requests.Response:
        question = {
            "product_version": VERSION,
            "decision_context": ["contract_push"],
            "subject_type": "bodhi_update",
            "subject_identifier": subject,
        }
        return self.ask("POST", f"{self.greenwave}/api/v1.0/decision", json=question | changes)

    def decide(self, subject: str, /, **changes: object) -> Json:
        answer = self.post_question(subject, **changes)
        assert answer.status_code == 200, answer.text
        return answer.json()


def waiver(subject: str, /, **changes: object) -> dict[str, object]:
    """Return the body of a waiver."""
    return {
        "subject_type": "bodhi_update",
        "subject_identifier": subject,
        "testcase": "update.podman",
        "product_version": VERSION,
        "comment": "known flake",
        **changes,
    }


def new_subject() -> str:
    """Return the id of an update that no other test has."""
    return f"FEDORA-2026-{uuid.uuid4().hex[:10]}"


def load_policies() -> tuple[Policy, ...]:
    """Return the suite's policies for the embedded Greenwave."""
    return tuple(
        Policy(
            id=one["id"],
            product_versions=tuple(one["product_versions"]),
            contexts=tuple(one["decision_contexts"]),
            subject_type=one["subject_type"],
            rules=tuple(Rule(it["test_case_name"], it.get("scenario")) for it in one["rules"]),
        )
        for one in parse_documents(POLICIES.read_bytes())
    )


@contextmanager
def embedded() -> Iterator[Gates]:
    """Run the embedded servers."""
    options = SandboxOptions(openqa=OpenQAOptions(templates=Templates()), policies=load_policies())
    with Sandbox(options) as sandbox:
        yield Gates(
            resultsdb=sandbox.resultsdb_url,
            waiverdb=f"{sandbox.url}/waiverdb/api/v1.0",
            greenwave=f"{sandbox.url}/greenwave",
            token=TOKEN,
        )


def real() -> Gates:
    """Return the real servers."""
    resultsdb, waiverdb, greenwave = (
        str(url).rstrip("/") for url in (RESULTSDB, WAIVERDB, GREENWAVE)
    )
    return Gates(resultsdb, waiverdb, greenwave, token=REAL_TOKEN)
