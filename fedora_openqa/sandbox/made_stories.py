"""Makes up what came of the builds of made-up jobs: products, results on their way, what is parked.

The same jobs make the same stories.
"""

import random
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from fedora_openqa.model.deliveries import Delivery, DeliveryState, Sink
from fedora_openqa.model.jobs import OK_RESULTS, STOPPED_RESULTS
from fedora_openqa.model.products import ProductState
from fedora_openqa.model.stories import SeenMessage, StoredProduct, Story
from fedora_openqa.model.subjects import Kind
from fedora_openqa.model.work import StoredSubject, SubjectState
from fedora_openqa.policy.subject_names import SubjectName, parse_name
from fedora_openqa.sandbox.made_causes import DAY, HOUR, happens
from fedora_openqa.sandbox.made_names import compose_build, update_build
from fedora_openqa.sandbox.made_shapes import MadeJob

#: share of the subjects that a sweep found; number of updates that need no tests, for each build
SWEPT, SKIPPED = 0.08, 0.08

#: packages of updates
PACKAGES = ("anaconda", "bash", "firefox", "gnome-shell", "kernel", "podman", "systemd", "tzdata")


def make_stories(jobs: Sequence[MadeJob], *, end: float) -> Iterator[Story]:
    """Yield the subjects of made-up jobs and of their results, and some that wait or are parked.

    :param end: seconds since 1970: nothing has happened after it
    """
    rng = random.Random(len(jobs))  # noqa: S311 - no secret
    by_build: dict[str, list[MadeJob]] = defaultdict(list)
    for made in jobs:
        by_build[made.job.build].append(made)
    for build, some in by_build.items():
        yield from _of_build(parse_name(build), some, end, rng)
    for _ in range(round(SKIPPED * len(by_build))):
        asked = rng.uniform(end - 30 * DAY, end)
        subject = _subject(_update(rng, end), SubjectState.SKIPPED, asked=asked)
        reason = "none of its packages is on the critical path"
        yield _story(replace(subject, reason=reason), asked=asked)
    yield from _troubled(end, rng)


def is_swept(story: Story) -> bool:
    """Return whether a sweep found a subject, and no message named it."""
    return story.subject.message_id is None and story.subject.lane in {*Kind}


def _of_build(
    name: SubjectName, jobs: Sequence[MadeJob], end: float, rng: random.Random
) -> Iterator[Story]:
    """Yield the subject of a build, and those of its results on their way."""
    first = [made for made in jobs if made.job.origin_id == made.job.id]
    posts = sorted({made.created for made in first})
    swept = happens(rng, SWEPT)
    delay = rng.uniform(0.2, 0.9) * HOUR if swept else rng.lognormvariate(3.0, 0.7)
    asked = posts[-1] - delay
    nvrs = [f"{it}-{rng.randrange(1, 90)}.{rng.randrange(9)}-1" for it in rng.sample(PACKAGES, 2)]
    products: dict[tuple[int, str, str], list[int]] = defaultdict(list)
    for made in first:
        scenario = made.job.scenario
        number = posts.index(made.created) + 1
        products[number, scenario.flavor, scenario.arch].append(made.job.id)
    extra = {"ADVISORY_NVRS_1": " ".join(nvrs)} if name.kind is Kind.UPDATE else {}
    settings = {"DISTRI": "fedora", "VERSION": jobs[0].job.version, "BUILD": name.build, **extra}
    yield _story(
        replace(
            _subject(name.key, SubjectState.SCHEDULED, asked=asked),
            number=len(posts),
            created=posts[0] - delay,
            updated=posts[-1],
            message_id=None if swept else _message_id(rng),
        ),
        asked=asked,
        products=tuple(
            StoredProduct(
                number=number,
                flavor=flavor,
                arch=arch,
                settings={**settings, "FLAVOR": flavor, "ARCH": arch},
                state=ProductState.POSTED,
                job_ids=tuple(sorted(ids)),
                reason=None,
                updated=posts[number - 1],
            )
            for (number, flavor, arch), ids in sorted(products.items())
        ),
    )
    ended = [made for made in jobs if made.job.finished is not None and not made.job.clone_id]
    if ended:
        results = [_result(made, rng) for made in ended]
        yield _sink(Sink.RESULTSDB, name.build, [it for it in results if it.updated < end], rng)
    if name.kind is Kind.COMPOSE and len(ended) == sum(not made.job.clone_id for made in jobs):
        yield _sink(Sink.MAIL, name.build, [_report(ended, end)], rng)


