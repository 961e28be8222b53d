import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openqa_client.const import JOB_SCENARIO_WITH_MACHINE_KEYS

from fedora_openqa.model.jobs import Job, Module
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
from fedora_openqa.policy.results import (
    copies_beside,
    may_be_retried,
    newer_run,
    others_to_report,
    result_for,
)

URL = "https://openqa.example"
RAWHIDE = "Fedora-Rawhide-20261120.n.0"
LOCATION = f"https://kojipkgs.fedoraproject.org/compose/rawhide/{RAWHIDE}/compose"
ELN = "https://kojipkgs.fedoraproject.org/compose/eln/Fedora-eln-20261120.n.0/compose"
COMPOSE = ComposeItem(RAWHIDE, LOCATION)
COREOS = CoreOSBuildItem("Fedora-CoreOS-45.20261119.91.0", "unknown")
DVD = "Fedora-Server-dvd-x86_64-Rawhide-20261120.n.0.iso"
SETTINGS = {
    "BUILD": RAWHIDE,
    "DISTRI": "fedora",
    "VERSION": "Rawhide",
    "FLAVOR": "Server-dvd-iso",
    "ARCH": "x86_64",
    "MACHINE": "64bit",
    "SUBVARIANT": "Server",
    "IMAGETYPE": "dvd",
    "LOCATION": LOCATION,
    "TEST_TARGET": "ISO",
    "ISO": DVD,
}
UPDATE = {
    "BUILD": "Update-FEDORA-2026-1bd5f4a0c2",
    "VERSION": "43",
    "FLAVOR": "updates-server",
    "ADVISORY": "FEDORA-2026-1bd5f4a0c2",
    "TEST_TARGET": "ADVISORY",
}
COREOS_SETTINGS = {
    "BUILD": COREOS.build,
    "VERSION": "45",
    "FLAVOR": "CoreOS-colive-iso",
    "SUBVARIANT": "CoreOS",
    "IMAGETYPE": "colive",
    "LOCATION": "",
    "ISO": "fedora-coreos-45.iso",
}


def job(
    changes: Mapping[str, str | None] | None = None,
    *,
    result: str = "passed",
    state: str = "done",
    test: str = "install_default_upload",
    modules: tuple[Module, ...] = (),
) -> Job:
    settings = {name: value for name, value in {**SETTINGS, **(changes or {})}.items() if value}
    return Job(
        id=7,
        flavor=settings.get("FLAVOR", ""),
        arch=settings.get("ARCH", ""),
        state=state,
        result=result,
        test=test,
        settings=settings,
        modules=modules,
    )


def reported(job: Job) -> Result:
    result = result_for(job, base_url=URL)
    assert isinstance(result, Result)
    return result


def test_a_passed_job_is_reported_in_full() -> None:
    assert reported(job()) == Result(
        item=ImageItem(DVD, COMPOSE),
        testcase="compose.install_default_upload",
        outcome=Outcome.PASSED,
        ref_url=f"{URL}/tests/7",
        tc_url=f"{URL}/tests/7",
        note="",
        source="openqa",
        extradata={
            "firmware": "bios",
            "arch": "x86_64",
            "scenario": "fedora.Server-dvd-iso.x86_64.64bit",
        },
    )
    assert result_for(job(), base_url=f"{URL}/") == reported(job())


