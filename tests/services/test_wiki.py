"""The gateway to the wiki against a real MediaWiki."""

import json
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from fedora_openqa.errors import (
    ConfigError,
    ServiceUnavailableError,
    TemporaryError,
)
from fedora_openqa.gateways.wiki.filing import DryRunWiki, WikitcmsPages, WikitcmsWiki
from fedora_openqa.gateways.wiki.site import BotPassword, StoredToken, WikiAddress, WikiLogin
from fedora_openqa.gateways.wiki.tokens import SCOPES
from fedora_openqa.model.deliveries import WikiAnswer
from fedora_openqa.model.wiki import WikiEvent, WikiPass
from tests.services.mediawiki import (
    BOT_PASSWORD,
    REPORTER,
    WEAK_PASSWORD,
    MediaWiki,
    running_mediawiki,
)
from tests.services.middleman import Forward, Middleman, between
from tests.support.limits import limits_with
from tests.support.web import Answer, Web, hang, text
from tests.support.wiki_pages import (
    EVENT,
    EVENT_PAGES,
    EVENT_ROWS,
    EVENTS,
    many_passes,
    row,
    title_of,
    wanted,
)

pytestmark = pytest.mark.service

LIMITS = limits_with(connect_timeout=30, read_timeout=60, total_timeout=60, attempts=2)
LOGIN = BotPassword(f"{REPORTER}@report", BOT_PASSWORD)

#: what we leave on a page
RESULT = "{{result|pass|coconut|bot=true}}"

BASE = title_of(EVENT, "Base")
SELINUX = next(row for row in EVENT_ROWS if row.testcase == "QA:Testcase_base_selinux")
ONE = wanted(SELINUX, "Server")


def gateway(host: str, login: WikiLogin = LOGIN) -> WikitcmsWiki:
    return WikitcmsWiki(WikiAddress(host, scheme="http"), login, limits=LIMITS)


@pytest.fixture
def middleman(mediawiki: MediaWiki) -> Iterator[Middleman]:
    with between(mediawiki.host) as middleman:
        yield middleman


def pages(mediawiki: MediaWiki) -> dict[str, str]:
    return {name: mediawiki.read(title_of(EVENT, name)) for name in EVENT_PAGES}


def results_on(mediawiki: MediaWiki) -> dict[str, int]:
    return {name: text.count(RESULT) for name, text in pages(mediawiki).items()}


def test_the_passes_of_a_compose_are_filed_with_few_requests(
    mediawiki: MediaWiki, middleman: Middleman
) -> None:
    passes = many_passes(67)
    answer = gateway(middleman.host).file(passes, EVENTS)
    assert answer == WikiAnswer(filed=answer.filed)
    assert set(answer.filed) == set(passes)
    assert results_on(mediawiki) == Counter(one.testtype for one in passes)
    assert set(results_on(mediawiki)) == {"Installation", "Base", "Desktop", "Server"}
    # a login; each page read, edited and read again; one token for all edits
    assert Counter(middleman.actions) == {"login": 1, "query": 3, "parse": 8, "edit": 4}


def test_filing_again_changes_nothing(mediawiki: MediaWiki, middleman: Middleman) -> None:
    passes = many_passes(67)
    gateway(mediawiki.host).file(passes, EVENTS)
    before = pages(mediawiki)
    answer = gateway(middleman.host).file(passes, EVENTS)
    assert set(answer.known) == set(passes)
    assert answer == WikiAnswer(known=answer.known)
    assert pages(mediawiki) == before
    assert "edit" not in middleman.actions
    assert mediawiki.revisions(BASE) == ("Admin", REPORTER)


def test_one_login_serves_all_calls(mediawiki: MediaWiki, middleman: Middleman) -> None:
    wiki = gateway(middleman.host)
    for one in many_passes(5):
        assert wiki.file([one], EVENTS).filed == (one,)
    assert middleman.actions.count("login") == 1
    assert sum(results_on(mediawiki).values()) == 5


def test_passes_are_read_without_a_login(mediawiki: MediaWiki, middleman: Middleman) -> None:
    passes = many_passes(10)
    gateway(mediawiki.host).file(passes[:6], EVENTS)
    pages = WikitcmsPages(WikiAddress(middleman.host, scheme="http"), limits=LIMITS)
    found = pages.passed(EVENT, EVENT_PAGES, passes[2:])
    assert found.wanted == {*passes[2:6]}
    assert len(found.others) == 2
    assert set(middleman.actions) == {"parse"}


