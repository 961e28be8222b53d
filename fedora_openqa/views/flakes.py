"""Tests that fail now and then whatever is tested."""

import msgspec

from fedora_openqa.model.flakes import Evidence, FlakyScenario
from fedora_openqa.views.times import when


class EvidenceView(msgspec.Struct, frozen=True):
    """A failure that does not come from what was tested."""

    #: openQA's id of the job
    id: int
    #: the job in openQA
    url: str
    #: openQA's BUILD
    build: str
    #: its first failed module; without one: openQA's result
    place: str
    finished: str | None
    #: a job that passed on the same build; null: it failed alone, or almost, between passed runs
    passed: int | None
    passed_url: str | None
    #: 1: the same build passed, too; 0.5: it failed alone; 0.25: almost alone, with one more in a
    #: row or of another scenario
    weight: float


class FlakeView(msgspec.Struct, frozen=True):
    """A scenario with such failures in the last 30 days."""

    test: str
    flavor: str
    arch: str
    machine: str
    #: lower bound of the share of such failures, at a confidence of 95 %; the 30 days before count
    #: half
    score: float
    #: the same of the 30 days before alone; null: no run of that time counts
    before: float | None
    #: sum of the weights of the evidence
    counted: float
    #: number of runs that count in the last 30 days
    considered: int
    #: that the failed runs took
    lost_minutes: int
    #: the newest first
    evidence: tuple[EvidenceView, ...]


def flake_view(one: FlakyScenario, *, openqa_url: str) -> FlakeView:
    """Return the view of a scenario.

    :param openqa_url: what the URLs of openQA's jobs begin with
    """

    def url(job: int) -> str:
        return f"{openqa_url}/tests/{job}"

    def evidence_view(it: Evidence) -> EvidenceView:
        found = it.failure
        return EvidenceView(
            id=found.id,
            url=url(found.id),
            build=found.build,
            place=found.place,
            finished=when(found.finished),
            passed=found.passed,
            passed_url=url(found.passed) if found.passed else None,
            weight=it.weight,
        )

    return FlakeView(
        *one.scenario,
        score=round(one.score, 4),
        before=None if one.before is None else round(one.before, 4),
        counted=sum(it.weight for it in one.evidence),
        considered=one.considered,
        lost_minutes=round(one.lost_seconds / 60),
        evidence=tuple(map(evidence_view, one.evidence)),
    )
