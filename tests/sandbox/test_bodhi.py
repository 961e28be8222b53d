from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import quote

import pytest
import requests
from aiohttp import web
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from fedora_openqa.sandbox.bodhi import add_bodhi
from fedora_openqa.sandbox.bodhi_json import release_json, update_json
from fedora_openqa.sandbox.updates import load_updates
from tests.sandbox.serving import serving
from tests.sandbox.test_bodhi_queries import QUERIES

UPDATES = load_updates()
ALIASES = {update.alias for update in UPDATES.updates}

KERNEL = "FEDORA-2026-3c1e7a90d2"
PERL = "FEDORA-2026-a84f20c6be"
GNOME = "FEDORA-2026-5d02b7e318"
CUPS = "FEDORA-2026-77e9c41fa0"
DEEPIN = "FEDORA-2026-e1b6390c5d"
COWSAY = "FEDORA-2026-0f83d5a26b"
NO_GROUPS = "FEDORA-2026-b92d6f04e7"
EMPTY_GROUPS = "FEDORA-2026-64c0a8f91e"
PKI = "FEDORA-2026-18a5e7d3c9"
SYSTEMD = "FEDORA-2026-2ea4091b7c"
KIO = "FEDORA-2026-40d8b5c3f6"
F44_ANACONDA = "FEDORA-2026-8630fa1d2b"
F44_OBSOLETE = "FEDORA-2026-d35b17e0a4"
RAWHIDE = "FEDORA-2026-f09c62be85"
ELN = "FEDORA-2026-32f1908ad7"
EPEL = "FEDORA-EPEL-2026-6b5de0274a"
FLATPAK = "FEDORA-FLATPAK-2026-a1c83f5e90"
CONTAINER = "FEDORA-CONTAINER-2026-d8e47b2063"


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    app = web.Application()
    add_bodhi(app, UPDATES)
    with serving(app) as url:
        yield f"{url}/bodhi"


def page(url: str, query: str) -> dict[str, Any]:
    reply = requests.get(f"{url}/updates/?{query}", timeout=10)
    assert reply.status_code == 200, reply.text
    return dict(reply.json())


def aliases(url: str, query: str) -> set[str]:
    return {update["alias"] for update in page(url, f"rows_per_page=1000&{query}")["updates"]}


def error(reply: requests.Response) -> dict[str, str]:
    body = reply.json()
    assert body.keys() == {"status", "errors"}
    assert body["status"] == "error"
    [found] = body["errors"]
    assert found.keys() == {"location", "name", "description"}
    return dict(found)


def test_an_update_has_its_release(url: str) -> None:
    body = requests.get(f"{url}/updates/{KERNEL}", timeout=10).json()
    assert body.keys() == {"update", "can_edit", "ci_allowed"}
    update = body["update"]
    assert (update["alias"], update["critpath"]) == (KERNEL, True)
    assert update["critpath_groups"] == "core critical-path-base"
    assert update["release"] == requests.get(f"{url}/releases/F43", timeout=10).json()
    nvrs = [build["nvr"] for build in update["builds"]]
    assert nvrs == ["kernel-6.19.8-200.fc43", "kernel-headers-6.19.8-200.fc43"]
    assert update["title"] == " ".join(nvrs)
    assert (update["status"], update["test_gating_status"]) == ("testing", "waiting")
    assert update["date_submitted"] == "2026-11-19 14:02:31"
    assert update["date_testing"] == update["date_pushed"] == "2026-11-20 01:12:44"
    assert [comment["author"] for comment in update["comments"]] == ["bodhi", "bodhi"]


def test_every_update_has_the_keys_of_bodhis(url: str) -> None:
    keys = """
    alias autokarma autotime bugs builds close_bugs comments content_type critpath
    critpath_groups date_approved date_modified date_pushed date_stable date_submitted
    date_testing display_name from_tag karma locked meets_testing_requirements notes pushed
    release request require_bugs require_testcases severity stable_days stable_karma status
    suggest test_cases test_gating_status title type unstable_karma updateid url user
    version_hash
    """
    for update in page(url, "rows_per_page=1000")["updates"]:
        assert sorted(update) == keys.split()


