"""The gateway to the wiki: places of results on a page, and the answers of a broken wiki."""

import json
import re
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from fedora_openqa.errors import (
    ConfigError,
    FedoraOpenQAError,
    NotAllowedError,
    PermanentError,
    ServiceUnavailableError,
)
from fedora_openqa.gateways.http.transport import Limits
from fedora_openqa.gateways.wiki.filing import EDITS, DryRunWiki, WikitcmsPages, WikitcmsWiki
from fedora_openqa.gateways.wiki.pages import ResultPage
from fedora_openqa.gateways.wiki.rows import Cell, Row, results_in
from fedora_openqa.gateways.wiki.site import BotPassword, StoredToken, WikiAddress
from fedora_openqa.gateways.wiki.tokens import SCOPES
from fedora_openqa.model.deliveries import WikiAnswer
from fedora_openqa.model.shadow import PassedCells
from fedora_openqa.model.wiki import WikiPass, WikiRow
from tests.support.limits import LIMITS, limits_for
from tests.support.web import (
    Answer,
    Request,
    Web,
    drop,
    endless,
    hang,
    html,
    text,
    trickle,
    truncated,
)
from tests.support.wiki_pages import (
    EVENT,
    EVENT_ROWS,
    EVENTS,
    HEAD,
    page_text,
    parsed,
    row,
    table_text,
    title_of,
    wanted,
)

NONE = "{{result|none}}"
OURS = "{{result|pass|coconut|bot=true}}"
ADDRESS = WikiAddress("wiki.example")


class Canned:
    """A connection to a wiki that has one text for all pages."""

    address = ADDRESS
    rights = ("read",)

    def __init__(self, wikitext: str) -> None:
        self._wikitext = wikitext

    def get(self, _action: str, **_fields: str) -> dict[str, object]:
        return parsed(self._wikitext)


def page(wikitext: str, testtype: str = "Base") -> ResultPage:
    site: Any = Canned(wikitext)
    made = ResultPage(site, EVENT, testtype)
    made.load()
    return made


def with_pass(wikitext: str, *passes: WikiPass) -> str:
    found = page(wikitext)
    places = [found.place(one) for one in passes]
    cells = {place for place in places if isinstance(place, Cell)}
    assert len(places) == len(passes), places
    assert all(isinstance(place, Cell) for place in places), places
    edited: str = found.text_with(cells, user="coconut")
    return edited


def refusal(wikitext: str, one: WikiPass) -> str:
    place = page(wikitext).place(one)
    assert isinstance(place, str)
    prefix = "Test Results:Fedora 45 Rawhide 20261120.n.0 Base: "
    assert place.startswith(prefix)
    return place.removeprefix(prefix)


# the places of results


@pytest.mark.parametrize("env", ["Cloud", "Local"])
def test_a_pass_takes_the_place_of_nothing(env: str) -> None:
    selinux = row("Base", "x86_64", "QA:Testcase_base_selinux", "", "Cloud", "Server", "Local")
    before = page_text(
        [selinux, row("Base", "x86_64", "QA:Testcase_base_reboot", "", *selinux.envs)]
    )
    lines = before.splitlines()
    number = lines.index(f"| {NONE}") + selinux.envs.index(env)
    lines[number] = f"| {OURS}"
    assert with_pass(before, wanted(selinux, env)) == "\n".join(lines) + "\n"


@pytest.mark.parametrize(
    ("cell", "after"),
    [
        ("{{result|fail|somebody|123}}", "{{result|fail|somebody|123}}" + OURS),
        ("{{result|warn|a}} slow <ref>why</ref>", "{{result|warn|a}} slow <ref>why</ref>" + OURS),
        ("{{result|fail|coconut|bot=true}}", "{{result|fail|coconut|bot=true}}" + OURS),
        ("{{result|none}} <!-- nobody yet -->", OURS + " <!-- nobody yet -->"),
        ("{{result|pass|a}} <!-- sure? -->", "{{result|pass|a}}" + OURS + " <!-- sure? -->"),
        ("<!-- {{result|none}} -->{{result|none}}", "<!-- {{result|none}} -->" + OURS),
    ],
)
def test_what_is_in_a_cell_already_stays(cell: str, after: str) -> None:
    selinux = row("Base", "x86_64", "QA:Testcase_base_selinux")
    before = page_text([selinux]).replace(NONE, cell)
    assert with_pass(before, wanted(selinux)) == before.replace(cell, after)


