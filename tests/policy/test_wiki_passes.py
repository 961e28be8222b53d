import csv
import tomllib
from dataclasses import dataclass, replace
from importlib import resources
from pathlib import Path
from random import Random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fedora_openqa.data.wiki_tables import load_wiki_tables
from fedora_openqa.model.jobs import Job, Module
from fedora_openqa.model.results import NotReported
from fedora_openqa.model.wiki import SuiteRow, WikiCase, WikiPass, WikiTables
from fedora_openqa.policy.wiki_passes import Passes, might_pass, needs_siblings, passes

TABLES = load_wiki_tables()
EXPECTED = Path(__file__).parent.parent / "data/wiki/expected.csv"
COMPOSE = "Fedora-Rawhide-20261120.n.0"
IOT = "Fedora-IoT-43-20261120.0"


@dataclass(frozen=True)
class Medium:
    flavor: str
    subvariant: str
    imagetype: str
    build: str = COMPOSE


MEDIA = {
    "installer": Medium("Server-dvd-iso", "Server", "dvd"),
    "netinst": Medium("Everything-boot-iso", "Everything", "boot"),
    "live": Medium("Workstation-live-iso", "Workstation", "live"),
    "cloud": Medium("Cloud_Base-qcow2-qcow2", "Cloud_Base", "qcow2"),
    "disk": Medium("Minimal-raw_xz-raw.xz", "Minimal", "raw-xz"),
    "ostree": Medium("Silverblue-dvd_ostree-iso", "Silverblue", "dvd-ostree"),
    "iot": Medium("IoT-dvd_ostree-iso", "IoT", "dvd-ostree", IOT),
    "upgrade": Medium("universal", "Server", "upgrade"),
}
#: machine to arch, and to the settings that openQA's machine brings along
MACHINES: dict[str, tuple[str, dict[str, str]]] = {
    "64bit": ("x86_64", {}),
    "uefi": ("x86_64", {"UEFI": "1"}),
    "aarch64": ("aarch64", {"UEFI": "1"}),
    "arm": ("aarch64", {}),
}


def job(
    test: str,
    medium: str = "installer",
    machine: str = "64bit",
    *,
    job_id: int = 100,
    result: str = "passed",
    state: str = "done",
    clone_id: int | None = None,
    modules: dict[str, str] | None = None,
    **settings: str,
) -> Job:
    image, (arch, firmware) = MEDIA[medium], MACHINES[machine]
    return Job(
        id=job_id,
        flavor=settings.get("FLAVOR", image.flavor),
        arch=settings.get("ARCH", arch),
        state=state,
        result=result,
        test=test,
        machine=machine,
        clone_id=clone_id,
        modules=tuple(Module(name, result) for name, result in (modules or {}).items()),
        settings={
            "BUILD": image.build,
            "FLAVOR": image.flavor,
            "ARCH": arch,
            "MACHINE": machine,
            "VERSION": "Rawhide",
            "SUBVARIANT": image.subvariant,
            "IMAGETYPE": image.imagetype,
            **firmware,
            **settings,
        },
    )


def cells(job: Job, *siblings: Job, tables: WikiTables = TABLES) -> tuple[WikiPass, ...]:
    answer = passes(job, siblings=siblings, tables=tables)
    assert isinstance(answer, Passes), answer
    return answer.passes


def passed_by(job: Job, *siblings: Job) -> set[str]:
    return {cell.testcase for cell in cells(job, *siblings)}


def warned_by(job: Job, *siblings: Job, tables: WikiTables = TABLES) -> tuple[str, ...]:
    answer = passes(job, siblings=siblings, tables=tables)
    assert isinstance(answer, Passes), answer
    assert not answer.passes
    return answer.warnings


def refused(job: Job, *siblings: Job) -> str:
    answer = passes(job, siblings=siblings, tables=TABLES)
    assert isinstance(answer, NotReported), answer
    return answer.reason


def content(name: str) -> dict[str, Any]:
    return tomllib.loads(resources.files("fedora_openqa.data").joinpath(name).read_text())