def test_looking_and_dry_runs_write_nothing(mediawiki: MediaWiki, middleman: Middleman) -> None:
    passes = many_passes(10)
    gateway(mediawiki.host).file(passes[:4], EVENTS)
    before = pages(mediawiki)
    wiki = gateway(middleman.host)
    looked = wiki.look(passes, EVENTS)
    assert set(looked.known) == set(passes[:4])
    assert set(looked.lost) == set(passes[4:])
    assert DryRunWiki(wiki).look(passes, EVENTS) == looked
    assert DryRunWiki(wiki).file(passes, EVENTS).filed == looked.lost
    assert pages(mediawiki) == before
    assert "edit" not in middleman.actions


def until_done(wiki: WikitcmsWiki, passes: Sequence[WikiPass]) -> WikiAnswer:
    """File as a worker does: again after whatever may pass."""
    for _ in range(20):
        try:
            answer = wiki.file(passes, EVENTS)
        except TemporaryError:
            continue
        if not answer.lost:
            return answer
    raise AssertionError("never filed")


def at_once(reporters: Sequence[Callable[[], WikiAnswer]]) -> list[WikiAnswer]:
    start = threading.Barrier(len(reporters))

    def report(reporter: Callable[[], WikiAnswer]) -> WikiAnswer:
        start.wait(60)
        return reporter()

    with ThreadPoolExecutor(len(reporters)) as pool:
        return list(pool.map(report, reporters))


def test_ten_reporters_with_one_account_lose_nothing(mediawiki: MediaWiki) -> None:
    passes = many_passes(100)
    # of neighbouring rows and columns, each has one
    shares = [passes[number::10] for number in range(10)]
    answers = at_once(
        [lambda share=share: until_done(gateway(mediawiki.host), share) for share in shares]  # type: ignore[misc] # each has its own
    )
    for share, answer in zip(shares, answers, strict=True):
        assert {*answer.filed, *answer.known} == set(share)
    # nothing is missing, and nothing is there twice
    assert results_on(mediawiki) == Counter(one.testtype for one in passes)
    assert set(gateway(mediawiki.host).look(passes, EVENTS).known) == set(passes)


def test_reporters_of_the_same_file_it_once(mediawiki: MediaWiki) -> None:
    passes = many_passes(20)
    answers = at_once([lambda: until_done(gateway(mediawiki.host), passes)] * 4)
    for answer in answers:
        assert {*answer.filed, *answer.known} == set(passes)
    assert sum(results_on(mediawiki).values()) == 20


def once(happening: Callable[[], object]) -> Callable[[Forward], None]:
    """Let something happen between a client's reading and its first edit."""
    left = [happening]

    def on_edit(forward: Forward) -> None:
        if left:
            left.pop()()
        forward()

    return on_edit


def test_a_result_that_somebody_else_files_in_the_same_cell_meanwhile_stays(
    mediawiki: MediaWiki, middleman: Middleman
) -> None:
    theirs = "{{result|fail|somebody|123456}}"
    changed = mediawiki.read(BASE).replace("{{result|none}}", theirs, 2)
    middleman.on["edit"] = once(lambda: mediawiki.write(BASE, changed))
    answer = gateway(middleman.host).file([ONE], EVENTS)
    assert answer.filed == (ONE,)
    # the first two cells are the row's for Cloud and Server
    assert mediawiki.read(BASE) == changed.replace(
        f"{theirs}\n| {theirs}\n", f"{theirs}\n| {theirs}{RESULT}\n"
    )
    assert middleman.actions.count("edit") == 2


def test_an_edit_of_our_own_account_meanwhile_stays(
    mediawiki: MediaWiki, middleman: Middleman
) -> None:
    other = wanted(SELINUX, "Cloud")
    middleman.on["edit"] = once(lambda: gateway(mediawiki.host).file([other], EVENTS))
    assert gateway(middleman.host).file([ONE], EVENTS).filed == (ONE,)
    assert set(gateway(mediawiki.host).look([ONE, other], EVENTS).known) == {ONE, other}
    assert results_on(mediawiki)["Base"] == 2


def test_the_same_result_filed_meanwhile_is_there_once(
    mediawiki: MediaWiki, middleman: Middleman
) -> None:
    middleman.on["edit"] = once(lambda: gateway(mediawiki.host).file([ONE], EVENTS))
    assert gateway(middleman.host).file([ONE], EVENTS).filed == (ONE,)
    assert results_on(mediawiki)["Base"] == 1


