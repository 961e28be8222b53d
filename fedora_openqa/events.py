"""Parses messages of Fedora's bus into events.

Knows topics and bodies, and decides nothing: `policy.effects` returns what follows from an event.
Of a message on another topic only the topic is read.
"""

import contextlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Annotated, Any, TypeAlias, TypeVar

import msgspec

from fedora_openqa.errors import MessageError
from fedora_openqa.model.composes import ComposeName
from fedora_openqa.model.deliveries import Sink
from fedora_openqa.model.events import (
    CloudImageTested,
    ComposeFinished,
    CoreOSBuildFinished,
    Event,
    JobsChanged,
    UpdateReady,
)
from fedora_openqa.model.history import Scenario, StoredJob
from fedora_openqa.model.jobs import FINAL_STATES, JobResult, JobState
from fedora_openqa.model.subjects import Kind, Update

T = TypeVar("T")

_Read: TypeAlias = Callable[[str, Mapping[str, Any]], Event | None]

#: words that become part of settings, of openQA's BUILD and of URLs
Word = Annotated[str, msgspec.Meta(pattern=r"^[A-Za-z0-9._-]{1,128}\Z")]
#: ASCII without white space, as in names of packages and URLs
Printable = Annotated[str, msgspec.Meta(pattern=r"^[!-~]{1,2048}\Z")]

#: states and results of builds of Pungi and Fedora CoreOS: ``"FINISHED"``
State = Annotated[str, msgspec.Meta(pattern=r"^[A-Z][A-Z_]{0,31}\Z")]

#: one line of a person's text, which may become part of a reason
Line = Annotated[
    str, msgspec.Meta(pattern=r"\A[^\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]{0,2048}\Z")
]
#: openQA's BUILD; those of COPRs begin with a user's or a group's name
Build = Annotated[str, msgspec.Meta(pattern=r"^[ -~]{0,200}\Z")]
#: ids of jobs; messages about restarts have them as texts
JobId = (
    Annotated[int, msgspec.Meta(ge=1, le=2**53)]
    | Annotated[str, msgspec.Meta(pattern=r"^[1-9][0-9]{0,14}\Z")]
)

#: Pungi's statuses of composes that can be tested
FINISHED = ("FINISHED", "FINISHED_INCOMPLETE")


class BodhiRelease(msgspec.Struct, frozen=True):
    """A release in Bodhi's JSON, of messages and of answers."""

    version: Word
    id_prefix: Word
    create_automatic_updates: bool | None = None
    long_name: Line | None = None


class _Build(msgspec.Struct, frozen=True):
    nvr: Printable


class BodhiUpdate(msgspec.Struct, frozen=True):
    """An update in Bodhi's JSON, of messages and of answers."""

    alias: Word
    builds: tuple[_Build, ...]
    release: BodhiRelease
    content_type: Word | None = None
    critpath: bool | None = None
    #: separated by spaces; None: Bodhi has no groups
    critpath_groups: Line | None = None
    status: Line | None = None
    request: Line | None = None

    def facts(self) -> Update:
        """Return the update as a model."""
        return Update(
            alias=self.alias,
            id_prefix=self.release.id_prefix,
            release=self.release.version,
            content_type=self.content_type or "rpm",
            nvrs=tuple(build.nvr for build in self.builds),
            critical=bool(self.critpath),
            groups=tuple((self.critpath_groups or "").split()),
            automatic_updates=self.release.create_automatic_updates,
            long_name=self.release.long_name or "",
            status=self.status or "",
            request=self.request or "",
        )


class _ComposeStatus(msgspec.Struct, frozen=True):
    # messages about composes that failed to start have no other key
    status: State


class _FinishedCompose(msgspec.Struct, frozen=True):
    compose_id: Word
    location: Printable
    # the oldest messages have only the two above and the status
    release_short: Line = ""
    release_version: Line = ""
    release_type: Line = ""
    compose_label: Line | None = None


class _UpdateReady(msgspec.Struct, frozen=True):
    update: BodhiUpdate
    # in versions 1 and 2 of the schema it is at the wrong level, so its type is not validated
    again: Any = msgspec.field(name="re-trigger", default=False)