SUITES = content("testsuites.toml")["suites"]
CASES = content("testcases.toml")["testcases"]
APPS = {
    "archiver": "archive manager",
    "papers": "document viewer",
    "gnome_text_editor": "text editor",
    "kwrite": "text editor",
    "loupe": "image viewer",
    "gwenview": "image viewer",
    "desktop_terminal": "terminal emulator",
    "nautilus": "file manager",
    "help_viewer": "help viewer",
}


def rows_of(suite: str) -> list[dict[str, Any]]:
    return [row if isinstance(row, dict) else {"testcase": row} for row in SUITES[suite]]


def plainly(suite: str, medium: str, machine: str) -> set[WikiPass]:
    """Derive the same from the files, the plainest way, all conditions being fulfilled."""
    image, (arch, _firmware) = MEDIA[medium], MACHINES[machine]
    cloud = image.subvariant == "Cloud_Base"
    own = "Cloud" if cloud else image.subvariant
    words = {
        "$RUNARCH$": arch,
        "$BOOTMETHOD$": {"64bit": "x86_64 BIOS", "uefi": "x86_64 UEFI"}.get(machine, "aarch64"),
        "$FIRMWARE$": "BIOS" if machine == "64bit" else "UEFI",
        "$SUBVARIANT$": own,
        "$IMAGETYPE$": "netinst" if image.imagetype == "boot" else image.imagetype,
        "$FS$": suite.rsplit("_", 1)[-1],
        "$DESKTOP$": "",
        "$SUBVARIANT_OR_LOCAL$": "Local" if cloud else own,
        "$CLOUD_OR_BASE$": "Cloud" if cloud else "Base",
        "$FREEIPA_OR_AD$": "Active Directory" if suite[-3:] == "_ad" else "FreeIPA",
        "$APP$": APPS.get(suite, ""),
    }
    testcases = [row["testcase"] for row in rows_of(suite)]
    if suite == "install_default_upload" and medium in {"live", "ostree"}:
        testcases.append("QA:Testcase_base_initial_setup")
    found = set()
    for testcase in testcases:
        where = {key: CASES[testcase].get(key, "") for key in ("type", "section", "name", "env")}
        if medium == "iot":
            where |= {"type": "General", "section": "", "env": arch}
        for key in where:
            for word, value in words.items():
                where[key] = where[key].replace(word, value)
        found.add(
            WikiPass(
                where["type"], testcase, where["section"], where["name"], where["env"], image.build
            )
        )
    return found


def fulfilled(
    suite: str, medium: str = "installer", machine: str = "64bit"
) -> tuple[Job, list[Job]]:
    """Return a passed job of a suite, and that job with all others that the suite requires."""
    rows = rows_of(suite)
    modules = {name: "passed" for row in rows for name in row.get("requires_modules", ())}
    required = {name for row in rows for name in row.get("requires_suites", ())}
    own = job(suite, medium, machine, modules=modules)
    return own, [own, *(job(name, medium, machine, job_id=101) for name in required)]


@pytest.mark.parametrize("machine", MACHINES)
@pytest.mark.parametrize("medium", MEDIA)
def test_every_suite_passes_its_cells(medium: str, machine: str) -> None:
    for suite in SUITES:
        own, siblings = fulfilled(suite, medium, machine)
        answer = passes(own, siblings=siblings, tables=TABLES)
        assert isinstance(answer, Passes), f"{suite}: {answer}"
        assert answer.warnings == ()
        assert set(answer.passes) == plainly(suite, medium, machine)
        assert len(answer.passes) == len(set(answer.passes))


def test_an_installer_passes_what_is_written_down() -> None:
    written = [
        [suite, one.testtype, one.section, one.testcase, one.testname, one.env]
        for suite in SUITES
        for own, siblings in [fulfilled(suite)]
        for one in cells(own, *siblings)
    ]
    with EXPECTED.open() as file:
        assert written == list(csv.reader(file))[1:]