def test_text_that_is_added_elsewhere_meanwhile_stays(
    mediawiki: MediaWiki, middleman: Middleman
) -> None:
    changed = f"Beware: ärger.\n\n{mediawiki.read(BASE)}"
    middleman.on["edit"] = once(lambda: mediawiki.write(BASE, changed))
    assert gateway(middleman.host).file([ONE], EVENTS).filed == (ONE,)
    after = mediawiki.read(BASE)
    assert after.startswith("Beware: ärger.\n\nResults")
    assert after.replace(RESULT, "{{result|none}}") == changed
    # MediaWiki has merged them
    assert middleman.actions.count("edit") == 1


def test_who_edits_all_the_time_is_left_alone_for_now(
    mediawiki: MediaWiki, middleman: Middleman
) -> None:
    number = 0

    def always(forward: Forward) -> None:
        nonlocal number
        number += 1
        theirs = f"{{{{result|warn|user{number}}}}}"
        mediawiki.write(BASE, mediawiki.read(BASE).replace("{{result|", f"{theirs}{{{{result|"))
        forward()

    middleman.on["edit"] = always
    assert gateway(middleman.host).file([ONE], EVENTS) == WikiAnswer(lost=(ONE,))
    assert number == 5
    assert RESULT not in mediawiki.read(BASE)


def test_what_is_written_over_is_lost(mediawiki: MediaWiki, middleman: Middleman) -> None:
    before = mediawiki.read(BASE)

    def write_over(forward: Forward) -> None:
        if "edit" in middleman.actions:
            mediawiki.write(BASE, before)
        forward()

    # that is when it is read back
    middleman.on["parse"] = write_over
    wiki = gateway(middleman.host)
    assert wiki.file([ONE], EVENTS) == WikiAnswer(lost=(ONE,))
    assert middleman.actions.count("edit") == 1
    middleman.on.clear()
    assert wiki.file([ONE], EVENTS) == WikiAnswer(filed=(ONE,))


def test_a_page_that_is_deleted_meanwhile_is_not_created(
    mediawiki: MediaWiki, middleman: Middleman
) -> None:
    middleman.on["edit"] = once(lambda: mediawiki.delete(BASE))
    answer = gateway(middleman.host).file([ONE], EVENTS)
    assert answer.pageless == (ONE,)
    assert answer.filed == ()
    assert mediawiki.revisions(BASE) == ()


def test_what_pages_have_no_place_for_is_said(mediawiki: MediaWiki) -> None:
    absent = {
        wanted(row("General", "", "QA:Testcase_Clevis")): "General: no such page",
        wanted(row("Base", "x86_64", "QA:Testcase_base_none", "", "Cloud")): "Base: no row for QA:Testcase_base_none in section 'x86_64'",
        wanted(row("Base", "s390x", SELINUX.testcase, "", "Cloud")): "Base: no section 's390x' with results",
        wanted(SELINUX, "Silverblue"): "Base: no column 'Silverblue' for QA:Testcase_base_selinux in section 'x86_64'",
    }  # fmt: skip
    before = pages(mediawiki)
    answer = gateway(mediawiki.host).file([*absent, ONE], EVENTS)
    assert answer.filed == (ONE,)
    assert answer.impossible == {
        one: f"Test Results:Fedora 45 Rawhide 20261120.n.0 {reason}"
        for one, reason in absent.items()
    }
    assert [one.testtype for one in answer.pageless] == ["General"]
    after = pages(mediawiki)
    assert {name for name in after if after[name] != before[name]} == {"Base"}
    assert after["Base"].count(RESULT) == 1


def test_a_page_that_is_created_later_is_filed_on_then(mediawiki: MediaWiki) -> None:
    iot = WikiEvent(dist="Fedora-IoT", release="45", milestone="RC", compose="20261120.0")
    clevis = row("General", "", "QA:Testcase_Clevis", "", "x86_64", "aarch64")
    one = wanted(clevis, "aarch64", cid="Fedora-IoT-45-20261120.0")
    wiki = WikitcmsWiki(WikiAddress(mediawiki.host, scheme="http"), LOGIN, limits=LIMITS)
    events = {one.cid: iot}
    assert wiki.file([one], events).pageless == (one,)
    mediawiki.write_event(iot, [clevis])
    assert wiki.file([one], events) == WikiAnswer(filed=(one,))
    assert RESULT in mediawiki.read("Test Results:Fedora-IoT 45 RC 20261120.0 General")


