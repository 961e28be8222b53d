"""Old files to ours: every key, its place, and what is left."""

import json
import tomllib
from pathlib import Path

import msgspec
import pytest

from fedora_openqa.config import parse_config
from fedora_openqa.config.importing import Imported, import_config
from fedora_openqa.data import load_compose_tables, load_flavor_tables
from fedora_openqa.model.tables import WantedImage

TARGET = Path("/new/config.toml")
OLD = Path(__file__).parent.parent / "data/old_config"
SCHEDULE, SECOND = Path("/etc/schedule.conf"), Path("/home/schedule.conf")
CHECK = Path("/etc/check-compose.conf")


def imported(old: dict[Path, str]) -> Imported:
    return import_config(
        old, target=TARGET, composes=load_compose_tables(), flavors=load_flavor_tables()
    )


def value_of(found: Imported, key: str) -> object:
    config = parse_config(found.files[TARGET].text.encode(), source="f")
    value = json.loads(msgspec.json.encode(config))
    for name in key.split("."):
        value = value[name]
    return value


def reasons(found: Imported) -> dict[str, str]:
    return {one.source: one.reason for one in found.left}


def ini(section: str, **values: str) -> str:
    lines = "\n".join(f"{key.replace('__', '-')} = {value}" for key, value in values.items())
    return f"[{section}]\n{lines}\n"


def consumer(name: str, settings: str) -> str:
    return f'callback = "{name}"\n[consumer_config]\n{settings}\n'


SCHEDULER = "fedora_openqa.consumer:OpenQAScheduler"
RESULTSDB = "fedora_openqa.consumer:OpenQAResultsDBReporter"
WIKI = "fedora_openqa.consumer:OpenQAWikiReporter"
AUTOCLOUD = "autocloudreporter:AutocloudReporter"
LOGIN = "[report]\nresultsdb_user = me\nresultsdb_password = p\n"


@pytest.mark.parametrize(
    ("path", "text", "key", "value"),
    [
        (SCHEDULE, ini("report", resultsdb_url="http://r/api"), "resultsdb.url", "http://r/api"),
        (SCHEDULE, ini("report", wiki_hostname="w.example"), "wiki.hostname", "w.example"),
        (SCHEDULE, ini("schedule", arches="x86_64, aarch64"), "scheduling.arches", ["x86_64", "aarch64"]),
        (SCHEDULE, ini("schedule", arches=""), "scheduling.arches", []),
        (SCHEDULE, LOGIN, "resultsdb.username", "me"),
        (SCHEDULE, LOGIN, "resultsdb.password_file", "/new/resultsdb-password"),
        (SCHEDULE, "", "resultsdb.url", "http://localhost:5001/api/v2.0/"),
        (SCHEDULE, "", "wiki.hostname", "stg.fedoraproject.org"),
        (CHECK, ini("main", server="openqa.example"), "openqa.hostname", "openqa.example"),
        (CHECK, ini("main", url="https://o.example"), "openqa.baseurl", "https://o.example"),
        (CHECK, ini("main", greenwave__url="https://g"), "greenwave.url", "https://g"),
        (CHECK, ini("main", wait="30"), "mail.wait", 30.0),
        (CHECK, ini("main", email__from="a@b"), "mail.sender", "a@b"),
        (CHECK, ini("main", email__to="a@b  c@d"), "mail.recipients", ["a@b", "c@d"]),
        (CHECK, ini("main", smtp="localhost"), "mail.smtp", "localhost"),
        (CHECK, ini("KDE", all="a@b", error="c@d e@f"), "mail.subvariants.KDE", {"all": ["a@b"], "error": ["c@d", "e@f"]}),
        (Path("/c.toml"), consumer(SCHEDULER, 'openqa_hostname = "o.example"'), "openqa.hostname", "o.example"),
        (Path("/c.toml"), consumer(SCHEDULER, 'update_arches = ["aarch64"]'), "scheduling.update_arches", ["aarch64"]),
        (Path("/c.toml"), consumer(RESULTSDB, 'openqa_baseurl = "https://o"'), "openqa.baseurl", "https://o"),
        (Path("/c.toml"), consumer(RESULTSDB, 'resultsdb_url = "https://r/x/"'), "resultsdb.url", "https://r/x/"),
        (Path("/c.toml"), consumer(RESULTSDB, "do_report = true"), "resultsdb.enabled", True),
        (Path("/c.toml"), consumer(WIKI, "do_report = true"), "wiki.enabled", True),
        (Path("/c.toml"), consumer(WIKI, 'wiki_hostname = "w"'), "wiki.hostname", "w"),
        (Path("/c.toml"), consumer(AUTOCLOUD, 'autocloud_url = "https://a"'), "autocloud.url", "https://a"),
    ],
)  # fmt: skip
def test_a_value_is_carried_over(path: Path, text: str, key: str, value: object) -> None:
    found = imported({path: text})
    assert value_of(found, key) == value
    assert found.left == ()