@pytest.mark.parametrize(
    ("suite", "medium", "machine", "cell"),
    [
        ("install_default", "installer", "64bit", ("Installation", "Boot_default_install", "Default boot and install (x86_64)", "Server_dvd", "VM BIOS")),
        ("install_default", "netinst", "uefi", ("Installation", "Boot_default_install", "Default boot and install (x86_64)", "Everything_netinst", "VM UEFI")),
        ("install_default_upload", "live", "arm", ("Installation", "Boot_default_install", "Default boot and install (aarch64)", "Workstation_live", "VM UEFI")),
        ("install_default_upload", "live", "uefi", ("Base", "base_initial_setup", "x86_64", "", "Workstation")),
        ("install_default_upload", "iot", "aarch64", ("General", "Boot_default_install", "", "IoT_dvd-ostree", "aarch64")),
        ("install_btrfs", "installer", "uefi", ("Installation", "partitioning_custom_btrfs", "Custom storage configuration", "", "x86_64 UEFI")),
        ("install_btrfs", "installer", "aarch64", ("Installation", "partitioning_custom_btrfs", "Custom storage configuration", "", "aarch64")),
        ("install_shrink_ntfs", "installer", "64bit", ("Installation", "partitioning_guided_shrink", "Guided storage shrinking", "", "ntfs")),
        ("install_arm_image_deployment_upload", "disk", "aarch64", ("Installation", "arm_image_deployment", "AArch64 disk images", "Minimal", "aarch64 VM")),
        ("cloud_autocloud", "cloud", "64bit", ("Cloud", "base_startup", "x86_64", "", "Local")),
        ("base_selinux", "cloud", "aarch64", ("Cloud", "base_selinux", "aarch64", "", "Local")),
        ("base_selinux", "ostree", "64bit", ("Base", "base_selinux", "x86_64", "", "Silverblue")),
        ("mediakit_repoclosure", "installer", "64bit", ("Installation", "Mediakit_Repoclosure", "", "", "Server")),
        ("papers", "live", "64bit", ("Desktop", "desktop_app_basic", "x86_64", "document viewer", "Workstation")),
        ("desktop_printing", "live", "aarch64", ("Desktop", "Printing_New_Printer", "aarch64", "virtual printer", "Workstation")),
        ("realmd_join_sssd", "installer", "64bit", ("Server", "realmd_join_sssd", "FreeIPA", "", "Result")),
        ("realmd_join_sssd_ad", "installer", "64bit", ("Server", "realmd_join_sssd", "Active Directory", "", "Result")),
        ("realmd_join_sssd_ad", "installer", "64bit", ("Server", "domain_client_authenticate", "", "(Active Directory)", "Result")),
        ("iot_clevis", "iot", "64bit", ("General", "Clevis", "", "", "x86_64")),
        ("base_services_start", "iot", "uefi", ("General", "base_services_start", "", "", "x86_64")),
        ("upgrade_2_server", "upgrade", "uefi", ("Installation", "upgrade_dnf_previous_any", "Upgrade", "", "x86_64 UEFI")),
        ("upgrade_server_domain_controller", "upgrade", "64bit", ("Server", "upgrade_dnf_current_server_domain_controller", "Upgrade tests", "", "x86_64")),
    ],
)  # fmt: skip
def test_a_cell_is_where_people_look_for_it(
    suite: str, medium: str, machine: str, cell: tuple[str, str, str, str, str]
) -> None:
    testtype, testcase, section, name, env = cell
    cid = MEDIA[medium].build
    expected = WikiPass(
        testtype, f"QA:Testcase_{testcase}", section, name, env, cid, "pass", bot=True
    )
    assert expected in cells(job(suite, medium, machine))


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"clone_id": 101}, "restarted as job 101"),
        ({"state": "running", "result": "none"}, "not ended: running"),
        ({"state": "uploading"}, "not ended: uploading"),
        ({"result": "user_cancelled"}, "result user_cancelled"),
        ({"result": "obsoleted"}, "result obsoleted"),
        ({"ADVISORY": "FEDORA-2026-1bd5f4a0c2"}, "tests packages"),
        ({"KOJITASK": "1"}, "tests packages"),
        ({"TAG": "f43-build-side-1"}, "tests packages"),
        ({"COPR": "me_it"}, "tests packages"),
        ({"ADVISORY_OR_TASK": "1"}, "tests packages"),
        ({"SUBVARIANT": "CoreOS"}, "CoreOS"),
        ({"SUBVARIANT": "coreos"}, "CoreOS"),
        ({"VERSION": "eln"}, "ELN"),
        ({"VERSION": "ELN"}, "ELN"),
        ({"FLAVOR": "Workstation-live_osbuild-iso"}, "is on no result page"),
        ({"BUILD": f"{COMPOSE}-EXTRA"}, "not to be reported"),
        ({"BUILD": f"{COMPOSE}-NOREPORT"}, "not to be reported"),
        ({"BUILD": "Update-FEDORA-2026-1bd5f4a0c2"}, "no compose with result pages"),
        ({"BUILD": ""}, "no compose with result pages"),
        ({"result": "failed"}, "result failed"),
        ({"result": "incomplete"}, "result incomplete"),
        ({"result": "parallel_failed"}, "result parallel_failed"),
    ],
)
def test_some_jobs_pass_nothing(changes: dict[str, Any], reason: str) -> None:
    assert reason in refused(job("base_selinux", **changes))