def test_the_same_builds_have_the_version_hash_that_bodhi_gave_them() -> None:
    nvrs = ("kernel-6.17.4-300.fc43", "kernel-headers-6.17.4-300.fc43")
    [update] = [update for update in UPDATES.updates if update.alias == KERNEL]
    body = update_json(replace(update, builds=nvrs), UPDATES.release_of(update))
    assert body["version_hash"] == "990647e64928aa9a03ad57a4d3c53de227aa0f48"


def test_a_row_of_numbers_is_a_build_each(url: str) -> None:
    builds = requests.get(f"{url}/updates/{PERL}", timeout=10).json()["update"]["builds"]
    assert len({build["nvr"] for build in builds}) == len(builds) == 287
    assert builds[-1]["nvr"] == "perl-Sandbox-286-1.04-3.fc43"


@pytest.mark.parametrize(
    ("alias", "critpath", "groups"),
    [
        (GNOME, True, "critical-path-gnome"),
        (DEEPIN, True, "critical-path-deepin-desktop"),
        (COWSAY, False, None),
        (NO_GROUPS, True, None),
        (EMPTY_GROUPS, True, ""),
        (PKI, False, None),
    ],
)
def test_the_critical_path_is_in_all_fields_that_bodhi_has(
    url: str, alias: str, *, critpath: bool, groups: str | None
) -> None:
    update = requests.get(f"{url}/updates/{alias}", timeout=10).json()["update"]
    assert (update["critpath"], update["critpath_groups"]) == (critpath, groups)


@pytest.mark.parametrize(
    ("alias", "release", "content_type"),
    [
        (SYSTEMD, "F42", "rpm"),
        (F44_ANACONDA, "F44", "rpm"),
        (RAWHIDE, "F45", "rpm"),
        (ELN, "ELN", "rpm"),
        (EPEL, "EPEL-9", "rpm"),
        (FLATPAK, "F43F", "flatpak"),
        (CONTAINER, "F43C", "container"),
    ],
)
def test_updates_are_of_many_releases_and_kinds(
    url: str, alias: str, release: str, content_type: str
) -> None:
    update = requests.get(f"{url}/updates/{alias}", timeout=10).json()["update"]
    assert (update["release"]["name"], update["content_type"]) == (release, content_type)
    assert {build["type"] for build in update["builds"]} == {content_type}


@pytest.mark.parametrize(
    "alias", ["FEDORA-2026-ffffffffff", "Update-x", "%00", "..%2f..%2fsecret", "%ff", "é"]
)
def test_an_unknown_update_is_not_found(url: str, alias: str) -> None:
    reply = requests.get(f"{url}/updates/{alias}", timeout=10)
    assert reply.status_code == 404
    assert error(reply) == {"location": "url", "name": "id", "description": "Invalid update id"}


@pytest.mark.parametrize(
    ("name", "found"),
    [
        ("F43", "F43"),
        ("f43", "F43"),
        ("Fedora 43", "F43"),
        ("rawhide", "F45"),
        ("Rawhide", "F45"),
        ("f45", "F45"),
        ("eln", "ELN"),
        ("epel9", "EPEL-9"),
        ("F43F", "F43F"),
        ("f43-container", "F43C"),
    ],
)
def test_a_release_has_many_names(url: str, name: str, found: str) -> None:
    reply = requests.get(f"{url}/releases/{quote(name)}", timeout=10)
    assert (reply.status_code, reply.json()["name"]) == (200, found)


def test_an_unknown_release_is_not_found(url: str) -> None:
    reply = requests.get(f"{url}/releases/F99", timeout=10)
    assert reply.status_code == 404
    assert error(reply)["description"] == "No such release"