@pytest.mark.parametrize(
    ("cell", "known"),
    [
        (OURS, True),
        ("{{result|pass|Coconut}}", True),
        ("{{result|Pass|coconut|bot=true}} fast", True),
        ("{{result|fail|a}}{{result|pass|coconut}}", True),
        (NONE, False),
        ("{{result|pass|somebody}}", False),
        ("{{result|pass|previous RC1 run}}", False),
        ("{{result|fail|coconut|bot=true}}", False),
        ("<!-- {{result|pass|coconut}} -->" + NONE, False),
    ],
)
def test_only_a_pass_of_our_own_counts_as_filed(cell: str, *, known: bool) -> None:
    selinux = row("Base", "x86_64", "QA:Testcase_base_selinux")
    place = page(page_text([selinux]).replace(NONE, cell)).place(wanted(selinux))
    assert isinstance(place, Cell)
    assert place.passed("coconut") is known


def test_a_row_that_is_the_beginning_of_another_one_is_found() -> None:
    long = row("Base", "Upgrade", "QA:Testcase_upgrade_dnf", "", "x86_64", "aarch64")
    short = row("Base", "Upgrade", "QA:Testcase_upgrade_dnf", "", "ppc64le")
    before = page_text([long, short])
    start = before.index("ppc64le")
    assert with_pass(before, wanted(short)) == before[:start] + before[start:].replace(NONE, OURS)


def test_equal_rows_of_two_sections_are_told_apart() -> None:
    rows = [row("Base", arch, "QA:Testcase_base_selinux", "", "Cloud") for arch in ("a", "b")]
    before = page_text(rows)
    assert with_pass(before, wanted(rows[1])) == OURS.join(before.rsplit(NONE, 1))


def test_a_row_in_a_comment_is_none() -> None:
    selinux = row("Base", "x86_64", "QA:Testcase_base_selinux")
    table = table_text(["Result"], [selinux])
    before = f"{HEAD}\n=== x86_64 ===\n<!--\n{table}\n-->\n{table}"
    assert with_pass(before, wanted(selinux)) == OURS.join(before.rsplit(NONE, 1))


def test_letters_of_several_bytes_do_not_move_anything() -> None:
    selinux = row("Base", "x86_64", "QA:Testcase_base_selinux")
    before = "Grüße 🎉\n\n" + page_text([selinux])
    assert with_pass(before, wanted(selinux)) == before.replace(NONE, OURS)


def test_a_column_named_by_a_template_asks_nobody_which_release_is_current() -> None:
    media = row("Base", "x86_64", "QA:Testcase_media", "", "{{safesubst:CurrentFedoraVersion}}")
    assert OURS in with_pass(page_text([media]), wanted(media, "CurrentFedoraVersion"))


LIKE = row("Base", "Apps", "QA:Testcase_xylophone", "", "x86_64", "aarch64")


@pytest.mark.parametrize(
    ("one", "reason"),
    [
        (
            row("Base", "Apps", "QA:Testcase_xy", "", "x86_64"),
            "no row for QA:Testcase_xy in section 'Apps'",
        ),
        (row("Base", "", "QA:Testcase_xy", "", "x86_64"), "no row for QA:Testcase_xy"),
        (
            row("Base", "Storage", LIKE.testcase, "", "x86_64"),
            "no section 'Storage' with results",
        ),
        (
            row("Base", "Apps", LIKE.testcase, "Server_dvd", "x86_64"),
            "no row 'Server_dvd' for QA:Testcase_xylophone in section 'Apps'",
        ),
        (
            row("Base", "Apps", LIKE.testcase, "", "s390x"),
            "no column 's390x' for QA:Testcase_xylophone in section 'Apps'",
        ),
        (
            row("Base", "Apps", LIKE.testcase, "", "Result"),
            "no column 'Result' for QA:Testcase_xylophone in section 'Apps'",
        ),
        (
            row("Base", "Apps", LIKE.testcase, "", "64"),
            "more than one place for QA:Testcase_xylophone in section 'Apps'",
        ),
    ],
)
def test_what_is_not_on_the_page_is_said(one: WikiRow, reason: str) -> None:
    assert refusal(page_text([LIKE]), wanted(one)) == reason


def test_a_column_of_another_name_is_not_taken_because_it_is_the_only_one() -> None:
    only = row("Base", "Apps", LIKE.testcase, "", "aarch64")
    assert "no column 'x86_64'" in refusal(page_text([only]), wanted(only, "x86_64"))
    assert with_pass(page_text([only]), wanted(only, "Result"))


def test_two_rows_or_columns_of_one_name_are_not_chosen_from() -> None:
    reason = "more than one place for QA:Testcase_xylophone in section 'Apps'"
    assert refusal(page_text([LIKE, LIKE]), wanted(LIKE)) == reason
    twice = row("Base", "Apps", LIKE.testcase, "", "x86_64", "x86_64")
    assert refusal(page_text([twice]), wanted(twice)) == reason