def test_softfailed_is_passed() -> None:
    assert passed_by(job("base_selinux", result="softfailed")) == {"QA:Testcase_base_selinux"}


@pytest.mark.parametrize(
    ("build", "might"),
    [
        (COMPOSE, True),
        (IOT, True),
        ("Fedora-43-20261120.n.1", True),
        ("Fedora-43-20261120.0", True),
        ("Update-FEDORA-2026-1bd5f4a0c2", False),
        ("Kojitask-1_2-NOREPORT", False),
        ("TAG_f43-build-side-1-NOREPORT", False),
        ("COPR_me/it-NOREPORT", False),
        ("Fedora-CoreOS-45.20261119.91.0", False),
        ("Fedora-eln-20261120.n.0", False),
        (f"{COMPOSE}-EXTRA", False),
        (f"{COMPOSE}-NOREPORT", False),
        ("Fedora-Cloud-43-20261120.0", False),
        ("Fedora-43-updates-20261120.0", False),
        ("", False),
    ],
)
def test_a_build_tells_whether_it_may_pass_anything(build: str, *, might: bool) -> None:
    assert might_pass(build) is might


def test_an_unknown_suite_is_a_warning() -> None:
    assert warned_by(job("nonesuch")) == ("suite nonesuch is not in the table of suites",)


@pytest.mark.parametrize("suite", ["support_server", "podman", "server_cockpit_updates"])
def test_a_suite_that_passes_nothing_on_purpose_is_no_warning(suite: str) -> None:
    reason = f"suite {suite} passes no test case, on purpose"
    assert passes(job(suite), siblings=(), tables=TABLES) == NotReported(reason)


def test_an_unknown_test_case_is_a_warning_and_the_others_pass() -> None:
    tables = replace(TABLES, suites={"some": (SuiteRow("QA:x"), SuiteRow("QA:Testcase_Clevis"))})
    answer = passes(job("some"), siblings=(), tables=tables)
    assert isinstance(answer, Passes)
    assert [one.testcase for one in answer.passes] == ["QA:Testcase_Clevis"]
    assert answer.warnings == ("test case QA:x is not in the table of test cases",)


def test_only_the_last_part_of_a_suite_tells_of_active_directory() -> None:
    tables = replace(TABLES, suites={"join_load": TABLES.suites["realmd_join_sssd_ad"]})
    assert {cell.section for cell in cells(job("join_load"), tables=tables)} == {"FreeIPA", ""}


def test_the_name_of_a_cell_is_never_guessed() -> None:
    own = job("base_selinux")
    settings = {name: value for name, value in own.settings.items() if name != "SUBVARIANT"}
    (warning,) = warned_by(replace(own, settings=settings))
    assert warning.startswith(
        "no value for $CLOUD_OR_BASE$, $SUBVARIANT_OR_LOCAL$ of QA:Testcase_base_selinux"
    )


def test_an_arch_without_columns_is_not_taken_for_another() -> None:
    (cell,) = cells(job("install_rescue_encrypted", ARCH="ppc64le"))
    assert cell.env == "ppc64le"


def test_a_case_that_is_passed_twice_is_passed_once() -> None:
    row = SuiteRow("QA:Testcase_Clevis")
    tables = replace(TABLES, suites={"some": (row, row)})
    assert len(cells(job("some"), tables=tables)) == 1


# modules

CORE = "workstation_core_applications"


@pytest.mark.parametrize("result", ["passed", "softfailed", "failed", "incomplete"])
@pytest.mark.parametrize("module", ["passed", "softfailed"])
def test_where_a_module_counts_the_job_does_not(result: str, module: str) -> None:
    own = job("apps_startstop", result=result, modules={CORE: module})
    assert passed_by(own) == {f"QA:Testcase_{CORE}"}


