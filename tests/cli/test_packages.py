"""The commands that test packages, on the sandbox: what people see, and what openQA gets."""

import pytest

from fedora_openqa.sandbox.faults import Kind, Rule
from tests.cli.conftest import TWO_TRIES, CommandOnSandbox, Ended

#: updates of the sandbox's Bodhi
CORE = "FEDORA-2026-3c1e7a90d2"
MANY = "FEDORA-2026-a84f20c6be"
OLDEST = "FEDORA-2026-2ea4091b7c"
RAWHIDE = "FEDORA-2026-f09c62be85"
ELN = "FEDORA-2026-32f1908ad7"
ALL_FLAVORS = {
    f"updates-{flavor}"
    for flavor in [
        "cloud",
        "container",
        "server",
        "server-upgrade",
        "kde",
        "kde-live-iso",
        "workstation",
        "workstation-upgrade",
        "workstation-live-iso",
        "everything-boot-iso",
        "silverblue-dvd_ostree-iso",
    ]
}


def plan(cli: CommandOnSandbox, *arguments: str) -> list[dict[str, str]]:
    ended = cli.run(*arguments, "--dry-run", "--format", "json")
    assert ended.status == 0, ended.err
    plan: list[dict[str, str]] = ended.json
    return plan


def flavors(ended: Ended) -> set[str]:
    return {product["flavor"] for product in ended.json["products"]}


PAGE = f"https://bodhi.fedoraproject.org/updates/{CORE}"


@pytest.mark.parametrize("given_as", [CORE, PAGE, f"{PAGE}/#comment-1", CORE.lower()])
def test_a_core_update_is_posted_with_exactly_these_settings(
    cli: CommandOnSandbox, given_as: str
) -> None:
    ended = cli.run("update", given_as, "--format", "json")
    assert ended.status == 0, ended.err
    assert flavors(ended) == ALL_FLAVORS
    posted = [cli.get(f"isos/{number + 1}")["settings"] for number in range(11)]
    nvrs = " ".join(build["nvr"] for build in cli.read(f"bodhi/updates/{CORE}")["update"]["builds"])
    for settings in posted:
        assert settings == {
            "DISTRI": "fedora",
            "VERSION": "43",
            "ARCH": "x86_64",
            "FLAVOR": settings["FLAVOR"],
            "BUILD": f"Update-{CORE}",
            "_OBSOLETE": "1",
            "_ONLY_OBSOLETE_SAME_BUILD": "1",
            "QEMU_HOST_IP": "172.16.2.2",
            "NICTYPE_USER_OPTIONS": "net=172.16.2.0/24",
            "CURRREL": "43",
            "RAWREL": "45",
            "UP1REL": "42",
            "UP2REL": "41",
            "ADVISORY": CORE,
            "ADVISORY_OR_TASK": CORE,
            "ADVISORY_NVRS_1": nvrs,
            "UPDATE_OR_TAG_REPO": "nfs://172.16.2.110:/mnt/update_repo",
            "START_AFTER_TEST": "",
        }
    assert {settings["FLAVOR"] for settings in posted} == ALL_FLAVORS


def test_an_update_costs_few_requests_and_none_twice(cli: CommandOnSandbox) -> None:
    cli.run("update", CORE)
    requests = cli.sandbox.requests.all()
    reads = [(r.path, r.query) for r in requests if r.method == "GET"]
    assert len(reads) == len(set(reads)) == 3
    assert len(requests) <= 11 + 4


def test_tasks_cost_few_requests_too(cli: CommandOnSandbox) -> None:
    cli.run("task", "1,2", "43")
    assert len(cli.sandbox.requests.all()) == 11 + 3


def test_287_packages_make_15_settings(cli: CommandOnSandbox) -> None:
    settings = plan(cli, "update", MANY, "--flavor", "server")[0]
    nvrs = [settings[f"ADVISORY_NVRS_{number}"].split() for number in range(1, 16)]
    assert "ADVISORY_NVRS_16" not in settings
    assert [len(part) for part in nvrs] == [20] * 14 + [7]


def test_the_oldest_release_gets_no_upgrade(cli: CommandOnSandbox) -> None:
    found = {settings["FLAVOR"] for settings in plan(cli, "update", OLDEST)}
    assert found == ALL_FLAVORS - {"updates-server-upgrade", "updates-workstation-upgrade"}


def test_rawhide_names_its_buildroot(cli: CommandOnSandbox) -> None:
    settings = plan(cli, "update", RAWHIDE)[0]
    assert (settings["VERSION"], settings["BUILDROOT_REPO"]) == ("45", "f45-build")


