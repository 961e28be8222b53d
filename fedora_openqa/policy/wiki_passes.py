"""The cells of the wiki's result pages that a job passes.

Only passes are reported. A cell that is not certain is not reported.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from fedora_openqa.model.jobs import OK_RESULTS, STOPPED_RESULTS, Job
from fedora_openqa.model.results import NotReported
from fedora_openqa.model.wiki import Placeholder, SuiteRow, WikiCase, WikiPass, WikiTables
from fedora_openqa.policy.wiki_events import EVENT_COMPOSE_ID

#: settings of jobs that test packages, not a compose
PACKAGES = ("ADVISORY", "KOJITASK", "TAG", "COPR", "ADVISORY_OR_TASK")

#: flavor of a second image beside the real one, which is on no result page
OSBUILD = "Workstation-live_osbuild-iso"

#: a suite that creates no user: on a desktop the initial setup does so at first boot
UPLOAD_SUITE = "install_default_upload"
INITIAL_SETUP = SuiteRow("QA:Testcase_base_initial_setup")
SETUP_SUBVARIANTS = frozenset({"Workstation", "Silverblue"})

#: a module that KDE's jobs do not have
CORE_APPLICATIONS = "workstation_core_applications"

#: placeholders that may be replaced by an empty text
OPTIONAL = frozenset({Placeholder.DESKTOP, Placeholder.APP})

IOT = "Fedora-IoT"


@dataclass(frozen=True, slots=True)
class Passes:
    """The cells that a job passes."""

    #: in the order of the table
    passes: tuple[WikiPass, ...] = ()
    #: unexpected: the tables and the tests do not fit
    warnings: tuple[str, ...] = ()


def might_pass(build: str) -> bool:
    """Return whether jobs of a BUILD can pass cells: only composes have result pages."""
    return EVENT_COMPOSE_ID.fullmatch(build) is not None


def needs_siblings(job: Job, tables: WikiTables) -> bool:
    """Return whether the cells of a job depend on other jobs of its BUILD."""
    return any(row.requires_suites for row in tables.suites.get(job.test, ()))


def passes(job: Job, *, siblings: Iterable[Job], tables: WikiTables) -> Passes | NotReported:
    """Return the cells that a job passes, or why it passes none.

    :param siblings: the jobs of the same BUILD; empty if `needs_siblings` is false
    """
    if reason := _reason_to_skip(job):
        return NotReported(reason)
    if job.test in tables.passes_nothing:
        return NotReported(f"suite {job.test} passes no test case, on purpose")
    rows = tables.suites.get(job.test)
    if rows is None:
        return Passes(warnings=(f"suite {job.test} is not in the table of suites",))
    if job.test == UPLOAD_SUITE and job.settings.get("SUBVARIANT") in SETUP_SUBVARIANTS:
        rows = (*rows, INITIAL_SETUP)
    values = {**values_for_suite(job.test, tables), **_values_for(job)}
    newest = _newest(siblings, job)
    verdicts = dict.fromkeys(
        _why_not(row, job, newest) or _cell(row, job, tables=tables, values=values) for row in rows
    )
    cells = tuple(one for one in verdicts if isinstance(one, WikiPass))
    reasons = tuple(one for one in verdicts if isinstance(one, NotReported))
    warnings = tuple(one.reason for one in reasons if one.odd)
    if not cells and not warnings:
        return NotReported("; ".join(one.reason for one in reasons))
    return Passes(passes=cells, warnings=warnings)


def values_for_suite(suite: str, tables: WikiTables) -> Mapping[str, str]:
    """Return the values of the placeholders that depend on the suite alone."""
    return {
        Placeholder.FS: suite.rpartition("_")[2],
        Placeholder.FREEIPA_OR_AD: "Active Directory" if suite.endswith("_ad") else "FreeIPA",
        Placeholder.APP: tables.apps.get(suite, ""),
    }


def _reason_to_skip(job: Job) -> str | None:
    settings = job.settings
    reasons = (
        (job.clone_id is not None, f"restarted as job {job.clone_id}"),
        (not job.is_ended, f"not ended: {job.state}"),
        (job.result in STOPPED_RESULTS, f"result {job.result}"),
        (any(name in settings for name in PACKAGES), "tests packages, not a compose"),
        (settings.get("SUBVARIANT", "").lower() == "coreos", "CoreOS has no result pages"),
        (settings.get("VERSION", "").lower() == "eln", "ELN has no result pages"),
        (job.flavor == OSBUILD, f"flavor {OSBUILD} is on no result page"),
        (job.is_unreported, f"BUILD {job.build} is not to be reported"),
        (not might_pass(job.build), f"BUILD {job.build} is no compose with result pages"),
    )
    return next((reason for applies, reason in reasons if applies), None)


def _newest(siblings: Iterable[Job], job: Job) -> Mapping[str, Job]:
    """Return the newest job of each suite with the BUILD, machine and flavor of a job."""
    ordered = sorted(siblings, key=lambda one: one.id)
    return {one.test: one for one in ordered if _place(one) == _place(job)}


def _place(job: Job) -> tuple[str, str, str]:
    return (job.build, job.machine, job.flavor)


def _why_not(row: SuiteRow, job: Job, newest: Mapping[str, Job]) -> NotReported | None:
    """Return why the job does not pass a test case; None: it does."""
    results = {module.name: module.result for module in job.modules}
    for name in row.requires_modules:
        if name not in results:
            expected = name == CORE_APPLICATIONS and job.settings.get("DESKTOP") == "kde"
            return NotReported(f"has no module {name}", odd=not expected)
    for name in row.requires_modules:
        if results[name] not in OK_RESULTS:
            return NotReported(f"module {name}: {results[name]}")
    if not row.requires_modules and not job.is_ok:
        return NotReported(f"result {job.result}")
    for suite in row.requires_suites:
        if suite not in newest or not _has_passed(newest[suite]):
            return NotReported(f"{suite} has not passed on the same machine and flavor")
    return None


def _has_passed(job: Job) -> bool:
    # its copy, which is not among the siblings, may have failed
    return job.is_ok and job.clone_id is None


def _cell(
    row: SuiteRow, job: Job, *, tables: WikiTables, values: Mapping[str, str]
) -> WikiPass | NotReported:
    case = tables.cases.get(row.testcase)
    if case is None:
        return NotReported(f"test case {row.testcase} is not in the table of test cases", odd=True)
    if job.build.startswith(IOT):
        case = on_iot(case)
    missing = sorted(case.placeholders - values.keys())
    if missing:
        names = ", ".join(missing)
        return NotReported(f"no value for {names} of {row.testcase}", odd=True)
    case = case.filled(values)
    return WikiPass(
        testtype=case.testtype,
        testcase=row.testcase,
        section=case.section,
        testname=case.name,
        env=case.env,
        cid=job.build,
    )


def on_iot(case: WikiCase) -> WikiCase:
    """Return the place of a test case on the pages of IoT, which have one page with results."""
    return WikiCase(testtype="General", env=Placeholder.RUNARCH, name=case.name)


def _values_for(job: Job) -> Mapping[str, str]:
    """Return the values of the placeholders that depend on the job and are known."""
    settings = job.settings
    uefi = "UEFI" in settings
    subvariant = settings.get("SUBVARIANT", "").replace("_Base", "")
    cloud = "Cloud" in subvariant
    values = {
        Placeholder.RUNARCH: job.arch,
        Placeholder.BOOTMETHOD: f"x86_64 {'UEFI' if uefi else 'BIOS'}"
        if job.arch == "x86_64"
        else job.arch,
        Placeholder.FIRMWARE: "UEFI" if uefi or job.arch == "aarch64" else "BIOS",
        Placeholder.SUBVARIANT: subvariant,
        Placeholder.IMAGETYPE: settings.get("IMAGETYPE", "").replace("boot", "netinst"),
        Placeholder.DESKTOP: settings.get("DESKTOP", ""),
        Placeholder.SUBVARIANT_OR_LOCAL: "Local" if cloud else subvariant,
        Placeholder.CLOUD_OR_BASE: subvariant and ("Cloud" if cloud else "Base"),
    }
    return {name: value for name, value in values.items() if value or name in OPTIONAL}