@pytest.mark.parametrize("module", ["failed", "none", "canceled"])
def test_a_module_that_has_not_passed_passes_nothing(module: str) -> None:
    assert refused(job("apps_startstop", modules={CORE: module})) == f"module {CORE}: {module}"


@pytest.mark.parametrize("result", ["user_cancelled", "obsoleted"])
def test_nor_does_one_of_a_job_that_was_stopped(result: str) -> None:
    own = job("apps_startstop", result=result, modules={CORE: "passed"})
    assert refused(own) == f"result {result}"


def test_a_missing_module_is_warned_of() -> None:
    assert warned_by(job("apps_startstop", modules={"other": "passed"})) == (
        f"has no module {CORE}",
    )


def test_but_kde_has_no_core_applications() -> None:
    assert refused(job("apps_startstop", DESKTOP="kde")) == f"has no module {CORE}"
    (warning,) = warned_by(job("apps_startstop", DESKTOP="gnome"))
    assert warning == f"has no module {CORE}"


def test_a_module_of_anybody_else_may_not_be_missing_in_kde() -> None:
    row = SuiteRow("QA:Testcase_Clevis", requires_modules=("other",))
    tables = replace(TABLES, suites={"some": (row,)})
    assert warned_by(job("some", DESKTOP="kde"), tables=tables) == ("has no module other",)


def test_each_test_case_is_judged_by_itself() -> None:
    own = job(
        "realmd_join_cockpit",
        result="failed",
        modules={"freeipa_webui": "passed", "freeipa_password_change": "failed"},
    )
    assert passed_by(own) == {"QA:Testcase_FreeIPA_web_ui"}


# other suites

CLIENT = "server_freeipa_replication_client"
MASTER = "server_freeipa_replication_master"
REPLICA = "server_freeipa_replication_replica"
REPLICATION = {"QA:Testcase_freeipa_replication"}


def test_all_required_suites_must_have_passed() -> None:
    siblings = job(MASTER, job_id=1), job(REPLICA, job_id=2, result="softfailed")
    assert passed_by(job(CLIENT), *siblings) == REPLICATION


@pytest.mark.parametrize(
    "replicas",
    [
        [],
        [job(REPLICA, job_id=2, result="failed")],
        [job(REPLICA, job_id=2, state="running", result="none")],
        [job(REPLICA, job_id=2), job(REPLICA, job_id=3, result="failed")],
        [job(REPLICA, job_id=3, result="failed"), job(REPLICA, job_id=2)],
        [job(REPLICA, job_id=2, clone_id=3)],
        [job(REPLICA, job_id=2, clone_id=3), job(REPLICA, job_id=3, result="failed")],
        [job(REPLICA, "netinst", job_id=2)],
        [job(REPLICA, machine="uefi", job_id=2)],
        [job(REPLICA, job_id=2, BUILD=IOT)],
    ],
)
def test_one_that_has_not_is_enough_to_pass_nothing(replicas: list[Job]) -> None:
    reason = refused(job(CLIENT), job(MASTER, job_id=1), *replicas)
    assert reason == f"{REPLICA} has not passed on the same machine and flavor"


def test_a_restarted_job_counts_as_its_newest_copy() -> None:
    failed = job(REPLICA, job_id=2, result="failed", clone_id=3)
    assert (
        passed_by(job(CLIENT), job(MASTER, job_id=1), failed, job(REPLICA, job_id=3)) == REPLICATION
    )


def test_the_job_itself_must_have_passed_too() -> None:
    siblings = job(MASTER, job_id=1), job(REPLICA, job_id=2)
    assert refused(job(CLIENT, result="failed"), *siblings) == "result failed"


@pytest.mark.parametrize("module", ["passed", "failed"])
@pytest.mark.parametrize("sibling", ["passed", "failed"])
@pytest.mark.parametrize("result", ["passed", "failed"])
def test_where_both_are_required_both_must_hold(module: str, sibling: str, result: str) -> None:
    row = SuiteRow("QA:Testcase_Clevis", ("part",), ("other",))
    tables = replace(TABLES, suites={"some": (row,), "other": ()})
    own = job("some", result=result, modules={"part": module})
    answer = passes(own, siblings=[job("other", result=sibling)], tables=tables)
    assert isinstance(answer, Passes) is (module == sibling == "passed")


