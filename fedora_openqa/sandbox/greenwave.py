"""The part of Greenwave that people and Bodhi ask: decisions, and the policies behind them.

It must not know where results and waivers are kept: callables give them. A question that
Greenwave understands and this server does not is an error (400), for an answer that ignored
a part of it would be a wrong one.
"""

import fnmatch
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import msgspec
from aiohttp import web

from fedora_openqa.sandbox.gating_policies import POLICIES, Policy, Rule

Json = dict[str, Any]

#: types of subjects, to the data of a result that says what it is about
ITEM_KEYS = {"bodhi_update": "item", "compose": "productmd.compose.id"}

#: subjects of which it is no error that no policy is about them
_MAY_BE_UNKNOWN = frozenset({"bodhi_update"})

_PASSED = frozenset({"PASSED", "INFO"})
_ERRORED = frozenset({"ERROR"})
_INCOMPLETE = frozenset({"QUEUED", "RUNNING"})

#: words of the summary, each with its plural
_WORDS = {
    "missing": ("result missing", "results missing"),
    "failed": ("test failed", "tests failed"),
    "incomplete": ("test incomplete", "tests incomplete"),
    "errored": ("test errored", "tests errored"),
}


class ResultRow(Protocol):
    """A result as ResultsDB has it."""

    @property
    def id(self) -> int:
        """Its number."""

    @property
    def testcase(self) -> str:
        """Its test case: ``"update.podman"``."""

    @property
    def outcome(self) -> str:
        """``"PASSED"``."""

    @property
    def ref_url(self) -> str | None:
        """Where it leads."""

    @property
    def data(self) -> Mapping[str, Sequence[str]]:
        """``{"item": ["FEDORA-2026-1bd5f4a0c2"], "scenario": […]}``."""


#: gives the results that have a value in their data, the newest first
Results = Callable[[str, str], Iterable[ResultRow]]
#: gives the JSON of all waivers, the newest first
Waivers = Callable[[], Iterable[Mapping[str, Any]]]


