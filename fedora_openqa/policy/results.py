"""Results: what a job of openQA is reported as to ResultsDB, or why it is not reported."""

import re
from collections.abc import Mapping

from fedora_openqa.model.jobs import STOPPED_RESULTS, Job, JobResult, JobState, Settings
from fedora_openqa.model.results import (
    ComposeItem,
    CoreOSBuildItem,
    CoreOSImageItem,
    ImageItem,
    NotReported,
    Outcome,
    Result,
    ResultItem,
    UpdateItem,
)
from fedora_openqa.policy.lineage import Runs, scenario_of
from fedora_openqa.policy.links import job_link, linked_note

#: settings of jobs whose packages have no result conventions
UNCONVENTIONAL = ("KOJITASK", "TAG", "COPR")

#: settings that a reported job must have
REQUIRED = ("BUILD", "DISTRI", "VERSION")

#: values of TEST_TARGET that name the setting with an image's file name
IMAGE_TARGET = re.compile(r"(ISO|HDD)(_[0-9]+)?")

#: characters that test cases have an underscore for
NOT_IN_TESTCASE = re.compile(r"\W+")

#: settings of openQA's scenario, without VERSION and TEST
SCENARIO = ("DISTRI", "FLAVOR", "ARCH", "MACHINE")

#: third part of a CoreOS version to the stream for users; others are for developers
COREOS_STREAMS: Mapping[str, str] = {"1": "next", "2": "testing", "3": "stable"}

#: openQA's job state to the outcome of a job without a result
STATES: Mapping[str, Outcome] = {
    JobState.SCHEDULED: Outcome.QUEUED,
    JobState.ASSIGNED: Outcome.QUEUED,
    JobState.SETUP: Outcome.QUEUED,
    JobState.RUNNING: Outcome.RUNNING,
    JobState.UPLOADING: Outcome.RUNNING,
}

#: openQA's job result to the outcome; all others: *needs inspection*
RESULTS: Mapping[str, Outcome] = {
    JobResult.PASSED: Outcome.PASSED,
    JobResult.SOFTFAILED: Outcome.INFO,
    JobResult.FAILED: Outcome.FAILED,
    JobResult.PARALLEL_FAILED: Outcome.FAILED,
    JobResult.SKIPPED: Outcome.FAILED,
    JobResult.INCOMPLETE: Outcome.CRASHED,
}


#: outcomes of jobs that have not ended: another outcome follows
WAITING = frozenset({Outcome.QUEUED, Outcome.RUNNING})


def result_for(
    job: Job, *, base_url: str, announced: bool = False, pages_url: str = ""
) -> Result | NotReported:
    """Return the result of a job in its present state, or why it is not reported.

    :param base_url: the start of the URLs of openQA's jobs
    :param announced: ResultsDB has an outcome of the waiting or running job, so that its
        cancellation must be reported, too
    :param pages_url: what the URLs of our pages begin with, which the note links to; empty: it
        does not
    """
    item = _reason_against(job, announced=announced) or _item(job.settings)
    if isinstance(item, NotReported):
        return item
    url = f"{base_url.rstrip('/')}/tests/{job.id}"
    return Result(
        item=item,
        testcase=f"{_prefix(item)}.{NOT_IN_TESTCASE.sub('_', job.test).lower()}",
        outcome=_outcome(job),
        ref_url=url,
        # the ref_url of a test case is a job in which it passed
        tc_url=url if job.is_ok else "",
        note=linked_note(_note(job), job_link(pages_url, job.id)),
        extradata={
            "firmware": "uefi" if "UEFI" in job.settings else "bios",
            "arch": job.arch,
            "scenario": ".".join(job.settings.get(name, "") for name in SCENARIO),
        },
    )


def newer_run(job: Job, runs: Runs) -> Job | None:
    """Return the newest reported run of a job's scenario; None: the job is that run itself.

    Newer runs that are cancelled or not to be reported do not count.

    :param runs: all jobs of the build; further jobs are ignored
    """
    for one in runs.by_scenario.get(scenario_of(job), ()):
        if one.id <= job.id:
            break
        if isinstance(result_for(one, base_url=""), Result):
            return one
    return None


def may_be_retried(job: Job) -> bool:
    """Return whether openQA may be about to restart a job by itself.

    The setting RETRY has the number of copies: ``"1"``, ``"2:a reason"``. Copies of copies are
    not waited for.
    """
    retries = re.match("[0-9]+", job.settings.get("RETRY", ""))
    return (
        retries is not None
        and int(retries[0]) > 0
        and _has_failed(job)
        and job.clone_id is None
        and not job.origin_id
    )


