from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fedora_openqa.errors import SubjectError
from fedora_openqa.model.gating import (
    Decision,
    GatingQuestion,
    Remedy,
    Requirement,
    RequirementState,
    Standing,
)
from fedora_openqa.model.jobs import Job
from fedora_openqa.policy.contents import content_of
from fedora_openqa.policy.gating import (
    Push,
    build_for,
    join_decisions,
    needs_jobs,
    question_about_compose,
    question_about_update,
    standings_of,
    stored_job_for,
    subject_of,
    waivable_subject_of,
    whole_testcase,
)
from tests.support.gating import ALIAS, SCENARIO, job, requirement
from tests.support.packages import CORE_UPDATE
from tests.support.stored_jobs import stored

UPDATE, COMPOSE = "bodhi_update", "compose"
UNSATISFIED = (
    RequirementState.MISSING,
    RequirementState.RUNNING,
    RequirementState.FAILED,
    RequirementState.ERRORED,
)


def decision(*requirements: Requirement) -> Decision:
    return Decision(
        satisfied=False,
        summary="",
        requirements=requirements,
        ref_urls=((7, "https://x/7"), (8, "https://x/8")),
    )


def standing(one: Requirement, *jobs: Job) -> Standing:
    [found] = standings_of(decision(one), jobs, subject_type=UPDATE)
    return found


@pytest.mark.parametrize(
    ("subject", "found"),
    [
        (ALIAS, (UPDATE, ALIAS)),
        (f"https://bodhi.example/updates/{ALIAS}", (UPDATE, ALIAS)),
        ("Fedora-Rawhide-20261120.n.0", (COMPOSE, "Fedora-Rawhide-20261120.n.0")),
        ("https://k/rawhide/Fedora-Rawhide-20261120.n.0/compose", (COMPOSE, "Fedora-Rawhide-20261120.n.0")),
    ],
)  # fmt: skip
def test_updates_and_composes_are_understood(subject: str, found: tuple[str, str]) -> None:
    assert subject_of(subject) == found


@pytest.mark.parametrize("subject", ["", "kernel", "45.20261119.91.0", "https://example.org/"])
def test_what_is_neither_is_refused(subject: str) -> None:
    with pytest.raises(SubjectError, match="not the id or the URL of an update or a compose"):
        subject_of(subject)
    with pytest.raises(SubjectError, match="nor the name-version-release of a build"):
        waivable_subject_of(subject)


@pytest.mark.parametrize(
    ("subject", "found"),
    [
        (ALIAS, (UPDATE, ALIAS)),
        ("Fedora-Rawhide-20261120.n.0", (COMPOSE, "Fedora-Rawhide-20261120.n.0")),
        ("kernel-6.17.4-300.fc43", ("koji_build", "kernel-6.17.4-300.fc43")),
        ("gtk4+doc-4.0~rc1-1.fc43^git2", ("koji_build", "gtk4+doc-4.0~rc1-1.fc43^git2")),
    ],
)
def test_builds_have_requirements_of_their_own(subject: str, found: tuple[str, str]) -> None:
    assert waivable_subject_of(subject) == found


STABLE = "bodhi_update_push_stable"


@pytest.mark.parametrize(
    ("groups", "critical", "contexts"),
    [
        (("core", "critical-path-base"), True, (f"{STABLE}_critical-path-base_critpath", f"{STABLE}_core_critpath", STABLE)),
        ((), True, (f"{STABLE}_critpath", STABLE)),
        ((), False, (STABLE,)),
    ],
)  # fmt: skip
def test_bodhis_question_has_the_groups_first(
    groups: tuple[str, ...], contexts: tuple[str, ...], *, critical: bool
) -> None:
    one = replace(CORE_UPDATE, groups=groups, critical=critical)
    asked = question_about_update(one)
    assert asked == GatingQuestion("fedora-43", contexts, UPDATE, ALIAS, builds=one.nvrs)
    builds = tuple(("koji_build", nvr) for nvr in one.nvrs)
    assert asked.subjects == (*builds, (UPDATE, ALIAS))