@pytest.mark.parametrize(
    ("changes", "item", "testcase"),
    [
        (UPDATE, UpdateItem("FEDORA-2026-1bd5f4a0c2"), "update.x"),
        # the image that an update was built into is not what is reported on
        (UPDATE | {"TEST_TARGET": "ISO"}, UpdateItem("FEDORA-2026-1bd5f4a0c2"), "update.x"),
        ({"TEST_TARGET": "HDD_2", "HDD_2": "a.qcow2"}, ImageItem("a.qcow2", COMPOSE), "compose.x"),
        ({"TEST_TARGET": "HDD_10", "HDD_10": "a.raw"}, ImageItem("a.raw", COMPOSE), "compose.x"),
        ({"TEST_TARGET": "HDD", "HDD": "a.raw", "IMAGETYPE": "raw-xz"}, ImageItem("a.raw.xz", COMPOSE), "compose.x"),
        ({"TEST_TARGET": "HDD_2", "HDD_2": "a.qcow2", "IMAGETYPE": "raw-xz"}, ImageItem("a.qcow2", COMPOSE), "compose.x"),
        ({"TEST_TARGET": "COMPOSE"}, COMPOSE, "compose.x"),
        ({"TEST_TARGET": "COMPOSE", "LOCATION": None}, ComposeItem(RAWHIDE), "compose.x"),
        ({"VERSION": "eln", "LOCATION": ELN}, ImageItem(DVD, ComposeItem(ELN, ELN)), "compose.x"),
        ({"VERSION": "eln", "LOCATION": ELN, "TEST_TARGET": "COMPOSE"}, ComposeItem(ELN, ELN), "compose.x"),
        ({"VERSION": "eln", "LOCATION": None, "TEST_TARGET": "COMPOSE"}, ComposeItem(RAWHIDE), "compose.x"),
        (COREOS_SETTINGS, CoreOSImageItem("fedora-coreos-45.iso", "iso", "x86_64", COREOS), "fcosbuild.x"),
        (COREOS_SETTINGS | {"SUBVARIANT": "coreOS", "TEST_TARGET": "COMPOSE"}, COREOS, "fcosbuild.x"),
    ],
)  # fmt: skip
def test_the_target_says_what_a_result_is_about(
    changes: dict[str, str | None], item: ResultItem, testcase: str
) -> None:
    result = reported(job(changes, test="x"))
    assert (result.item, result.testcase) == (item, testcase)


@pytest.mark.parametrize(
    ("version", "stream"),
    [
        ("45.20261119.1.0", "next"),
        ("45.20261119.2.0", "testing"),
        ("45.20261119.3.1", "stable"),
        ("45.20261119.91.0", "unknown"),
        ("45.20261119", "unknown"),
        ("45", "unknown"),
    ],
)
def test_a_coreos_build_says_its_stream(version: str, stream: str) -> None:
    build = f"Fedora-CoreOS-{version}"
    result = reported(job(COREOS_SETTINGS | {"BUILD": build, "TEST_TARGET": "COMPOSE"}))
    assert result.item == CoreOSBuildItem(build, stream)


@pytest.mark.parametrize(
    ("unreported", "reason", "odd"),
    [
        (replace(job(), clone_id=9), "restarted as job 9", False),
        (replace(job({"BUILD": None}), clone_id=9), "restarted as job 9", False),
        (job(result="user_cancelled"), "result user_cancelled", False),
        (job(result="obsoleted"), "result obsoleted", False),
        (job({"KOJITASK": "123", "BUILD": None}), "there is no result convention for KOJITASK 123", False),
        (job({"TAG": "f43-side"}), "there is no result convention for TAG f43-side", False),
        (job({"COPR": "a_b"}), "there is no result convention for COPR a_b", False),
        (job({"BUILD": None}), "it has no BUILD", True),
        (job({"DISTRI": None, "VERSION": None}), "it has no DISTRI and no VERSION", True),
        (job(UPDATE | {"VERSION": None}), "it has no VERSION", True),
        (job({"BUILD": f"{RAWHIDE}-EXTRA"}), f"build {RAWHIDE}-EXTRA is not to be reported", False),
        (job(UPDATE | {"BUILD": "xNOREPORT"}), "build xNOREPORT is not to be reported", False),
        (job({"TEST_TARGET": "NONE"}), "TEST_TARGET NONE: neither an image nor a compose", False),
        (job({"TEST_TARGET": None}), "no TEST_TARGET: neither an image nor a compose", True),
        (job({"TEST_TARGET": "HDD_2"}), "TEST_TARGET HDD_2: neither an image nor a compose", True),
        (job({"TEST_TARGET": "ISO_"}), "TEST_TARGET ISO_: neither an image nor a compose", True),
        (job({"TEST_TARGET": "BUILD"}), "TEST_TARGET BUILD: neither an image nor a compose", True),
        (job({"TEST_TARGET": "ADVISORY"}), "TEST_TARGET ADVISORY: neither an image nor a compose", True),
        (job(COREOS_SETTINGS | {"TEST_TARGET": "NONE"}), "TEST_TARGET NONE: neither an image nor a compose", False),
    ],
)  # fmt: skip
def test_what_is_not_reported_has_a_reason(unreported: Job, reason: str, *, odd: bool) -> None:
    assert result_for(unreported, base_url=URL) == NotReported(reason, odd=odd)