def test_a_page_without_rows_has_no_place() -> None:
    for wikitext in ("", "#REDIRECT [[Elsewhere]]", HEAD, "== Key ==\nText."):
        assert refusal(wikitext, wanted(LIKE)) == "no section 'Apps' with results"


@pytest.mark.parametrize(
    ("names", "asked", "found"),
    [
        (("dnf", "dnf_encrypted"), "dnf", "dnf"),
        (("dnf_encrypted", "dnf"), "dnf", "dnf"),
        (("join (FreeIPA)", "join (Active Directory)"), "(FreeIPA)", "join (FreeIPA)"),
        (("File Manager", "text editor"), "file manager", "File Manager"),
    ],
)
def test_names_fit_exactly_or_in_part(names: Sequence[str], asked: str, found: str) -> None:
    rows = [row("Base", "Apps", LIKE.testcase, name) for name in names]
    place = page(page_text(rows)).place(wanted(row("Base", "Apps", LIKE.testcase, asked)))
    assert isinstance(place, Cell)
    assert place.row.name == found


@pytest.mark.parametrize(
    "asked", ["Release-blocking desktops", "Release-blocking desktops: x86_64"]
)
def test_a_section_is_not_taken_for_one_whose_name_ends_alike(asked: str) -> None:
    headings = ("Non release-blocking desktops: x86_64", "Release-blocking desktops: x86_64")
    rows = [row("Base", heading, LIKE.testcase) for heading in headings]
    place = page(page_text(rows)).place(wanted(row("Base", asked, LIKE.testcase)))
    assert isinstance(place, Cell)
    assert place.row.section == headings[1]


def test_a_section_without_the_test_case_does_not_hide_one_that_has_it() -> None:
    rows = [
        row("Base", "Upgrade", "QA:Testcase_other"),
        row("Base", "Upgrade tests", LIKE.testcase),
    ]
    place = page(page_text(rows)).place(wanted(row("Base", "Upgrade", LIKE.testcase)))
    assert isinstance(place, Cell)
    assert place.row.section == "Upgrade tests"


WORDS = st.sampled_from(["x", "xy", "x y", "upgrade", "Upgrade", "dnf", "dnf_encrypted"])
ENVS = st.lists(st.sampled_from(["Result", "x86_64", "aarch64", "VM", "VM UEFI"]), min_size=1, max_size=3, unique=True)  # fmt: skip
SELINUX = row("Base", "x86_64", "QA:Testcase_base_selinux")
ROWS = st.builds(
    lambda section, testcase, name, envs: row("Base", section, f"QA:Testcase_{testcase}", name, *envs),
    WORDS, WORDS, WORDS, ENVS,
)  # fmt: skip
CELLS = st.sampled_from([NONE, OURS, "{{result|fail|a|12}}", "{{result|pass|b}} ok", "<!-- c -->" + NONE])  # fmt: skip


@given(rows=st.lists(ROWS, min_size=1, max_size=8), data=st.data())
def test_passes_are_where_they_should_be_and_nothing_else_changes(
    rows: list[WikiRow], data: st.DataObject
) -> None:
    before = re.sub(re.escape(NONE), lambda _: data.draw(CELLS), page_text(rows))
    found = page(before)
    assert [(one.section, one.testcase, one.name, one.envs) for one in found.rows] == [
        (one.section, one.testcase, one.testname, one.envs) for one in rows
    ]
    every = [Cell(one, env) for one in found.rows for env in one.envs]
    some = data.draw(st.sets(st.sampled_from(every)))
    new = {cell for cell in some if not cell.passed("coconut")}
    after = found.text_with(new, user="coconut")
    again = page(after)
    passed = [Cell(one, env).passed("coconut") for one in again.rows for env in one.envs]
    assert passed == [cell in new or cell.passed("coconut") for cell in every]
    # without what is new, everything is as before, but for the places that were free
    assert after.count(OURS) == before.count(OURS) + len(new)
    assert after.replace(OURS, "").replace(NONE, "") == before.replace(OURS, "").replace(NONE, "")


@given(row_=ROWS, others=st.lists(ROWS, max_size=6), data=st.data())
def test_a_place_is_in_a_row_of_that_test_case_and_no_other(
    row_: WikiRow, others: list[WikiRow], data: st.DataObject
) -> None:
    one = wanted(row_, data.draw(st.sampled_from([*row_.envs, "s390x"])))
    place = page(page_text(others)).place(one)
    if isinstance(place, Cell):
        assert place.row.testcase.lower().replace(" ", "_") == one.testcase.lower().replace(
            " ", "_"
        )
        assert one.section.lower() in place.row.section.lower()
        assert place.env.startswith(one.env) or one.env == "Result"