def test_only_some_suites_need_to_know_of_others() -> None:
    assert needs_siblings(job(CLIENT), TABLES)
    assert not needs_siblings(job("base_selinux"), TABLES)
    assert not needs_siblings(job("nonesuch"), TABLES)


# the initial setup of desktops

SETUP = "QA:Testcase_base_initial_setup"


@pytest.mark.parametrize(
    ("suite", "medium", "result", "setup"),
    [
        ("install_default_upload", "live", "passed", True),
        ("install_default_upload", "ostree", "softfailed", True),
        ("install_default_upload", "installer", "passed", False),
        ("install_default_upload", "iot", "passed", False),
        ("install_default", "live", "passed", False),
    ],
)
def test_a_desktop_that_starts_has_been_set_up(
    suite: str, medium: str, result: str, *, setup: bool
) -> None:
    assert (SETUP in passed_by(job(suite, medium, result=result))) is setup


def test_one_that_fails_has_not() -> None:
    assert refused(job("install_default_upload", "live", result="failed")) == "result failed"


# anything

WORDS = st.text("abcXYZ_ -.0", max_size=6)
RESULTS = st.sampled_from(
    ["passed", "softfailed", "failed", "none", "incomplete", "user_cancelled", "obsoleted"]
)
MODULES = st.dictionaries(
    st.sampled_from([CORE, "freeipa_webui", "freeipa_password_change", "other"]), RESULTS
)
NAMES = st.sampled_from(
    ["SUBVARIANT", "IMAGETYPE", "DESKTOP", "UEFI", "VERSION", "ADVISORY", "TAG", "OTHER"]
)


@st.composite
def jobs(draw: st.DrawFn) -> Job:
    build = draw(st.sampled_from([COMPOSE, COMPOSE, IOT, f"{COMPOSE}-EXTRA", "Update-x", ""]))
    settings = {"BUILD": build, **draw(st.dictionaries(NAMES, WORDS, max_size=4))}
    return Job(
        id=draw(st.integers(1, 9)),
        flavor=draw(st.sampled_from(["Server-dvd-iso", "Workstation-live_osbuild-iso"])),
        arch=draw(st.sampled_from(["x86_64", "aarch64", "ppc64le", ""])),
        state=draw(st.sampled_from(["done", "done", "cancelled", "running", "scheduled"])),
        result=draw(RESULTS),
        test=draw(st.sampled_from([*SUITES, "nonesuch", ""])),
        machine=draw(st.sampled_from(["64bit", "uefi"])),
        clone_id=draw(st.sampled_from([None, None, 9])),
        settings=settings,
        modules=tuple(Module(name, result) for name, result in draw(MODULES).items()),
    )


@given(jobs(), st.lists(jobs(), max_size=5), st.randoms(use_true_random=False))
def test_whatever_the_job_what_it_passes_is_sure(
    job: Job, siblings: list[Job], random: Random
) -> None:
    answer = passes(job, siblings=siblings, tables=TABLES)
    if isinstance(answer, NotReported):
        assert answer.reason
        assert not answer.odd
        return
    assert answer.passes or answer.warnings
    assert might_pass(job.build)
    conditions = {row.testcase: row for row in TABLES.suites.get(job.test, ())}
    for one in answer.passes:
        texts = (one.testtype, one.section, one.testname, one.env)
        assert not any("$" in text for text in texts)
        assert one.testtype
        assert one.env
        assert one.cid == job.build
        row = conditions.get(one.testcase)
        assert job.result in {"passed", "softfailed"} or (row and row.requires_modules)
    if len({one.id for one in siblings}) == len(siblings):
        random.shuffle(siblings)
        assert passes(job, siblings=siblings, tables=TABLES) == answer


def test_a_placeholder_is_filled_once() -> None:
    case = WikiCase(testtype="$SUBVARIANT$", env="x")
    tables = WikiTables(suites={"some": (SuiteRow("QA:x"),)}, cases={"QA:x": case})
    (cell,) = cells(job("some", SUBVARIANT="$FS$"), tables=tables)
    assert cell.testtype == "$FS$"