def test_a_protected_page_is_refused_and_the_others_are_filed(mediawiki: MediaWiki) -> None:
    mediawiki.protect(BASE)
    passes = many_passes(67)
    answer = gateway(mediawiki.host).file(passes, EVENTS)
    assert {one.testtype for one in answer.refused} == {"Base"}
    assert all("Base): protectedpage: This page has been" in why for why in answer.refused.values())
    assert len(answer.filed) + len(answer.refused) == len(passes)
    assert results_on(mediawiki) == {
        **Counter(one.testtype for one in passes if one.testtype != "Base"),
        "Base": 0,
    }


def test_a_moved_page_is_edited_where_it_is_now(mediawiki: MediaWiki) -> None:
    moved = f"{BASE} moved"
    mediawiki.move(BASE, moved)
    wiki = gateway(mediawiki.host)
    assert wiki.file([ONE], EVENTS) == WikiAnswer(filed=(ONE,))
    assert mediawiki.read(moved).count(RESULT) == 1
    assert mediawiki.read(BASE).startswith("#REDIRECT [[")
    assert wiki.file([ONE], EVENTS) == WikiAnswer(known=(ONE,))


def test_a_page_that_redirects_out_of_the_result_pages_is_named(mediawiki: MediaWiki) -> None:
    mediawiki.write("User:Mallory", mediawiki.read(BASE))
    mediawiki.write(BASE, "#REDIRECT [[User:Mallory]]")
    answer = gateway(mediawiki.host).file([ONE], EVENTS)
    assert answer.impossible == {ONE: f"{BASE}: moved to 'User:Mallory', which is no result page"}


def test_a_blocked_account_is_a_configuration_error_that_says_so(mediawiki: MediaWiki) -> None:
    mediawiki.block(REPORTER)
    with pytest.raises(ConfigError, match=r"blocked"):
        gateway(mediawiki.host).file([ONE], EVENTS)
    assert results_on(mediawiki)["Base"] == 0


def test_rows_are_read_as_they_are_without_a_login(
    mediawiki: MediaWiki, middleman: Middleman
) -> None:
    address = WikiAddress(middleman.host, scheme="http")
    reader = WikitcmsPages(address, limits=LIMITS)
    assert reader.rows(EVENT, [*EVENT_PAGES, "General"]) == EVENT_ROWS
    assert set(middleman.actions) == {"parse"}
    assert mediawiki.revisions(BASE) == ("Admin",)


def test_headings_of_templates_have_no_rows_of_their_own(mediawiki: MediaWiki) -> None:
    mediawiki.write("Template:Key", "== Key ==\n{{result|pass}} is good.")
    mediawiki.write("Template:Note", "=== Note ===\nNothing.")
    original = mediawiki.read(BASE)
    changed = f"{{{{Key}}}}\n{original}".replace("=== aarch64", "{{Note}}\n=== aarch64")
    mediawiki.write(BASE, changed)
    answer = gateway(mediawiki.host).file([ONE], EVENTS)
    assert answer.filed == (ONE,)
    assert mediawiki.read(BASE).replace(RESULT, "{{result|none}}") == changed


def test_a_login_that_the_wiki_forgets_is_made_anew(
    mediawiki: MediaWiki, middleman: Middleman
) -> None:
    first, second = many_passes(2)
    wiki = gateway(middleman.host)
    wiki.file([first], EVENTS)
    mediawiki.forget_logins()
    assert wiki.file([second], EVENTS).filed == (second,)
    assert middleman.actions.count("login") == 2
    for name in EVENT_PAGES:
        assert set(mediawiki.revisions(title_of(EVENT, name))) <= {"Admin", REPORTER}


def test_a_login_that_is_forgotten_between_reading_and_editing_is_made_anew(
    mediawiki: MediaWiki, middleman: Middleman
) -> None:
    middleman.on["edit"] = once(mediawiki.forget_logins)
    assert gateway(middleman.host).file([ONE], EVENTS).filed == (ONE,)
    assert mediawiki.revisions(BASE) == ("Admin", REPORTER)


def test_logins_that_are_always_forgotten_are_not_made_for_ever(
    mediawiki: MediaWiki, middleman: Middleman
) -> None:
    def forget(forward: Forward) -> None:
        mediawiki.forget_logins()
        forward()

    middleman.on["edit"] = forget
    with pytest.raises(ServiceUnavailableError, match="ends our session"):
        gateway(middleman.host).file([ONE], EVENTS)
    assert middleman.actions.count("login") == 2