@pytest.mark.parametrize(
    ("state", "result", "outcome", "leads_to_it"),
    [
        ("scheduled", "none", Outcome.QUEUED, False),
        ("assigned", "none", Outcome.QUEUED, False),
        ("setup", "none", Outcome.QUEUED, False),
        ("running", "none", Outcome.RUNNING, False),
        ("uploading", "none", Outcome.RUNNING, False),
        ("cancelled", "none", Outcome.NEEDS_INSPECTION, False),
        ("done", "none", Outcome.NEEDS_INSPECTION, False),
        ("done", "passed", Outcome.PASSED, True),
        ("done", "softfailed", Outcome.INFO, True),
        ("done", "failed", Outcome.FAILED, False),
        ("done", "parallel_failed", Outcome.FAILED, False),
        ("cancelled", "parallel_failed", Outcome.FAILED, False),
        ("cancelled", "skipped", Outcome.FAILED, False),
        ("done", "incomplete", Outcome.CRASHED, False),
        ("done", "timeout_exceeded", Outcome.NEEDS_INSPECTION, False),
        ("cancelled", "parallel_restarted", Outcome.NEEDS_INSPECTION, False),
        ("cancelled", "user_restarted", Outcome.NEEDS_INSPECTION, False),
        # it has failed already, though it still uploads
        ("uploading", "failed", Outcome.FAILED, False),
    ],
)
def test_the_outcome_follows_state_and_result(
    state: str, result: str, outcome: Outcome, *, leads_to_it: bool
) -> None:
    made = reported(job(state=state, result=result))
    assert made.outcome is outcome
    assert made.tc_url == (made.ref_url if leads_to_it else "")


FATAL = Module("_boot", "failed", ("fatal",))
IMPORTANT = Module("_install", "failed", ("ignore_failure", "important"))
MINOR = Module("_log", "failed")
LATER = Module("_notify", "failed", ("ignore_failure",))
SOFT = Module("_soft", "softfailed", ("fatal",))


@pytest.mark.parametrize(
    ("result", "modules", "note"),
    [
        ("failed", (), ""),
        ("failed", (SOFT, FATAL, IMPORTANT), "_boot module failed"),
        ("failed", (MINOR, IMPORTANT, FATAL), "_install module failed"),
        ("failed", (MINOR,), ""),
        ("softfailed", (MINOR, LATER), "non-important module _notify failed"),
        ("softfailed", (MINOR, IMPORTANT, LATER), "_install module failed"),
        ("softfailed", (SOFT,), ""),
        ("passed", (MINOR,), ""),
        ("incomplete", (FATAL,), "_boot module failed"),
    ],
)
def test_the_note_names_the_module_that_failed(
    result: str, modules: tuple[Module, ...], note: str
) -> None:
    assert reported(job(result=result, modules=modules)).note == note


@pytest.mark.parametrize(
    ("test", "testcase"),
    [
        ("base_selinux", "compose.base_selinux"),
        ("Desktop-Browser: x", "compose.desktop_browser_x"),
        ("a--b..c", "compose.a_b_c"),
        ("a__b", "compose.a__b"),
    ],
)
def test_a_test_case_is_spelled_in_words(test: str, testcase: str) -> None:
    assert reported(job(test=test)).testcase == testcase


@pytest.mark.parametrize("uefi", ["1", "0"])
def test_a_job_with_uefi_says_so_whatever_its_value(uefi: str) -> None:
    made = reported(job({"UEFI": uefi, "MACHINE": "uefi"}))
    assert made.extradata["firmware"] == "uefi"
    assert made.extradata["scenario"] == "fedora.Server-dvd-iso.x86_64.uefi"


