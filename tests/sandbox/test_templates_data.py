"""The sandbox's templates are consistent; openQA would report errors only while scheduling."""

import json
import re
from collections import Counter
from collections.abc import Callable, Mapping
from importlib import resources
from typing import Any

import pytest

Settings = Mapping[str, str]

FLAVORS = {
    "Server-boot-iso": "x86_64 aarch64 ppc64le",
    "Server-dvd-iso": "x86_64 aarch64 ppc64le",
    "Server-raw_xz-raw.xz": "aarch64",
    "Everything-boot-iso": "x86_64 ppc64le",
    "Workstation-live-iso": "x86_64 ppc64le",
    "Workstation-raw_xz-raw.xz": "aarch64",
    "KDE-live-iso": "x86_64",
    "i3-live-iso": "x86_64",
    "Silverblue-dvd_ostree-iso": "x86_64 ppc64le",
    "Cloud_Base-qcow2-qcow2": "x86_64 aarch64 ppc64le",
    "Minimal-raw_xz-raw.xz": "aarch64",
    "Workstation-upgrade": "x86_64 aarch64",
    "universal": "x86_64 aarch64 ppc64le",
}
#: (flavor, arch) of the sandbox's compose
SCHEDULED = [(flavor, arch) for flavor, arches in FLAVORS.items() for arch in arches.split()]
#: (flavor, arch) of other composes
OTHERS = [
    *(("IoT-dvd_ostree-iso", arch) for arch in ("x86_64", "aarch64", "ppc64le")),
    *(("BaseOS-dvd-iso", "x86_64"), ("BaseOS-boot-iso", "x86_64")),
    ("Workstation-live_osbuild-iso", "x86_64"),
    *(("CoreOS-colive-iso", arch) for arch in ("x86_64", "aarch64")),
]
UPDATE_FLAVORS = {
    "cloud": "x86_64 aarch64",
    "container": "x86_64",
    "everything-boot-iso": "x86_64 aarch64",
    "kde": "x86_64",
    "kde-live-iso": "x86_64",
    "server": "x86_64 aarch64",
    "server-upgrade": "x86_64",
    "silverblue-dvd_ostree-iso": "x86_64",
    "workstation": "x86_64 aarch64",
    "workstation-live-iso": "x86_64",
    "workstation-upgrade": "x86_64",
}
#: (flavor, arch) of updates, Koji tasks, side tags and COPRs
UPDATES = [
    (f"updates-{flavor}", arch)
    for flavor, arches in UPDATE_FLAVORS.items()
    for arch in arches.split()
]
ALL = SCHEDULED + OTHERS + UPDATES
#: settings in the scheduler's request for a compose
REQUEST = {
    "CURRREL": "43",
    "RAWREL": "45",
    "UP1REL": "44",
    "UP2REL": "43",
    "VERSION": "Rawhide",
    "LOCATION": "http://127.0.0.1/compose",
    "QEMU_HOST_IP": "172.16.2.2",
    "ISO": "image.iso",
    "HDD_2": "image.raw",
}
#: settings in its request for an update; the empty START_AFTER_TEST overrides that of every suite
UPDATE_REQUEST = {
    "CURRREL": "43",
    "RAWREL": "45",
    "UP1REL": "42",
    "UP2REL": "41",
    "VERSION": "43",
    "ADVISORY_OR_TASK": "FEDORA-2026-3c1e7a90d2",
    "UPDATE_OR_TAG_REPO": "nfs://172.16.2.110:/mnt/update_repo",
    "QEMU_HOST_IP": "172.16.2.2",
    "START_AFTER_TEST": "",
    # packages of a Koji task or a COPR are not signed for Secure Boot
    "UEFI_PFLASH_CODE": "%INSECURE_PFLASH_CODE%",
    "UEFI_PFLASH_VARS": "%INSECURE_PFLASH_VARS%",
    "UEFI_SECURE": "",
}
DEPENDENCIES = ("START_AFTER_TEST", "PARALLEL_WITH")

TABLES: dict[str, list[dict[str, Any]]] = json.loads(
    resources.files("fedora_openqa.sandbox").joinpath("data/templates.json").read_text("utf-8")
)


def product_of(row: Mapping[str, Any]) -> tuple[str, str]:
    product = row["product"]
    return product["flavor"], product["arch"]


def is_of_update(flavor: str) -> bool:
    return flavor.startswith("updates-")


