"""``fedora-openqa config check`` on the sandbox."""

import json
import subprocess
import sys
from collections.abc import Iterable, Mapping, Sequence
from importlib import resources
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest

from fedora_openqa.data import load_flavor_tables
from fedora_openqa.data.wiki_tables import load_wiki_tables
from fedora_openqa.model.wiki import WikiRow
from fedora_openqa.sandbox.faults import Kind, Rule
from fedora_openqa.workflows.check_tables import MOST_NIGHTLIES
from tests.cli.conftest import TWO_TRIES, CommandOnSandbox
from tests.support.web import Request, Web, text
from tests.support.wiki_pages import CID, EVENT, page_text, parsed, rows_for, title_of

POLICIES = Path(__file__).parent.parent / "data/gating/fedora.yaml"
NEVER = "Problem: gated but never scheduled:"

ONE_IMAGE = """\
[[image]]
subvariant = "Games"
type = "live"
format = "iso"
arches = ["x86_64"]
"""


def check(cli: CommandOnSandbox, *options: str) -> tuple[int, list[str]]:
    ended = cli.run("config", "check", *options)
    assert ended.err == ""
    return ended.status, ended.out.splitlines()


def test_what_is_in_force_is_shown(cli: CommandOnSandbox) -> None:
    cli.configure('[blocklist]\n"*n.0" = "broken"\n[paused]\n"update:43" = "later"\n')
    assert check(cli) == (
        0,
        [
            f"Configuration: {cli.config}",
            f"openQA: {cli.sandbox.url}, API key from {cli.directory}/client.conf",
            "Composes: 26 wanted images, 5 products without an image",
            f"Updates of Fedora: {', '.join(load_flavor_tables().fedora.all_flavors)}",
            "Updates of ELN: everything-boot-iso",
            "Wiki: 131 test suites pass 126 test cases",
            "Blocked: *n.0: broken",
            "Paused: update:43: later",
            "Problems: 0, notices: 0",
        ],
    )
    assert not cli.sandbox.requests.all()


def test_the_place_of_the_api_key_is_shown_and_not_the_key(cli: CommandOnSandbox) -> None:
    key = {"OPENQA_API_KEY": "HIDDENKEY", "OPENQA_API_SECRET": "HIDDENSECRET"}
    ended = cli.run("config", "check", environ=key)
    assert f"openQA: {cli.sandbox.url}, API key from OPENQA_API_KEY" in ended.out.splitlines()
    assert "HIDDEN" not in ended.out + ended.err
    (cli.directory / "client.conf").unlink()
    bare = cli.run("config", "check", "--format", "json")
    assert bare.json["openqa"] == f"{cli.sandbox.url}, no API key"


def test_a_key_that_everybody_can_read_is_warned_of(cli: CommandOnSandbox) -> None:
    cli.directory.chmod(0o755)
    path = cli.directory / "client.conf"
    path.chmod(0o644)
    ended = subprocess.run(
        [sys.executable, "-m", "fedora_openqa", "config", "check"],
        env=dict(cli.whole_environ),
        capture_output=True,
        text=True,
        check=True,
    )
    assert f"{path} can be read by everybody" in ended.stderr