def others_to_report(job: Job) -> tuple[int, ...]:
    """Return ids of the jobs that openQA may have cancelled because of this one, without a message.

    These are the children and parallel jobs of a job that did not pass.
    """
    return job.children + job.parallel if _has_failed(job) else ()


def was_ended_by_another(job: Job) -> bool:
    """Return whether openQA ended a job because of one of its relatives."""
    return job.result in {JobResult.SKIPPED, JobResult.PARALLEL_FAILED}


def copies_beside(job: Job) -> tuple[int, ...]:
    """Return ids of the jobs that openQA may have copied with this copy, without a message.

    When openQA restarts a job by itself (RETRY), it copies its cluster and its children, too,
    but the message about the restart may name that job only.
    """
    return job.children + job.parallel if job.origin_id and not job.is_ended else ()


def _has_failed(job: Job) -> bool:
    return job.is_ended and not job.is_ok


def _reason_against(job: Job, *, announced: bool) -> NotReported | None:
    settings = job.settings
    if job.clone_id is not None:
        return NotReported(f"restarted as job {job.clone_id}")
    if job.result in STOPPED_RESULTS and not announced:
        return NotReported(f"result {job.result}")
    for name in UNCONVENTIONAL:
        if settings.get(name):
            return NotReported(f"there is no result convention for {name} {settings[name]}")
    if missing := [name for name in REQUIRED if not settings.get(name)]:
        return NotReported(f"it has no {' and no '.join(missing)}", odd=True)
    if job.is_unreported:
        return NotReported(f"build {job.build} is not to be reported")
    return None


def _item(settings: Settings) -> ResultItem | NotReported:
    if settings.get("ADVISORY"):
        return UpdateItem(settings["ADVISORY"])
    target = settings.get("TEST_TARGET", "")
    is_coreos = settings.get("SUBVARIANT", "").lower() == "coreos"
    if target == "COMPOSE":
        return _coreos_build(settings) if is_coreos else _compose(settings)
    filename = _file_name(settings, target)
    if not filename:
        what = f"TEST_TARGET {target}" if target else "no TEST_TARGET"
        return NotReported(f"{what}: neither an image nor a compose", odd=target != "NONE")
    if not is_coreos:
        return ImageItem(filename=filename, compose=_compose(settings))
    return CoreOSImageItem(
        filename=filename,
        form=settings.get("FLAVOR", "").rpartition("-")[2],
        arch=settings.get("ARCH", ""),
        build=_coreos_build(settings),
    )


def _file_name(settings: Settings, target: str) -> str:
    """Return the file name of the tested image, as published; empty: there is none."""
    if not IMAGE_TARGET.fullmatch(target):
        return ""
    filename = settings.get(target, "")
    # openQA decompresses these
    packed = settings.get("IMAGETYPE") == "raw-xz" and filename.endswith(".raw")
    return f"{filename}.xz" if packed else filename


def _compose(settings: Settings) -> ComposeItem:
    location = settings.get("LOCATION", "")
    # ELN's composes are not where others of Fedora are
    locator = location if settings["VERSION"] == "eln" and location else settings["BUILD"]
    return ComposeItem(locator=locator, location=location)


def _coreos_build(settings: Settings) -> CoreOSBuildItem:
    build = settings["BUILD"]
    _, _, stream, *_ = [*build.split("."), "", ""]
    return CoreOSBuildItem(build=build, stream=COREOS_STREAMS.get(stream, "unknown"))


def _prefix(item: ResultItem) -> str:
    match item:
        case UpdateItem():
            return "update"
        case ComposeItem() | ImageItem():
            return "compose"
        case CoreOSBuildItem() | CoreOSImageItem():
            return "fcosbuild"


def _outcome(job: Job) -> Outcome:
    if job.result == JobResult.NONE:
        return STATES.get(job.state, Outcome.NEEDS_INSPECTION)
    return RESULTS.get(job.result, Outcome.NEEDS_INSPECTION)


def _note(job: Job) -> str:
    """Return the module or the cancellation that decided the job's result; empty: none did."""
    if job.result in STOPPED_RESULTS:
        return f"openQA calls it {job.result}"
    failed = [module for module in job.modules if module.result == JobResult.FAILED]
    for module in failed:
        if {"fatal", "important"} & set(module.flags):
            return f"{module.name} module failed"
    if failed and job.result == JobResult.SOFTFAILED:
        return f"non-important module {failed[-1].name} failed"
    return ""