def test_the_way_to_testing_has_other_contexts() -> None:
    contexts = question_about_update(CORE_UPDATE, Push.TESTING).contexts
    assert contexts == ("bodhi_update_push_testing_core_critpath", "bodhi_update_push_testing")


@pytest.mark.parametrize(
    ("long_name", "version"),
    [
        ("Fedora 43", "fedora-43"),
        ("Fedora ELN", "fedora-eln"),
        ("Fedora 43 Flatpaks", "fedora-43-flatpaks"),
        ("Fedora 43 Containers", "fedora-43-containers"),
        ("Fedora EPEL 9", "fedora-epel-9"),
        # not in Bodhi's oldest messages
        ("", "fedora-43"),
    ],
)
def test_the_product_version_is_the_long_name_of_the_release(long_name: str, version: str) -> None:
    asked = question_about_update(replace(CORE_UPDATE, long_name=long_name))
    assert asked.product_version == version


@pytest.mark.parametrize(
    ("status", "request_", "push"),
    [
        ("pending", "testing", "testing"),
        ("pending", "stable", "stable"),
        ("testing", "stable", "stable"),
        ("testing", "", "stable"),
        ("testing", "testing", "stable"),
        ("pending", "", "stable"),
        ("", "", "stable"),
    ],
)
def test_what_it_is_pushed_to_depends_on_status_and_request(
    status: str, request_: str, push: str
) -> None:
    one = replace(CORE_UPDATE, status=status, request=request_)
    assert question_about_update(one).contexts[-1] == f"bodhi_update_push_{push}"
    for asked in Push:
        assert question_about_update(one, asked).contexts[-1] == f"bodhi_update_push_{asked}"


def test_a_compose_is_asked_about_before_it_goes_to_the_mirrors() -> None:
    asked = question_about_compose("Fedora-Rawhide-20261120.n.0")
    assert asked.product_version == "fedora-rawhide"
    assert asked.contexts == ("rawhide_compose_sync_to_mirrors",)
    assert build_for(asked) == "Fedora-Rawhide-20261120.n.0"
    assert build_for(question_about_update(CORE_UPDATE)) == f"Update-{ALIAS}"


@pytest.mark.parametrize(
    ("test", "kind", "testcase"),
    [
        ("rpminspect", "koji_build", "rpminspect"),
        ("podman", UPDATE, "update.podman"),
        ("podman", COMPOSE, "compose.podman"),
        ("update.podman", UPDATE, "update.podman"),
        ("fedora-ci.koji-build.tier0.functional", UPDATE, "fedora-ci.koji-build.tier0.functional"),
        ("Server role-deploy", UPDATE, "update.server_role_deploy"),
    ],
)
def test_a_person_may_write_the_short_name(test: str, kind: str, testcase: str) -> None:
    assert whole_testcase(test, kind) == testcase


@pytest.mark.parametrize(
    ("state", "outcome", "remedy"),
    [
        ("passed", "done/failed", Remedy.NOTHING),
        ("waived", "done/failed", Remedy.NOTHING),
        # not told, or told that it runs
        ("missing", "done/passed", Remedy.REPORT),
        ("missing", "done/softfailed", Remedy.REPORT),
        ("missing", "done/failed", Remedy.REPORT),
        ("missing", "done/incomplete", Remedy.REPORT),
        ("missing", "cancelled/skipped", Remedy.REPORT),
        ("running", "done/passed", Remedy.REPORT),
        ("running", "done/failed", Remedy.REPORT),
        # told of an earlier job
        ("failed", "done/passed", Remedy.REPORT),
        ("errored", "done/softfailed", Remedy.REPORT),
        ("failed", "done/failed", Remedy.RERUN),
        ("errored", "done/incomplete", Remedy.RERUN),
        # never told
        ("missing", "done/user_cancelled", Remedy.RERUN),
        ("running", "cancelled/obsoleted", Remedy.RERUN),
        # not over
        ("missing", "scheduled", Remedy.WAIT),
        ("running", "running", Remedy.WAIT),
        ("failed", "uploading", Remedy.WAIT),
    ],
)
def test_requirement_and_job_together_say_what_to_do(
    state: str, outcome: str, remedy: Remedy
) -> None:
    found = standing(requirement(RequirementState(state)), job(outcome=outcome))
    assert (found.remedy, found.job) == (remedy, job(outcome=outcome))
    assert bool(found.unreported) == (outcome.endswith(("user_cancelled", "obsoleted")))