@pytest.mark.parametrize(
    ("retry", "changed", "expected"),
    [
        ("1", job(result="failed"), True),
        ("2:flaky network", job(result="incomplete"), True),
        ("1", job(result="skipped", state="cancelled"), True),
        ("1", replace(job(result="failed"), origin_id=0), True),
        ("0", job(result="failed"), False),
        ("0:1", job(result="failed"), False),
        ("", job(result="failed"), False),
        ("yes", job(result="failed"), False),
        ("1", job(), False),
        ("1", job(result="softfailed"), False),
        ("1", job(result="none", state="running"), False),
        ("1", replace(job(result="failed"), clone_id=9), False),
        ("1", replace(job(result="failed"), origin_id=5), False),
    ],
)
def test_a_job_that_openqa_may_run_again_is_known(
    retry: str, changed: Job, *, expected: bool
) -> None:
    assert (
        may_be_retried(replace(changed, settings={**changed.settings, "RETRY": retry})) is expected
    )
    assert not may_be_retried(changed)


@pytest.mark.parametrize(
    ("state", "result", "expected"),
    [
        ("done", "failed", (8, 9)),
        ("done", "incomplete", (8, 9)),
        ("cancelled", "user_cancelled", (8, 9)),
        ("done", "passed", ()),
        ("done", "softfailed", ()),
        ("running", "none", ()),
        ("uploading", "failed", ()),
    ],
)
def test_a_failure_leads_to_the_children_that_it_cancels(
    state: str, result: str, expected: tuple[int, ...]
) -> None:
    assert others_to_report(replace(job(state=state, result=result), children=(8, 9))) == expected


@pytest.mark.parametrize(
    ("state", "result", "expected"),
    [
        ("done", "failed", (8, 3, 4)),
        ("done", "incomplete", (8, 3, 4)),
        ("done", "parallel_failed", (8, 3, 4)),
        ("cancelled", "skipped", (8, 3, 4)),
        ("done", "passed", ()),
        ("running", "none", ()),
    ],
)
def test_a_job_that_did_not_pass_leads_to_those_beside_it(
    state: str, result: str, expected: tuple[int, ...]
) -> None:
    one = replace(job(state=state, result=result), children=(8,), parallel=(3, 4))
    assert others_to_report(one) == expected


@pytest.mark.parametrize(
    ("origin", "state", "expected"),
    [(1, "scheduled", (8, 3)), (1, "running", (8, 3)), (1, "done", ()), (None, "scheduled", ())],
)
def test_a_copy_that_waits_leads_to_those_that_were_copied_along(
    origin: int | None, state: str, expected: tuple[int, ...]
) -> None:
    copy = replace(job(state=state, result="none"), children=(8,), parallel=(3,), origin_id=origin)
    assert copies_beside(copy) == expected


@pytest.mark.parametrize("result", ["user_cancelled", "obsoleted"])
def test_a_cancelled_job_is_reported_only_if_it_was_announced(result: str) -> None:
    cancelled = job(state="cancelled", result=result)
    assert isinstance(result_for(cancelled, base_url=URL), NotReported)
    told = result_for(cancelled, base_url=URL, announced=True)
    assert isinstance(told, Result)
    assert (told.outcome, told.note) == (Outcome.NEEDS_INSPECTION, f"openQA calls it {result}")
    with_copy = replace(cancelled, clone_id=9)
    assert isinstance(result_for(with_copy, base_url=URL, announced=True), NotReported)


