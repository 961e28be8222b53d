"""Composes to report on; each has its golden reports in tests/data/check_compose."""

from collections.abc import Mapping
from dataclasses import replace

from check_compose.facts import (
    ComposeFacts,
    Facts,
    GatingFacts,
    ImageKind,
    ReportedAs,
)
from fedora_openqa.model.gating import Decision, Requirement, RequirementState
from fedora_openqa.model.jobs import Job, Module
from tests.check_compose.logs import BROKEN, BUSY, CALM
from tests.support.jobs import BUILD, job

PREVIOUS = "Fedora-Rawhide-20261119.n.0"
LOCATION = f"https://kojipkgs.fedoraproject.org/compose/rawhide/{BUILD}/compose"

SERVER_DVD = ImageKind("Server", "dvd", "x86_64")
KDE_LIVE = ImageKind("KDE", "live", "x86_64")
I3_LIVE = ImageKind("i3", "live", "aarch64")
IMAGES = frozenset({SERVER_DVD, KDE_LIVE})

PASSED = "done/passed"
FAILED = "done/failed"
SOFT_FAILED = "done/softfailed"
#: it never ran because its parent failed
SKIPPED = "cancelled/skipped"


def run(
    job_id: int, test: str, outcome: str = PASSED, *, before: str | None = PASSED
) -> tuple[Job, ...]:
    """Return the jobs of a test in this compose and in the one before it."""
    now = job(job_id, test, outcome=outcome)
    return (now, job(job_id - 1000, test, outcome=before)) if before else (now,)


def facts(*jobs: Job, gating: GatingFacts | None = None, previous: bool = True) -> Facts:
    """Return the facts of a compose with jobs from id 3001, and of one with those below."""
    now = tuple(one for one in jobs if one.id > 3000)
    return Facts(
        compose=ComposeFacts(id=BUILD, jobs=now, location=LOCATION, images=IMAGES),
        previous=ComposeFacts(
            id=PREVIOUS, jobs=tuple(one for one in jobs if one.id <= 3000), images=IMAGES
        )
        if previous
        else None,
        missing_images=(),
        gating=gating,
        reported_as={one.id: name_of(one) for one in now},
        base_url="https://openqa.fedoraproject.org",
        project_url="https://fedora-openqa.example",
    )


def name_of(one: Job) -> ReportedAs:
    return ReportedAs(f"compose.{one.test}", f"fedora.{one.flavor}.{one.arch}.{one.machine}")


def wants(
    test: str,
    state: RequirementState,
    *,
    type_: str = "",
    scenario: str | None = "fedora.Server-dvd-iso.x86_64.64bit",
) -> Requirement:
    return Requirement(
        state=state,
        type=type_ or f"test-result-{state}",
        testcase=f"compose.{test}",
        scenario=scenario,
    )


def decided(*requirements: Requirement, summary: str) -> GatingFacts:
    done = {RequirementState.PASSED, RequirementState.WAIVED}
    satisfied = all(one.state in done for one in requirements)
    return GatingFacts(name="Rawhide", decision=Decision(satisfied, summary, requirements))


MANY_ARCHES = tuple(
    replace(one, id=one.id + number * 10, arch=arch, machine=machine)
    for number, (arch, machine) in enumerate(
        [("ppc64le", "ppc64le"), ("x86_64", "64bit"), ("x86_64", "uefi"), ("aarch64", "aarch64")]
    )
    for one in (
        *run(3100, "install_default", FAILED if number == 2 else PASSED),
        *run(3101, "base_selinux", FAILED if number == 3 else PASSED, before=FAILED),
    )
)

#: of 1500 jobs, every 51st fails
MANY = tuple(
    replace(
        one,
        flavor=("Server-dvd-iso", "KDE-live-iso", "universal")[number % 3],
        arch=("x86_64", "aarch64")[number % 2],
        machine=("64bit", "aarch64")[number % 2],
    )
    for number in range(1500)
    for one in (
        job(10_000 + number, f"test_{number:04}", outcome=PASSED if number % 51 else FAILED),
        job(1_000 + number, f"test_{number:04}", outcome=PASSED if number % 34 else FAILED),
    )
)