SNIPPETS = st.sampled_from(
    ["== Test Matrix ==", "=== x ===", "== Key ==", "{|", "|-", "|}", "! A !! B !! C", "! A", "| a || b",
     "| [[QA:Testcase_x]]", "| [[QA:Testcase_x|n]]", "| [[QA:Testcase_x n]]", "QA:Testcase_x", NONE, "| " + NONE, OURS,
     "{{result", "{{result}}", "{{result|", "{{testresult}}", "| {{testresult|pass|a}}", "{{testresult/pass|a}}", "}}",
     "<!--", "-->", "<ref>", "</ref>", "| x", "[[", "]]", "|", "ä", ""]
)  # fmt: skip


@given(lines=st.lists(SNIPPETS, max_size=14))
@example(["== x ==", "! A !! B", "|-", "| QA:Testcase_x]", "| {{testresult|pass|a}}", "|-"])
def test_any_page_can_be_read_or_is_said_to_be_broken(lines: list[str]) -> None:
    found = page("\n".join(lines))
    for one in found.rows:
        for env in one.envs:
            place = found.place(wanted(row("Base", one.section, one.testcase, one.name, env)))
            if isinstance(place, Cell):
                found.text_with({place}, user="coconut")


@given(rows=st.lists(ROWS, min_size=1, max_size=8), data=st.data())
def test_rows_are_those_that_wikitcms_finds(rows: list[WikiRow], data: st.DataObject) -> None:
    wikitext = re.sub(re.escape(NONE), lambda _: data.draw(CELLS), page_text(rows))
    found = page(wikitext)
    as_library: Any = found
    as_library.text = lambda: wikitext
    assert [
        (one.section, one.testcase, one.name, one.envs, [*_results_of(one)]) for one in found.rows
    ] == [
        (
            one.section,
            one.testcase,
            one.name,
            tuple(one.results),
            [
                [(it.status or "none", it.user or "") for it in told]
                for told in one.results.values()
            ],
        )
        for one in as_library.get_resultrows()
    ]


def _results_of(row_: Row) -> Iterator[list[tuple[str, str]]]:
    for env in row_.envs:
        _start, cell = row_.part(env)
        yield [*results_in(cell)]


#: where wikitcms's expressions, or naive ones, take time by the square of a text's length
TRAPS = ["<!--", "<!-- --", "{{result", "{{result|", "| {{result\n", "{{testresult", "|-", "|}", "\n",
         "\n|", "QA:Test", "QA:Test\n", "! a !!", "!!", "[[QA:Testcase_x|", "<ref>", "| [[QA:Testcase_x]]\n| {{result|none}}\n|-\n",
         "{{result|pass|coconut}}", "{{result|none}}\n", " ", "\t"]  # fmt: skip