class _CoreOSState(msgspec.Struct, frozen=True):
    state: State


class _CoreOSResult(msgspec.Struct, frozen=True):
    result: State


class _FinishedCoreOS(msgspec.Struct, frozen=True):
    build_id: Word
    basearch: Word
    build_dir: Printable


class _Job(msgspec.Struct, frozen=True):
    id: JobId
    build: Build | None = msgspec.field(name="BUILD", default=None)


class _JobScenario(msgspec.Struct, frozen=True):
    """What a message says of a job beside its id; a message without it is understood, too."""

    test: Word = msgspec.field(name="TEST")
    flavor: Word = msgspec.field(name="FLAVOR")
    arch: Word = msgspec.field(name="ARCH")
    machine: Word = msgspec.field(name="MACHINE")

    def facts(self) -> Scenario:
        """Return the scenario as a model."""
        return Scenario(self.test, self.flavor, self.arch, self.machine)


class _JobFacts(_JobScenario, frozen=True):
    result: Word | None = None
    reason: str | None = None
    # only a present openQA sends them
    failed_modules: list[str] | None = msgspec.field(name="failedmodules", default=None)


class _Restarted(msgspec.Struct, frozen=True):
    id: JobId
    #: old ids to new ones, also of jobs that were restarted along
    result: dict[str, Annotated[int, msgspec.Meta(ge=1, le=2**53)]] | None
    build: Build | None = msgspec.field(name="BUILD", default=None)


class _CloudImage(msgspec.Struct, frozen=True):
    compose_id: Word
    compose_url: Printable
    job_id: JobId
    status: Word


def parse(topic: str, body: object) -> Event | None:
    """Return the event of a message; None: it is on another topic, or about an unfinished build.

    A missing key is an error: the key that decides whether there is an event must be there.

    :param body: should be a JSON object; a producer may have sent anything

    Raises:
        MessageError: the topic is ours, and the body has another shape.
    """
    # the first three words are those of the bus: org.fedoraproject.prod
    read = _READERS.get(topic.split(".", 3)[-1])
    if read is None:
        return None
    if not isinstance(body, Mapping):
        raise MessageError(f"{topic}: the body is no object, but {type(body).__name__}")
    if isinstance(body.get("msg"), Mapping):
        raise MessageError(f"{topic}: the body is wrapped in 'msg', as those of fedmsg were")
    return read(topic, body)


def name_of_topic(topic: str) -> str | None:
    """Return a topic without the words of the bus: ``"openqa.job.done"``; None: it is not ours."""
    name = topic.split(".", 3)[-1]
    return name if name in _READERS else None


def understands(topic: str) -> bool:
    """Return whether a topic is one of ours."""
    return name_of_topic(topic) is not None


def _compose(topic: str, body: Mapping[str, Any]) -> Event | None:
    if _convert(topic, body, _ComposeStatus).status not in FINISHED:
        return None
    found = _convert(topic, body, _FinishedCompose)
    name = ComposeName(
        id=found.compose_id,
        short=found.release_short,
        release=found.release_version,
        release_type=found.release_type,
    )
    return ComposeFinished(name=name, location=found.location, label=found.compose_label)


def _update(topic: str, body: Mapping[str, Any]) -> Event | None:
    found = _convert(topic, body, _UpdateReady)
    return UpdateReady(update=found.update.facts(), again=found.again is True)


def _coreos(topic: str, body: Mapping[str, Any]) -> Event | None:
    if _convert(topic, body, _CoreOSState).state != "FINISHED":
        return None
    if _convert(topic, body, _CoreOSResult).result != "SUCCESS":
        return None
    found = _convert(topic, body, _FinishedCoreOS)
    return CoreOSBuildFinished(buildid=found.build_id, arch=found.basearch, url=found.build_dir)


def _job_made(topic: str, body: Mapping[str, Any]) -> Event | None:
    return _job(topic, body, state=JobState.SCHEDULED, result=JobResult.NONE)


def _job_done(topic: str, body: Mapping[str, Any]) -> Event | None:
    return _job(topic, body, state=JobState.DONE, result=None)


def _job_cancelled(topic: str, body: Mapping[str, Any]) -> Event | None:
    return _job(topic, body, state=JobState.CANCELLED, result=JobResult.USER_CANCELLED)


