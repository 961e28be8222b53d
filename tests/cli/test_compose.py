"""``fedora-openqa compose`` on the sandbox: what people see, and what openQA gets."""

import json
import os
import pty
import re
import signal
import subprocess
import sys
import time

import pytest

from fedora_openqa.sandbox.faults import Kind, Rule
from tests.cli.conftest import TWO_TRIES, CommandOnSandbox

BUILD = "Fedora-Rawhide-20261120.n.0"
CANDIDATE = "Fedora-44-20261118.0"

#: the products of the sandbox's compose: flavor, arches, SUBVARIANT, IMAGETYPE, the setting
#: with the image's URL, the image's path in the compose
PRODUCTS = """
Server-boot-iso x86_64,aarch64,ppc64le Server boot ISO_URL Server/{arch}/iso/Fedora-Server-netinst-{arch}-{release}.iso
Server-dvd-iso x86_64,aarch64,ppc64le Server dvd ISO_URL Server/{arch}/iso/Fedora-Server-dvd-{arch}-{release}.iso
Server-raw_xz-raw.xz aarch64 Server raw-xz HDD_2_DECOMPRESS_URL Server/{arch}/images/Fedora-Server-Host-Generic-{release}.{arch}.raw.xz
Everything-boot-iso x86_64,ppc64le Everything boot ISO_URL Everything/{arch}/iso/Fedora-Everything-netinst-{arch}-{release}.iso
Workstation-live-iso x86_64,ppc64le Workstation live ISO_URL Workstation/{arch}/iso/Fedora-Workstation-Live-{release}.{arch}.iso
Workstation-raw_xz-raw.xz aarch64 Workstation raw-xz HDD_2_DECOMPRESS_URL Workstation/{arch}/images/Fedora-Workstation-Disk-{release}.{arch}.raw.xz
KDE-live-iso x86_64 KDE live ISO_URL KDE/{arch}/iso/Fedora-KDE-Desktop-Live-{release}.{arch}.iso
i3-live-iso x86_64 i3 live ISO_URL Spins/{arch}/iso/Fedora-i3-Live-{release}.{arch}.iso
Silverblue-dvd_ostree-iso x86_64,ppc64le Silverblue dvd-ostree ISO_URL Silverblue/{arch}/iso/Fedora-Silverblue-ostree-{arch}-{release}.iso
Cloud_Base-qcow2-qcow2 x86_64,aarch64,ppc64le Cloud_Base qcow2 HDD_2_URL Cloud/{arch}/images/Fedora-Cloud-Base-Generic-{release}.{arch}.qcow2
Minimal-raw_xz-raw.xz aarch64 Minimal raw-xz HDD_2_DECOMPRESS_URL Spins/{arch}/images/Fedora-Minimal-{release}.{arch}.raw.xz
Workstation-upgrade x86_64,aarch64 Workstation upgrade - -
universal x86_64,aarch64,ppc64le Server upgrade - -
"""
TOOLBOX = "Container/{arch}/images/Fedora-Container-Toolbox-{release}.{arch}.oci.tar.xz"


def expected(
    location: str, build: str, release: str, **common: str
) -> dict[tuple[str, str], dict[str, str]]:
    """Return the settings that are posted for each flavor and arch."""
    posts = {}
    for row in PRODUCTS.strip().splitlines():
        flavor, arches, subvariant, imagetype, setting, path = row.split()
        for arch in arches.split(","):
            image = {}
            if setting != "-":
                image = {
                    setting: f"{location}/{path.format(arch=arch, release=release)}",
                    "TOOLBOX_IMAGE": f"{location}/{TOOLBOX.format(arch=arch, release=release)}",
                }
            posts[flavor, arch] = {
                "DISTRI": "fedora",
                "ARCH": arch,
                "FLAVOR": flavor,
                "BUILD": build,
                "_OBSOLETE": "1",
                "_ONLY_OBSOLETE_SAME_BUILD": "1",
                "QEMU_HOST_IP": "172.16.2.2",
                "NICTYPE_USER_OPTIONS": "net=172.16.2.0/24",
                "LOCATION": location,
                "SUBVARIANT": subvariant,
                "IMAGETYPE": imagetype,
                **common,
                **image,
            }
    return posts