def test_eln_has_flavors_of_its_own(cli: CommandOnSandbox) -> None:
    (settings,) = plan(cli, "update", ELN)
    assert settings["FLAVOR"] == "updates-everything-boot-iso"
    assert (settings["VERSION"], settings["QEMUCPU"]) == ("eln", "Haswell")
    assert settings["BUILDROOT_REPO"] == "eln-build"


@pytest.mark.parametrize("release", [["44"], ["--release", "44"], ["44", "--release", "44"]])
def test_an_update_may_be_tested_on_another_release(
    cli: CommandOnSandbox, release: list[str]
) -> None:
    settings = plan(cli, "update", CORE, *release, "--flavor", "server")[0]
    assert settings["VERSION"] == "44"


@pytest.mark.parametrize(
    ("alias", "reason"),
    [
        ("FEDORA-EPEL-2026-6b5de0274a", "is an update of FEDORA-EPEL"),
        ("FEDORA-FLATPAK-2026-a1c83f5e90", "is an update of FEDORA-FLATPAK"),
        ("FEDORA-CONTAINER-2026-d8e47b2063", "is an update of FEDORA-CONTAINER"),
        ("FEDORA-2026-0000000000", "Bodhi has no update FEDORA-2026-0000000000"),
        ("kernel-6.17.4-300.fc43", "not the id or the URL of an update"),
    ],
)
def test_what_is_not_tested_ends_in_one_line(
    cli: CommandOnSandbox, alias: str, reason: str
) -> None:
    ended = cli.run("update", alias)
    assert (ended.status, ended.out) == (1, "")
    assert reason in ended.err
    assert len(ended.err.splitlines()) == 1
    assert not cli.posts


def test_bodhi_not_answering_is_no_answer(cli: CommandOnSandbox) -> None:
    cli.configure(TWO_TRIES)
    cli.sandbox.faults.add(Rule(Kind.ANSWER, path="/bodhi/", status=503))
    ended = cli.run("update", CORE)
    assert ended.status == 1
    assert "503" in ended.err
    tasks = cli.run("task", "1", "45", "--flavor", "server")
    assert tasks.status == 0
    assert "BUILDROOT_REPO" not in cli.get("isos/1")["settings"]


def test_flavors_arches_and_duplicates(cli: CommandOnSandbox) -> None:
    first = cli.run("update", CORE, "--flavor", "updates-server,cloud", "--format", "json")
    assert flavors(first) == {"updates-server", "updates-cloud"}
    again = cli.run("update", CORE, "--flavor", "server", "--flavor", "kde", "--format", "json")
    states = {p["flavor"]: p["state"] for p in again.json["products"]}
    assert states == {"updates-server": "existing", "updates-kde": "posted"}
    forced = cli.run("update", CORE, "--flavor", "server", "--force", "--format", "json")
    assert forced.json["jobs"]
    arm = cli.run("update", CORE, "--flavor", "server", "-a", "aarch64", "--format", "json")
    assert [(p["arch"], p["state"]) for p in arm.json["products"]] == [("aarch64", "posted")]


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (
            ["task", "123,456", "43"],
            {
                "BUILD": "Kojitask-123_456-NOREPORT",
                "KOJITASK": "123_456",
                "ADVISORY_OR_TASK": "123_456",
                "UEFI_SECURE": "",
            },
        ),
        (
            ["tag", "f45-build-side-1", "45"],
            {
                "BUILD": "TAG_f45-build-side-1-NOREPORT",
                "TAG": "f45-build-side-1",
                "BUILDROOT_REPO": "f45-build",
                "UPDATE_OR_TAG_REPO": "https://kojipkgs.fedoraproject.org/repos/f45-build-side-1/latest/x86_64",
            },
        ),
        (
            ["task", "123", "f43"],
            {"BUILD": "Kojitask-123-NOREPORT", "VERSION": "43", "UP1REL": "42"},
        ),
        (
            ["tag", "f45-build-side-1", "Rawhide"],
            {"VERSION": "45", "BUILDROOT_REPO": "f45-build", "UP1REL": "44"},
        ),
        (
            ["update", CORE, "rawhide"],
            {"VERSION": "45", "BUILDROOT_REPO": "f45-build", "UP1REL": "44"},
        ),
        (
            ["copr", "owner/name:pr:12", "rawhide"],
            {
                "VERSION": "45",
                "BUILD": "COPR_owner/name:pr:12-NOREPORT",
                "COPR": "owner_name_pr_12",
                "ADVISORY_OR_TASK": "owner_name_pr_12",
                "UPDATE_OR_TAG_REPO": "https://download.copr.fedorainfracloud.org/results/owner/name:pr:12/fedora-rawhide-x86_64",
            },
        ),
        (
            ["copr", "@rust/next", "45"],
            {
                "BUILD": "COPR_@rust/next-NOREPORT",
                "COPR": "_rust_next",
                "UEFI_PFLASH_CODE": "%INSECURE_PFLASH_CODE%",
                "UPDATE_OR_TAG_REPO": "https://download.copr.fedorainfracloud.org/results/@rust/next/fedora-rawhide-x86_64",
            },
        ),
    ],
)
def test_other_packages_are_scheduled(
    cli: CommandOnSandbox, arguments: list[str], expected: dict[str, str]
) -> None:
    ended = cli.run(*arguments, "--flavor", "server", "--format", "json")
    assert ended.status == 0, ended.err
    assert ended.json["jobs"]
    settings = cli.get("isos/1")["settings"]
    assert settings | expected == settings


