"""Walks through all links of the pages."""

from collections import deque
from collections.abc import Iterator
from urllib.parse import urlsplit

from werkzeug.test import TestResponse

from tests.support.pages import Html, Pages
from tests.web.filled import COMPOSE

#: more pages than the filled store has; a link space without an end would reach it
MOST_PAGES = 3000

#: pages that no link leads to
ENTRANCES = (
    "/",
    "/search",
    "/search?q=nothing",
    "/why?q=x",
    f"/why?q={COMPOSE}",
    f"/b/{COMPOSE}",
    "/j/201",
    "/robots.txt",
    "/badge/compose/Rawhide.svg",
    "/badge/test/base_selinux.svg",
)


def crawl(pages: Pages) -> Iterator[tuple[str, TestResponse, list[str]]]:
    """Yield each page that can be reached, with its answer and the statements that made it."""
    wanted, known = deque(ENTRANCES), set(ENTRANCES)
    # the banner is read once for all
    pages.ask("/")
    while wanted:
        url = wanted.popleft()
        with pages.statements() as statements:
            answer = pages.client.get(url)
        yield url, answer, statements
        found = [answer.location] if 300 <= answer.status_code < 400 else []
        if answer.mimetype == "text/html" and answer.status_code < 300:
            page = Html(answer.text)
            found += [*page.links, *(one["href"] for one in page.all("link"))]
        for link in found:
            parts = urlsplit(link)
            if parts.netloc:
                continue
            target = f"{parts.path}?{parts.query}" if parts.query else parts.path
            if target and target not in known:
                known.add(target)
                wanted.append(target)
                assert len(known) < MOST_PAGES, f"the links have no end: {url} → {target}"