def settings_of(row: Mapping[str, Any]) -> Settings:
    return {setting["key"]: setting["value"] for setting in row["settings"]}


def named(table: str, name: Callable[[Mapping[str, Any]], Any]) -> dict[Any, Settings]:
    return {name(row): settings_of(row) for row in TABLES[table]}


PRODUCTS = named("Products", lambda row: (row["flavor"], row["arch"]))
MACHINES = named("Machines", lambda row: row["name"])
SUITES = named("TestSuites", lambda row: row["name"])


def jobs_of(flavor: str, arch: str) -> dict[tuple[str, str], Settings]:
    """Return the settings that openQA merges from product, machine and suite."""
    request = UPDATE_REQUEST if is_of_update(flavor) else REQUEST
    jobs: dict[tuple[str, str], Settings] = {}
    for row in TABLES["JobTemplates"]:
        if product_of(row) == (flavor, arch):
            suite, machine = row["test_suite"]["name"], row["machine"]["name"]
            settings = {
                **PRODUCTS[flavor, arch],
                **MACHINES[machine],
                **SUITES[suite],
                **request,
                "FLAVOR": flavor,
                "ARCH": arch,
                "MACHINE": machine,
            }
            plain = {key: value for key, value in settings.items() if key[0] != "+"}
            forced = {key[1:]: value for key, value in settings.items() if key[0] == "+"}
            jobs[suite, machine] = plain | forced
    return jobs


def expanded(value: str, settings: Settings) -> str:
    return re.sub(r"%(\w+)%", lambda found: settings[found[1]], value)


def parents_of(job: tuple[str, str], settings: Settings) -> list[tuple[str, str]]:
    names = [
        expanded(name.strip(), settings)
        for key in DEPENDENCIES
        for name in settings.get(key, "").split(",")
        if name.strip()
    ]
    pairs = (name.partition("@") for name in names)
    return [(suite, machine or job[1]) for suite, _, machine in pairs]


def test_it_is_as_large_as_a_distributions_plan() -> None:
    jobs = [row for row in TABLES["JobTemplates"] if product_of(row) in SCHEDULED]
    assert len(SCHEDULED) == 25
    assert len(TABLES["Products"]) >= 30
    assert len(TABLES["TestSuites"]) >= 85
    assert 300 <= len(jobs) <= 500


def test_it_has_the_tables_and_keys_that_openqa_load_templates_reads() -> None:
    columns = {table: {frozenset(row) for row in rows} for table, rows in TABLES.items()}
    assert columns == {
        "Machines": {frozenset({"name", "backend", "description", "settings"})},
        "Products": {frozenset({"distri", "version", "flavor", "arch", "settings"})},
        "TestSuites": {frozenset({"name", "settings"})},
        # openQA 4.6 ignores settings of a loaded job template, so it has none
        "JobTemplates": {frozenset({"group_name", "machine", "prio", "product", "test_suite"})},
    }


@pytest.mark.parametrize("table", ["Machines", "Products", "TestSuites"])
def test_settings_are_text_and_said_once(table: str) -> None:
    for row in TABLES[table]:
        keys = [setting["key"] for setting in row["settings"]]
        assert len(set(keys)) == len(keys), row
        assert all(isinstance(setting["value"], str) for setting in row["settings"]), row


@pytest.mark.parametrize(
    ("table", "names"), [("Machines", MACHINES), ("Products", PRODUCTS), ("TestSuites", SUITES)]
)
def test_no_name_is_given_twice(table: str, names: Mapping[Any, Settings]) -> None:
    assert len(names) == len(TABLES[table])


def test_no_job_is_listed_twice() -> None:
    rows = Counter(
        (product_of(row), row["machine"]["name"], row["test_suite"]["name"])
        for row in TABLES["JobTemplates"]
    )
    assert [row for row, count in rows.items() if count > 1] == []


def test_job_templates_name_what_exists() -> None:
    for row in TABLES["JobTemplates"]:
        of_update = is_of_update(row["product"]["flavor"])
        assert row["group_name"] == ("fedora updates" if of_update else "fedora")
        assert product_of(row) in PRODUCTS
        assert (row["product"]["distri"], row["product"]["version"]) == ("fedora", "*")
        assert row["machine"]["name"] in MACHINES
        assert row["test_suite"]["name"] in SUITES
        assert row["prio"] > 0


