"""Which jobs are evidence, and the comment by which openQA keeps their results."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime

from fedora_openqa.model.evidence import BuildKind, JobComment, KeepRule, KeptJob, Which
from fedora_openqa.model.history import StoredJob
from fedora_openqa.model.jobs import JobState
from fedora_openqa.model.subjects import Kind
from fedora_openqa.policy.compose_ids import parse_compose_id
from fedora_openqa.policy.links import job_link
from fedora_openqa.policy.subject_names import parse_name

#: seconds
DAY = 86_400.0

#: what openQA looks for at the start of a comment: its clean-up spares the job then
LABEL = "label:linked"

#: in each comment of ours, with or without the label
MARK = "by fedora-openqa until "

#: releases of composes that never become a release of Fedora
NEVER_RELEASED = ("Fedora-eln", "Fedora-ELN", "Fedora-Rawhide")


def kind_of_build(build: str) -> BuildKind | None:
    """Return the kind of a build, by openQA's BUILD; None: no rule is about it."""
    name = parse_name(build)
    match name.kind:
        case Kind.UPDATE:
            return BuildKind.UPDATE
        case Kind.COREOS:
            return BuildKind.COREOS
        case Kind.COMPOSE:
            return BuildKind.CANDIDATE if _may_be_released(name.bare) else BuildKind.NIGHTLY
        case _:
            return None


def _may_be_released(compose: str) -> bool:
    parsed = parse_compose_id(compose)
    # daily composes of stable releases (Fedora-Cloud-43, Fedora-IoT-43) have no type either
    return (
        parsed is not None
        and not parsed.type
        and parsed.release.count("-") == 1
        and parsed.release.startswith("Fedora-")
        and parsed.release not in NEVER_RELEASED
    )


def jobs_to_keep(
    build: str, jobs: Iterable[StoredJob], rules: Mapping[BuildKind, KeepRule], *, now: float
) -> tuple[KeptJob, ...]:
    """Return the jobs of a build that a rule asks to keep."""
    kind = kind_of_build(build)
    if kind is None:
        return ()
    rule = rules[kind]
    chosen = choose(build, jobs, rule, now=now)
    return tuple(
        KeptJob(job.id, build, until=until, reason=f"{rule.jobs} jobs of a build: {kind}")
        for job, until in chosen
    )


def choose(
    build: str, jobs: Iterable[StoredJob], rule: KeepRule, *, now: float
) -> Sequence[tuple[StoredJob, float]]:
    """Return the ended jobs of a build that a rule is about, and until when each is kept."""
    return [
        (job, until)
        for job in jobs
        if job.build == build and _is_meant(job, rule.jobs)
        # the time of its end is not always known
        if (until := (job.finished or now) + rule.days * DAY) > now
    ]


def _is_meant(job: StoredJob, which: Which) -> bool:
    if job.state != JobState.DONE:
        return False
    return which is Which.ALL or (which is Which.FAILED and not job.is_ok)


def comment_of(kept: KeptJob, *, released: bool = False, pages_url: str = "") -> str:
    """Return our comment on a job; once it is released, without the label.

    Nothing that a person typed is in it: openQA acts on words of comments.

    :param pages_url: what the URLs of our pages begin with, which it links to; empty: it does not
    """
    day = datetime.fromtimestamp(kept.until, tz=UTC).date().isoformat()
    text = f"released, was kept {MARK}{day}" if released else f"{LABEL} kept {MARK}{day}"
    return ": ".join(filter(None, (text, job_link(pages_url, kept.job_id))))


def is_ours(comment: JobComment) -> bool:
    """Return whether a comment is one of ours."""
    return MARK in comment.text


def keeps(comment: JobComment) -> bool:
    """Return whether openQA keeps a job because of a comment."""
    return comment.text.startswith(LABEL)