def test_a_wiki_that_is_away_is_unavailable_until_it_is_back(mediawiki: MediaWiki) -> None:
    first, second = many_passes(2)
    wiki = gateway(mediawiki.host)
    mediawiki.stop()
    with pytest.raises(ServiceUnavailableError, match="Connection refused"):
        wiki.file([first], EVENTS)
    mediawiki.start()
    assert wiki.file([first], EVENTS).filed == (first,)
    mediawiki.stop()
    with pytest.raises(ServiceUnavailableError, match="Connection refused"):
        wiki.file([second], EVENTS)
    mediawiki.start()
    assert wiki.file([second], EVENTS).filed == (second,)


def test_a_wiki_that_dies_before_an_edit_is_made_is_unavailable(
    mediawiki: MediaWiki, middleman: Middleman
) -> None:
    def die(_forward: Forward) -> None:
        mediawiki.stop()

    middleman.on["edit"] = die
    wiki = gateway(middleman.host)
    with pytest.raises(ServiceUnavailableError):
        wiki.file([ONE], EVENTS)
    assert middleman.actions.count("edit") == 1
    mediawiki.start()
    middleman.on.clear()
    assert wiki.file([ONE], EVENTS) == WikiAnswer(filed=(ONE,))
    assert results_on(mediawiki)["Base"] == 1


def test_an_edit_without_an_answer_is_looked_for(
    mediawiki: MediaWiki, middleman: Middleman
) -> None:
    def lose_the_answer(forward: Forward) -> None:
        middleman.mute = True
        forward()
        middleman.mute = False

    middleman.on["edit"] = lose_the_answer
    assert gateway(middleman.host).file([ONE], EVENTS) == WikiAnswer(filed=(ONE,))
    assert middleman.actions.count("edit") == 1
    assert results_on(mediawiki)["Base"] == 1


def test_an_edit_that_never_came_is_not_repeated_at_once(
    mediawiki: MediaWiki, middleman: Middleman
) -> None:
    middleman.on["edit"] = lambda _forward: None
    with pytest.raises(ServiceUnavailableError, match=r"POST http://127\.0\.0\.1:"):
        gateway(middleman.host).file([ONE], EVENTS)
    assert middleman.actions.count("edit") == 1
    assert mediawiki.revisions(BASE) == ("Admin",)


@pytest.mark.parametrize(
    ("login", "reason"),
    [
        (BotPassword(f"{REPORTER}@report", "x" * 32), "no login as Coconut@report: Failed: Incor"),
        (BotPassword("Nobody@report", BOT_PASSWORD), "no login as Nobody@report: Failed: Incor"),
        (BotPassword(f"{REPORTER}@weak", WEAK_PASSWORD), "Coconut may not edit: give its bot pass"),
    ],
)
def test_a_login_that_does_not_do_is_a_configuration_error(
    mediawiki: MediaWiki, login: BotPassword, reason: str
) -> None:
    with pytest.raises(ConfigError, match=reason) as failure:
        gateway(mediawiki.host, login).file([ONE], EVENTS)
    assert login.password not in str(failure.value) + repr(login)


# Fedora's wiki: OpenID Connect


def token_file(folder: Path, web: Web, **changes: object) -> StoredToken:
    identity_url = f"{web.url}/openidc/"
    token = {
        "idp": identity_url,
        "sub": "coconut",
        "access_token": "first",
        "token_type": "Bearer",
        "refresh_token": "again",
        "expires_at": time.time() + 3600,
        "scopes": SCOPES,
    }
    (folder / "oidc_wikitcms.json").write_text(json.dumps({"a1b2": token | changes}))
    return StoredToken(folder, identity_url)


def renewed(name: str) -> str:
    return json.dumps(
        {
            "access_token": name,
            "token_type": "Bearer",
            "expires_in": 3600,
            "refresh_token": "once more",
        }
    )


def test_a_stored_token_is_a_login(
    mediawiki: MediaWiki, middleman: Middleman, web: Web, tmp_path: Path
) -> None:
    mediawiki.accept_tokens({"first": REPORTER})
    passes = many_passes(67)
    answer = gateway(middleman.host, token_file(tmp_path, web)).file(passes, EVENTS)
    assert set(answer.filed) == set(passes)
    assert sum(results_on(mediawiki).values()) == 67
    assert Counter(middleman.actions) == {"query": 2, "parse": 8, "edit": 4}
    assert web.requests == []