class _Question(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    product_version: str
    decision_context: str | list[str]
    subject_type: str
    subject_identifier: str
    verbose: bool = False

    @property
    def contexts(self) -> tuple[str, ...]:
        asked = self.decision_context
        return (asked,) if isinstance(asked, str) else tuple(asked)


@dataclass(frozen=True)
class _Answer:
    """What one rule comes to."""

    satisfied: bool
    #: of `_WORDS`; empty if it is satisfied
    word: str
    body: Json


def add_greenwave(
    app: web.Application,
    *,
    results: Results,
    waivers: Waivers,
    policies: Sequence[Policy] = POLICIES,
    prefix: str = "/greenwave",
) -> None:
    """Serve decisions and policies below ``<prefix>/api/v1.0``."""

    async def decision(request: web.Request) -> web.Response:
        try:
            question = msgspec.json.decode(await request.read(), type=_Question)
        except (msgspec.DecodeError, UnicodeDecodeError) as exc:
            return _refused(400, str(exc))
        found = [policy for policy in policies if _applies(policy, question)]
        if not found and question.subject_type not in _MAY_BE_UNKNOWN:
            return _refused(
                404,
                f"Found no applicable policies for {question.subject_type} subjects at gating"
                f" point(s) {', '.join(question.contexts)} in {question.product_version}",
            )
        key = ITEM_KEYS.get(question.subject_type, "item")
        rows = list(results(key, question.subject_identifier))
        given = [waiver for waiver in waivers() if _is_about(waiver, question)]
        return web.json_response(_decide(question, found, rows, given))

    async def show_policies(_request: web.Request) -> web.Response:
        return web.json_response({"policies": [_policy_json(policy) for policy in policies]})

    app.router.add_post(f"{prefix}/api/v1.0/decision", decision)
    app.router.add_get(f"{prefix}/api/v1.0/policies", show_policies)


def summarize(words: Sequence[str], required: int) -> str:
    """Write Greenwave's summary of a decision.

    :param words: what each unsatisfied requirement is: ``"missing"``, ``"failed"``
    :param required: how many requirements there are
    """
    if not required:
        return "No tests are required"
    if not words:
        return f"All required tests ({required} total) have passed or been waived"
    counts = Counter(words)
    parts = sorted(f"{count} {_WORDS[word][count > 1]}" for word, count in counts.items())
    return f"Of {required} required test{'s' if required > 1 else ''}, {', '.join(parts)}"


def _applies(policy: Policy, question: _Question) -> bool:
    return (
        policy.subject_type == question.subject_type
        and not set(policy.contexts).isdisjoint(question.contexts)
        and any(
            fnmatch.fnmatchcase(question.product_version, pattern)
            for pattern in policy.product_versions
        )
    )


def _is_about(waiver: Mapping[str, Any], question: _Question) -> bool:
    names = ("subject_type", "subject_identifier", "product_version")
    return all(waiver[name] == getattr(question, name) for name in names)


def _decide(
    question: _Question,
    policies: Sequence[Policy],
    rows: Sequence[ResultRow],
    waivers: Sequence[Mapping[str, Any]],
) -> Json:
    rules = dict.fromkeys(rule for policy in policies for rule in policy.rules)
    answers = [
        _waived(answer, waivers) for rule in rules for answer in _answers(rule, question, rows)
    ]
    body: Json = {
        "policies_satisfied": all(answer.satisfied for answer in answers),
        "summary": summarize([it.word for it in answers if not it.satisfied], len(answers)),
        "applicable_policies": [policy.id for policy in policies],
        "satisfied_requirements": [it.body for it in answers if it.satisfied],
        "unsatisfied_requirements": [it.body for it in answers if not it.satisfied],
    }
    if question.verbose:
        body["results"] = [_result_json(row) for row in rows]
        body["waivers"] = [dict(waiver) for waiver in waivers]
    return body


def _answers(rule: Rule, question: _Question, rows: Iterable[ResultRow]) -> Iterator[_Answer]:
    """Judge the newest result of each scenario that a rule is about."""
    subject = {
        "subject_type": question.subject_type,
        "subject_identifier": question.subject_identifier,
    }
    item = {"item": question.subject_identifier, "type": question.subject_type}
    newest: dict[str | None, ResultRow] = {}
    for row in rows:
        scenario = _first(row, "scenario")
        if row.testcase == rule.testcase and rule.scenario in {None, scenario}:
            newest.setdefault(scenario, row)
    if not newest:
        unknown: Json = {"testcase": rule.testcase, "source": None, "scenario": rule.scenario}
        body: Json = {"type": "test-result-missing", **unknown, "item": item, **subject}
        yield _Answer(satisfied=False, word="missing", body=body)
    for scenario, row in newest.items():
        known: Json = {
            "testcase": rule.testcase,
            **subject,
            "source": None,
            "result_id": row.id,
            "scenario": scenario,
            "system_architecture": _first(row, "system_architecture"),
            "system_variant": _first(row, "system_variant"),
        }
        if row.outcome in _PASSED:
            body = {"type": "test-result-passed", **known}
            yield _Answer(satisfied=True, word="", body=body)
            continue
        word, kind = _judge(row.outcome)
        body = {"type": f"test-result-{kind}", **known, "item": item}
        if word == "errored":
            body["error_reason"] = _first(row, "error_reason")
        yield _Answer(satisfied=False, word=word, body=body)


def _judge(outcome: str) -> tuple[str, str]:
    """Give the summary's and the requirement's word for what has not passed."""
    if outcome in _INCOMPLETE:
        # as if there was no result, but for its id
        return "incomplete", "missing"
    return ("errored", "errored") if outcome in _ERRORED else ("failed", "failed")


def _waived(answer: _Answer, waivers: Iterable[Mapping[str, Any]]) -> _Answer:
    """Apply the newest waiver of a test in its scenario, which may take another one back."""
    if answer.satisfied:
        return answer
    body = answer.body
    newest = next(
        (
            waiver
            for waiver in waivers
            if waiver["testcase"] == body["testcase"]
            and waiver["scenario"] in {None, body["scenario"]}
        ),
        None,
    )
    if newest is None or not newest["waived"]:
        return answer
    changes = {"type": f"{body['type']}-waived", "waiver_id": newest["id"]}
    kept = {key: value for key, value in body.items() if key != "item"}
    return _Answer(satisfied=True, word="", body=kept | changes)


def _first(row: ResultRow, key: str) -> str | None:
    return next(iter(row.data.get(key, ())), None)


def _result_json(row: ResultRow) -> Json:
    return {
        "id": row.id,
        "testcase": {"name": row.testcase},
        "outcome": row.outcome,
        "ref_url": row.ref_url,
        "data": {key: list(values) for key, values in row.data.items()},
    }


def _policy_json(policy: Policy) -> Json:
    return {
        "id": policy.id,
        "product_versions": list(policy.product_versions),
        "decision_context": None,
        "decision_contexts": list(policy.contexts),
        "subject_type": policy.subject_type,
        "relevance_key": None,
        "rules": [
            {
                "rule": "PassingTestCaseRule",
                "test_case_name": rule.testcase,
                "scenario": rule.scenario,
            }
            for rule in policy.rules
        ],
    }


def _refused(status: int, message: str) -> web.Response:
    return web.json_response({"message": message}, status=status)
