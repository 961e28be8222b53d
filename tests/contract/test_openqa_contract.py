"""What is accepted, and which settings the jobs of a product get."""

import re

import pytest

from tests.contract.json_types import Json
from tests.contract.signed import OpenQA, product
from tests.contract.templates import UPDATES


def settings_of(openqa: OpenQA, build: str, scenario: str) -> dict[str, str]:
    settings: dict[str, str] = openqa.by_scenario(build)[scenario]["settings"]
    return settings


@pytest.mark.parametrize(
    ("given", "missing"),
    [
        ({}, "DISTRI VERSION FLAVOR ARCH"),
        ({"DISTRI": "fedora"}, "VERSION FLAVOR ARCH"),
        ({"distri": "fedora", "VERSION": "1", "FLAVOR": "x", "ARCH": "y"}, "DISTRI"),
    ],
)
def test_missing_parameters_are_named_in_a_text(
    openqa: OpenQA, given: dict[str, str], missing: str
) -> None:
    answer = openqa.signed("POST", "isos", data=given)
    assert (answer.status_code, answer.text) == (400, f"Error: missing parameters: {missing}")


def test_an_unknown_flavor_is_a_success_with_an_error(openqa: OpenQA, build: str) -> None:
    answer = openqa.schedule("no-such-flavor", build)
    assert answer.pop("scheduled_product_id") > 0
    error = "no products found for fedora-no-such-flavor-x86_64"
    assert answer == {"count": 0, "error": error, "failed": {}, "ids": []}


def test_a_product_without_templates_is_404(openqa: OpenQA, build: str) -> None:
    answer = openqa.signed("POST", "isos", data=product("no-templates", build))
    assert answer.status_code == 404
    assert answer.json()["error"] == "no templates found for fedora-no-templates-x86_64"


@pytest.mark.parametrize(
    ("setting", "url", "host"),
    [
        ("ISO_URL", "https://evil.example.com/a.iso", "evil.example.com"),
        ("HDD_2_DECOMPRESS_URL", "https://evil.example.com/a.raw.xz", "evil.example.com"),
        ("HDD_1_URL", "/a/b.qcow2", ""),
    ],
)
def test_an_asset_of_an_unknown_host_is_refused_in_a_text(
    openqa: OpenQA, build: str, setting: str, url: str, host: str
) -> None:
    answer = openqa.signed("POST", "isos", data=product("plain", build, **{setting: url}))
    text = f"Asset download requested from non-passlisted host {host}."
    assert (answer.status_code, answer.text) == (403, text)


def test_hosts_are_compared_by_their_end_and_other_urls_not_at_all(
    openqa: OpenQA, build: str
) -> None:
    urls = {
        "ISO_URL": "https://a.notfedoraproject.org/a.iso",
        "SOME_URL": "https://evil.example.com/a.iso",
        "__ISO_URL": "https://evil.example.com/a.iso",
    }
    assert openqa.schedule("plain", build, **urls)["count"] == 1


def test_an_empty_asset_is_an_error(openqa: OpenQA, build: str) -> None:
    answer = openqa.schedule("plain", build, HDD_1="")
    assert answer["error"] == "Asset type and name must not be empty."


def test_all_settings_of_a_job(openqa: OpenQA, build: str) -> None:
    openqa.schedule("Server-dvd-iso", build)
    job = openqa.by_scenario(build)["install@64bit"]
    name = f"fedora-Rawhide-Server-dvd-iso-x86_64-Build{build}-install@64bit"
    assert job["name"] == name
    assert job["settings"] == {
        "ARCH": "x86_64",
        "BACKEND": "qemu",
        "BUILD": build,
        "DISTRI": "fedora",
        "FLAVOR": "Server-dvd-iso",
        "FORCED": "product",
        "FROM": "suite",
        "HDD_1": "disk_Server-dvd-iso_64bit.qcow2",
        "LITERAL": "100% of %",
        "MACHINE": "64bit",
        "MACHINE_WINS": "machine",
        "NAME": f"{job['id']:08d}-{name}",
        "NESTED": "a-Rawhide-x86_64-z",
        "NUMBERDISKS": "2",
        "PART_TABLE_TYPE": "mbr",
        "PRODUCT_ONLY": "1",
        "RELEASE": "Rawhide-x86_64",
        "START_AFTER_TEST": "",
        "SUITE_ONLY": "1",
        "TEST": "install",
        "TEST_SUITE_NAME": "install",
        "TWICE": "suite",
        "UNKNOWN": "[]",
        "VERSION": "Rawhide",
        "VERSION_TEXT": "Rawhide",
        "WORKER_CLASS": "qemu_x86_64",
    }


def test_posted_settings_override_all_but_the_forced_ones(openqa: OpenQA, build: str) -> None:
    posted = {"FROM": "post", "MACHINE_WINS": "post", "FORCED": "post", "TWICE": "post"}
    openqa.schedule("Server-dvd-iso", build, lower="case", **posted)
    settings = settings_of(openqa, build, "install@64bit")
    assert {key: settings[key] for key in (*posted, "LOWER")} == {
        "FROM": "post",
        "MACHINE_WINS": "post",
        "FORCED": "product",
        "TWICE": "suite",
        "LOWER": "case",
    }


def classes_of(job: Json) -> list[str]:
    """Give a job's worker classes; openQA keeps a row for each, and reads them in no order."""
    return sorted(job["settings"]["WORKER_CLASS"].split(","))


def test_settings_of_a_job_template_come_between_suite_and_post(openqa: OpenQA, build: str) -> None:
    openqa.schedule("row-settings", build)
    job = openqa.by_scenario(build)["install@64bit"]
    assert job["settings"]["FROM"] == "template"
    assert classes_of(job) == ["qemu_x86_64", "zone_p", "zone_t"]
    assert (job["priority"], job["group"]) == (40, "contract three")