RAWHIDE = {"VERSION": "Rawhide", "CURRREL": "43", "RAWREL": "45", "UP1REL": "44", "UP2REL": "43"}


def posted(cli: CommandOnSandbox) -> dict[tuple[str, str], dict[str, str]]:
    """Ask openQA which settings it was sent."""
    products = [cli.get(f"isos/{number + 1}") for number in range(len(cli.posts))]
    return {
        (product["settings"]["FLAVOR"], product["settings"]["ARCH"]): product["settings"]
        for product in products
    }


def test_a_whole_compose_is_posted_with_exactly_these_settings(cli: CommandOnSandbox) -> None:
    ended = cli.compose("--arches", "", "--format", "json")
    assert ended.status == 0, ended.err
    location = cli.sandbox.compose_location
    assert posted(cli) == expected(location, BUILD, "Rawhide-20261120.n.0", **RAWHIDE)
    assert len(cli.posts) == 25


def test_a_dry_run_shows_the_same_settings_and_writes_nothing(cli: CommandOnSandbox) -> None:
    ended = cli.compose("--arches", "", "--dry-run", "--format", "json")
    assert ended.status == 0, ended.err
    location = cli.sandbox.compose_location
    plan = {(settings["FLAVOR"], settings["ARCH"]): settings for settings in ended.json}
    assert plan == expected(location, BUILD, "Rawhide-20261120.n.0", **RAWHIDE)
    assert not cli.sandbox.requests.all(method="POST")


def test_a_dry_run_reads_well(cli: CommandOnSandbox) -> None:
    ended = cli.compose("--flavors", "i3-live-iso", "--dry-run")
    assert ended.out.startswith("i3-live-iso x86_64: would be posted\n  DISTRI=fedora\n")
    assert ended.out.endswith("Would post 1 product\n")


def test_each_request_is_sent_once(cli: CommandOnSandbox) -> None:
    cli.compose("--arches", "")
    requests = cli.sandbox.requests.all()
    reads = [(r.method, r.path, r.query) for r in requests if r.method == "GET"]
    assert len(reads) == len(set(reads)) == 5
    assert len(requests) == 25 + 5


def test_a_candidate_is_labelled_and_kept(cli: CommandOnSandbox) -> None:
    location = f"{cli.sandbox.url}/compose/44/{CANDIDATE}/compose"
    ended = cli.compose("--arches", "", location=location)
    assert ended.status == 0, ended.err
    assert len(cli.sandbox.requests.all()) == 25 + 7
    numbers = {"VERSION": "44", "CURRREL": "43", "RAWREL": "45", "UP1REL": "43", "UP2REL": "42"}
    assert posted(cli) == expected(location, CANDIDATE, "44-1.2", LABEL="RC-1.2", **numbers)
    comments = cli.get("groups/1/comments")
    assert [c["text"] for c in comments] == [f"tag:{CANDIDATE}:important:candidate"]


def test_the_text_ends_with_the_jobs(cli: CommandOnSandbox) -> None:
    ended = cli.compose("--flavors", "i3-live-iso")
    assert re.fullmatch(r"i3-live-iso x86_64: 3 jobs\nScheduled jobs: \d+-\d+\n", ended.out)
    assert ended.err == ""


def test_the_json_says_what_became_of_each_product(cli: CommandOnSandbox) -> None:
    cli.compose("--flavors", "i3-live-iso")
    ended = cli.compose("--flavors", "i3-live-iso,KDE-live-iso", "--format", "json")
    shown = ended.json
    (posted,) = [product for product in shown["products"] if product["state"] == "posted"]
    assert shown["target"] == cli.sandbox.compose_location
    assert shown["jobs"] == posted["jobs"]
    assert {(p["flavor"], p["arch"], p["state"]) for p in shown["products"]} == {
        ("i3-live-iso", "x86_64", "existing"),
        ("KDE-live-iso", "x86_64", "posted"),
    }


def test_a_second_run_schedules_nothing(cli: CommandOnSandbox) -> None:
    cli.compose("--arches", "")
    again = cli.compose("--arches", "")
    assert again.status == 1
    assert "already has jobs of all 25 products" in again.err
    assert len(cli.posts) == 25
    assert not cli.compose("--arches", "", "--format", "json").json["jobs"]


