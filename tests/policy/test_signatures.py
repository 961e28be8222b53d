"""Signatures of failed jobs, and how reasons are compared."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fedora_openqa.data.failure_reasons import load_reason_rules
from fedora_openqa.model.failures import FailureKind, Signature
from fedora_openqa.model.history import Scenario, StoredJob
from fedora_openqa.policy.signatures import REASON_SIZE, kind_of, normal_reason, signature_of
from fedora_openqa.texts import one_line

RULES = load_reason_rules()
SCENARIO = Scenario("base_selinux", "Server-dvd-iso", "x86_64", "64bit")
FAILED = StoredJob(7, "B", "43", SCENARIO, state="done", result="failed")


@pytest.mark.parametrize(
    ("reason", "expected"),
    [
        ("asset failure: Failed to download F-43.iso to /var/lib", "download * to *"),
        ("backend died: QEMU exited unexpectedly, see log for details", "see log for details"),
        ("abandoned: associated worker qa05:3 has not sent", "associated worker * has not sent"),
        ("cache failure: Cache service queue already full (5)", "already full (*)"),
        ("api failure: 503 response: Service Unavailable at 10:03:44", "* response: Service"),
        ("died: deadbeefcafe at backend.pm line 12, 13, 14.", "died: * at * line *,"),
        ("died: no such\n\tfile", "died: no such file"),
    ],
)
def test_what_varies_in_a_reason_is_replaced(reason: str, expected: str) -> None:
    assert expected in normal_reason(reason)


@given(st.text() | st.text(alphabet="*(), .:ab0/\n\x00\u202e", max_size=600))
def test_a_normal_reason_is_one_short_line_and_stays_what_it_is(reason: str) -> None:
    found = normal_reason(reason)
    assert len(found) <= REASON_SIZE
    assert one_line(found) == found
    assert normal_reason(found) == found


@given(st.integers(0, 10**9), st.integers(0, 10**9))
def test_numbers_and_hosts_make_no_difference(one: int, other: int) -> None:
    text = "worker qa{0:02}.example.org:{0} lost job {0} after {0} s"
    assert normal_reason(text.format(one)) == normal_reason(text.format(other))


def test_the_first_failed_module_identifies_a_failure_and_a_fatal_one_goes_before() -> None:
    failed = replace(FAILED, failed_modules=("a", "b"))
    assert signature_of(failed) == Signature(module="a")
    assert signature_of(replace(failed, fatal_module="b")) == Signature(module="b")


def test_without_a_module_result_and_reason_do() -> None:
    timeout = "timeout: test execution exceeded MAX_JOB_TIME"
    found = signature_of(replace(FAILED, result="timeout_exceeded", reason=timeout))
    assert found == Signature(result="timeout_exceeded", reason=timeout)
    assert str(signature_of(FAILED)) == "failed"


@pytest.mark.parametrize(
    ("reason", "kind"),
    [
        ("asset failure: Failed to download x", FailureKind.INFRA),
        ("Cache failure: no", FailureKind.INFRA),
        ("api failure: 503", FailureKind.INFRA),
        ("died: terminated prematurely, see log output for details", FailureKind.INFRA),
        ("backend died: QEMU exited unexpectedly", FailureKind.INFRA),
        ("tests died: unable to load main.pm", FailureKind.TEST),
        ("timeout: test execution exceeded MAX_JOB_TIME", FailureKind.UNKNOWN),
    ],
)
def test_reasons_of_the_table_tell_the_kind(reason: str, kind: FailureKind) -> None:
    found = signature_of(replace(FAILED, result="incomplete", reason=reason))
    assert found
    assert kind_of(found, RULES) is kind


def test_a_job_that_its_worker_lost_is_not_one_whose_module_failed() -> None:
    lost = replace(FAILED, result="incomplete", reason="cache failure: x", failed_modules=("a",))
    assert signature_of(lost) == Signature(result="incomplete", reason="cache failure: x")


@pytest.mark.parametrize(
    "result",
    ["passed", "softfailed", "none", "skipped", "parallel_failed", "user_cancelled", "obsoleted"],
)
def test_a_job_that_did_not_fail_by_itself_has_none(result: str) -> None:
    assert signature_of(replace(FAILED, result=result, failed_modules=("a",))) is None
