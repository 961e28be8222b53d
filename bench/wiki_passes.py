"""Measures the filing of a compose's passes on the result pages of a private, real wiki."""

import time

from bench.measuring import DELAY
from bench.tables import Row, show
from fedora_openqa.config import Http
from fedora_openqa.gateways.wiki.filing import WikitcmsWiki
from fedora_openqa.gateways.wiki.site import BotPassword, WikiAddress
from fedora_openqa.wiring.gateways import limits_of
from tests.services.mediawiki import BOT_PASSWORD, REPORTER, running_mediawiki
from tests.services.middleman import Forward, between
from tests.services.processes import NotInstalledError
from tests.support.wiki_pages import EVENT, EVENT_ROWS, EVENTS, many_passes

PASSES = 67
ACTIONS = ("login", "query", "parse", "edit")


def file_passes() -> None:
    try:
        with running_mediawiki() as mediawiki, between(mediawiki.host) as middleman:
            mediawiki.write_event(EVENT, EVENT_ROWS)
            middleman.on = dict.fromkeys(ACTIONS, later)
            wiki = WikitcmsWiki(
                WikiAddress(middleman.host, scheme="http"),
                BotPassword(f"{REPORTER}@report", BOT_PASSWORD),
                limits=limits_of(Http()),
            )
            passes = many_passes(PASSES)
            start = time.perf_counter()
            answer = wiki.file(passes, EVENTS)
            seconds = time.perf_counter() - start
    except NotInstalledError as missing:
        print(f"passes on the wiki: not measured, {missing} is missing (make services)")
        return
    pages = {one.testtype for one in answer.filed}
    show(
        f"{len(answer.filed)} passes on {len(pages)} pages of the wiki,"
        f" {DELAY * 1000:.0f} ms added to each request; one round, compared with nothing",
        [Row("time", f"{seconds:.2f} s"), Row("requests", str(len(middleman.actions)))],
    )


def later(forward: Forward) -> None:
    time.sleep(DELAY)
    forward()