@pytest.mark.parametrize(
    ("changes", "is_newer"),
    [
        ({}, True),
        ({"state": "running", "result": "none"}, True),
        ({"result": "failed"}, True),
        ({"result": "user_cancelled"}, False),
        ({"result": "obsoleted"}, False),
        ({"clone_id": 20}, False),
        ({"id": 6}, False),
        ({"machine": "uefi"}, False),
        ({"flavor": "updates-kde"}, False),
        ({"arch": "aarch64"}, False),
        ({"test": "other"}, False),
        ({"settings": {"BUILD": "Other"}}, False),
        ({"settings": {"DISTRI": "other"}}, False),
        ({"settings": {"VERSION": "42"}}, False),
        ({"settings": {"TEST_TARGET": "NONE", "ADVISORY": ""}}, False),
    ],
)
def test_a_newer_run_is_a_reported_job_of_the_same_scenario_and_build(
    changes: dict[str, Any], *, is_newer: bool
) -> None:
    older = replace(job(), id=7)
    settings = {**older.settings, **changes.pop("settings", {})}
    other = replace(older, **{"id": 18, "settings": settings, **changes})
    assert newer_run(older, Runs({7: older, 18: other})) == (other if is_newer else None)


def test_the_newest_of_several_newer_runs_is_named_in_whatever_order_they_come() -> None:
    runs = [replace(job(), id=number) for number in (9, 100, 18, 7)]
    of_build = Runs({run.id: run for run in runs})
    assert newer_run(runs[3], of_build) is runs[1]
    assert newer_run(runs[1], of_build) is None


def test_the_scenario_is_that_of_openqa_client() -> None:
    names = {"DISTRI": "a", "VERSION": "b", "FLAVOR": "c", "ARCH": "d", "TEST": "e", "MACHINE": "f"}
    assert set(names) == set(JOB_SCENARIO_WITH_MACHINE_KEYS)
    one = Job(
        id=1,
        flavor="c",
        arch="d",
        state="done",
        result="passed",
        test="e",
        machine="f",
        settings=names,
    )
    assert set(scenario_of(one)) == {"", *names.values()}


STATES = ["scheduled", "assigned", "setup", "running", "uploading", "cancelled", "done"]
RESULTS = [
    "none",
    "passed",
    "softfailed",
    "failed",
    "incomplete",
    "skipped",
    "obsoleted",
    "parallel_failed",
    "parallel_restarted",
    "user_cancelled",
    "user_restarted",
    "timeout_exceeded",
]
NAMES = [*SETTINGS, "ADVISORY", "KOJITASK", "TAG", "COPR", "UEFI", "RETRY", "HDD_2"]
TEXTS = st.text(max_size=8) | st.sampled_from(["ISO", "HDD_2", "COMPOSE", "NONE", "eln", "CoreOS"])
JOBS = st.builds(
    Job,
    id=st.integers(1),
    flavor=st.text(),
    arch=st.text(),
    state=st.sampled_from(STATES) | st.text(),
    result=st.sampled_from(RESULTS) | st.text(),
    test=st.text(),
    clone_id=st.none() | st.integers(1),
    origin_id=st.none() | st.integers(0),
    settings=st.dictionaries(st.sampled_from(NAMES), TEXTS).map(
        lambda some: {**SETTINGS, **some} if "ARCH" in some else some
    ),
    modules=st.lists(
        st.builds(Module, st.text(), st.sampled_from(["failed", "passed"]), st.just(("fatal",)))
    ).map(tuple),
    children=st.just((8,)),
)


@given(JOBS)
def test_any_job_is_reported_completely_or_not_at_all(any_job: Job) -> None:
    made = result_for(any_job, base_url=URL)
    may_be_retried(any_job)
    others_to_report(any_job)
    if isinstance(made, NotReported):
        assert made.reason
        return
    assert any_job.clone_id is None
    assert any_job.result not in {"user_cancelled", "obsoleted"}
    assert not any_job.build.endswith(("EXTRA", "NOREPORT"))
    assert re.fullmatch(r"(update|compose|fcosbuild)\.\w*", made.testcase)
    assert bool(made.tc_url) == (made.outcome in {Outcome.PASSED, Outcome.INFO})


@given(JOBS, st.sampled_from(STATES), st.sampled_from(RESULTS))
def test_an_ended_job_is_never_reported_as_one_that_has_not(
    any_job: Job, state: str, result: str
) -> None:
    made = result_for(replace(any_job, state=state, result=result), base_url=URL)
    if isinstance(made, Result) and state in {"done", "cancelled"}:
        assert made.outcome not in {Outcome.QUEUED, Outcome.RUNNING}