def test_worker_classes_add_up_and_are_found_one_by_one(openqa: OpenQA, build: str) -> None:
    openqa.schedule("classes", build)
    classes = {name: classes_of(job) for name, job in openqa.by_scenario(build).items()}
    assert classes == {
        "classy@tap": ["qemu_x86_64", "tap", "zone_a", "zone_b"],
        "plain@bare": ["zone_b"],
    }
    assert len(openqa.jobs(build=build, worker_class="zone_a")) == 1


def test_a_job_without_a_worker_class_gets_that_of_its_arch(openqa: OpenQA, build: str) -> None:
    openqa.schedule("plain", build)
    assert settings_of(openqa, build, "plain@bare")["WORKER_CLASS"] == "qemu_x86_64"


def test_posted_values_are_substituted_too(openqa: OpenQA, build: str) -> None:
    openqa.schedule("Server-dvd-iso", build, PART="%NESTED%!", WHO="%TEST%@%MACHINE%")
    settings = settings_of(openqa, build, "install@uefi")
    assert (settings["PART"], settings["WHO"]) == ("a-Rawhide-x86_64-z!", "install@uefi")


def test_a_circle_of_values_schedules_nothing(openqa: OpenQA, build: str) -> None:
    answer = openqa.signed("POST", "isos", data=product("circular", build))
    assert answer.status_code == 400
    text = r"Error: The key [AB]_KEY contains a circular reference, its value is %[AB]_KEY%\.\n"
    assert re.fullmatch(text, answer.json()["error"])
    assert openqa.jobs(build=build) == []


def test_a_version_of_its_own_wins_over_the_star(openqa: OpenQA, build: str) -> None:
    openqa.schedule("Server-dvd-iso", build, VERSION="42", DISTRI="Fedora")
    jobs = openqa.by_scenario(build)
    assert set(jobs) == {"install@64bit"}
    settings = jobs["install@64bit"]["settings"]
    assert (settings["RELEASE"], settings["DISTRI"]) == ("exact", "fedora")


def test_asset_urls_become_assets(openqa: OpenQA, build: str) -> None:
    openqa.schedule(
        "Server-dvd-iso",
        build,
        ISO_URL="https://x.fedoraproject.org/a%2Fb/boot%20x.iso",
        HDD_2_DECOMPRESS_URL="https://x.fedoraproject.org/a/disk.raw.xz",
        HDD_3_URL="http://localhost/",
        HDD_4_URL="http://localhost/a/there.qcow2",
        HDD_4="own.qcow2",
        KERNEL_URL="http://localhost/vmlinuz",
        OTHER_URL="http://localhost/not-an-asset",
    )
    job = openqa.by_scenario(build)["install@64bit"]
    assets = {kind: sorted(names) for kind, names in job["assets"].items()}
    assert assets == {
        "iso": ["boot x.iso"],
        "hdd": ["disk.raw", "disk_Server-dvd-iso_64bit.qcow2", "own.qcow2"],
        "other": ["vmlinuz"],
    }
    assert job["settings"]["ISO_URL"] == "https://x.fedoraproject.org/a/b/boot x.iso"
    assert {"OTHER", "HDD_3"}.isdisjoint(job["settings"])
    assert len(openqa.jobs(build=build, iso="boot x.iso")) == 3
    assert len(openqa.jobs(build=build, hdd_1="disk_Server-dvd-iso_64bit.qcow2")) == 1


def test_parameters_about_the_product_stay_out_of_the_jobs(openqa: OpenQA, build: str) -> None:
    posted = {"__request": "7", "_DEPRIORITIZE_LIMIT": "70", **UPDATES}
    number = openqa.schedule("plain", build, **posted)["scheduled_product_id"]
    settings = settings_of(openqa, build, "plain@bare")
    assert not [key for key in settings if key.startswith("_")]
    record = openqa.signed("GET", f"isos/{number}").json()
    assert record["settings"]["__REQUEST"] == "7"
    assert record["settings"]["_OBSOLETE"] == "1"


def test_a_scheduled_product_is_remembered(openqa: OpenQA, build: str) -> None:
    answer = openqa.schedule("typing-errors", build)
    path = f"isos/{answer['scheduled_product_id']}"
    assert openqa.get(path).status_code == 403
    record = openqa.signed("GET", path, query={"include_job_ids": 1}).json()
    names = ("distri", "version", "flavor", "arch", "build", "iso", "status", "gru_task_id")
    assert [record[name] for name in names] == [
        *("fedora", "Rawhide", "typing-errors", "x86_64", build, "", "scheduled", None)
    ]
    assert record["results"]["successful_job_ids"] == answer["ids"]
    assert record["results"]["failed_job_info"] == answer["failed"]
    assert sorted(record["job_ids"]) == sorted(job["id"] for job in openqa.jobs(build=build))
    unknown = openqa.signed("GET", "isos/99999999")
    assert unknown.status_code == 404
    assert unknown.json() == {"error": "Scheduled product does not exist."}


def test_an_error_is_remembered(openqa: OpenQA, build: str) -> None:
    number = openqa.schedule("no-such-flavor", build)["scheduled_product_id"]
    results = openqa.signed("GET", f"isos/{number}").json()["results"]
    error = "no products found for fedora-no-such-flavor-x86_64"
    assert results == {"error": error, "error_code": 200}


def test_asynchronous_scheduling_answers_with_a_number(openqa: OpenQA, build: str) -> None:
    answer = openqa.schedule("plain", build, **{"async": "1"})
    assert set(answer) == {"scheduled_product_id", "gru_task_id", "minion_job_id"}