def test_force_obsoletes_and_schedules_again(cli: CommandOnSandbox) -> None:
    first = cli.compose("--flavors", "universal", "--format", "json").json["jobs"]
    second = cli.compose("--flavors", "universal", "--force", "--format", "json").json["jobs"]
    assert len(second) == len(first)
    jobs = {job["id"]: job for job in cli.get("jobs", build=BUILD)["jobs"]}
    assert {jobs[number]["state"] for number in first} == {"cancelled"}
    assert {jobs[number]["state"] for number in second} == {"scheduled"}


def test_cancelled_jobs_are_scheduled_again(cli: CommandOnSandbox) -> None:
    cli.compose("--flavors", "i3-live-iso")
    cli.compose("--flavors", "i3-live-iso", "--force")
    for job in cli.get("jobs", build=BUILD, state="scheduled")["jobs"]:
        cli.post(f"jobs/{job['id']}/cancel")
    assert cli.compose("--flavors", "i3-live-iso").status == 0


def test_an_updates_image_sets_the_build_apart(cli: CommandOnSandbox) -> None:
    cli.compose("--flavors", "i3-live-iso")
    ended = cli.compose("--flavors", "i3-live-iso", "-u", "http://x/u.img", "--format", "json")
    assert ended.status == 0
    settings = cli.get("isos/2")["settings"]
    assert settings["BUILD"] == f"{BUILD}-EXTRA"
    assert settings["GRUBADD"] == "inst.updates=http://x/u.img"


@pytest.mark.parametrize("flavors", ["nonesuch", "Minimal-raw_xz-raw.xz"])
def test_nothing_left_to_schedule_is_said(cli: CommandOnSandbox, flavors: str) -> None:
    ended = cli.compose("--flavors", flavors)
    assert (ended.status, ended.out) == (1, "")
    assert ended.err == "Nothing scheduled: Compose found, but no available images\n"


def test_a_product_openqa_does_not_know_is_named(cli: CommandOnSandbox) -> None:
    (cli.directory / "images.toml").write_text(
        '[[image]]\nsubvariant = "Mate"\ntype = "live"\nformat = "iso"\narches = ["x86_64"]\n'
    )
    cli.configure(f'[tables]\ndirectory = "{cli.directory}"\n')
    ended = cli.compose()
    assert ended.status == 1
    assert "Mate-live-iso x86_64: empty: no products found" in ended.out
    assert "no products found for fedora-Mate-live-iso-x86_64" in ended.err


def test_an_image_of_unknown_format_stops_no_other(cli: CommandOnSandbox) -> None:
    (cli.directory / "images.toml").write_text(
        '[[image]]\nsubvariant = "i3"\ntype = "live"\nformat = "iso"\narches = ["x86_64"]\n'
        '[[image]]\nsubvariant = "Cloud_Base"\ntype = "vhd-compressed"\nformat = "vhd.xz"\n'
        'arches = ["x86_64"]\n'
    )
    cli.configure(f'[tables]\ndirectory = "{cli.directory}"\n')
    ended = cli.compose()
    assert ended.status == 3
    assert "i3-live-iso x86_64: 3 jobs" in ended.out
    assert "Failed: Cloud_Base-vhd_compressed-vhd.xz x86_64" in ended.err
    assert "'vhd.xz'" in ended.err