@pytest.mark.parametrize(
    ("name", "facts"),
    [
        ("F43", {"stable_tag": "f43-updates", "create_automatic_updates": False}),
        ("F43", {"testing_repository": "updates-testing", "eol": "2027-06-02"}),
        ("F45", {"stable_tag": "f45", "create_automatic_updates": True, "branch": "rawhide"}),
        ("F45", {"testing_repository": None, "released_on": None, "composed_by_bodhi": False}),
        ("ELN", {"version": "eln", "stable_tag": "eln", "create_automatic_updates": True}),
        ("EPEL-9", {"id_prefix": "FEDORA-EPEL", "version": "9"}),
    ],
)
def test_a_release_has_its_tags_and_its_properties(name: str, facts: Mapping[str, Any]) -> None:
    [release] = [release for release in UPDATES.releases if release.name == name]
    assert facts.items() <= release_json(release).items()


@pytest.mark.parametrize(
    ("query", "found"),
    [
        (f"alias={KERNEL}", {KERNEL}),
        (f"updateid={KERNEL}&updateid={CUPS}", {KERNEL, CUPS}),
        (f"alias={KERNEL},{CUPS}", {KERNEL, CUPS}),
        (f"alias={KERNEL}+{CUPS}", {KERNEL, CUPS}),
        ("alias=FEDORA-2026-ffffffffff", set()),
        ("status=obsolete,stable", {F44_OBSOLETE, KIO}),
        ("releases=F44", {F44_ANACONDA, F44_OBSOLETE}),
        ("release=f44", {F44_ANACONDA, F44_OBSOLETE}),
        ("releases=F44&releases=rawhide", {F44_ANACONDA, F44_OBSOLETE, RAWHIDE}),
        ("gating=running", {PKI}),
        ("gating=greenwave_failed", {F44_ANACONDA}),
        ("request=stable", {RAWHIDE, ELN, SYSTEMD}),
        ("content_type=container", {CONTAINER}),
        ("packages=anaconda", {F44_ANACONDA, RAWHIDE}),
        ("packages=pki-core&packages=cups", {PKI, CUPS}),
        ("packages=kernel-6.19.8", set()),
        ("builds=mutter-49.4-1.fc43", {GNOME}),
        ("search=ANACONDA", {F44_ANACONDA, RAWHIDE}),
        ("search=2ea4091", {SYSTEMD}),
        ("submitted_since=2026-11-20T12:30:00", {RAWHIDE}),
        ("submitted_since=2026-11-20T14:30:00%2b02:00&packages=anaconda", {RAWHIDE}),
        ("submitted_since=2026-11-20T13:27:09", {RAWHIDE}),
        ("submitted_before=2026-11-12T13:00:28", {SYSTEMD, KIO}),
        ("submitted_before=2026-11-12T13:00:27", {KIO}),
        ("submitted_since=2026-11-12&submitted_before=2026-11-13", {SYSTEMD}),
        ("modified_since=2026-01-01", {CUPS}),
        ("modified_before=2026-01-01", set()),
        ("pushed_before=2026-11-13", {KIO}),
        ("pushed_since=2026-11-13&pushed_before=2026-11-14", {SYSTEMD}),
        ("critpath=true&gating=passed&releases=F42", {SYSTEMD, KIO}),
        ("critpath=0&releases=F43&status=testing&gating=ignored", {COWSAY}),
        ("unknown=1&gating=running", {PKI}),
        ("submitted_since=9999-12-31", set()),
    ],
)
def test_filters_choose_updates(url: str, query: str, found: set[str]) -> None:
    assert aliases(url, query) == found


def test_the_two_values_of_critpath_share_all_updates(url: str) -> None:
    yes, no = aliases(url, "critpath=1"), aliases(url, "critpath=False")
    assert yes | no == ALIASES
    assert not yes & no