def test_a_token_that_is_too_old_is_renewed_and_kept(
    mediawiki: MediaWiki, web: Web, tmp_path: Path
) -> None:
    mediawiki.accept_tokens({"second": REPORTER})
    web.answers["POST /openidc/Token"] = text(renewed("second"))
    login = token_file(tmp_path, web)
    assert gateway(mediawiki.host, login).file([ONE], EVENTS).filed == (ONE,)
    assert web.requests == ["POST /openidc/Token"]
    assert "refresh_token=again" in web.bodies[0]
    (kept,) = json.loads((tmp_path / "oidc_wikitcms.json").read_text()).values()
    assert (kept["access_token"], kept["refresh_token"]) == ("second", "once more")
    assert kept["expires_at"] > time.time()
    # who starts now uses it
    assert gateway(mediawiki.host, login).file([ONE], EVENTS).known == (ONE,)
    assert web.requests == ["POST /openidc/Token"]


def test_a_token_that_ends_between_two_calls_is_renewed(
    mediawiki: MediaWiki, web: Web, tmp_path: Path
) -> None:
    first, second = many_passes(2)
    web.answers["POST /openidc/Token"] = text(renewed("second"))
    mediawiki.accept_tokens({"first": REPORTER})
    wiki = gateway(mediawiki.host, token_file(tmp_path, web))
    assert wiki.file([first], EVENTS).filed == (first,)
    mediawiki.accept_tokens({"second": REPORTER})
    assert wiki.file([second], EVENTS).filed == (second,)


def test_a_token_that_another_process_has_renewed_is_used(
    mediawiki: MediaWiki, web: Web, tmp_path: Path
) -> None:
    first, second = many_passes(2)
    mediawiki.accept_tokens({"first": REPORTER})
    wiki = gateway(mediawiki.host, token_file(tmp_path, web))
    assert wiki.file([first], EVENTS).filed == (first,)
    mediawiki.accept_tokens({"theirs": REPORTER})
    token_file(tmp_path, web, access_token="theirs")  # noqa: S106 - of a wiki for one test run
    assert wiki.file([second], EVENTS).filed == (second,)
    assert web.requests == []


@pytest.mark.parametrize(
    ("answer", "error", "reason"),
    [
        (text('{"error": "invalid_grant"}', status=400), ConfigError, "400: cannot be renewed: log in once"),
        (text('{"error": "invalid_grant"}'), ConfigError, "200: cannot be renewed: log in once"),
        (text("<html>"), ServiceUnavailableError, "not an answer about tokens"),
        (text("", status=503), ServiceUnavailableError, "503"),
        (hang, ServiceUnavailableError, "no answer in time"),
    ],
)  # fmt: skip
def test_a_token_that_cannot_be_renewed_is_kept_for_a_person_to_see(
    mediawiki: MediaWiki,
    web: Web,
    tmp_path: Path,
    *,
    answer: Answer,
    error: type[Exception],
    reason: str,
) -> None:
    web.answers["POST /openidc/Token"] = answer
    login = token_file(tmp_path, web)
    before = (tmp_path / "oidc_wikitcms.json").read_text()
    # MediaWiki answers within these, also on a slow machine
    seconds = 10 if answer is hang else 60
    limits = limits_with(read_timeout=seconds, total_timeout=seconds, attempts=1)
    wiki = WikitcmsWiki(WikiAddress(mediawiki.host, scheme="http"), login, limits=limits)
    with pytest.raises(error, match=reason):
        wiki.file([ONE], EVENTS)
    assert (tmp_path / "oidc_wikitcms.json").read_text() == before


def test_a_renewed_token_that_the_wiki_does_not_take_is_a_configuration_error(
    mediawiki: MediaWiki, web: Web, tmp_path: Path
) -> None:
    web.answers["POST /openidc/Token"] = text(renewed("second"))
    with pytest.raises(ConfigError, match="401: the wiki refuses our login"):
        gateway(mediawiki.host, token_file(tmp_path, web)).file([ONE], EVENTS)


def test_a_private_wiki_leaves_no_folder_and_no_port(mediawiki: MediaWiki) -> None:
    del mediawiki  # only to skip where the packages are missing
    before = set(Path("/tmp").glob("mediawiki-*"))  # noqa: S108 - where private folders are
    with running_mediawiki() as wiki:
        assert gateway(wiki.host).file([ONE], EVENTS).pageless == (ONE,)
    with pytest.raises(ServiceUnavailableError, match="Connection refused"):
        gateway(wiki.host).file([ONE], EVENTS)
    assert set(Path("/tmp").glob("mediawiki-*")) <= before  # noqa: S108