def test_every_product_is_one_that_the_scheduler_posts() -> None:
    assert set(PRODUCTS) == set(ALL)


@pytest.mark.parametrize(("flavor", "arch"), UPDATES)
def test_an_update_is_tested_by_a_few_jobs_of_each_flavor(flavor: str, arch: str) -> None:
    fewest = 5 if arch == "x86_64" else 4
    assert fewest <= len(jobs_of(flavor, arch)) <= 12


def test_every_machine_product_and_suite_is_used() -> None:
    rows = TABLES["JobTemplates"]
    assert {row["machine"]["name"] for row in rows} == set(MACHINES)
    assert {product_of(row) for row in rows} == set(PRODUCTS)
    assert {row["test_suite"]["name"] for row in rows} == set(SUITES)


def test_jobs_run_on_machines_of_their_arch() -> None:
    for row in TABLES["JobTemplates"]:
        machine = MACHINES[row["machine"]["name"]]
        assert f"qemu_{row['product']['arch']}" in machine["WORKER_CLASS"].split(","), row


@pytest.mark.parametrize(("flavor", "arch"), ALL)
def test_each_product_has_jobs_and_every_job_has_its_parents(flavor: str, arch: str) -> None:
    jobs = jobs_of(flavor, arch)
    assert jobs
    parents = {job: parents_of(job, settings) for job, settings in jobs.items()}
    missing = {job: names for job, names in parents.items() if not jobs.keys() >= set(names)}
    assert missing == {}
    used = {name for names in parents.values() for name in names}
    # openQA 4.6 lists in `failed` a job that is a parent on another machine only:
    # "has no child, check its machine placed or dependency setting typos"
    suites = {suite for suite, _ in used}
    assert [job for job in jobs if job[0] in suites and job not in used] == []


@pytest.mark.parametrize(("flavor", "arch"), ALL)
def test_no_placeholder_stays_open(flavor: str, arch: str) -> None:
    for settings in jobs_of(flavor, arch).values():
        for value in settings.values():
            assert "%" not in expanded(value, settings)


@pytest.mark.parametrize(("flavor", "arch"), ALL)
def test_a_disk_or_iso_of_another_job_is_made_by_a_parent(flavor: str, arch: str) -> None:
    jobs = jobs_of(flavor, arch)
    made = {
        expanded(settings[key], settings): job
        for job, settings in jobs.items()
        for key in ("STORE_HDD_1", "BUILD_ISO")
        if key in settings
    }
    for job, settings in jobs.items():
        if expanded(settings.get("START_AFTER_TEST", ""), settings):
            media = [expanded(settings.get(key, ""), settings) for key in ("HDD_1", "ISO")]
            assert {made.get(medium) for medium in media} & set(parents_of(job, settings)), job


def test_jobs_of_updates_follow_others_though_the_request_says_they_do_not() -> None:
    followers = {
        (flavor, job[0]): expanded(settings["START_AFTER_TEST"], settings)
        for flavor, arch in UPDATES
        for job, settings in jobs_of(flavor, arch).items()
        if job[1] == "64bit"
    }
    assert followers["updates-server", "server_cockpit_updates"] == ""
    assert (
        followers["updates-server-upgrade", "upgrade_server_reboot"] == "upgrade_server_encrypted"
    )
    live = ("install_default_update_live", "desktop_terminal")
    assert [followers["updates-kde-live-iso", suite] for suite in live] == [
        "live_build@64bit",
        "install_default_update_live",
    ]


def test_the_oddities_that_an_openqa_must_know_are_there() -> None:
    values = [(key, value) for suite in SUITES.values() for key, value in suite.items()]
    assert len({key for key, _ in values if key.startswith("+")}) >= 2
    assert any(key == "START_AFTER_TEST" and "@" in value for key, value in values)
    assert any(key == "PARALLEL_WITH" and "@" in value for key, value in values)
    assert any(key.startswith("HDD_") and "%UP1REL%" in value for key, value in values)
    assert any(key == "START_AFTER_TEST" and "%" in value for key, value in values)


def test_the_file_has_a_line_per_row() -> None:
    text = (resources.files("fedora_openqa.sandbox") / "data/templates.json").read_text("utf-8")
    rows = [json.loads(line.rstrip(",")) for line in text.splitlines() if line.startswith('{"')]
    assert rows == [row for table in TABLES.values() for row in table]