@pytest.mark.parametrize(
    "fault",
    [
        Rule(Kind.ANSWER_AFTER, method="POST", status=502, times=1),
        Rule(Kind.ANSWER_AFTER, method="POST", status=500, times=1),
        Rule(Kind.DROP_AFTER, method="POST", times=1),
        Rule(Kind.CUT, method="POST", times=1),
        Rule(Kind.ANSWER, method="POST", status=500, times=1),
        Rule(Kind.DROP, method="POST", times=1),
        Rule(Kind.ANSWER, method="POST", status=200, body="<html>", times=1),
        Rule(Kind.HANG, method="POST", times=1),
    ],
    ids=["502 after", "500 after", "drop after", "cut", "500", "drop", "html", "hang"],
)
def test_every_product_is_scheduled_once_whatever_happens_to_a_post(
    cli: CommandOnSandbox, fault: Rule
) -> None:
    # a POST that is late on a slow machine would be taken for a lost one
    seconds = 8.0 if fault.kind is Kind.HANG else 60.0
    cli.config.write_text(
        cli.config.read_text().replace(
            "[openqa]\n", f"[openqa]\npost_timeout = {seconds}\nlook_again_after = 0.05\n"
        )
        + TWO_TRIES
    )
    cli.sandbox.faults.add(fault)
    ended = cli.compose("--flavors", "i3-live-iso,KDE-live-iso", "--format", "json")
    assert ended.status == 0, ended.err
    jobs = cli.get("jobs", build=BUILD)["jobs"]
    assert sorted(job["id"] for job in jobs) == ended.json["jobs"]
    scenarios = [(job["settings"]["FLAVOR"], job["name"]) for job in jobs]
    assert len(scenarios) == len(set(scenarios)) == 3 + 29


def test_an_asset_host_that_openqa_does_not_allow_is_said(cli: CommandOnSandbox) -> None:
    cli.configure("[site]\nHDD_1_URL = 'http://evil.example/x.qcow2'\n")
    refused = cli.compose("--flavors", "i3-live-iso")
    assert refused.status == 1
    assert "403 Asset download requested from non-passlisted host evil.example" in refused.err
    assert len(refused.err.splitlines()) == 2


def test_a_failure_of_some_products_is_partly_done(cli: CommandOnSandbox) -> None:
    cli.sandbox.faults.add(Rule(Kind.ANSWER, method="POST", status=400, body="no", times=1))
    ended = cli.compose("--flavors", "i3-live-iso,KDE-live-iso")
    assert ended.status == 3
    assert "Scheduled jobs: " in ended.out
    assert re.search(
        r"^Failed: (i3|KDE)-live-iso x86_64: POST .*: 400 no$", ended.err, re.MULTILINE
    )


#: what is wrong, which exit status it has, what is said about it
BAD_LOCATIONS = [
    ("/nothing/here", 1, "no compose here"),
    ("/compose/rawhide/Fedora-Rawhide-20200101.n.0/compose", 1, "no compose here"),
    ("/compose/rawhide/Fedora-Rawhide-20261119.n.0/compose", 1, "not finished: 'DOOMED'"),
    ("/compose/rawhide/Fedora-Rawhide-20261121.n.0/compose", 1, "not finished: 'STARTED'"),
    ("/compose/updates/Fedora-43-updates-20261120.0/compose", 1, "updates"),
    ("/compose/epel/Fedora-Epel-10-20261120.n.0/compose", 1, "EPEL"),
]


@pytest.mark.parametrize(("path", "status", "reason"), BAD_LOCATIONS)
def test_what_is_no_finished_compose_is_refused_in_one_line(
    cli: CommandOnSandbox, path: str, status: int, reason: str
) -> None:
    ended = cli.compose(location=f"{cli.sandbox.url}{path}")
    assert (ended.status, ended.out) == (status, "")
    assert reason in ended.err
    assert len(ended.err.splitlines()) == 1
    assert not cli.posts


@pytest.mark.parametrize(
    "url", ["", "two words", "https://x/\u202e", "https://x/\udc80", "https://x/" + "a" * 1000]
)
def test_what_openqa_cannot_keep_is_no_updates_image(cli: CommandOnSandbox, url: str) -> None:
    ended = cli.compose("--updates", url)
    assert ended.status == 2
    assert "--updates" in ended.err
    assert not cli.posts


@pytest.mark.parametrize(
    ("location", "reason"),
    [
        ("not a URL", "not a URL"),
        (
            "https://evil.example/Fedora-43-20251023.0/compose",
            "host evil.example may not be tested",
        ),
    ],
)
def test_a_url_must_lead_to_an_allowed_host(
    cli: CommandOnSandbox, location: str, reason: str
) -> None:
    ended = cli.compose(location=location)
    assert ended.status == 1
    assert reason in ended.err