def test_without_filters_all_are_listed_newest_first(url: str) -> None:
    body = page(url, "")
    submitted = [update["date_submitted"] for update in body.pop("updates")]
    assert submitted == sorted(submitted, reverse=True)
    assert body == {
        "page": 1,
        "pages": 1,
        "rows_per_page": 20,
        "total": len(ALIASES),
        "chrome": True,
        "display_user": False,
        "display_request": True,
        "package": None,
    }


@pytest.mark.parametrize("rows", [1, 3, 7, 19, 20, 1000])
def test_the_pages_together_are_the_list(url: str, rows: int) -> None:
    found: list[str] = []
    number = 1
    while True:
        body = page(url, f"rows_per_page={rows}&page={number}")
        assert (body["page"], body["rows_per_page"]) == (number, rows)
        assert body["total"] == len(ALIASES)
        assert len(body["updates"]) == rows or number == body["pages"]
        found += [update["alias"] for update in body["updates"]]
        if number == body["pages"]:
            break
        number += 1
    assert len(found) == len(ALIASES)
    assert set(found) == ALIASES


def test_beyond_the_last_page_is_an_empty_one(url: str) -> None:
    body = page(url, "page=1000000000000000000000")
    assert (body["updates"], body["total"]) == ([], len(ALIASES))


def test_a_list_of_nothing_has_no_pages(url: str) -> None:
    body = page(url, "packages=nothing")
    assert (body["updates"], body["pages"], body["total"]) == ([], 0, 0)
    assert body["package"] == "nothing"


@pytest.mark.parametrize(
    ("query", "name", "message"),
    [
        ("rows_per_page=1001", "rows_per_page", "greater than maximum value 1000"),
        ("rows_per_page=0", "rows_per_page", "less than minimum value 1"),
        ("rows_per_page=many", "rows_per_page", "not a number"),
        ("page=0", "page", "less than minimum value 1"),
        ("page=", "page", "not a number"),
        (f"page={'9' * 5000}", "page", "not a number"),
        ("status=unheard", "status", '"unheard" is not one of pending, testing'),
        ("gating=unheard", "gating", "is not one of waiting, ignored"),
        ("request=", "request", "is not one of"),
        ("content_type=deb", "content_type", "is not one of"),
        ("critpath=maybe", "critpath", "neither"),
        ("releases=F43,F99", "releases", "Invalid releases specified: F99"),
        ("submitted_since=yesterday", "submitted_since", "Invalid date"),
        ("pushed_before=0001-01-01T00:00:00%2b14:00", "pushed_before", "Invalid date"),
        ("user=pkgmaint", "user", "the sandbox has not"),
    ],
)
def test_a_wrong_parameter_is_named(url: str, query: str, name: str, message: str) -> None:
    reply = requests.get(f"{url}/updates/?{query}", timeout=10)
    assert reply.status_code == 400
    found = error(reply)
    assert (found["location"], found["name"]) == ("querystring", name)
    assert message in found["description"]


@settings(deadline=None)
@given(
    raw=st.binary(max_size=60) | QUERIES.map(lambda pairs: "&".join(map("=".join, pairs)).encode())
)
def test_no_query_string_breaks_the_server(url: str, raw: bytes) -> None:
    # quoted: the client would refuse to send this URL
    query = quote(raw, safe="=&+%;,")
    for path in ("updates/", f"updates/{KERNEL}", "releases/F43"):
        assert requests.get(f"{url}/{path}?{query}", timeout=10).status_code in (200, 400)


def test_it_only_reads(url: str) -> None:
    assert requests.post(f"{url}/updates/", json={}, timeout=10).status_code == 405


@pytest.mark.parametrize("prefix", ["", "/elsewhere/bodhi"])
def test_it_can_be_mounted_anywhere(prefix: str) -> None:
    app = web.Application()
    add_bodhi(app, UPDATES, prefix=prefix)
    with serving(app) as url:
        assert aliases(f"{url}{prefix}", "packages=cups") == {CUPS}