@pytest.mark.timeout(120)
@pytest.mark.parametrize("trap", TRAPS)
def test_a_page_of_a_mebibyte_is_read_in_time(trap: str) -> None:
    before = table_text(["Result"], [SELINUX])
    start = f"{HEAD}\n=== x86_64 ===\n{before}\n! Milestone !! Test Case !! Result\n|-\n| Basic\n"
    for lead in ("", "| [[QA:Testcase_base_reboot]]\n| ", "| [[QA:Testcase_x]]\n| {{result|none}}"):
        found = page(start + lead + trap * (2**20 // len(trap)))
        place = found.place(wanted(SELINUX))
        assert isinstance(place, Cell)
        assert OURS in found.text_with({place}, user="coconut")
        found.wiki_rows()


@pytest.mark.timeout(240)
def test_many_passes_are_placed_among_very_many_rows() -> None:
    rows = [
        row("Base", "x86_64", f"QA:Testcase_{number}", "", "Result") for number in range(15_000)
    ]
    found = page(page_text(rows))
    assert all(isinstance(found.place(wanted(one)), Cell) for one in rows[:100])


# the answers of a broken wiki


USERINFO = {"name": "Coconut", "rights": ["read", "edit"]}
SITE = {
    "general": {"generator": "MediaWiki 1.39.5"},
    "namespaces": {"0": {"id": 0, "*": ""}, "116": {"id": 116, "*": "Test Results"}},
    "userinfo": USERINFO,
    "tokens": {"logintoken": "l", "csrftoken": "c"},
}
ONE = wanted(SELINUX)
LOGIN = BotPassword("Coconut@report", "s3cret-and-more")
WORKS: Mapping[str, object] = {
    "login": {"login": {"result": "Success", "lgusername": "Coconut"}},
    "query": {"query": SITE},
    "parse": parsed(page_text([SELINUX])),
    "edit": {"edit": {"result": "Success", "newrevid": 8}},
}


def failure(code: str) -> dict[str, object]:
    return {"error": {"code": code, "info": f"All about {code}.", "*": "See the help."}}


def serve_api(web: Web, **answers: object) -> list[str]:
    """Answer as MediaWiki does; return the list that will hold the requested actions."""
    actions: list[str] = []

    def answer(request: Request) -> None:
        fields = parse_qs(urlsplit(request.path).query) | parse_qs(web.bodies[-1])
        action = fields["action"][0]
        actions.append(action)
        given = {**WORKS, **answers}[action]
        said: Answer = given if callable(given) else text(json.dumps(given))
        said(request)

    web.answers["GET /w/api.php"] = web.answers["POST /w/api.php"] = answer
    return actions


def gateway(web: Web, limits: Limits = LIMITS) -> WikitcmsWiki:
    return WikitcmsWiki(WikiAddress(web.host, scheme="http"), LOGIN, limits=limits)


def test_passes_that_are_written_and_not_there_are_lost(web: Web) -> None:
    actions = serve_api(web)
    assert gateway(web).file([ONE, ONE], EVENTS) == WikiAnswer(lost=(ONE,))
    assert actions == ["query", "login", "query", "parse", "query", "edit", "parse"]


def test_an_edit_is_one_of_the_revision_that_was_read(web: Web) -> None:
    serve_api(web)
    gateway(web).file([ONE], EVENTS)
    (edit,) = (parse_qs(body) for body in web.bodies if "action=edit" in body)
    assert edit["baserevid"] == ["7"]
    assert edit["nocreate"] == ["1"]
    assert edit["assert"] == ["user"]
    assert edit["text"] == [page_text([SELINUX]).replace(NONE, OURS)]
    assert edit["summary"] == [
        "Result(s) for test(s): QA:Testcase_base_selinux filed via fedora-openqa"
    ]
    assert "basetimestamp" not in edit


def test_a_summary_names_some_of_many_rows(web: Web) -> None:
    rows = [row("Base", "x86_64", f"QA:Testcase_{number}") for number in range(5)]
    serve_api(web, parse=parsed(page_text(rows)))
    gateway(web).file([wanted(one) for one in rows], EVENTS)
    (edit,) = (parse_qs(body) for body in web.bodies if "action=edit" in body)
    named = re.findall("QA:Testcase_[0-4]", edit["summary"][0])
    assert len(named) == len(set(named)) == 3
    assert "... filed via" in edit["summary"][0]


def test_a_summary_is_one_printable_line(web: Web) -> None:
    odd = row("Base", "x86_64", "QA:Testcase_x", "a\nb\x1b[2J")
    serve_api(web, parse=parsed(page_text([odd])))
    gateway(web).file([wanted(odd)], EVENTS)
    (edit,) = (parse_qs(body) for body in web.bodies if "action=edit" in body)
    assert edit["summary"] == ["Result(s) for test(s): a b\ufffd[2J filed via fedora-openqa"]


def test_a_login_is_only_made_when_it_is_needed(web: Web) -> None:
    actions = serve_api(web)
    wiki = gateway(web)
    assert actions == []
    wiki.look([ONE], EVENTS)
    wiki.look([ONE], EVENTS)
    assert actions == ["query", "login", "query", "parse", "parse"]


def test_rows_are_read_without_one(web: Web) -> None:
    actions = serve_api(web)
    address = WikiAddress(web.host, scheme="http")
    pages = WikitcmsPages(address, limits=LIMITS)
    assert pages.rows(EVENT, ["Base"]) == (SELINUX,)
    assert actions == ["parse"]


def test_passes_of_programs_are_read_without_a_login(web: Web) -> None:
    envs = ("Server", "Cloud", "Local")
    reboot = row("Base", "x86_64", "QA:Testcase_base_reboot", "", *envs)
    services = row("Base", "x86_64", "QA:Testcase_base_services_start", "", *envs)
    lines = page_text([reboot, services]).split("\n")
    cells = [number for number, line in enumerate(lines) if NONE in line]
    people = "{{result|pass|coconut}}"
    for number, result in zip(
        cells, (OURS, people, "{{result|fail|bot=true}}", OURS), strict=False
    ):
        lines[number] = f"| {result}"
    actions = serve_api(web, parse=parsed("\n".join(lines)))
    asked = [wanted(reboot, env) for env in envs]
    nowhere = wanted(SELINUX)
    pages = WikitcmsPages(WikiAddress(web.host, scheme="http"), limits=LIMITS)
    found = pages.passed(EVENT, ["Base"], [*asked, nowhere])
    assert found == PassedCells(
        wanted=frozenset(asked[:1]),
        impossible=frozenset({nowhere}),
        others=(f"{services.testcase}: Base / x86_64 / {services.testcase} / Server",),
    )
    assert actions == ["parse"]


def test_a_dry_run_looks_and_counts_as_filed_what_would_be(web: Web) -> None:
    actions = serve_api(web)
    wiki = DryRunWiki(gateway(web))
    assert wiki.look([ONE], EVENTS) == WikiAnswer(lost=(ONE,))
    assert wiki.file([ONE], EVENTS) == WikiAnswer(filed=(ONE,))
    assert "edit" not in actions


def test_pages_are_looked_at_without_a_login(web: Web) -> None:
    actions = serve_api(web)
    wiki = WikitcmsWiki(WikiAddress(web.host, scheme="http"), None, limits=LIMITS)
    assert wiki.look([ONE], EVENTS) == WikiAnswer(lost=(ONE,))
    assert actions == ["parse"]


UNREADABLE = [
    (text("", status=502), "502"),
    (text("", status=429), "429"),
    (html(), "not an answer of a wiki that works"),
    (text("[1, 2]"), "not an answer of MediaWiki"),
    (text("{}"), "not an answer of MediaWiki"),
    (text('{"parse": {}, "login": {}, "query": {}, "edit": {}}'), "not an answer of MediaWiki"),
    (truncated("{"), "truncated|incomplete|IncompleteRead|bytes"),
    (drop, "without response"),
    (hang, "in time"),
    (trickle, "took too long|in time"),
    (endless, "more than 1000000 bytes"),
    (text(json.dumps(failure("readonly"))), "readonly: All about readonly"),
    (text(json.dumps(failure("maxlag"))), "maxlag"),
    (text(json.dumps(failure("ratelimited"))), "ratelimited"),
    (text(json.dumps(failure("internal_api_error_DBQueryError"))), "not an answer of a wiki"),
    (text(json.dumps(failure("internal_api_error_TypeError"))), "internal_api_error_TypeError"),
    (text("", headers={"X-Database-Lag": "7", "Retry-After": "5"}), "not an answer of a wiki"),
]


@pytest.mark.parametrize("action", ["query", "login", "parse", "edit"])
@pytest.mark.parametrize(("answer", "reason"), UNREADABLE)
def test_a_wiki_that_does_not_work_is_unavailable_soon(
    web: Web, action: str, answer: Answer, reason: str
) -> None:
    actions = serve_api(web, **{action: answer})
    # the earlier requests may also be late
    limits = replace(limits_for(answer), attempts=1)
    with pytest.raises(ServiceUnavailableError, match=reason) as failed:
        gateway(web, limits).file([ONE], EVENTS)
    assert "\n" not in str(failed.value)
    assert LOGIN.password not in str(failed.value)
    # writes are sent once
    assert actions.count("login") <= 1
    assert actions.count("edit") <= 1


@pytest.mark.parametrize(
    ("answers", "error", "reason"),
    [
        ({"login": {"login": {"result": "Failed", "reason": "Wrong password."}}}, ConfigError, r"no login as Coconut@report: Failed: Wrong password. \(see bot_user"),
        ({"login": {"login": {"result": "NeedToken", "token": "t"}}}, ConfigError, "NeedToken"),
        ({"login": {"login": {"result": "Aborted"}}}, ConfigError, "Aborted"),
        ({"query": {"query": SITE | {"userinfo": USERINFO | {"rights": ["read"]}}}}, ConfigError, "Coconut may not edit"),
        ({"query": {"query": SITE | {"userinfo": USERINFO | {"name": "127.0.0.1"}}}}, ConfigError, "not logged in"),
        ({"query": {"query": SITE | {"userinfo": USERINFO | {"name": "fe80::1"}}}}, ConfigError, "not logged in"),
        ({"query": {"query": SITE | {"general": {"generator": "MediaWiki 1.15"}}}}, PermanentError, "no wiki that can be used"),
        ({"query": text("MediaWiki API is not enabled for this site.")}, PermanentError, "no wiki that can be used"),
        ({"query": text("Auth error", status=401)}, ConfigError, "401: the wiki refuses our login"),
        ({"query": text("", status=404)}, ConfigError, r"404 \(see \[wiki\]\)"),
        ({"parse": text("", status=403)}, NotAllowedError, "403"),
        ({"query": text("", status=301, headers={"Location": "https://wiki/"})}, ServiceUnavailableError, "301"),
        ({"edit": failure("permissiondenied")}, ConfigError, "permissiondenied"),
        ({"edit": failure("blocked")}, ConfigError, "blocked: All about blocked"),
        ({"edit": failure("autoblocked")}, ConfigError, "autoblocked"),
        ({"edit": failure("globalblocking-blockedtext-ip")}, ConfigError, "globalblocking"),
        ({"edit": failure("torblocked")}, ConfigError, "torblocked"),
        ({"edit": failure("confirmemail")}, ConfigError, "confirmemail"),
        ({"edit": failure("actionthrottledtext")}, ServiceUnavailableError, "actionthrottledtext"),
        ({"parse": failure("readapidenied")}, ConfigError, "readapidenied"),
        ({"edit": failure("assertuserfailed")}, ServiceUnavailableError, "ends our session at once"),
        ({"edit": failure("badtoken")}, ServiceUnavailableError, "ends our session at once"),
    ],
)  # fmt: skip
def test_what_a_wiki_refuses_is_said(
    web: Web, answers: Mapping[str, object], error: type[FedoraOpenQAError], reason: str
) -> None:
    serve_api(web, **answers)
    with pytest.raises(error, match=reason) as failed:
        gateway(web).file([ONE], EVENTS)
    assert "\n" not in str(failed.value)
    assert LOGIN.password not in str(failed.value)


LOGIN_TEST = row("Desktop", "x86_64", "QA:Testcase_desktop_login")
#: errors of a wiki about one page, which need not come for other pages
PAGES_OWN = {
    "protectedpage": failure("protectedpage"),
    "cascadeprotected": failure("cascadeprotected"),
    "protectednamespace": failure("protectednamespace"),
    "titleblacklist-forbidden": failure("titleblacklist-forbidden"),
    "abusefilter-disallowed": failure("abusefilter-disallowed"),
    "contenttoobig": failure("contenttoobig"),
    "captcha": {"edit": {"result": "Failure", "captcha": {"type": "math"}}},
}


@pytest.mark.parametrize("code", PAGES_OWN)
def test_a_page_that_may_not_be_edited_stops_no_other_page(web: Web, code: str) -> None:
    pages = {one.testtype: page_text([one]) for one in (SELINUX, LOGIN_TEST)}

    def read(request: Request) -> None:
        testtype = parse_qs(urlsplit(request.path).query)["page"][0].rpartition(" ")[2]
        title = title_of(EVENT, testtype)
        text(json.dumps(parsed(pages[testtype], title=title)))(request)

    def edit(request: Request) -> None:
        fields = parse_qs(web.bodies[-1])
        testtype = fields["title"][0].rpartition(" ")[2]
        if testtype == "Base":
            text(json.dumps(PAGES_OWN[code]))(request)
        else:
            pages[testtype] = fields["text"][0]
            text(json.dumps(WORKS["edit"]))(request)

    serve_api(web, parse=read, edit=edit)
    other = wanted(LOGIN_TEST)
    answer = gateway(web).file([ONE, other], EVENTS)
    assert answer.filed == (other,)
    assert set(answer.refused) == {ONE}
    assert f"{title_of(EVENT, 'Base')}): " in answer.refused[ONE]
    assert code in answer.refused[ONE]
    assert answer.lost == answer.known == ()


def test_a_page_that_cannot_be_read_stops_no_other_page(web: Web) -> None:
    serve_api(web, parse=failure("invalidtitle"))
    answer = gateway(web).file([ONE], EVENTS)
    assert set(answer.refused) == {ONE}
    assert "invalidtitle: All about invalidtitle" in answer.refused[ONE]


def test_rows_that_others_edit_all_the_time_are_left_for_later(web: Web) -> None:
    actions = serve_api(web, edit=failure("editconflict"))
    assert gateway(web).file([ONE], EVENTS) == WikiAnswer(lost=(ONE,))
    assert actions.count("edit") == EDITS


def test_a_page_that_was_moved_is_edited_where_it_is_now(web: Web) -> None:
    moved = "Test Results:Fedora 45 Rawhide 20261120.n.0 Base (moved)"
    serve_api(web, parse=parsed(page_text([SELINUX]), title=moved))
    gateway(web).file([ONE], EVENTS)
    (edit,) = (parse_qs(body) for body in web.bodies if "action=edit" in body)
    assert edit["title"] == [moved]
    asked = [parse_qs(urlsplit(path).query) for path in web.requests if "action=parse" in path]
    assert {query["page"][0] for query in asked} == {title_of(EVENT, "Base")}


def test_a_page_that_redirects_to_no_result_page_says_where(web: Web) -> None:
    actions = serve_api(web, parse=parsed(page_text([SELINUX]), title="User:Mallory"))
    answer = gateway(web).file([ONE], EVENTS)
    name = title_of(EVENT, "Base")
    assert answer.impossible == {ONE: f"{name}: moved to 'User:Mallory', which is no result page"}
    assert "edit" not in actions


def test_a_page_that_does_not_exist_is_said_of_all_its_passes(web: Web) -> None:
    serve_api(web, parse=failure("missingtitle"))
    passes = tuple(wanted(one) for one in EVENT_ROWS if one.testtype == "Base")
    answer = gateway(web).file(passes, EVENTS)
    reason = "Test Results:Fedora 45 Rawhide 20261120.n.0 Base: no such page"
    assert answer.impossible == dict.fromkeys(passes, reason)
    assert set(answer.pageless) == set(passes)
    assert answer.filed == answer.known == answer.lost == ()


def tokens(**changes: object) -> str:
    token = {"idp": "http://id.example/", "scopes": SCOPES, "access_token": "t"}
    return json.dumps({"a": token | {"refresh_token": "r", "expires_at": 0} | changes})


def with_token(web: Web, folder: Path) -> WikitcmsWiki:
    return WikitcmsWiki(
        WikiAddress(web.host, scheme="http"),
        StoredToken(folder, "http://id.example/"),
        limits=LIMITS,
    )


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (None, "no token of http://id.example/: log in once with: python3 -c"),
        ("{}", "no token of http://id.example/: log in once with: python3 -c"),
        (tokens(idp="http://other/"), "no token of http://id.example/"),
        (tokens(scopes=["openid"]), "no token of http://id.example/"),
        ('{"a": {}}', "not a file of tokens"),
        ("[1]", "not a file of tokens"),
        (
            '{"a": {"idp": "http://id.example/", "scopes": [], "access_token": "t"}}',
            "not a file of tokens",
        ),
        ("{", "cannot be read"),
    ],
)
def test_without_a_token_nobody_is_asked_and_nothing_is_written(
    web: Web, tmp_path: Path, content: str | None, reason: str
) -> None:
    folder = tmp_path / "tokens"
    if content is not None:
        folder.mkdir()
        (folder / "oidc_wikitcms.json").write_text(content)
    with pytest.raises(ConfigError, match=reason):
        with_token(web, folder).file([ONE], EVENTS)
    assert web.requests == []
    assert folder.exists() is (content is not None)