@pytest.mark.parametrize(
    ("fault", "reason"),
    [
        (Rule(Kind.CUT, path="composeinfo"), "composeinfo.json: "),
        (Rule(Kind.ANSWER, path="images.json", status=200, body="{"), "images.json: not the answer"),
        (Rule(Kind.ANSWER, path="images.json", status=502), "images.json: 502"),
        (Rule(Kind.ANSWER, path="api/v1/jobs", status=500), "jobs: 500"),
        (Rule(Kind.ANSWER, path="api/v1/jobs", status=200, body="<html>"), "api/v1/jobs: not "),
        (Rule(Kind.DROP, path="api/v1/jobs"), "jobs: "),
    ],
)  # fmt: skip
def test_what_cannot_be_read_schedules_nothing(
    cli: CommandOnSandbox, fault: Rule, reason: str
) -> None:
    cli.configure(TWO_TRIES)
    cli.sandbox.faults.add(fault)
    ended = cli.compose()
    assert (ended.status, ended.out) == (1, "")
    assert reason in ended.err
    assert "Traceback" not in ended.err
    assert not cli.posts


def test_a_file_that_does_not_come_schedules_nothing(cli: CommandOnSandbox) -> None:
    # what is asked for before comes within the limit, however slow the machine is
    cli.configure("[http]\nread_timeout = 4.0\nattempts = 1\n")
    cli.sandbox.faults.add(Rule(Kind.HANG, path="STATUS"))
    ended = cli.compose()
    assert (ended.status, ended.out) == (1, "")
    assert "STATUS: no answer in time" in ended.err
    assert not cli.posts


def test_a_post_that_openqa_turns_away_unread_is_sent_again_without_a_look(
    cli: CommandOnSandbox,
) -> None:
    cli.sandbox.faults.add(Rule(Kind.ANSWER, method="POST", path="isos", status=429, times=2))
    ended = cli.compose("--flavors", "Server-dvd-iso")
    assert ended.status == 0
    assert [request.status for request in cli.posts] == [429, 429, 200]
    # the one look before anything is sent
    assert len(cli.sandbox.requests.all(method="GET", path="/api/v1/jobs$")) == 1


def test_without_release_metadata_everything_else_still_runs(cli: CommandOnSandbox) -> None:
    cli.configure(TWO_TRIES)
    cli.sandbox.faults.add(Rule(Kind.ANSWER, path="release.json", status=404))
    ended = cli.compose("--flavors", "i3-live-iso")
    assert ended.status == 0
    settings = cli.get("isos/1")["settings"]
    names = ("CURRREL", "RAWREL", "UP1REL", "UP2REL")
    assert [settings[name] for name in names] == [
        "FEDFINDERROR",
        "rawhide",
        "FEDFINDERROR",
        "FEDFINDERROR",
    ]


def test_a_key_that_openqa_does_not_know_is_said_once(cli: CommandOnSandbox) -> None:
    conf = cli.directory / "client.conf"
    conf.write_text(conf.read_text().replace(f"secret = {cli.sandbox.secret}", "secret = 00"))
    ended = cli.compose()
    assert ended.status == 1
    assert ended.err.count("refuses the API key") == 1
    assert "10 products" in ended.err or "Server-dvd-iso x86_64" in ended.err
    assert not cli.get("jobs")["jobs"]


def test_a_clock_that_is_wrong_is_said(cli: CommandOnSandbox) -> None:
    cli.sandbox.faults.clock_offset = 3600
    ended = cli.compose()
    assert ended.status == 1
    assert "timestamp mismatch; is the clock of this machine right?" in ended.err


def test_no_key_is_said_before_anything_is_read(cli: CommandOnSandbox) -> None:
    (cli.directory / "client.conf").unlink()
    ended = cli.compose()
    assert ended.status == 2
    assert f"no API key for {cli.sandbox.url}" in ended.err
    assert not cli.sandbox.requests.all()
    assert cli.compose("--dry-run").status == 0


def test_a_broken_configuration_is_said(cli: CommandOnSandbox) -> None:
    cli.config.write_text("[openqa]\nhostnam = 'x'\n")
    ended = cli.compose()
    assert ended.status == 2
    assert (
        ended.err
        == f"Error: {cli.config}: Object contains unknown field `hostnam` - at `$.openqa`\n"
    )