GATED = (
    *run(3001, "install_default", FAILED),
    *run(3002, "base_selinux", SKIPPED),
    *run(3003, "base_services_start"),
    *run(3004, "base_update_cli", before=FAILED),
    *run(3005, "podman", SOFT_FAILED),
)

CASES: Mapping[str, Facts] = {
    "all_passed": facts(
        *run(3001, "install_default"), *run(3002, "base_selinux"), *run(3003, "podman")
    ),
    "failures": facts(
        *run(3001, "base_selinux", FAILED),
        *run(3002, "install_default", "done/incomplete"),
        *run(3003, "podman", FAILED, before="done/timeout_exceeded"),
        *run(3004, "toolbox", "done/parallel_failed", before=SOFT_FAILED),
        *run(3005, "base_services_start", before=FAILED),
        *run(3006, "base_reboot_unmount", before=None),
        *run(3007, "base_update_cli"),
    ),
    "main_cause": facts(
        *run(3001, "a_first", FAILED),
        replace(
            job(3002, "install_default", outcome="done/incomplete"),
            reason="backend died: QEMU exited unexpectedly",
        ),
        job(2002, "install_default", outcome=PASSED),
        *(
            one
            for number in range(4)
            for one in (
                job(3010 + number, f"base_{number}", outcome=SKIPPED, parents=(3002,)),
                job(2010 + number, f"base_{number}", outcome=PASSED),
            )
        ),
        # skipped because of a skipped test
        *(job(3020, "base_after", outcome=SKIPPED, parents=(3010,)),),
        # the cause is unknown
        *run(3021, "alone", SKIPPED),
        replace(
            job(3030, "podman", outcome=FAILED),
            modules=(Module("_boot", "passed"), Module("podman", "failed", ("fatal",))),
        ),
        *run(3031, "slow", "done/timeout_exceeded"),
        *run(3032, "toolbox", "done/parallel_failed"),
        job(3040, "upgrade", outcome="cancelled/user_cancelled"),
        job(3041, "upgrade_after", outcome=SKIPPED, parents=(3040,)),
        # the restart was cancelled, so a gating requirement is unmet
        job(3050, "rollback", outcome=PASSED, clone_id=3051),
        job(3051, "rollback", outcome="cancelled/user_cancelled"),
        # an image that the compose before did not have
        job(3060, "install_default", flavor="KDE-live-iso", outcome=PASSED),
        job(3061, "base_selinux", flavor="KDE-live-iso", outcome=PASSED),
        job(3062, "desktop_login", flavor="KDE-live-iso", outcome=FAILED),
        *run(3063, "recovered", before=FAILED),
        gating=decided(
            wants("install_default", RequirementState.FAILED),
            wants("base_0", RequirementState.MISSING),
            wants("rollback", RequirementState.RUNNING, type_="test-result-missing"),
            summary="Of 3 required tests, 2 results missing, 1 test failed",
        ),
    ),
    "soft_failures": facts(
        *run(3001, "base_selinux", SOFT_FAILED),
        *run(3002, "install_default", SOFT_FAILED, before=SOFT_FAILED),
        *run(3003, "podman", before=SOFT_FAILED),
    ),
    "skipped": facts(
        *run(3001, "install_default", FAILED, before=FAILED),
        *run(3002, "base_selinux", SKIPPED),
        *run(3003, "base_services_start", SKIPPED, before=SKIPPED),
        *run(3004, "podman", SKIPPED),
        gating=decided(
            wants("base_selinux", RequirementState.MISSING),
            wants("base_services_start", RequirementState.WAIVED),
            summary="Of 2 required tests, 1 result missing",
        ),
    ),
    "missing_images": replace(
        facts(*run(3001, "install_default")),
        compose=ComposeFacts(
            id=BUILD,
            jobs=(job(3001, "install_default", outcome=PASSED),),
            images=frozenset({SERVER_DVD, I3_LIVE}),
        ),
        missing_images=(
            ImageKind("server", "boot", "x86_64"),
            ImageKind("cloud_base", "raw-xz", "aarch64"),
        ),
    ),
    "gating_passes": facts(
        *run(3001, "install_default"),
        *run(3002, "podman", FAILED, before=FAILED),
        gating=decided(
            wants("install_default", RequirementState.PASSED),
            summary="All required tests (1 total) have passed or been waived",
        ),
    ),
    "gating_fails": facts(
        *GATED,
        gating=decided(
            wants("install_default", RequirementState.FAILED),
            wants("base_selinux", RequirementState.MISSING),
            # its result is missing in ResultsDB
            wants("base_services_start", RequirementState.MISSING),
            wants("base_update_cli", RequirementState.RUNNING, type_="test-result-missing"),
            wants("podman", RequirementState.FAILED, scenario=None),
            summary="Of 5 required tests, 3 results missing, 2 tests failed",
        ),
    ),
    "gating_unmapped": facts(
        *GATED,
        gating=decided(
            wants("install_default", RequirementState.FAILED),
            wants(
                "install_default",
                RequirementState.MISSING,
                scenario="fedora.KDE-live-iso.x86_64.uefi",
            ),
            wants(
                "install_default",
                RequirementState.MISSING,
                scenario="fedora.KDE-live-iso.x86_64.bios",
            ),
            wants("cloud_autocloud", RequirementState.ERRORED),
            Requirement(RequirementState.OTHER, "invalid-gating-yaml", "", None),
            summary="Of 5 required tests, 2 results missing, 1 test failed, 1 test incomplete",
        ),
    ),
    "gating_unknown": facts(
        *GATED,
        gating=GatingFacts(
            name="Rawhide",
            decision=None,
            reason="POST https://greenwave.example: 504 Gateway Timeout",
        ),
    ),
    "no_previous": facts(
        *run(3001, "base_selinux", FAILED),
        *run(3002, "install_default", SOFT_FAILED),
        *run(3003, "podman"),
        *run(3004, "toolbox", SKIPPED),
        previous=False,
    ),
    "cloned_twice": facts(
        job(3001, "install_default", outcome=FAILED, clone_id=3005),
        job(3005, "install_default", outcome="done/user_restarted", clone_id=3009),
        job(3009, "install_default", outcome=PASSED),
        # the restart was cancelled
        job(3002, "base_selinux", outcome=FAILED, clone_id=3006),
        job(3006, "base_selinux", outcome="cancelled/user_cancelled"),
        # all runs were cancelled
        job(3003, "podman", outcome="cancelled/obsoleted"),
        job(2001, "install_default", outcome=FAILED),
        job(2002, "base_selinux", outcome=PASSED),
    ),
    "many_arches": facts(*MANY_ARCHES),
    "still_running": facts(
        *run(3001, "install_default", "running/none"),
        *run(3002, "base_selinux", "scheduled/none"),
        *run(3003, "podman"),
    ),
    "system_changes": replace(
        facts(),
        compose=ComposeFacts(
            id=BUILD,
            jobs=(
                job(3001, "install_default", outcome=PASSED),
                job(3002, "install_default", outcome=PASSED, machine="uefi"),
                job(3003, "podman", outcome=PASSED),
                job(3004, "toolbox", outcome=PASSED),
            ),
            images=IMAGES,
            # the third has no logs of the previous compose, the fourth no changes
            logs={3001: BUSY, 3002: BROKEN, 3003: CALM, 3004: CALM},
        ),
        previous=ComposeFacts(
            id=PREVIOUS,
            jobs=(
                job(2001, "install_default", outcome=PASSED),
                job(2002, "install_default", outcome=PASSED, machine="uefi"),
                job(2003, "podman", outcome=PASSED),
                job(2004, "toolbox", outcome=PASSED),
            ),
            images=IMAGES,
            logs={2001: CALM, 2002: CALM, 2004: CALM},
        ),
    ),
    "nothing": replace(
        facts(previous=False),
        compose=ComposeFacts(id=BUILD, jobs=()),
        missing_images=None,
    ),
    "many": replace(
        facts(),
        compose=ComposeFacts(
            id=BUILD, jobs=tuple(one for one in MANY if one.id >= 10_000), images=None
        ),
        previous=ComposeFacts(
            id=PREVIOUS, jobs=tuple(one for one in MANY if one.id < 10_000), images=IMAGES
        ),
    ),
}