@pytest.mark.parametrize(
    ("path", "text", "source", "reason"),
    [
        (SCHEDULE, ini("cli", log__file="/var/log/x"), "[cli] log-file", "standard error"),
        (SCHEDULE, ini("cli", log__level="debug"), "[cli] log-level", "--verbose"),
        (SCHEDULE, ini("report", resultsdb_user="me"), "[report] resultsdb_user", "both"),
        (SCHEDULE, "[report]\nresultsdb_password = p", "[report] resultsdb_password", "both"),
        (SCHEDULE, LOGIN + " q", "[report] resultsdb_password", "several lines"),
        (SCHEDULE, ini("report", resultsdb_url="https://me:pw@host/"), "[report] resultsdb_url", "resultsdb.url"),
        (SCHEDULE, ini("schedule", arches="i386"), "[schedule] arches", "'i386' is no arch"),
        (SCHEDULE, ini("other", key="1"), "[other] key", "no such key"),
        (CHECK, ini("main", json="/x"), "[main] json", "--format json"),
        (CHECK, ini("main", loglevel="info"), "[main] loglevel", "--verbose"),
        (CHECK, ini("main", wait="long"), "[main] wait", "'long' is no number"),
        (CHECK, ini("main", wait="0"), "[main] wait", "mail.wait"),
        (CHECK, ini("KDE", never="a@b"), "[KDE] never", "only all and error"),
        (Path("/c.toml"), consumer(SCHEDULER, "x = 1"), "[consumer_config] x", "no key of the old"),
        (Path("/c.toml"), consumer(SCHEDULER, "openqa_hostname = 1979-05-27"), "[consumer_config] openqa_hostname", "TOML has no"),
        (Path("/c.toml"), consumer("other:Thing", "x = 1"), "callback", "other:Thing is none of the old"),
    ],
)  # fmt: skip
def test_what_is_not_carried_over_has_its_reason(
    path: Path, text: str, source: str, reason: str
) -> None:
    found = reasons(imported({path: text}))
    assert reason in found[f"{path} {source}"]
    assert "pw" not in str(found)


def test_the_later_of_two_files_wins_key_by_key() -> None:
    first = ini("report", wiki_hostname="first", resultsdb_user="me")
    second = "[report]\nwiki_hostname = second\nresultsdb_password = hidden\n"
    found = imported({SCHEDULE: first, SECOND: second})
    assert value_of(found, "wiki.hostname") == "second"
    assert value_of(found, "resultsdb.username") == "me"
    assert found.files[Path("/new/resultsdb-password")].text == "hidden\n"
    assert found.files[Path("/new/resultsdb-password")].is_secret
    assert reasons(found) == {
        f"{SCHEDULE} [report] wiki_hostname": f"{SECOND} [report] wiki_hostname replaces it"
    }


def test_the_later_list_of_images_replaces_the_earlier_one() -> None:
    first, second = Path("/etc/images.json"), Path("/home/images.json")
    kde = '[{"match": {"subvariant": "KDE", "type": "live", "format": "iso", "arch": "x86_64"}}]'
    found = imported({first: "[]", second: kde})
    assert reasons(found) == {str(first): f"{second} replaces it"}
    content = tomllib.loads(found.files[Path("/new/tables/images.toml")].text)
    assert [row["subvariant"] for row in content["image"]] == ["KDE"]


def test_consumers_win_over_the_command_and_keep_what_differs_between_them() -> None:
    found = imported(
        {
            SCHEDULE: ini("report", resultsdb_url="https://command"),
            Path("/prod.toml"): consumer(
                RESULTSDB, 'resultsdb_url = "https://r"\ndo_report = true'
            ),
            Path("/stg.toml"): consumer(
                RESULTSDB, 'resultsdb_url = "https://r"\ndo_report = false'
            ),
        }
    )
    assert value_of(found, "resultsdb.url") == "https://r"
    assert value_of(found, "resultsdb.enabled") is False
    differ = "each consumer keeps its own"
    left = reasons(found)
    assert differ in left.pop("/prod.toml [consumer_config] do_report")
    assert differ in left.pop("/stg.toml [consumer_config] do_report")
    assert [*left] == [f"{SCHEDULE} [report] resultsdb_url"]


def test_the_tables_load_and_have_the_values(tmp_path: Path) -> None:
    found = imported({path: path.read_text() for path in sorted(OLD.iterdir())})
    for path, file in found.files.items():
        if path.parent.name == "tables":
            (tmp_path / path.name).write_text(file.text)
    composes, flavors = load_compose_tables(tmp_path), load_flavor_tables(tmp_path)
    assert set(composes.images) == {
        WantedImage("Server", "dvd", "iso", "x86_64"),
        WantedImage("Server", "dvd", "iso", "aarch64"),
        WantedImage("Everything", "boot", "iso", "x86_64"),
    }
    # only images of x86_64 have a score
    assert [it.arch for it in composes.imageless if it.flavor == "universal"] == ["x86_64"]
    ours = load_flavor_tables()
    assert flavors.fedora.groups == ours.fedora.groups
    assert flavors.fedora.packages == {
        "podman": ("container", "server"),
        "pki-core": ("server", "server-upgrade"),
    }
    assert flavors.eln.groups == ours.eln.groups
    assert flavors.eln.packages == {"anaconda": ("everything-boot-iso",)}


def test_without_scores_universal_runs_where_it_did() -> None:
    found = imported({Path("/images.json"): "[]"})
    content = tomllib.loads(found.files[Path("/new/tables/images.toml")].text)
    arches = {row["flavor"]: row["arches"] for row in content["imageless"]}
    assert arches["universal"] == ["x86_64", "aarch64", "ppc64le"]


def test_queues_that_lose_messages_and_retired_bindings_are_named() -> None:
    text = (OLD / "fedora_openqa_scheduler.toml").read_text()
    found = imported({Path("/s.toml"): text})
    losing, retired = found.warnings
    assert losing == (
        "/s.toml: queue 00000000-0000-0000-0000-000000000000 loses what is published while nothing"
        " listens to it: durable = false, auto_delete = true, exclusive = true"
    )
    key = "org.fedoraproject.prod.odcs.compose.state-changed"
    assert retired == f"/s.toml: routing key {key} is retired: delete it"


def test_without_old_files_nothing_is_made() -> None:
    assert imported({Path("/config.toml"): "[openqa]\n"}) == Imported()