def test_the_hostname_of_the_command_line_comes_first(cli: CommandOnSandbox) -> None:
    ended = cli.compose("--openqa-hostname", "127.0.0.1:1")
    assert ended.status == 2
    assert "no API key for http://127.0.0.1:1" in ended.err


@pytest.mark.parametrize("options", [["--nonesuch"], ["-u", ""], ["-u", "a b"], ["--format", "x"]])
def test_wrong_usage_has_an_exit_status_of_its_own(
    cli: CommandOnSandbox, options: list[str]
) -> None:
    assert cli.compose(*options).status == 2


def command(cli: CommandOnSandbox, *arguments: str) -> list[str]:
    return [
        sys.executable,
        "-m",
        "fedora_openqa",
        "compose",
        cli.sandbox.compose_location,
        *arguments,
    ]


def test_a_terminal_shows_progress(cli: CommandOnSandbox) -> None:
    ours, terminal = pty.openpty()
    try:
        subprocess.run(
            command(cli),
            env=os.environ | cli.environ | {"TERM": "xterm"},
            stdout=subprocess.DEVNULL,
            stderr=terminal,
            check=True,
        )
        seen = os.read(ours, 65536).decode()
    finally:
        os.close(terminal)
        os.close(ours)
    assert " 1/10" in seen
    assert "10/10" in seen
    # the line is erased
    assert seen.endswith("\x1b[2K")


def test_an_interruption_says_which_half_is_done(cli: CommandOnSandbox) -> None:
    cli.config.write_text(
        cli.config.read_text().replace("[openqa]\n", "[openqa]\nposts_at_once = 1\n")
    )
    cli.sandbox.faults.delay = 0.2
    process = subprocess.Popen(
        command(cli, "--format", "json"),
        env=os.environ | cli.environ,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    while not cli.posts:
        time.sleep(0.01)
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=60)
    assert process.returncode == 3, err
    assert "not sent: interrupted" in err
    assert "Traceback" not in err
    states = [product["state"] for product in json.loads(out)["products"]]
    assert states.count("posted") == len(cli.posts)
    assert states.count("failed") == 10 - len(cli.posts) > 0


def test_openqa_that_asks_to_wait_gets_nothing_more(cli: CommandOnSandbox) -> None:
    cli.configure(TWO_TRIES)
    cli.sandbox.faults.add(
        Rule(Kind.ANSWER, path="isos$", status=429, headers={"Retry-After": "900"})
    )
    ended = cli.compose()
    assert ended.status == 1
    assert ended.out.count("failed: not sent: ") == 10 - len(cli.posts)
    assert "isos: 429" in ended.err
    # those that were under way at once
    assert len(cli.posts) <= 4
    assert {request.status for request in cli.posts} == {429}


def test_a_product_without_job_templates_is_no_failure_where_all_others_have_jobs(
    cli: CommandOnSandbox,
) -> None:
    row = '[[image]]\nsubvariant = "{}"\ntype = "{}"\nformat = "iso"\narches = ["x86_64"]\n'
    (cli.directory / "images.toml").write_text(
        row.format("Mate", "live") + row.format("Server", "dvd")
    )
    cli.configure(f'[tables]\ndirectory = "{cli.directory}"\n')
    assert cli.compose("--flavors", "Mate-live-iso,Server-dvd-iso").status == 0
    again = cli.compose("--flavors", "Mate-live-iso,Server-dvd-iso")
    assert again.status == 1
    assert again.err == (
        "Nothing scheduled: openQA already has jobs of all 1 products that have job templates"
        " (--force schedules them again)\n"
        "No jobs: Mate-live-iso x86_64: no products found for fedora-Mate-live-iso-x86_64\n"
    )


def test_a_compose_is_named_by_its_id_as_well(cli: CommandOnSandbox) -> None:
    ended = cli.compose("--flavors", "i3-live-iso", location="Fedora-Rawhide-20261120.n.0")
    assert (ended.status, len(cli.posts)) == (0, 1), ended.err
    ended = cli.compose(location="Fedora-Nonsense")
    assert ended.status == 1
    assert "neither a URL nor the id of a compose" in ended.err