@pytest.mark.parametrize("state", UNSATISFIED)
def test_the_newest_job_of_the_scenario_counts(state: RequirementState) -> None:
    old = job(3, outcome="done/passed", clone_id=5)
    new = job(5, outcome="running")
    elsewhere = [job(9, machine="uefi"), job(10, flavor="updates-kde"), job(11, "podman_client")]
    found = standing(requirement(state), new, *elsewhere, old)
    assert (found.job, found.remedy) == (new, Remedy.WAIT)


def test_a_job_whose_copy_is_gone_has_to_run_again() -> None:
    found = standing(requirement(), job(3, clone_id=5))
    assert found.remedy is Remedy.RERUN
    assert "job 5" in found.unreported


def test_a_requirement_of_any_scenario_takes_the_newest_job_of_the_test() -> None:
    found = standing(requirement(scenario=None), job(3), job(4, machine="uefi"), job(5, "other"))
    assert found.job
    assert found.job.id == 4


def of_builds(one: Job, *nvrs: str) -> Job:
    return replace(one, settings={**one.settings, "ADVISORY_NVRS_1": " ".join(nvrs)})


@pytest.mark.parametrize("state", UNSATISFIED)
@pytest.mark.parametrize("outcome", ["done/passed", "done/failed", "running"])
def test_a_job_of_other_builds_counts_as_none(state: RequirementState, outcome: str) -> None:
    old = of_builds(job(3, outcome=outcome), "kernel-6.17.3-300.fc43")
    current = of_builds(job(2, "other"), *CORE_UPDATE.nvrs)
    content = content_of(CORE_UPDATE.nvrs)
    for jobs, remedy in (([old], Remedy.SCHEDULE), ([old, current], Remedy.NO_SUCH_JOB)):
        [found] = standings_of(
            decision(requirement(state)), jobs, subject_type=UPDATE, content=content
        )
        assert (found.remedy, found.job, found.outdated) == (remedy, None, old)


def test_a_job_of_the_current_builds_stands_before_newer_ones_of_others() -> None:
    current = of_builds(job(3), *CORE_UPDATE.nvrs)
    unknown = job(2)
    content = content_of(CORE_UPDATE.nvrs)
    for one in (current, unknown):
        jobs = [one, of_builds(job(5, outcome="done/failed"), "kernel-6.17.3-300.fc43")]
        [found] = standings_of(decision(requirement()), jobs, subject_type=UPDATE, content=content)
        assert (found.remedy, found.job, found.outdated) == (Remedy.REPORT, one, None)


def test_without_a_job_it_matters_whether_its_product_was_scheduled() -> None:
    assert standing(requirement()).remedy is Remedy.SCHEDULE
    assert standing(requirement(), job(1, flavor="updates-kde")).remedy is Remedy.SCHEDULE
    assert standing(requirement(), job(1, "podman_client")).remedy is Remedy.NO_SUCH_JOB
    assert standing(requirement(scenario=None), job(1, "other")).remedy is Remedy.SCHEDULE


@pytest.mark.parametrize(
    ("state", "remedy"),
    [
        ("missing", Remedy.ELSEWHERE),
        ("failed", Remedy.ELSEWHERE),
        ("other", Remedy.ELSEWHERE),
        ("running", Remedy.WAIT),
        ("passed", Remedy.NOTHING),
    ],
)
def test_tests_of_others_are_left_to_them(state: str, remedy: Remedy) -> None:
    one = requirement(RequirementState(state), "fedora-ci.koji-build.tier0.functional", None)
    assert standing(one, job()).remedy is remedy
    assert not needs_jobs(decision(one))