@pytest.mark.parametrize(
    "arguments",
    [
        ["task", "x", "43"],
        ["task", "1", "F0"],
        ["task", "1", "branched"],
        ["task", "0", "43"],
        ["task", "1" * 5000, "43"],
        ["task", "1"],
        ["tag", "../x", "43"],
        ["copr", "name", "43"],
        ["copr", "a/b/c", "43"],
        ["update", CORE, "43", "--release", "44"],
        ["update", CORE, "next"],
        ["update", CORE, "--arch", "amd64"],
        ["copr", "owner/name:", "43"],
        ["compose", "http://x", "--arches", "x86_64,amd64"],
        ["image", "http://x", "x.iso", "--arch", "arm64"],
    ],
)
def test_wrong_usage_is_said_before_anything_is_asked(
    cli: CommandOnSandbox, arguments: list[str]
) -> None:
    ended = cli.run(*arguments)
    assert ended.status == 2
    assert "Error: " in ended.err
    assert not cli.sandbox.requests.all()


def test_a_coreos_build_is_scheduled_once(cli: CommandOnSandbox) -> None:
    url = f"{cli.sandbox.url}{cli.sandbox.coreos_path}"
    ended = cli.run("fcosbuild", url, "--format", "json")
    assert ended.status == 0, ended.err
    settings = cli.get("isos/1")["settings"]
    assert settings["BUILD"] == "Fedora-CoreOS-45.20261119.91.0"
    assert settings["ISO_URL"].startswith(f"{url}/")
    assert settings["LOCATION"] == ""
    assert cli.run("fcosbuild", url).status == 1


def test_a_coreos_build_without_a_live_image_says_so(cli: CommandOnSandbox) -> None:
    url = f"{cli.sandbox.url}{cli.sandbox.coreos_path}".replace("20261119", "20261120")
    ended = cli.run("fcosbuild", url)
    assert (ended.status, ended.out) == (1, "")
    assert "has no live image" in ended.err


def test_what_is_blocked_or_paused_says_why(cli: CommandOnSandbox) -> None:
    cli.configure(f'[blocklist]\n"{CORE}" = "it loops"\n[paused]\n"task:43" = "disk images"\n')
    blocked = cli.run("update", CORE)
    assert (blocked.status, blocked.out) == (1, "")
    assert "it loops" in blocked.err
    assert "disk images" in cli.run("task", "1", "43").err
    assert cli.run("task", "1", "44", "--flavor", "server").status == 0


def test_jobs_of_the_builds_before_an_edit_are_not_its_jobs(cli: CommandOnSandbox) -> None:
    assert cli.run("update", CORE, "--flavor", "server").status == 0
    cli.sandbox.updates.edit(CORE, builds=("kernel-7.0.0-1.fc43",))
    edited = cli.run("update", CORE, "--flavor", "server", "--format", "json")
    assert (edited.status, [p["state"] for p in edited.json["products"]]) == (0, ["posted"])
    assert cli.get("isos/2")["settings"]["ADVISORY_NVRS_1"] == "kernel-7.0.0-1.fc43"
    again = cli.run("update", CORE, "--flavor", "server")
    assert (again.status, len(cli.posts)) == (1, 2)
    assert "openQA already has jobs of all 1 products" in again.err


def test_jobs_on_another_release_are_not_those_of_this_one(cli: CommandOnSandbox) -> None:
    for release in ("43", "44"):
        assert cli.run("task", "1", release, "--flavor", "server").status == 0
        assert cli.run("task", "1", release, "--flavor", "server").status == 1
    assert len(cli.posts) == 2


@pytest.mark.parametrize("status", ["obsolete", "unpushed", "stable"])
def test_a_person_may_have_any_update_tested(cli: CommandOnSandbox, status: str) -> None:
    cli.sandbox.updates.edit(CORE, status=status)
    assert cli.run("update", CORE, "--flavor", "server").status == 0
