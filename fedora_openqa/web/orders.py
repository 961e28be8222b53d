"""What programs may do, below ``/api/v1``: each function returns the wish that a body says."""

from typing import Annotated, Literal

import msgspec
from msgspec import UNSET, UnsetType
from werkzeug.exceptions import BadRequest

from fedora_openqa.model.acting import FAILURES, JOBS, Only, Wish
from fedora_openqa.model.audit import Action
from fedora_openqa.texts import one_line
from fedora_openqa.web.api import Api
from fedora_openqa.web.queries import Body, Text

#: subjects and jobs of one restart
MOST_SUBJECTS, MOST_JOBS = 10, 50

#: the longest pause with an end
MOST_SECONDS = 366 * 86_400

#: a name without spaces
Name = Annotated[str, msgspec.Meta(pattern=r"^\S+$", max_length=300)]

#: openQA's id of a job
JobId = Annotated[int, msgspec.Meta(ge=1, lt=2**53)]

#: characters of a token for WaiverDB: those that are signed are long
TOKEN_SIZE = 10_000

api = Api("orders")


class RerunBody(Body, frozen=True, kw_only=True):
    """Jobs to restart: of subjects, of failures with one cause, or some jobs."""

    #: ids, URLs or BUILDs
    subjects: Annotated[tuple[Name, ...], msgspec.Meta(max_length=MOST_SUBJECTS)] = ()
    #: id of failures with one cause
    cluster: JobId | None = None
    jobs: Annotated[tuple[JobId, ...], msgspec.Meta(max_length=MOST_JOBS)] = ()
    #: which jobs of the subjects; failed if it is left out
    only: Only | None = None
    #: restart also jobs whose assets are missing
    force: bool = False


class PauseBody(Body, frozen=True, kw_only=True):
    """A lane to stop."""

    #: ``"update"``, ``"update:43"``, ``"wiki"``, ``"all"``
    lane: Name
    #: until it ends by itself; None: it does not
    seconds: Annotated[float, msgspec.Meta(ge=1, le=MOST_SECONDS)] | None = None


class RequestBody(Body, frozen=True, kw_only=True):
    """A compose or an update to schedule."""

    #: id or URL
    subject: Name
    #: also if it was scheduled before
    again: bool = False


class FailureBody(Body, frozen=True, kw_only=True):
    """What failures with one cause are called; what is left out stays."""

    #: an empty one is taken away
    title: Text | UnsetType = UNSET
    bug: Text | UnsetType = UNSET
    #: they are dealt with, until another job fails with them
    state: Literal["closed"] | UnsetType = UNSET


class WaiverBody(Body, frozen=True, kw_only=True):
    """A test to waive; the reason is the comment of the waiver."""

    #: id or URL of an update or a compose, or the NVR of a build
    subject: Name
    #: ``"update.podman"``
    test: Name
    #: None: in all
    scenario: Name | None = None
    #: a person's own for WaiverDB, in whose name it is waived
    token: Annotated[str, msgspec.Meta(pattern=r"^[!-~]*$", max_length=TOKEN_SIZE)] = ""


class RuleBody(Body, frozen=True, kw_only=True):
    """A text, and what failures that have it are called: a title, a bug, or both."""

    text: Text
    #: only jobs of this test, and on this arch; empty: of all
    test: Text = ""
    arch: Text = ""
    title: Text = ""
    bug: Text = ""


@api.write("POST", "/reruns", RerunBody)
def rerun(body: RerunBody) -> Wish:
    """Restart jobs: of subjects, of failures with one cause (cluster), or some (jobs)."""
    if sum((bool(body.subjects), body.cluster is not None, bool(body.jobs))) != 1:
        raise BadRequest("body: give one of subjects, cluster and jobs")
    if body.only and not body.subjects:
        raise BadRequest("body: only is about the jobs of subjects")
    if body.cluster is not None:
        target = f"{FAILURES}{body.cluster}"
    elif body.jobs:
        target = JOBS + ",".join(map(str, dict.fromkeys(body.jobs)))
    else:
        target = one_line(" ".join(dict.fromkeys(body.subjects)))
    only = body.only or Only.FAILED
    return Wish(what=Action.RERUN, target=target, only=only, force=body.force)


@api.write("POST", "/parked/<key>/release", Body)
def release(_body: Body, key: str) -> Wish:
    """Try a parked item again."""
    return Wish(what=Action.RELEASE, target=one_line(key))


@api.write("POST", "/parked/<key>/drop", Body)
def drop(_body: Body, key: str) -> Wish:
    """Skip a parked item."""
    return Wish(what=Action.DROP, target=one_line(key))


@api.write("POST", "/pauses", PauseBody)
def pause(body: PauseBody) -> Wish:
    """Stop a lane."""
    return Wish(what=Action.PAUSE, target=one_line(body.lane), seconds=body.seconds)


@api.write("DELETE", "/pauses/<lane>", Body)
def resume(_body: Body, lane: str) -> Wish:
    """Let a lane go on."""
    return Wish(what=Action.RESUME, target=one_line(lane))


@api.write("POST", "/requests", RequestBody)
def request(body: RequestBody) -> Wish:
    """Schedule a compose or an update, as a message about it would."""
    return Wish(what=Action.REQUEST, target=one_line(body.subject), force=body.again)


@api.write("PATCH", "/failures/<int:job_id>", FailureBody)
def name(body: FailureBody, job_id: int) -> Wish:
    """Give failures with one cause a title and a bug, or close them."""
    if (body.title, body.bug, body.state) == (UNSET, UNSET, UNSET):
        raise BadRequest("body: give at least one of title, bug and state")
    return Wish(
        what=Action.NAME,
        target=str(job_id),
        title=None if body.title is UNSET else one_line(" ".join(body.title.split())),
        bug=None if body.bug is UNSET else body.bug.strip(),
        close=body.state == "closed",
    )


@api.write("POST", "/failures/rules", RuleBody)
def rule(body: RuleBody) -> Wish:
    """Give all failures with a text in a failed module or in the reason a title and a bug."""
    return Wish(
        what=Action.RULE,
        target=one_line(body.text),
        test=one_line(body.test),
        arch=one_line(body.arch),
        title=one_line(body.title),
        bug=body.bug.strip(),
    )


@api.write("DELETE", "/failures/rules/<int:number>", Body)
def unrule(_body: Body, number: int) -> Wish:
    """Remove a rule that names failures."""
    return Wish(what=Action.UNRULE, target=str(number))


@api.write("POST", "/waivers", WaiverBody)
def waive(body: WaiverBody) -> Wish:
    """Waive a test with a person's own token; without one, answer the command (409)."""
    return Wish(
        what=Action.WAIVE,
        target=one_line(body.subject),
        test=one_line(body.test),
        scenario=None if body.scenario is None else one_line(body.scenario),
        token=body.token,
    )