def test_openqa_has_no_jobs_for_requirements_of_builds() -> None:
    one = replace(requirement(), subject_type="koji_build", subject="kernel-6.17.4-300.fc43")
    assert standing(one, job()).remedy is Remedy.ELSEWHERE
    assert not needs_jobs(decision(one))


def test_decisions_of_several_batches_are_one() -> None:
    missing, passed = requirement(), requirement(RequirementState.PASSED)
    nothing = Decision(satisfied=True, summary="No tests are required", requirements=())
    one = Decision(satisfied=True, summary="A", requirements=(passed,), policies=("P", "Q"))
    other = Decision(satisfied=False, summary="B", requirements=(missing, missing), policies=("P",))
    assert join_decisions([nothing, nothing]) == nothing
    assert join_decisions([nothing, one, other, nothing]) == Decision(
        satisfied=False, summary="A; B", requirements=(missing, passed), policies=("P", "Q")
    )


def test_openqa_has_to_be_asked_about_what_is_wanted_of_it() -> None:
    assert needs_jobs(decision(requirement()))
    assert not needs_jobs(decision(requirement(RequirementState.PASSED)))
    assert not needs_jobs(decision(requirement(RequirementState.OTHER, "")))


def test_a_requirement_leads_to_its_result() -> None:
    failed = requirement(RequirementState.FAILED, result_id=8)
    assert standing(failed, job()).ref_url == "https://x/8"
    assert standing(requirement(), job()).ref_url == ""
    assert standing(replace(failed, result_id=9), job()).ref_url == ""


RESULTS = ("passed", "softfailed", "failed", "incomplete", "user_cancelled", "something new")
STATES = st.sampled_from(
    ["scheduled", "running", "cancelled", "cancelled/obsoleted", "something new"]
) | st.sampled_from(RESULTS).map("done/{}".format)
JOBS = st.lists(
    st.builds(
        job,
        st.integers(1, 9),
        st.sampled_from(["podman", "Podman", "other"]),
        outcome=STATES,
        flavor=st.sampled_from(["updates-server", "updates-kde"]),
        clone_id=st.none() | st.integers(1, 9),
    ),
    max_size=4,
)
REQUIREMENTS = st.lists(
    st.builds(
        requirement,
        st.sampled_from(RequirementState),
        st.sampled_from(["update.podman", "compose.podman", "fedora-ci.x", ""]),
        st.sampled_from([SCENARIO, None, "odd"]),
    ),
    max_size=3,
)


@given(REQUIREMENTS, JOBS)
def test_every_requirement_has_a_remedy_that_fits(
    wanted: list[Requirement], jobs: list[Job]
) -> None:
    found = standings_of(decision(*wanted), jobs, subject_type=UPDATE)
    assert [it.requirement for it in found] == wanted
    for one in found:
        done = one.requirement.state in {RequirementState.PASSED, RequirementState.WAIVED}
        assert (one.remedy is Remedy.NOTHING) == done
        if one.remedy is Remedy.REPORT:
            assert one.job
            assert one.job.is_ended
        if one.remedy in {Remedy.SCHEDULE, Remedy.NO_SUCH_JOB}:
            assert one.job is None


@pytest.mark.parametrize(
    ("testcase", "scenario", "found"),
    [
        ("update.base_selinux", "fedora.Server-dvd-iso.x86_64.64bit", 9),
        ("update.base_selinux", None, 9),
        ("update.base_selinux", "fedora.Server-dvd-iso.aarch64.64bit", None),
        ("update.podman", None, None),
        ("fedora-ci.base_selinux", None, None),
    ],
)
def test_a_requirement_has_the_newest_stored_job_of_its_scenario(
    testcase: str, scenario: str | None, found: int | None
) -> None:
    one = Requirement(RequirementState.MISSING, "test-result-missing", testcase, scenario)
    jobs = [stored(7), stored(9), stored(8)]
    job = stored_job_for(one, jobs, subject_type="bodhi_update")
    assert (job.id if job else None) == found