def test_so_are_the_defaults(cli: CommandOnSandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    if Path("/etc/fedora-openqa/config.toml").exists():
        pytest.skip("this machine has a configuration of its own")
    monkeypatch.setenv("XDG_CONFIG_HOME", str(cli.directory / "none"))
    at_home = CommandOnSandbox(
        cli.sandbox, cli.directory, {**cli.environ, "FEDORA_OPENQA_CONFIG": ""}
    )
    assert check(at_home)[1][0] == "Configuration: defaults"


@pytest.mark.parametrize(
    ("content", "reason"),
    [("[openqa]\nhost = 1\n", "unknown field `host`"), ("x", "Expected '=' after a key")],
)
def test_a_broken_configuration_is_2_in_a_line(
    cli: CommandOnSandbox, content: str, reason: str
) -> None:
    cli.config.write_text(content)
    ended = cli.run("config", "check")
    assert (ended.status, ended.out) == (2, "")
    assert ended.err.startswith(f"Error: {cli.config}: ")
    assert reason in ended.err
    assert ended.err.count("\n") == 1


def test_a_broken_table_is_2_in_a_line(cli: CommandOnSandbox) -> None:
    (cli.directory / "updates.toml").write_text("[fedora]\n")
    cli.configure(f'[tables]\ndirectory = "{cli.directory}"\n')
    ended = cli.run("config", "check")
    assert ended.status == 2
    assert ended.err.startswith(f"Error: {cli.directory}/updates.toml: line 1:")


def test_tables_that_do_not_fit_each_other_are_a_problem(cli: CommandOnSandbox) -> None:
    (cli.directory / "testsuites.toml").write_text('[suites]\ninstall = ["QA:new"]\n')
    case = '{ type = "Base", env = "Result" }'
    (cli.directory / "testcases.toml").write_text(f'[testcases]\n"QA:old" = {case}\n')
    cli.configure(f'[tables]\ndirectory = "{cli.directory}"\n')
    status, lines = check(cli)
    assert status == 1
    assert lines[-4:] == [
        "Wiki: 1 test suites pass 1 test cases",
        "Problem: a suite passes a test case that testcases.toml does not have: install: QA:new",
        "Notice: a test case that no suite passes: QA:old",
        "Problems: 1, notices: 1",
    ]


def test_our_tables_and_the_sandboxs_templates_agree(cli: CommandOnSandbox) -> None:
    status, lines = check(cli, "--openqa")
    assert status == 0
    assert lines[-1] == "Problems: 0, notices: 21"
    never = "Notice: a product of openQA, but never scheduled:"
    assert f"{never} updates-cloud aarch64" in lines
    # scheduling.arches is x86_64
    assert f"{never} Server-dvd-iso aarch64" in lines
    assert len(cli.sandbox.requests.all()) == 2


def test_the_other_arch_of_updates_is_there(cli: CommandOnSandbox) -> None:
    text = cli.config.read_text().replace(
        "[scheduling]", '[scheduling]\nupdate_arches = ["x86_64", "aarch64"]'
    )
    cli.config.write_text(text)
    status, lines = check(cli, "--openqa")
    assert status == 1
    assert lines[-1] == "Problems: 7, notices: 17"
    assert "Problem: scheduled, but openQA has no product: updates-kde aarch64" in lines


def test_a_flavor_without_a_product_is_a_problem(cli: CommandOnSandbox) -> None:
    (cli.directory / "images.toml").write_text(ONE_IMAGE)
    cli.configure(f'[tables]\ndirectory = "{cli.directory}"\n')
    ended = cli.run("config", "check", "--openqa", "--format", "json")
    assert ended.status == 1
    assert ended.json["configuration"] == str(cli.config)
    assert (ended.json["images"], ended.json["imageless"]) == (1, 0)
    assert ended.json["problems"] == [
        {
            "kind": "no_product",
            "text": "scheduled, but openQA has no product: Games-live-iso x86_64",
        }
    ]
    assert {notice["kind"] for notice in ended.json["notices"]} == {"never_scheduled"}


#: what a policy file gates that we never schedule
GATED = [
    f"{NEVER} update.iot_greenboot: updates-iot on x86_64 for core",
    (
        f"{NEVER} update.base_update_cli: updates-server on aarch64 for core;"
        " updates-server on x86_64 for critical-path-kde"
    ),
    f"{NEVER} compose.install_default: Sericea-dvd_ostree-iso on x86_64 for composes",
]
UNREADABLE = (
    "Notice: gated, but we cannot read the scenario:"
    " update.anything in policy bodhi_openqa_core: any scenario"
)


LEFT_OUT = (
    "Notice: a part of a gating policy that is not compared:"
    " policy bodhi_packagers: RemoteRule: the rules of each package's gating.yaml"
)


def test_tests_that_are_gated_but_never_scheduled_are_problems(cli: CommandOnSandbox) -> None:
    status, lines = check(cli, "--greenwave", str(POLICIES))
    assert status == 1
    assert lines[6:] == [*GATED, UNREADABLE, LEFT_OUT, "Problems: 3, notices: 2"]
    assert not cli.sandbox.requests.all()


def test_a_suite_of_composes_that_the_wikis_table_does_not_have_is_noticed(
    cli: CommandOnSandbox,
) -> None:
    ours = resources.files("fedora_openqa.data").joinpath("testsuites.toml").read_text()
    tables = cli.directory / "tables"
    tables.mkdir()
    # one passes something, one nothing, and one is for updates only
    text = ours.replace("install_default =", "other =").replace('    "podman",\n', "")
    (tables / "testsuites.toml").write_text(text.replace('    "advisory_boot",\n', ""))
    before = check(cli, "--openqa")[1]
    cli.configure(f'[tables]\ndirectory = "{tables}"\n')
    status, lines = check(cli, "--openqa")
    assert status == 0
    kind = "Notice: a suite of openQA that testsuites.toml does not have"
    new = [line for line in lines if line.startswith("Notice: ") and line not in before]
    assert new == [f"{kind}: install_default", f"{kind}: podman"]


def test_with_both_gated_tests_need_job_templates(cli: CommandOnSandbox) -> None:
    status, lines = check(cli, "--openqa", "--greenwave", str(POLICIES))
    assert status == 1
    missing = (
        "Problem: gated but openQA has no such job template:"
        " compose.install_default: Server-dvd-iso machine 64bit on x86_64"
    )
    problems = [line for line in lines if line.startswith("Problem: ")]
    assert problems == [*GATED[:2], missing, *GATED[2:]]
    assert lines[-1] == "Problems: 4, notices: 23"


def test_an_arch_of_composes_may_be_added(cli: CommandOnSandbox) -> None:
    text = cli.config.read_text().replace("[scheduling]", "[scheduling]\narches = []")
    cli.config.write_text(text)
    status, lines = check(cli, "--openqa")
    assert (status, lines[-1]) == (0, "Problems: 0, notices: 4")


def test_policies_for_several_types_of_subjects_are_compared(cli: CommandOnSandbox) -> None:
    policies = cli.directory / "policies.yaml"
    content = POLICIES.read_text()
    policies.write_text(
        content.replace("subject_type: bodhi_update", "subject_types: [bodhi_update]")
    )
    assert (
        check(cli, "--greenwave", str(policies))[1] == check(cli, "--greenwave", str(POLICIES))[1]
    )


def test_a_policy_file_that_is_a_template_is_named_as_one(cli: CommandOnSandbox) -> None:
    policies = cli.directory / "fedora.yaml.j2"
    policies.write_text("{% for group in groups %}\n" + POLICIES.read_text() + "{% endfor %}\n")
    ended = cli.run("config", "check", "--greenwave", str(policies))
    assert (ended.status, ended.out) == (1, "")
    assert ended.err.startswith(f"Error: {policies}: a Jinja template, not gating policies")
    assert "python3 -c" in ended.err


def test_the_configured_greenwave_is_asked(cli: CommandOnSandbox, web: Web) -> None:
    policy = {"id": "P", "product_versions": [], "subject_type": "compose", "rules": []}
    web.answers["GET /api/v1.0/policies"] = text(json.dumps({"policies": [policy]}))
    cli.config.write_text(cli.config.read_text().replace(f"{cli.sandbox.url}/greenwave", web.url))
    assert check(cli, "--greenwave")[0] == 0
    assert check(cli, "--greenwave", web.url)[0] == 0
    assert web.requests == ["GET /api/v1.0/policies"] * 2


ROWS = rows_for(load_wiki_tables())
NO_PLACE = "reported, but the wiki has no such"
NEVER_PASSED = "a row of the wiki that no suite passes"
SERIES = "/compose/metadata-archive/series"


def pages_of(rows: Iterable[WikiRow]) -> dict[str, str]:
    """Write the result pages of the event, by their titles."""
    pages: dict[str, list[WikiRow]] = {}
    for row in rows:
        pages.setdefault(title_of(EVENT, row.testtype), []).append(row)
    return {title: page_text(some) for title, some in pages.items()}


def serve_wiki(
    cli: CommandOnSandbox, web: Web, pages: Mapping[str, str], *, nightlies: Sequence[str] = ()
) -> None:
    """Serve pages, and lists of composes, to the command."""

    def answer(request: Request) -> None:
        (title,) = parse_qs(urlsplit(request.path).query)["page"]
        missing = {"error": {"code": "missingtitle", "info": "no such page"}}
        text(json.dumps(parsed(pages[title]) if title in pages else missing))(request)

    web.answers["GET /w/api.php"] = answer
    web.answers[f"GET {SERIES}/Fedora-rawhide"] = text("".join(f"{cid}\n" for cid in nightlies))
    config = cli.config.read_text().replace(f"{cli.sandbox.url}/compose", f"{web.url}/compose")
    cli.config.write_text(f'{config}[wiki]\nhostname = "{web.host}"\nscheme = "http"\n')


def test_pages_with_a_place_for_all_that_is_passed_are_no_problem(
    cli: CommandOnSandbox, web: Web
) -> None:
    serve_wiki(cli, web, pages_of(ROWS))
    assert check(cli, "--wiki", "--compose", CID) == (
        0,
        [*check(cli)[1][:6], f"Result pages: {CID}", "Problems: 0, notices: 0"],
    )
    # one for each page there may be, Cloud's too
    assert len(web.requests) == 6


def test_what_pages_have_no_place_for_is_named(cli: CommandOnSandbox, web: Web) -> None:
    pages = pages_of(ROWS)
    installation = title_of(EVENT, "Installation")
    pages[installation] = (
        pages[installation]
        .replace("QA:Testcase_install_to_PATA", "QA:Testcase_install_to_IDE")
        .replace(" !! ntfs", " !! vfat")
    )
    del pages[title_of(EVENT, "General")]
    serve_wiki(cli, web, pages)
    status, lines = check(cli, "--wiki", "--compose", CID)
    assert status == 1
    shrink = "QA:Testcase_partitioning_guided_shrink"
    assert set(lines[7:]) == {
        f"Problem: {NO_PLACE} row: QA:Testcase_install_to_PATA on page Installation",
        f"Problem: {NO_PLACE} column: {shrink} on page Installation: ntfs",
        f"Notice: {NO_PLACE} page for this compose: General",
        f"Notice: {NEVER_PASSED}: QA:Testcase_install_to_IDE on page Installation: Storage devices",
        f"Notice: {NEVER_PASSED}: {shrink} on page Installation: Guided storage shrinking",
        "Problems: 2, notices: 3",
    }
    ended = cli.run("config", "check", "--wiki", "--compose", CID, "--format", "json")
    assert ended.json["result_pages"] == CID
    assert {one["kind"] for one in ended.json["problems"]} == {"no_row", "no_column"}


def test_without_a_compose_the_newest_nightly_with_pages_is_taken(
    cli: CommandOnSandbox, web: Web
) -> None:
    newer = ["Fedora-Rawhide-20261120.n.1", "Fedora-Rawhide-20261121.n.0"]
    serve_wiki(cli, web, pages_of(ROWS), nightlies=["Fedora-Rawhide-20261101.n.0", CID, *newer])
    status, lines = check(cli, "--wiki")
    assert status == 0
    assert f"Result pages: {CID}" in lines
    asked = [request for request in web.requests if SERIES in request]
    assert asked == [f"GET {SERIES}/Fedora-rawhide", f"GET {SERIES}/Fedora-44"]
    # a page of each of three, and then all
    assert len(web.requests) == len(asked) + 3 + 6


@pytest.mark.parametrize(
    ("options", "reason"),
    [
        ([], "none of the newest nightlies has result pages: name a compose"),
        (["--compose", CID], f"{CID} has no result pages"),
    ],
)
def test_a_compose_without_pages_agrees_with_nothing(
    cli: CommandOnSandbox, web: Web, options: list[str], reason: str
) -> None:
    serve_wiki(cli, web, {}, nightlies=[CID])
    ended = cli.run("config", "check", "--wiki", *options)
    assert (ended.status, ended.out) == (1, "")
    assert ended.err == f"Error: {reason}\n"


def test_the_search_for_pages_has_an_end(cli: CommandOnSandbox, web: Web) -> None:
    nightlies = [
        f"Fedora-Rawhide-2026{100 * month + day:04}.n.0"
        for month in (9, 10)
        for day in range(1, 31)
    ]
    serve_wiki(cli, web, {}, nightlies=nightlies)
    assert cli.run("config", "check", "--wiki").status == 1
    assert len([request for request in web.requests if "api.php" in request]) == MOST_NIGHTLIES


def test_the_wiki_may_be_named_and_needs_no_password(cli: CommandOnSandbox, web: Web) -> None:
    serve_wiki(cli, web, pages_of(ROWS))
    config = cli.config.read_text()
    cli.config.write_text(config.replace(f'"{web.host}"', '"127.0.0.1:9"\nbot_user = "A@b"'))
    assert check(cli, "--wiki", "--compose", CID, "--wiki-hostname", web.host)[0] == 0


@pytest.mark.parametrize(
    ("options", "status", "reason"),
    [
        (["--openqa-hostname", "x"], 2, "needs --openqa"),
        (["--openqa", "--openqa-hostname", "ftp://x"], 2, "hostname"),
        (["--compose", CID], 2, "needs --wiki"),
        (["--wiki-hostname", "x"], 2, "needs --wiki"),
        (["--wiki", "--compose", "Update-1"], 1, "Update-1 is no compose with result pages"),
        (["--wiki", "--compose", CID, "--wiki-hostname", "127.0.0.1:9"], 1, "Connection refused"),
        (["--greenwave", "/nonesuch.yaml"], 2, "/nonesuch.yaml: cannot be read"),
        (["--greenwave", __file__], 1, "not gating policies"),
        (["--openqa", "--openqa-hostname", "127.0.0.1:9"], 1, "Connection refused"),
    ],
)
def test_what_cannot_be_asked_is_said(
    cli: CommandOnSandbox, options: list[str], status: int, reason: str
) -> None:
    cli.configure(TWO_TRIES)
    ended = cli.run("config", "check", *options)
    assert (ended.status, ended.out) == (status, "")
    assert reason in ended.err


def test_a_server_in_trouble_is_no_agreement(cli: CommandOnSandbox) -> None:
    cli.configure(TWO_TRIES)
    cli.sandbox.faults.add(Rule(Kind.ANSWER, path="products", status=503))
    ended = cli.run("config", "check", "--openqa")
    assert ended.status == 1
    assert "503" in ended.err