def test_a_token_is_sent_with_each_request(web: Web, tmp_path: Path) -> None:
    (tmp_path / "oidc_wikitcms.json").write_text(tokens())
    sent = []

    def with_header(request: Request) -> None:
        sent.append(request.headers["Authorization"])
        text(json.dumps(WORKS["parse"]))(request)

    actions = serve_api(web, parse=with_header)
    assert with_token(web, tmp_path).look([ONE], EVENTS).lost == (ONE,)
    assert sent == ["Bearer t"]
    assert actions == ["query", "parse"]


@pytest.mark.parametrize(
    ("meanwhile", "error", "reason"),
    [
        ("", ServiceUnavailableError, "oidc_wikitcms.json: another process is writing it"),
        ("{}", ConfigError, "no token of http://id.example/"),
        ("[]", ConfigError, "not a file of tokens"),
    ],
)
def test_a_file_that_changes_before_a_token_is_renewed_is_read_anew(
    web: Web, tmp_path: Path, meanwhile: str, error: type[FedoraOpenQAError], reason: str
) -> None:
    file = tmp_path / "oidc_wikitcms.json"
    file.write_text(tokens())

    def change_and_refuse(request: Request) -> None:
        file.write_text(meanwhile)
        text("Auth error", status=401)(request)

    serve_api(web, query=change_and_refuse)
    with pytest.raises(error, match=reason):
        with_token(web, tmp_path).file([ONE], EVENTS)
    assert file.read_text() == meanwhile


def test_a_renewed_token_is_stored_with_the_time_at_which_it_expires(
    web: Web, tmp_path: Path
) -> None:
    identity_url = f"{web.url}/openidc/"
    file = tmp_path / "oidc_wikitcms.json"
    file.write_text(tokens(idp=identity_url))
    fields = {"access_token": "second", "token_type": "Bearer", "expires_in": 3600}
    web.answers["POST /openidc/Token"] = text(json.dumps(fields))

    def refuse_the_first(request: Request) -> None:
        renewed = request.headers["Authorization"] == "Bearer second"
        answer = text(json.dumps(WORKS["query"])) if renewed else text("Auth error", status=401)
        answer(request)

    serve_api(web, query=refuse_the_first)
    address = WikiAddress(web.host, scheme="http")
    wiki = WikitcmsWiki(address, StoredToken(tmp_path, identity_url), limits=LIMITS)
    assert wiki.look([ONE], EVENTS).lost == (ONE,)
    (token,) = json.loads(file.read_text()).values()
    assert (token["access_token"], token["refresh_token"]) == ("second", "r")
    assert token["expires_at"] == pytest.approx(time.time() + 3600, abs=60)