def _job(topic: str, body: Mapping[str, Any], *, state: str, result: str | None) -> Event:
    """Return the event of one job; a result of None is in the message."""
    found = _convert(topic, body, _Job)
    job_id, build = int(found.id), found.build or ""
    known: tuple[StoredJob, ...] = ()
    with contextlib.suppress(ValueError, RecursionError):
        facts = msgspec.convert(body, _JobFacts)
        if result := result or facts.result:
            job = StoredJob(
                id=job_id,
                build=build,
                version="",
                scenario=facts.facts(),
                state=state,
                result=result,
                reason=facts.reason or "",
                failed_modules=tuple(facts.failed_modules or ()),
            )
            known = (job,)
    ended = state in FINAL_STATES
    return JobsChanged(job_ids=(job_id,), build=build, ended=ended, known=known)


def _jobs_restarted(topic: str, body: Mapping[str, Any]) -> Event | None:
    found = _convert(topic, body, _Restarted)
    # openQA restarts whole clusters; the id may be of a job of another request
    if not found.result:
        return None
    new, copies = tuple(dict.fromkeys(found.result.values())), tuple(_copies(found.result))
    build = found.build or ""
    known: tuple[StoredJob, ...] = ()
    with contextlib.suppress(ValueError, RecursionError):
        # the facts are those of the job that was asked for
        scenario = msgspec.convert(body, _JobScenario).facts()
        known = tuple(
            StoredJob(
                id=copy,
                build=build,
                version="",
                scenario=scenario,
                state=JobState.SCHEDULED,
                result=JobResult.NONE,
                origin_id=old,
            )
            for old, copy in copies
            if old == int(found.id)
        )
    return JobsChanged(job_ids=new, build=build, ended=False, known=known, copies=copies)


def _copies(result: Mapping[str, int]) -> Iterator[tuple[int, int]]:
    """Yield jobs with their copies, of which each is newer than its job."""
    for name, copy in result.items():
        with contextlib.suppress(ValueError):
            if 0 < (old := int(name)) < copy:
                yield old, copy


def _cloud_image(topic: str, body: Mapping[str, Any]) -> Event | None:
    found = _convert(topic, body, _CloudImage)
    return CloudImageTested(
        job_id=str(found.job_id),
        compose_id=found.compose_id,
        image_url=found.compose_url,
        status=found.status,
    )


def _convert(topic: str, body: Mapping[str, Any], shape: type[T]) -> T:
    try:
        return msgspec.convert(body, shape)
    except (ValueError, RecursionError) as exc:
        # ValueError: also from a key that is no valid Unicode
        raise MessageError(f"{topic}: {exc}") from exc


_SUBJECT_READERS: Mapping[str, _Read] = {
    "pungi.compose.status.change": _compose,
    "bodhi.update.status.testing.koji-build-group.build.complete": _update,
    "coreos.build.state.change": _coreos,
}

_REPORT_READERS: Mapping[str, _Read] = {
    "openqa.job.create": _job_made,
    "openqa.job.restart": _jobs_restarted,
    "openqa.job.cancel": _job_cancelled,
    "openqa.job.done": _job_done,
    "autocloud.image.success": _cloud_image,
    "autocloud.image.failed": _cloud_image,
}

_READERS = {**_SUBJECT_READERS, **_REPORT_READERS}

_JOB_TOPICS = tuple(topic for topic in _REPORT_READERS if topic.startswith("openqa."))

#: lane to the topics whose messages name its subjects, without the words of the bus
TOPICS_OF: Mapping[str, Sequence[str]] = {
    Kind.COMPOSE: ("pungi.compose.status.change",),
    Kind.UPDATE: ("bodhi.update.status.testing.koji-build-group.build.complete",),
    Kind.COREOS: ("coreos.build.state.change",),
    Sink.RESULTSDB: _JOB_TOPICS,
    Sink.WIKI: _JOB_TOPICS,
    Sink.MAIL: _JOB_TOPICS,
}

#: topics of messages that ask for tests, without the words of the bus
SUBJECT_TOPICS = tuple(_SUBJECT_READERS)
