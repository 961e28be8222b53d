"""Greenwave's decisions: the requirements of subjects, compared with results and waivers.

It must not know HTTP, nor where results and waivers are kept.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from fedora_openqa.sandbox.gating_policies import Policy, RemoteRule, Rule

Json = dict[str, Any]

#: returns ResultsDB's answer to ``results/latest``: the newest results first
Latest = Callable[[Mapping[str, Sequence[str]]], Sequence[Mapping[str, Any]]]

#: returns the newest waiver of each user, test case and scenario, the newest first
Waivers = Callable[[], Iterable[Mapping[str, Any]]]

#: the newest result is judged for each combination of these data
DISTINCT = ("scenario", "system_architecture", "system_variant")

#: types of subjects for which a missing policy is not an error
MAY_BE_UNKNOWN = frozenset({"bodhi_update"})

_PASSED = frozenset({"PASSED", "INFO"})
_ERRORED = frozenset({"ERROR"})
_INCOMPLETE = frozenset({"QUEUED", "RUNNING"})

#: words of the summary, with their plurals
_WORDS = {
    "missing": ("result missing", "results missing"),
    "failed": ("test failed", "tests failed"),
    "incomplete": ("test incomplete", "tests incomplete"),
    "errored": ("test errored", "tests errored"),
}


class AwayError(Exception):
    """ResultsDB or WaiverDB does not answer."""


class NoPolicyError(Exception):
    """No policy applies to a subject that must have one."""


@dataclass(frozen=True, slots=True)
class Subject:
    """The subject of a decision."""

    #: ``"bodhi_update"``
    type: str
    #: ``"FEDORA-2026-1bd5f4a0c2"``
    id: str

    @property
    def item(self) -> Json:
        """The subject in the form of requirements."""
        if self.type == "compose":
            return {"productmd.compose.id": self.id}
        return {"item": self.id, "type": self.type}

    @property
    def filters(self) -> Mapping[str, Sequence[str]]:
        """The parameters of the query to ResultsDB."""
        if self.type == "compose":
            return {"productmd.compose.id": [self.id]}
        types = "koji_build,brew-build" if self.type == "koji_build" else self.type
        return {"type": [types], "item": [self.id]}

    @property
    def package(self) -> str:
        """The package of a build."""
        return self.id.rsplit("-", 2)[0]


@dataclass(frozen=True, slots=True)
class Question:
    """A question to Greenwave."""

    product_version: str
    contexts: tuple[object, ...]
    subjects: tuple[Subject, ...]
    verbose: bool


@dataclass(frozen=True, slots=True)
class _Answer:
    """The answer to one rule."""

    subject: Subject
    body: Json
    satisfied: bool = True
    #: a key of `_WORDS`; empty: the rule is satisfied
    word: str = ""
    is_about_test: bool = True


@dataclass
class _Decision:
    policies: list[Policy] = field(default_factory=list)
    answers: list[_Answer] = field(default_factory=list)
    results: list[Json] = field(default_factory=list)


def decide(
    question: Question,
    *,
    policies: Sequence[Policy],
    gating_yaml: Mapping[str, Sequence[Policy]],
    latest: Latest,
    waivers: Waivers,
) -> Json:
    """Return Greenwave's decision; ResultsDB and WaiverDB are asked only if needed.

    :param gating_yaml: package to the policies of its ``gating.yaml``

    Raises:
        NoPolicyError: no policy applies to a subject.
        AwayError: ResultsDB or WaiverDB does not answer.
    """
    decision = _Decision()
    for subject in question.subjects:
        found = [policy for policy in policies if _applies(policy, subject, question)]
        if not found:
            if subject.type in MAY_BE_UNKNOWN:
                continue
            raise NoPolicyError(
                f"Found no applicable policies for {subject.type} subjects at gating point(s)"
                f" {' '.join(map(str, question.contexts))} in {question.product_version}"
            )
        judge = _Judge(question, subject, latest, gating_yaml)
        decision.policies += found
        rules = dict.fromkeys(rule for policy in found for rule in policy.rules)
        decision.answers += [answer for rule in rules for answer in judge.judge(rule)]
        if question.verbose:
            decision.results += map(dict, judge.results())
    is_waivable = any(not answer.satisfied for answer in decision.answers)
    given = [
        waiver
        for waiver in (waivers() if is_waivable or question.verbose else ())
        if waiver["waived"] and waiver["product_version"] == question.product_version
    ]
    answers = [_waived(answer, given) for answer in decision.answers]
    body: Json = {
        "policies_satisfied": all(answer.satisfied for answer in answers),
        "summary": _summary(answers),
        "applicable_policies": list(dict.fromkeys(policy.id for policy in decision.policies)),
        "satisfied_requirements": [it.body for it in answers if it.satisfied],
        "unsatisfied_requirements": [it.body for it in answers if not it.satisfied],
    }
    if question.verbose:
        body["results"] = decision.results
        subjects = {(subject.type, subject.id) for subject in question.subjects}
        body["waivers"] = [
            dict(waiver)
            for waiver in given
            if (waiver["subject_type"], waiver["subject_identifier"]) in subjects
        ]
    return body


def summarize(words: Sequence[str], required: int) -> str:
    """Return Greenwave's summary of a decision.

    :param words: one for each unsatisfied requirement: ``"missing"``, ``"failed"``
    :param required: the number of requirements
    """
    if not required:
        return "No tests are required"
    if not words:
        return f"All required tests ({required} total) have passed or been waived"
    counts = Counter(words)
    parts = sorted(f"{count} {_WORDS[word][count > 1]}" for word, count in counts.items())
    return f"Of {required} required test{'s' if required > 1 else ''}, {', '.join(parts)}"


def _summary(answers: Sequence[_Answer]) -> str:
    tests = [answer for answer in answers if answer.is_about_test]
    return summarize([it.word for it in tests if not it.satisfied], len(tests))


def _applies(policy: Policy, subject: Subject, question: Question) -> bool:
    return policy.applies(subject.type, question.contexts, question.product_version)


@dataclass(frozen=True, slots=True)
class _Judge:
    """Judges the rules about one subject."""

    question: Question
    subject: Subject
    latest: Latest
    gating_yaml: Mapping[str, Sequence[Policy]]

    def results(self, testcase: str | None = None) -> Sequence[Mapping[str, Any]]:
        """Return the newest results of the subject."""
        tests = {} if testcase is None else {"testcases": [testcase]}
        return self.latest({**self.subject.filters, **tests, "_distinct_on": [",".join(DISTINCT)]})

    def judge(self, rule: Rule | RemoteRule, source: str | None = None) -> Iterator[_Answer]:
        """Return the answer to a rule.

        :param source: the URL of the ``gating.yaml`` that has the rule
        """
        if isinstance(rule, Rule):
            yield from self._judge_test(rule, source)
            return
        if self.subject.type != "koji_build" or self.subject.package not in self.gating_yaml:
            return
        package = self.subject.package
        source = f"https://src.fedoraproject.org/rpms/{package}/raw/rawhide/f/gating.yaml"
        named: Json = {"subject_type": self.subject.type, "subject_identifier": self.subject.id}
        read: Json = {"type": "fetched-gating-yaml", "testcase": "fetched-gating-yaml", **named}
        yield _Answer(
            self.subject, {**read, "scenario": None, "source": source}, is_about_test=False
        )
        for policy in self.gating_yaml[package]:
            if _applies(policy, self.subject, self.question):
                for its_rule in policy.rules:
                    yield from self.judge(its_rule, source)

    def _judge_test(self, rule: Rule, source: str | None) -> Iterator[_Answer]:
        named: Json = {"subject_type": self.subject.type, "subject_identifier": self.subject.id}
        common: Json = {"testcase": rule.testcase, "source": source, **named}
        rows = [
            row
            for row in self.results(rule.testcase)
            if rule.scenario is None or rule.scenario in row["data"].get("scenario", ())
        ]
        if not rows:
            missing: Json = {"type": "test-result-missing", "scenario": rule.scenario}
            body = {**missing, **common, "item": self.subject.item}
            yield _Answer(self.subject, body, satisfied=False, word="missing")
        for row in rows:
            known = {
                **common,
                "result_id": row["id"],
                **{key: next(iter(row["data"].get(key, ())), None) for key in DISTINCT},
            }
            if row["outcome"] in _PASSED:
                yield _Answer(self.subject, {"type": "test-result-passed", **known})
                continue
            word, kind = _judge(row["outcome"])
            body = {"type": f"test-result-{kind}", **known, "item": self.subject.item}
            if word == "errored":
                # a newer ResultsDB has an error reason beside the outcome; 2.2 has none
                body["error_reason"] = row.get("error_reason")
            yield _Answer(self.subject, body, satisfied=False, word=word)


def _judge(outcome: str) -> tuple[str, str]:
    """Return the words of the summary and of the requirement for a result that did not pass."""
    if outcome in _INCOMPLETE:
        # as without a result, but with its id
        return "incomplete", "missing"
    return ("errored", "errored") if outcome in _ERRORED else ("failed", "failed")


def _waived(answer: _Answer, waivers: Iterable[Mapping[str, Any]]) -> _Answer:
    """Return the answer after the newest waiver in force for the requirement."""
    if answer.satisfied:
        return answer
    body = answer.body
    waiver = next((one for one in waivers if _is_about(one, answer)), None)
    if waiver is None:
        return answer
    changes = {"type": f"{body['type']}-waived", "waiver_id": waiver["id"]}
    kept = {key: value for key, value in body.items() if key != "item"}
    return replace(answer, satisfied=True, word="", body=kept | changes)


def _is_about(waiver: Mapping[str, Any], answer: _Answer) -> bool:
    names = ("subject_type", "subject_identifier", "testcase")
    return all(waiver[name] == answer.body[name] for name in names) and (
        # an empty scenario also means all
        not waiver["scenario"] or waiver["scenario"] == answer.body["scenario"]
    )