def _result(made: MadeJob, rng: random.Random) -> Delivery:
    """Return the result of a job that has ended, on its way to ResultsDB."""
    job = made.job
    asked = (job.finished or 0.0) + rng.uniform(0.1, 2.0)
    facts: Mapping[str, Any] = {"item": str(job.id), "number": 1, "asked": asked}
    if job.result in STOPPED_RESULTS:
        reason = f"the job ended as {job.result}"
        return Delivery(**facts, state=DeliveryState.SKIPPED, reason=reason, updated=asked + 5.0)
    return Delivery(
        **facts,
        state=DeliveryState.DELIVERED,
        told="PASSED" if job.result in OK_RESULTS else "FAILED",
        reference=str(20_000_000 + job.id),
        message_id=_message_id(rng),
        updated=asked + rng.lognormvariate(2.3, 0.6),
    )


def _report(ended: Sequence[MadeJob], end: float) -> Delivery:
    """Return the report on a compose."""
    failed = sum(made.job.result not in OK_RESULTS for made in ended)
    asked = max(made.job.finished or 0.0 for made in ended)
    return Delivery(
        item="report",
        number=1,
        state=DeliveryState.DELIVERED,
        summary=f"{failed} of {len(ended)} tests did not pass",
        findings=(
            "missing: KDE live aarch64",
            "size of Server dvd x86_64: 2412 MiB to 2890 MiB, +20%",
            "x86_64 Server-dvd-iso base_selinux@64bit: Used mem changed from 190 MiB to 231 MiB",
        ),
        asked=asked,
        updated=min(asked + 600.0, end),
    )


def _sink(sink: Sink, build: str, deliveries: Sequence[Delivery], rng: random.Random) -> Story:
    asked = max((one.asked for one in deliveries), default=0.0)
    subject = replace(
        _subject(f"{sink}:{build}", SubjectState.REPORTED, asked=asked),
        created=min((one.asked for one in deliveries), default=0.0),
        updated=max((one.updated for one in deliveries), default=0.0),
        message_id=_message_id(rng),
    )
    return _story(subject, asked=asked, deliveries=tuple(deliveries))


def _troubled(end: float, rng: random.Random) -> Iterator[Story]:
    """Yield what is parked, and what is tried again later."""
    parked: Iterable[tuple[str, float, str]] = (
        (
            parse_name(compose_build("45", end - 40 * HOUR, 9)).key,
            40.0,
            "it is not there after 36 hours: GET …/compose/metadata/images.json: 404 Not Found",
        ),
        (_update(rng, end), 5.0, "POST /api/v1/isos: 400: no templates found for updates-kde"),
        (_update(rng, end), 80.0, "Bodhi: 404: the update was deleted"),
    )
    for key, hours, reason in parked:
        asked = end - hours * HOUR
        subject = _subject(key, SubjectState.PARKED, asked=asked)
        yield _story(replace(subject, reason=reason, attempts=9), asked=asked)
    for number in (1, 3):
        asked = end - number * 600.0
        subject = replace(
            _subject(_update(rng, end), SubjectState.WANTED, asked=asked),
            due=end + number * HOUR,
            attempts=number,
            last_error="GET /updates: 503 Service Unavailable",
        )
        yield _story(subject, asked=asked)


def _subject(key: str, state: SubjectState, *, asked: float) -> StoredSubject:
    """Return a subject that was asked for once, by a message."""
    lane = key.partition(":")[0]
    return StoredSubject(
        key=key,
        lane=lane,
        request={"update": key.partition(":")[2]} if lane == Kind.UPDATE else {},
        number=1,
        state=state,
        reason=None,
        due=0.0,
        attempts=1,
        last_error=None,
        message_id=f"made-up-{key}",
        created=asked,
        updated=asked + 60.0,
    )


def _story(
    subject: StoredSubject,
    *,
    asked: float,
    products: tuple[StoredProduct, ...] = (),
    deliveries: tuple[Delivery, ...] = (),
) -> Story:
    is_named = subject.message_id is not None and subject.lane in {*Kind}
    messages = (SeenMessage(subject.message_id or "", asked),) if is_named else ()
    return Story(subject, asked, None, messages, products, deliveries)


def _update(rng: random.Random, end: float) -> str:
    return parse_name(update_build(rng, end)).key


def _message_id(rng: random.Random) -> str:
    return f"{rng.getrandbits(32):08x}-{rng.getrandbits(16):04x}-made-up"
