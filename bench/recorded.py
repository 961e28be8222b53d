"""Reads recorded answers of openQA, of any age and in any form in which people keep them.

A file has one answer (``{"jobs": […]}``, ``{"job": {…}}``), a list of jobs or of answers, or the
comments of a job. What a job lacks is taken from its name or that of the file, or is empty.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import msgspec

from fedora_openqa.model.history import Scenario, StoredJob
from fedora_openqa.model.jobs import JobResult, JobState
from fedora_openqa.policy.history import FATAL

#: a bug in a comment: ``bsc#1234``, ``gh#os-autoinst/openQA#7``
BUG = re.compile(r"\b(bsc|boo|bnc|poo|gh|bko|fdo|kde|gnome|rh|rhbz|bz)#([\w.-]+/[\w.-]+#)?(\d+)")
#: the same as a URL: the tracker, its project and the number
BUG_URL = re.compile(
    r"https?://([\w.-]+)/(?:([\w.-]+/[\w.-]+)/)?(?:show_bug\.cgi\?id=|issues/|bugs?/|pull/)?(\d+)\b"
)
#: hosts and short names of one tracker
TRACKERS = {
    "bugzilla.opensuse.org": "bsc",
    "bugzilla.suse.com": "bsc",
    "bugzilla.novell.com": "bsc",
    "boo": "bsc",
    "bnc": "bsc",
    "progress.opensuse.org": "poo",
    "github.com": "gh",
    "bugzilla.redhat.com": "rhbz",
    "rh": "rhbz",
}

#: words of an older openQA, and of people
RESULTS = {
    "fail": JobResult.FAILED,
    "ok": JobResult.PASSED,
    "softfail": JobResult.SOFTFAILED,
    "incompleted": JobResult.INCOMPLETE,
}

#: ``opensuse-Tumbleweed-DVD-x86_64-Build0046-kde@64bit``
NAME = re.compile(
    r"(?P<distri>\w+)-(?P<version>[\w.]+)-(?P<flavor>[\w-]+)-(?P<arch>\w+)"
    r"-Build(?P<build>[^-]+)-(?P<test>.+)@(?P<machine>.+)"
)


@dataclass
class Recorded:
    """What files have."""

    jobs: dict[int, StoredJob] = field(default_factory=dict)
    #: id of a job to the bugs that its comments name
    bugs: dict[int, set[str]] = field(default_factory=lambda: defaultdict(set))
    #: what could not be read, for people
    problems: list[str] = field(default_factory=list)


def read_files(paths: Iterable[Path]) -> Recorded:
    """Return the jobs and bugs of files, and of all files in directories; the last counts."""
    found = Recorded()
    for path in paths:
        for file in sorted(it for it in path.rglob("*") if it.is_file()) or [path]:
            try:
                content = msgspec.json.decode(file.read_bytes())
            except (OSError, msgspec.MsgspecError) as exc:
                found.problems.append(f"{file}: {exc}")
                continue
            _take(content, unquote(file.name), found)
    return found


def stored_jobs(content: object) -> list[StoredJob]:
    """Return the jobs in decoded JSON."""
    jobs = (_stored(one, build="") for one in _jobs_in(content))
    return [job for job in jobs if job]


def bugs_in(*texts: object) -> set[str]:
    """Return the bugs that are named anywhere in decoded JSON; each tracker has one name."""
    text = msgspec.json.encode(texts).decode()
    named = [*BUG.findall(text), *BUG_URL.findall(text)]
    return {
        f"{tracker}#{project.rstrip('#') + '#' if tracker == 'gh' and project else ''}{number}"
        for name, project, number in named
        if (tracker := TRACKERS.get(name, name)) and "." not in tracker
    }


def _take(content: object, name: str, found: Recorded) -> None:
    """Take the jobs of an answer, or the comments of the job that the name of the file has."""
    named = re.search(r"build=([^&]+)", name)
    jobs = list(_jobs_in(content))
    for one in jobs:
        job = _stored(one, build=named[1] if named else "")
        if job is None:
            found.problems.append(f"{name}: a job without an id")
            continue
        found.jobs[job.id] = job
        found.bugs[job.id] |= bugs_in(one.get("comments"), one.get("bugs"), one.get("bugrefs"))
    if jobs:
        return
    if isinstance(content, dict) and all(key.isdecimal() for key in content):
        for key, comments in content.items():
            found.bugs[int(key)] |= bugs_in(comments)
    elif of_job := re.search(r"jobs?\D?(\d+)", name) or re.search(r"(\d+)\D*$", name):
        found.bugs[int(of_job[1])] |= bugs_in(content)
    else:
        found.problems.append(f"{name}: no jobs, and no id of a job with comments in the name")


def _jobs_in(content: object) -> Iterator[dict[str, Any]]:
    """Yield what looks like a job, however deep it is."""
    if isinstance(content, list):
        for one in content:
            yield from _jobs_in(one)
    elif isinstance(content, dict):
        if ("settings" in content or "modules" in content) and (
            "result" in content or "state" in content
        ):
            yield content
        else:
            for one in content.values():
                yield from _jobs_in(one)


def _stored(one: Mapping[str, Any], *, build: str) -> StoredJob | None:
    """Return a job; None: it has no id.

    :param build: the BUILD, if it does not have it
    """
    id_ = _number(one.get("id"))
    if id_ is None:
        return None
    settings = one.get("settings")
    known: dict[str, Any] = settings if isinstance(settings, dict) else {}
    match = NAME.fullmatch(str(one.get("name") or known.get("NAME") or ""))
    from_name = match.groupdict() if match else {}

    def value(name: str, *, otherwise: str = "") -> str:
        for text in (known.get(name.upper()), one.get(name), from_name.get(name)):
            if isinstance(text, str | int | float) and str(text):
                return str(text)
        return otherwise

    failed = [it for it in _modules(one) if _result(it.get("result")) == JobResult.FAILED]
    result = _result(one.get("result"))
    return StoredJob(
        id=id_,
        build=value("build", otherwise=build),
        version=value("version"),
        scenario=Scenario(
            str(one.get("test") or value("test")),
            value("flavor"),
            value("arch"),
            value("machine"),
        ),
        state=str(one.get("state") or JobState.DONE),
        result=result,
        reason=str(one.get("reason") or ""),
        failed_modules=tuple(str(it.get("name") or "") for it in failed),
        fatal_module=next((str(it.get("name")) for it in failed if FATAL in _flags(it)), ""),
        origin_id=_number(one.get("origin_id")) or id_,
        clone_id=_number(one.get("clone_id")),
        worker_class=str(known.get("WORKER_CLASS") or ""),
        started=_seconds(one.get("t_started")),
        finished=_seconds(one.get("t_finished")),
    )


def _modules(one: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    for name in ("modules", "testresults", "failed_modules", "failedmodules"):
        listed = one.get(name)
        if isinstance(listed, list) and listed:
            if isinstance(listed[0], str):
                return [{"name": it, "result": JobResult.FAILED} for it in listed]
            return [it for it in listed if isinstance(it, dict)]
    return []


def _flags(module: Mapping[str, Any]) -> list[str]:
    """Return the flags: a list, an object with those that are set, or none."""
    flags = module.get("flags")
    if isinstance(flags, dict):
        return [name for name, is_set in flags.items() if is_set]
    return flags if isinstance(flags, list) else []


def _result(value: object) -> str:
    word = str(value or JobResult.NONE).strip().lower()
    return RESULTS.get(word, word)


def _number(value: object) -> int | None:
    return int(value) if isinstance(value, int | str) and str(value).isdecimal() else None


def _seconds(value: object) -> float | None:
    """Return the seconds since 1970 of a time, in UTC if it names no zone."""
    if not isinstance(value, str):
        return None
    try:
        time = datetime.fromisoformat(value.strip())
    except ValueError:
        return None
    return (time if time.tzinfo else time.replace(tzinfo=UTC)).timestamp()
